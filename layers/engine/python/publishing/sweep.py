"""Finds what was lost: publications whose time has passed and whose deliveries are missing, stuck or overdue."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from publishing.batch import Pool
from publishing.cancellation import closed
from publishing.clock import Clock
from publishing.failures import told
from publishing.ledger import Deliveries
from publishing.model import TERMINAL, DeliveryState, Target, utc_text
from publishing.records import Delivery, Publication, Whole
from publishing.sending import Sender
from publishing.store import SHARDS, Publications

OVERDUE = timedelta(seconds=40)  # a message may wait this long in its queue before we doubt it is there
FIRST_LOOK_S = 60.0
LONGEST_LOOK_S = 900.0
PAGE = 100
THREADS = 8
_WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.PROCESSING, DeliveryState.UNCERTAIN})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: publications looked at, targets sent again, publications settled; and those it failed at."""

    looked: int = 0
    sent: int = 0
    settled: int = 0
    failed: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.looked + other.looked,
            self.sent + other.sent,
            self.settled + other.settled,
            self.failed + other.failed,
        )


@dataclass(frozen=True)
class Sweep:
    """Sweeps the publications table."""

    publications: Publications
    deliveries: Deliveries
    sender: Sender
    clock: Clock
    pool: Pool = ThreadPoolExecutor

    def run(self, *, until: Callable[[], bool]) -> Swept:
        """Look at everything due, until there is none or `until` says time is up."""
        total = Swept()
        with self.pool(THREADS) as workers:
            for page in self._pages(until):
                total = sum(workers.map(self._one, page), total)
        return total

    def _pages(self, until: Callable[[], bool]) -> Iterator[Sequence[tuple[str, str]]]:
        for shard in range(SHARDS):
            start, more = None, True
            while more and not until():
                page, start = self.publications.due(shard, limit=PAGE, start=start)
                more = start is not None
                yield page

    def _one(self, key: tuple[str, str]) -> Swept:
        """One publication, and never more than that one: what fails here is the next minute's to try again."""
        try:
            return self._swept(*key)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others wait for their turn
            ids = {"workspace": key[0], "publication": key[1]}
            logger.error("A publication was not swept", extra={**ids, **told(error)})
            return Swept(failed=1)

    def _swept(self, workspace: str, publication: str) -> Swept:
        whole = self.publications.whole(workspace, publication)
        if whole is None or not whole.publication.due_at or whole.publication.due_at > utc_text(self.clock()):
            return Swept()  # the index shows a little of the past
        return self._look(whole)

    def _look(self, whole: Whole) -> Swept:
        publication = whole.publication
        if publication.canceled_at is not None:
            whole = closed(self.deliveries, whole)  # should its cancellation have been interrupted
        if all(delivery.state in TERMINAL for delivery in whole.deliveries):
            self.publications.at_rest(publication)
            return Swept(looked=1, settled=1)
        overdue = self._overdue(whole)
        # First the next look, then the messages: a sweep that dies between the two is repeated, never forgotten,
        # because the next look is only minutes away.
        if not self.publications.look_again(publication, self._next_look(publication)):
            return Swept(looked=1)
        self.sender.deliver(publication, overdue)
        return Swept(looked=1, sent=len(overdue))

    def _overdue(self, whole: Whole) -> list[Target]:
        now = self.clock()
        return [
            target
            for target, delivery in zip(whole.publication.targets, whole.deliveries, strict=True)
            if _is_overdue(delivery, now)
        ]

    def _next_look(self, publication: Publication) -> datetime:
        wait_s = min(FIRST_LOOK_S * 2 ** min(publication.sweeps, 10), LONGEST_LOOK_S)
        return self.clock() + timedelta(seconds=wait_s)


def _is_overdue(delivery: Delivery, now: datetime) -> bool:
    if delivery.state is DeliveryState.PUBLISHING:
        return delivery.lease_until <= utc_text(now)
    return delivery.state in _WAITING and max(delivery.next_at, delivery.lease_until) <= utc_text(now - OVERDUE)
