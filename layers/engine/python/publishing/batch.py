"""Works a batch of SQS records, all at once; a record that fails comes back alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, TypeVar

from publishing.failures import told

T = TypeVar("T")
Record = Mapping[str, Any]
Pool = Callable[[int], AbstractContextManager[Executor]]  # gives what works so many things at once
LARGEST = 10  # batches are no larger without a batching window


logger = logging.getLogger(__name__)


@contextmanager
def lasting(_count: int) -> Iterator[Executor]:
    """The threads of this process: beginning ten of them anew takes longer than what they do for a batch."""
    yield _threads()


class _Threads(ThreadPoolExecutor):
    """Threads that are waited for all at once: `map` of its own wakes the one that waits after each of them."""

    def map(self, fn: Callable[..., T], *iterables: Iterable[Any], **_: Any) -> Iterator[T]:
        futures = [self.submit(fn, *each) for each in zip(*iterables, strict=True)]
        wait(futures)
        return (future.result() for future in futures)


@cache
def _threads() -> _Threads:
    return _Threads(LARGEST, "batch")


def worked(
    records: Sequence[Record], work: Callable[[Record], None], *, pool: Pool = lasting
) -> dict[str, list[dict[str, str]]]:
    """SQS's partial batch response: the records whose `work` raised. It never raises itself."""
    if not records:
        return {"batchItemFailures": []}
    with pool(len(records)) as workers:
        fine = list(workers.map(lambda record: _fine(record, work), records))
    return _failed(record for record, good in zip(records, fine, strict=True) if not good)


def worked_in_turns(
    records: Sequence[Record], work: Callable[[Record], None], *, pool: Pool = lasting
) -> dict[str, list[dict[str, str]]]:
    """The same of a FIFO queue: each group's records one after the other, and none of it behind one that fails."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record["attributes"]["MessageGroupId"], []).append(record)
    if not groups:
        return _failed(())
    with pool(len(groups)) as workers:
        left = list(workers.map(lambda group: _left(group, work), groups.values()))
    return _failed(record for group in left for record in group)


def _left(group: Sequence[Record], work: Callable[[Record], None]) -> Sequence[Record]:
    """What of a group was not worked: that which failed, and all behind it."""
    for place, record in enumerate(group):
        if not _fine(record, work):
            return group[place:]
    return ()


def _failed(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records]}


def _fine(record: Record, work: Callable[[Record], None]) -> bool:
    try:
        work(record)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's alone
        told_of = {"message_id": record.get("messageId"), **told(error)}
        logger.warning("A message was not worked and will come again", extra=told_of)
        return False
    return True
