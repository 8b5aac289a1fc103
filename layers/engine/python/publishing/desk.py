"""The desk of one platform: takes a batch of messages, reads their publications at once, and has each worked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from publishing import message
from publishing.batch import Pool, Record, lasting, worked
from publishing.delivery import Courier
from publishing.failures import told
from publishing.message import Deliver, Renew, Verify, Work
from publishing.publication import Publication
from publishing.store import Publications
from publishing.telemetry import about

Known = Mapping[tuple[str, str], Publication]
LeftSeconds = Callable[[], float]

MARGIN_S = 2.0  # what is begun must also be written down, and the batch answered

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """Works the messages of one platform's queues.

    `verify` asks whether a workspace's channel is connected; `renew` attends to its credentials, as of when it is told.
    """

    publications: Publications
    courier: Courier
    verify: Callable[[str, str], None]
    renew: Callable[[str, str, str], None]
    pool: Pool = lasting

    def work(self, records: Sequence[Record], left_s: LeftSeconds) -> dict[str, list[dict[str, str]]]:
        """SQS's partial batch response; `left_s` tells the seconds left to this invocation."""
        known = self._read(records)
        return worked(records, lambda record: self._one(message.work(record["body"]), known, left_s), pool=self.pool)

    def _one(self, work: Work, known: Known, left_s: LeftSeconds) -> None:
        ids = {"workspace": work.workspace, "channel": work.channel, "correlation_id": work.correlation_id}
        if isinstance(work, Verify):
            with about(**ids):
                self.verify(work.workspace, work.channel)
        elif isinstance(work, Renew):
            with about(**ids):
                self.renew(work.workspace, work.channel, work.renew_at)
        else:
            with about(**ids, publication=work.publication):
                self.courier.deliver(work, self._publication(work, known), within_s=left_s() - MARGIN_S)

    def _publication(self, work: Deliver, known: Known) -> Publication:
        seen = known.get((work.workspace, work.publication))
        if seen is None or seen.version < work.version:  # the batch's read shows a little of the past
            seen = self.publications.publication(work.workspace, work.publication)
        if seen is None:
            raise LookupError("A message names a publication that is not stored.")
        return seen

    def _read(self, records: Sequence[Record]) -> Known:
        try:
            return self.publications.publications(_keys(records))
        except Exception as error:  # noqa: BLE001 - each message will read for itself, and fail for itself
            logger.warning("The publications of a batch could not be read at once", extra=told(error))
            return {}


def _keys(records: Sequence[Record]) -> list[tuple[str, str]]:
    works = (_readable(record) for record in records)
    return [(work.workspace, work.publication) for work in works if isinstance(work, Deliver)]


def _readable(record: Record) -> Work | None:
    try:
        return message.work(record["body"])
    except ValidationError:
        return None
