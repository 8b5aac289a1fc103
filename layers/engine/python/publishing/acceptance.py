"""Accepts publications: what is answered 202 is stored, and what is stored will be delivered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from publishing import ids, uploads
from publishing.adapter import Adapter
from publishing.clock import Clock
from publishing.failures import told
from publishing.model import Problem, Target, utc_text
from publishing.publication import Publication, Whole
from publishing.sending import Sender
from publishing.slots import NoQueue, NoSlot, Slots
from publishing.store import GRACE_S, Publications
from publishing.submission import KeyReused, NotAccepted, Submission, Unfit, UnknownChannels, Untimely
from publishing.times import NotAMoment, in_reach

logger = logging.getLogger(__name__)


class Destination(Protocol):
    """What acceptance must know of a channel."""

    @property
    def platform(self) -> str:
        """The platform's name."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A publication as it now stands; `repeated` when it had been accepted before."""

    whole: Whole
    repeated: bool = False


@dataclass(frozen=True)
class Acceptance:
    """Accepts submissions.

    `destinations` finds a workspace's channels by id; `adapter` gives a platform's adapter. Without `slots` no
    submission may ask for one; without `media` nothing that was uploaded is found.
    """

    publications: Publications
    sender: Sender
    destinations: Callable[[str, Iterable[str]], Mapping[str, Destination]]
    adapter: Callable[[str], Adapter]
    clock: Clock
    slots: Slots | None = None
    media: uploads.Find = uploads.none_ready

    def accept(self, submission: Submission) -> Accepted:
        """Store and start what is asked; asked again with the same key, answer the same publication.

        Raises:
            UnknownChannels: a channel is not in the workspace.
            Untimely: a time has passed, or is more than a year ahead, or there is no free slot.
            Unfit: a target's platform cannot take the content as it is.
            KeyReused: the key came with another request before.
        """
        earlier = self.earlier(submission) if submission.next_slot_of else None
        if earlier:
            return earlier  # before it takes another slot
        try:
            draft = self._drafted(submission)
            self._fit(draft)
            draft = self._placed(draft, Slots.take)
        except NotAccepted:
            earlier = self.earlier(submission)
            if earlier is None:
                raise
            return earlier
        stored, ours = self.publications.accept(draft)
        if ours:
            self._start(stored)
            return Accepted(Whole(stored, {}))
        self._give_back(draft, stored)
        if stored.fingerprint != draft.fingerprint:
            raise KeyReused
        return Accepted(self.publications.whole(stored.workspace, stored.id) or Whole(stored, {}), repeated=True)

    def draft(self, submission: Submission) -> Publication:
        """The publication a submission would become at this moment; nothing is stored, and no slot taken.

        Raises:
            UnknownChannels: a channel is not in the workspace.
            Untimely: a time has passed, or is more than a year ahead, or there is no free slot.
        """
        return self._placed(self._drafted(submission), Slots.find)

    def described(self, publication: Publication) -> Publication:
        """The publication with what is known of the media it names by id.

        Raises:
            Unfit: there are no such media.
        """
        return uploads.described(publication, self.media)

    def _drafted(self, submission: Submission) -> Publication:
        now = self.clock()
        at = max(_reached("publish_at", submission.publish_at, now) or now, now)
        draft = Publication(
            id=_identifier(submission),
            workspace=submission.workspace,
            content=submission.content,
            targets=self._targets(submission),
            created_at=now,
            created_by=submission.subject,
            publish_at=at,
            fingerprint=submission.fingerprint,
            zone=submission.zone,
            priority=submission.priority,
            expires_at=_reached("expires_at", submission.expires_at, now),
            late=submission.late,
            slot_of=submission.next_slot_of,
            correlation_id=submission.correlation_id,
            due_at=utc_text(at + timedelta(seconds=GRACE_S)),
        )
        return self.described(draft)

    def _placed(self, draft: Publication, place: Callable[[Slots, Publication], Publication]) -> Publication:
        """The draft at its slot's time, where it asks for a slot."""
        if not draft.slot_of:
            return draft
        if self.slots is None:
            raise Untimely([Problem("next_slot_of", "There are no slots here.", "Name publish_at.")])
        try:
            placed = place(self.slots, draft)
        except NoSlot as none:
            raise Untimely([none.problem]) from none
        except NoQueue as unknown:
            problem = Problem(
                "next_slot_of", f"There is no channel {draft.slot_of} in this workspace.", "List channels."
            )
            raise UnknownChannels([problem]) from unknown
        return replace(placed, due_at=utc_text(placed.publish_at + timedelta(seconds=GRACE_S)))

    def _give_back(self, draft: Publication, stored: Publication) -> None:
        """Two with one key came at once: the slot that is not the stored one's is free again."""
        if self.slots and (draft.slot_of, draft.publish_at) != (stored.slot_of, stored.publish_at):
            self.slots.release(draft)

    def problems(self, publication: Publication) -> list[Problem]:
        """Everything that keeps the targets from taking the content; fields are named from the request's root."""
        found: dict[Problem, None] = {}  # two channels of one platform have the same to say of the same content
        for number, target in enumerate(publication.targets):
            adapter = self.adapter(target.platform)
            for problem in adapter.check(publication.post(target)):
                message = f"{adapter.title}: {problem.message}"
                found[Problem(_place(number, target, problem.field), message, problem.remedy)] = None
        return list(found)

    def earlier(self, submission: Submission) -> Accepted | None:
        """What the same request led to before, whatever has become impossible since: a time passed, a channel gone."""
        if not submission.key:
            return None
        whole = self.publications.whole(submission.workspace, _identifier(submission))
        if whole is None or whole.publication.fingerprint != submission.fingerprint:
            return None
        return Accepted(whole, repeated=True)

    def _fit(self, draft: Publication) -> None:
        problems = self.problems(draft)
        if problems:
            raise Unfit(problems)

    def _targets(self, submission: Submission) -> tuple[Target, ...]:
        found = self.destinations(submission.workspace, submission.overrides)
        unknown = [
            Problem(f"targets[{number}].channel", f"There is no channel {channel} in this workspace.", "List channels.")
            for number, channel in enumerate(submission.overrides)
            if channel not in found
        ]
        if unknown:
            raise UnknownChannels(unknown)
        return tuple(
            Target(channel, found[channel].platform, changes) for channel, changes in submission.overrides.items()
        )

    def _start(self, publication: Publication) -> None:
        try:
            self.sender.start(publication)
        except Exception as error:  # noqa: BLE001 - whatever it is: it is stored, so the answer is yes
            extra = {"publication": publication.id, **told(error)}
            logger.error("Messages were not sent; the sweep will send them", extra=extra)


def _identifier(submission: Submission) -> str:
    return ids.derived("pub", submission.workspace, submission.key) if submission.key else ids.new("pub")


def _reached(name: str, moment: datetime | None, now: datetime) -> datetime | None:
    if moment is None:
        return None
    try:
        return in_reach(moment, now)
    except NotAMoment as wrong:
        raise Untimely([replace(wrong.problem, field=name)]) from wrong


def _place(number: int, target: Target, field: str) -> str:
    """Where in the request a field of the content stands that a target's platform cannot take."""
    name = field.removeprefix("content.")
    overridden = name.partition("[")[0].partition(".")[0] in target.overrides
    return f"targets[{number}].overrides.{name}" if overridden else field
