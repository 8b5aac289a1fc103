"""The queues of channels: each coming slot belongs to at most one publication, by one conditional write.

A slot is claimed before its publication is stored. So a claim may be left behind, by a crash in between or after its
publication was canceled or moved: whoever meets it and finds that its holder is not there takes it over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

from publishing import aws
from publishing.failures import told
from publishing.model import Problem, utc_text
from publishing.operations import Operations
from publishing.publication import Publication
from publishing.records import Item
from publishing.store import Publications
from publishing.week import Week

MOST = 500  # slots ahead
PAGE = 100  # keys a read
QUESTIONED = 25  # holders looked up for one page: the nearest, so that a claim left behind has its turn in time
STORING = timedelta(minutes=2)  # a claim this old is of what is stored by now, or never will be
KEPT = timedelta(days=1)  # after the slot's time

logger = logging.getLogger(__name__)


class NoSlot(Exception):  # noqa: N818
    """There is no slot to be had; `problem` says why."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.problem = Problem("next_slot_of", message, remedy)


class NoQueue(Exception):  # noqa: N818
    """There is no such channel in this workspace."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A coming slot. `holder` is the publication that has it; empty: it is free, even where a claim was left behind."""

    at: datetime
    holder: str = ""


@dataclass(frozen=True)
class Slots:
    """The slots of the channels whose weeks `week` knows (None: no such channel), claimed in the operations table."""

    operations: Operations
    publications: Publications
    week: Callable[[str, str], Week | None]

    def find(self, draft: Publication) -> Publication:
        """The draft at the time of the first slot that is free for it; nothing is taken.

        Raises:
            NoSlot: the channel has none, or none is free.
            NoQueue: there is no such channel.
        """
        return self._first(draft, lambda _: True)

    def take(self, draft: Publication) -> Publication:
        """The draft at the time of the first free slot, which is its own from now on; taken twice, it is the same one.

        Raises:
            NoSlot: the channel has none, or none is free.
            NoQueue: there is no such channel.
        """
        return self._first(draft, lambda claim: self._taken(draft, claim))

    def release(self, publication: Publication) -> None:
        """Free the slot that a publication had; where this fails, who meets the claim sees that it was left behind."""
        if not publication.slot_of:
            return
        key = _key(publication.workspace, publication.slot_of, publication.publish_at)
        try:
            self.operations.write(key, "claimed_ms = :zero", _OURS, {":me": publication.id, ":zero": 0}, lasts_s=0)
        except aws.FAILURES as error:
            logger.warning("A slot was not released", extra={"publication": publication.id, **told(error)})

    def coming(self, workspace: str, channel: str, week: Week, *, most: int) -> list[Slot]:
        """The coming slots, and who has each: at most a hundred."""
        times = week.coming(self.operations.clock(), most=min(most, PAGE))
        claims = self._claims(workspace, channel, times)
        gone = self._gone(workspace, channel, claims)
        return [Slot(claim.at, "" if claim in gone else claim.holder) for claim in claims]

    def _first(self, draft: Publication, suits: Callable[[_Claim], bool]) -> Publication:
        week = self._week(draft)
        at = next((claim.at for claim in self._open(draft, week) if suits(claim)), None)
        if at is None:
            until = " before it expires" if draft.expires_at else ""
            raise NoSlot(f"The queue is full: no slot is free{until}.", "Name publish_at, or add slots to the channel.")
        return replace(draft, publish_at=at, zone=draft.zone or week.zone)

    def _week(self, draft: Publication) -> Week:
        week = self.week(draft.workspace, draft.slot_of)
        if week is None:
            raise NoQueue
        if not week:
            raise NoSlot("This channel has no slots.", "Give it some (PATCH the channel), or name publish_at.")
        return week

    def _open(self, draft: Publication, week: Week) -> Iterator[_Claim]:
        """What may be taken, page by page: what is the draft's own already, then all that is free, soonest first."""
        until, times = draft.expires_at, week.coming(self.operations.clock(), most=MOST)
        for start in range(0, len(times), PAGE):
            asked = [at for at in times[start : start + PAGE] if until is None or at < until]
            claims = self._claims(draft.workspace, draft.slot_of, asked)
            yield from (claim for claim in claims if claim.holder == draft.id)
            before = list(islice(takewhile(lambda claim: claim.holder, claims), QUESTIONED))
            gone = self._gone(draft.workspace, draft.slot_of, before)
            yield from (claim for claim in claims if not claim.holder or claim in gone)

    def _claims(self, workspace: str, channel: str, times: Sequence[datetime]) -> list[_Claim]:
        """The claims on at most a hundred slots."""
        keys = {_key(workspace, channel, at): at for at in times}
        found = self.operations.read_many(list(keys)) if keys else {}
        return [_claim(at, found.get(key, {})) for key, at in keys.items()]

    def _gone(self, workspace: str, channel: str, claims: Sequence[_Claim]) -> set[_Claim]:
        """Those of the claims that were left behind: whose holder is not at that time, and will not be any more."""
        since_ms = self.operations.now_ms - STORING // timedelta(milliseconds=1)
        settled = [claim for claim in claims if claim.holder and claim.claimed_ms < since_ms]
        if not settled:
            return set()
        holders = self.publications.publications((workspace, claim.holder) for claim in settled)
        return {claim for claim in settled if not _stands(holders.get((workspace, claim.holder)), channel, claim.at)}

    def _taken(self, draft: Publication, claim: _Claim) -> bool:
        """Whether the slot is the draft's now; where somebody was first, it is theirs."""
        values: Item = {":me": draft.id, ":now_ms": self.operations.now_ms}
        condition = f"attribute_not_exists(pk) OR expires_at <= :now_s OR {_OURS}"
        values[":now_s"] = self.operations.now_ms // 1000
        if claim.holder:  # as it was seen: had its holder come back for it, this would be another claim
            condition += " OR (holder = :seen AND claimed_ms = :seen_ms)"
            values |= {":seen": claim.holder, ":seen_ms": claim.claimed_ms}
        lasts = claim.at - self.operations.clock() + KEPT
        key = _key(draft.workspace, draft.slot_of, claim.at)
        update, lasts_s = "holder = :me, claimed_ms = :now_ms", int(lasts.total_seconds())
        return self.operations.write(key, update, condition, values, lasts_s=lasts_s)[1]


_OURS = "holder = :me"


@dataclass(frozen=True, slots=True)
class _Claim:
    """A slot as its item says; `holder` may be gone."""

    at: datetime
    holder: str = ""
    claimed_ms: int = 0


def _claim(at: datetime, item: Mapping[str, object]) -> _Claim:
    return _Claim(at, str(item.get("holder", "")), int(str(item.get("claimed_ms", 0))))


def _key(workspace: str, channel: str, at: datetime) -> str:
    return f"slot#{workspace}#{channel}#{utc_text(at)}"


def _stands(holder: Publication | None, channel: str, at: datetime) -> bool:
    if holder is None or holder.canceled_at is not None:
        return False
    return (holder.slot_of, holder.publish_at) == (channel, at)
