"""Works a batch of SQS records, all at once; a record that fails comes back alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from publishing.failures import told

Record = Mapping[str, Any]
Pool = Callable[[int], Executor]  # makes what works so many things at once

logger = logging.getLogger(__name__)


def worked(
    records: Sequence[Record], work: Callable[[Record], None], *, pool: Pool = ThreadPoolExecutor
) -> dict[str, list[dict[str, str]]]:
    """SQS's partial batch response: the records whose `work` raised. It never raises itself."""
    if not records:
        return {"batchItemFailures": []}
    with pool(len(records)) as workers:
        fine = list(workers.map(lambda record: _fine(record, work), records))
    failed = [record["messageId"] for record, good in zip(records, fine, strict=True) if not good]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def _fine(record: Record, work: Callable[[Record], None]) -> bool:
    try:
        work(record)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's alone
        told_of = {"message_id": record.get("messageId"), **told(error)}
        logger.warning("A message was not worked and will come again", extra=told_of)
        return False
    return True
