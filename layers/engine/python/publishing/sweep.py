"""Finds what was lost: publications whose time has passed and whose deliveries are missing, stuck or overdue.

What is settled is passed by, not written. Taking each publication off the list would be one write to the table and one
to its index: half a write unit a target and half a call, the dearest thing done for a publication that went well. So
each shard of the list has a cursor instead: what was due before it is settled, or was put further ahead on the list. A
sweep looks from a little before the cursor to now, and moves it there when nothing on the way was left undone.

Nothing settled becomes unsettled behind the cursor: who has it wait again puts it ahead on the list first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publishing import aws
from publishing.batch import Pool
from publishing.cancellation import closed
from publishing.clock import Clock
from publishing.failures import told
from publishing.late import outlived
from publishing.ledger import Deliveries
from publishing.memory import Memory
from publishing.model import TERMINAL, DeliveryState, Target, utc_moment, utc_text
from publishing.operations import EPOCH, Operations
from publishing.publication import Delivery, Publication, Whole
from publishing.sending import Sender
from publishing.store import SHARDS, Due, Publications

OVERDUE = timedelta(seconds=40)  # a message may wait this long in its queue before we doubt it is there
FIRST_LOOK_S = 60.0
LONGEST_LOOK_S = 900.0
# How far before the cursor it looks: for entries the index showed late, writes that arrived late, clocks that differ.
OVERLAP = timedelta(minutes=15)
CURSOR_LASTS_S = 400 * 86_400  # without one, everything that ever was due is looked at
REMEMBERED_S = 1_500.0  # a little more than what was due just now stays within the overlap
REMEMBERED = 100_000  # settled ones; beyond it, within twenty minutes, they are read again, and nothing is lost
PAGE = 200
THREADS = 8
_WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.PROCESSING, DeliveryState.UNCERTAIN})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: publications looked at, targets sent again, publications settled; and those it failed at.

    Of the failed, `stuck` could not even be put ahead on the list.
    """

    looked: int = 0
    sent: int = 0
    settled: int = 0
    failed: int = 0
    stuck: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.looked + other.looked,
            self.sent + other.sent,
            self.settled + other.settled,
            self.failed + other.failed,
            self.stuck + other.stuck,
        )


def _settled_lately() -> Memory[Due, bool]:
    return Memory(keep_s=REMEMBERED_S, most=REMEMBERED)


