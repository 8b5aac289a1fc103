"""How much of a workspace waits: the sweep takes stock every minute, and past the limit submit accepts no more.

Counted are publications, not targets: those the sweep still has before it, as far as they fall due within a quarter
of an hour. What was accepted within the last minute or two counts whether it is out or not; what is timed for later
does not yet. It costs no write when something is accepted, and a limiter must not be the outage: whoever cannot read
the stock is not limited.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from publishing import aws
from publishing.failures import told
from publishing.memory import Memory
from publishing.operations import Operations
from publishing.store import SHARDS, Publications

NEAR = timedelta(minutes=15)
PAGE = 1_000
SHARE = 2  # who has less waiting than the limit's half is not told of: then nothing is written, and nothing is refused
STANDS_S = 180  # three sweeps: a stock that is not renewed counts for nothing
KNOWN_S = 15.0
MOST_KNOWN = 1_000
RETRY_S = 60  # the next stock is taken then

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking stock came to; where it is not `whole`, time was up before everything was counted."""

    largest: int
    whole: bool


class Stock:
    """Counts what waits, by workspace, and tells submit of those that come near the limit."""

    def __init__(self, publications: Publications, operations: Operations, limit: int) -> None:
        self._publications, self._operations, self._limit = publications, operations, limit
        self._told: set[str] = set()

    def take(self, since: Callable[[int], datetime], *, until: Callable[[], bool]) -> Taken:
        """Count from where the sweep stands in each shard, until all is counted or `until` says time is up.

        What was counted by then is the least there is: who is past the limit by that is told of, all others stay
        as they were.
        """
        waiting: Counter[str] = Counter()
        whole = self._counted(waiting, since, until)
        least = self._limit // SHARE if whole else self._limit
        told_of = {workspace for workspace, count in waiting.items() if count >= least}
        for workspace in sorted(told_of | self._told if whole else told_of):
            self._tell(workspace, waiting[workspace])
        self._told = told_of if whole else self._told | told_of
        return Taken(max(waiting.values(), default=0), whole)

    def _counted(self, waiting: Counter[str], since: Callable[[int], datetime], until: Callable[[], bool]) -> bool:
        horizon = self._operations.clock() + NEAR
        for shard in range(SHARDS):
            for page in self._publications.due(shard, since=since(shard), until=horizon, limit=PAGE):
                waiting.update(listed.workspace for listed in page)
                if until():
                    return False
        return True

    def _tell(self, workspace: str, waiting: int) -> None:
        now_ms = self._operations.now_ms
        self._operations.write(
            _key(workspace),
            "waiting = :waiting, taken_ms = :now",
            "attribute_not_exists(taken_ms) OR taken_ms < :now",
            {":waiting": waiting, ":now": now_ms},
            lasts_s=STANDS_S,
        )


@dataclass
class _Seen:
    """What one environment knows of a workspace, and what it accepted beside."""

    read_s: float
    waiting: int = 0
    taken_ms: int = 0
    own: int = 0


class Allowance:
    """Says whether a workspace may hand in more; one for each environment of submit, which remembers for a while."""

    def __init__(self, operations: Operations, limit: int, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._operations, self._limit, self._now_s = operations, limit, now_s
        self._known: Memory[str, _Seen] = Memory(keep_s=float(STANDS_S), most=MOST_KNOWN, now_s=now_s)

    def is_spent(self, workspace: str) -> bool:
        """Whether as much waits as may, by the latest stock and what was accepted here since."""
        seen = self._known.recall(workspace)
        if seen is None or self._now_s() - seen.read_s >= KNOWN_S:
            seen = self._known.keep(workspace, self._read(workspace, seen))
        return seen.waiting + seen.own >= self._limit

    def accepted(self, workspace: str) -> None:
        """One more was accepted here."""
        seen = self._known.recall(workspace)
        if seen:
            seen.own += 1

    def _read(self, workspace: str, before: _Seen | None) -> _Seen:
        now_s = self._now_s()
        try:
            item = self._operations.read_many([_key(workspace)]).get(_key(workspace))
        except aws.FAILURES as error:
            logger.warning("Whether too much is waiting cannot be read; nobody is limited", extra=told(error))
            return _Seen(now_s)
        if not item:
            return _Seen(now_s)
        taken_ms = int(item["taken_ms"])
        own = before.own if before and before.taken_ms == taken_ms else 0
        return _Seen(now_s, int(item["waiting"]), taken_ms, own)


def waiting_of(operations: Operations, workspace: str) -> int:
    """How many of a workspace's publications wait by the latest stock; 0 where they are too few to be told of."""
    return int(operations.read(_key(workspace)).get("waiting", 0))


def _key(workspace: str) -> str:
    return f"backlog#{workspace}"