@dataclass(frozen=True)
class Sweep:
    """Sweeps the publications table; the cursors are in `operations`.

    `observe` is told of each unsettled publication that was looked at, by many threads. What was seen settled within
    the overlap is remembered, so as not to be read again each minute: forgetting it costs reads, and nothing else.
    """

    publications: Publications
    deliveries: Deliveries
    sender: Sender
    operations: Operations
    clock: Clock
    pool: Pool = ThreadPoolExecutor
    observe: Callable[[Whole], None] = lambda _: None
    settled: Memory[Due, bool] = field(default_factory=_settled_lately)

    def run(self, *, until: Callable[[], bool]) -> Swept:
        """Look at everything due, until there is none or `until` says time is up."""
        first = int(self.clock().timestamp() // 60)  # each minute another shard, should time not suffice for all
        with self.pool(THREADS) as workers:
            shards = ((first + number) % SHARDS for number in range(SHARDS))
            return sum((self._shard(shard, workers, until) for shard in shards), Swept())

    def _shard(self, shard: int, workers: Executor, until: Callable[[], bool]) -> Swept:
        if until():
            return Swept()
        now, cursor = self.clock(), self.operations.read(_cursor(shard)).get("swept_to", utc_text(EPOCH))
        pages = self.publications.due(shard, since=utc_moment(cursor) - OVERLAP, until=now, limit=PAGE)
        total, reached = Swept(), cursor
        for page in pages:
            total = sum(workers.map(self._one, page), total)
            reached = page[-1].due_at
            if until():
                break
        else:
            reached = utc_text(now)
        if not total.stuck:
            self._move(shard, reached)
        return total

    def _move(self, shard: int, reached: str) -> None:
        """Only ever forward: of two sweeps at once the one that came further counts."""
        update, condition = "swept_to = :reached", "attribute_not_exists(pk) OR swept_to < :reached"
        self.operations.write(_cursor(shard), update, condition, {":reached": reached}, lasts_s=CURSOR_LASTS_S)

    def _one(self, listed: Due) -> Swept:
        """One publication, and never more than that one: what fails here is the next minute's to try again."""
        if self.settled.recall(listed):
            return Swept()
        try:
            return self._swept(listed)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others wait for their turn
            ids = {"workspace": listed.workspace, "publication": listed.publication}
            logger.error("A publication was not swept", extra={**ids, **told(error)})
            return Swept(failed=1, stuck=int(not self._out_of_the_way(listed)))

    def _out_of_the_way(self, listed: Due) -> bool:
        """Whether what failed was put ahead on the list, where it holds up no cursor even if it never can be read.

        That write asks nothing of what is stored. So where it fails, DynamoDB does, and holding the cursor is right.
        """
        try:
            self.publications.look_later(listed, self.clock() + timedelta(seconds=FIRST_LOOK_S))
        except aws.FAILURES:
            return False
        return True

    def _swept(self, listed: Due) -> Swept:
        whole = self.publications.whole(listed.workspace, listed.publication)
        if whole is None or not whole.publication.due_at or whole.publication.due_at > utc_text(self.clock()):
            return Swept()  # the index shows a little of the past
        return self._look(whole)

    def _look(self, whole: Whole) -> Swept:
        publication = whole.publication
        if publication.canceled_at is not None and not _is_closed(whole):
            whole = closed(self.deliveries, whole)  # its cancellation was interrupted
        if all(delivery.state in TERMINAL for delivery in whole.deliveries):
            self._remember(whole)
            return Swept(looked=1, settled=1)
        self.observe(whole)
        overdue = self._overdue(whole)
        # First the next look, then the messages: a sweep that dies between the two is repeated, never forgotten,
        # because the next look is only minutes away.
        if not self.publications.look_again(publication, self._next_look(publication)):
            return Swept(looked=1)
        self.sender.deliver(publication, overdue)
        return Swept(looked=1, sent=len(overdue))

    def _remember(self, whole: Whole) -> None:
        """What failed is read on: the write by which a person has it tried again may arrive late, too."""
        if all(delivery.state is not DeliveryState.FAILED for delivery in whole.deliveries):
            publication = whole.publication
            self.settled.keep(Due(publication.workspace, publication.id, publication.due_at), value=True)

    def _overdue(self, whole: Whole) -> list[Target]:
        now = self.clock()
        return [
            target
            for target, delivery in zip(whole.publication.targets, whole.deliveries, strict=True)
            if _is_overdue(delivery, now) or outlived(whole.publication, delivery, now)
        ]

    def _next_look(self, publication: Publication) -> datetime:
        wait_s = min(FIRST_LOOK_S * 2 ** min(publication.sweeps, 10), LONGEST_LOOK_S)
        return self.clock() + timedelta(seconds=wait_s)


def reached(operations: Operations) -> list[datetime]:
    """How far each shard was swept lately; the beginning of time where it never was."""
    found = operations.read_many([_cursor(shard) for shard in range(SHARDS)])
    cursors = (found.get(_cursor(shard), {}).get("swept_to", utc_text(EPOCH)) for shard in range(SHARDS))
    return [utc_moment(cursor) for cursor in cursors]


def _cursor(shard: int) -> str:
    return f"sweep#{shard}"


def _is_closed(whole: Whole) -> bool:
    return all(delivery.written_by and delivery.state in TERMINAL for delivery in whole.deliveries)


def _is_overdue(delivery: Delivery, now: datetime) -> bool:
    if delivery.state is DeliveryState.PUBLISHING:
        return delivery.lease_until <= utc_text(now)
    return delivery.state in _WAITING and max(delivery.next_at, delivery.lease_until) <= utc_text(now - OVERDUE)
