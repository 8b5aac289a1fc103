"""From the tables' streams to the queue: what changed becomes events, written down for each endpoint that wants them.

It stands beside the delivery path and never in it: whatever happens here, nothing waits for it there. Nor does one
change wait for another: a record nobody can make sense of, itself or what it is told with (its publication's other
deliveries, its workspace's endpoints, what the log holds of it), is put aside. Where AWS fails, all of it comes again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from notifying import payload
from notifying.delivery_events import SETTLED
from notifying.endpoints import Remembered
from notifying.events import changed, notices
from notifying.log import Log
from notifying.model import Endpoint, Entry, EventKind, Notice, NoticeState
from notifying.post import Firsts
from notifying.publication_events import settled
from publishing.batch import Pool, lasting
from publishing.failures import told
from publishing.publication import Whole
from publishing.telemetry import count

S = TypeVar("S")
T = TypeVar("T")
Record = Mapping[str, Any]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Noticing:
    """Tells endpoints of what the streams show.

    `whole` reads a publication with its deliveries; `unreadable` keeps a record nobody can make sense of.
    """

    endpoints: Remembered
    log: Log
    firsts: Firsts
    whole: Callable[[str, str], Whole | None]
    unreadable: Callable[[Record], None]
    pool: Pool = lasting

    def notice(self, records: Sequence[Record]) -> None:
        """Have endpoints told of a batch of a stream's records; doing it again tells nobody anything new.

        Raises:
            SendFailed, and what AWS's clients raise: the batch must come again.
        """
        net = _Net(self.unreadable)
        found = net.each([(record, record) for record in records], lambda record: notices(changed(record)))
        found += net.each(_settling(found), self._settled)
        wanted = net.each(found, self._entries)
        if not wanted:
            return
        with self.pool(len(wanted)) as workers:
            kept = list(workers.map(lambda one: net.each([one], self._recorded), wanted))
        entries = [entry for one in kept for _, entry in one]
        self.firsts.send([entry for entry in entries if entry.state is NoticeState.WAITING and not entry.tried])
        count("NoticesSent", len(wanted))

    def _settled(self, asked: tuple[str, str]) -> Iterator[Notice]:
        """That a publication has settled, where it has and somebody wants to know."""
        workspace, publication = asked
        if any(_wants_settled(endpoint) for endpoint in self.endpoints.of(workspace)):
            whole = self.whole(workspace, publication)
            over = settled(whole) if whole else None
            yield from [over] if over else []

    def _entries(self, notice: Notice) -> Iterator[Entry]:
        """What is to be written down of an event, for each endpoint that wants it."""
        for endpoint in self.endpoints.of(notice.workspace):
            if endpoint.wants(notice):
                entry = payload.entry(notice, endpoint.id)
                yield replace(entry, state=NoticeState.MISSED) if endpoint.disabled_at else entry

    def _recorded(self, entry: Entry) -> Iterator[Entry]:
        yield self.log.record(entry)


@dataclass(frozen=True)
class _Net:
    """Puts a record aside, once, whatever of it nobody can make sense of; the rest goes on."""

    unreadable: Callable[[Record], None]
    aside: list[Record] = field(default_factory=list)

    def each(self, of: Iterable[tuple[Record, S]], make: Callable[[S], Iterable[T]]) -> list[tuple[Record, T]]:
        """What `make` makes of each, beside the record it comes from; nothing of what it cannot read."""
        return [(record, made) for record, one in of for made in self._made(record, one, make)]

    def _made(self, record: Record, one: S, make: Callable[[S], Iterable[T]]) -> Sequence[T]:
        try:
            return list(make(one))
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # it would never be read: the rest goes on
            logger.error("A change cannot be read, and was put aside", extra=told(error))
            count("NoticeUnreadable")
            if not any(known is record for known in self.aside):
                self.unreadable(record)
                self.aside.append(record)
            return ()


def _settling(found: Iterable[tuple[Record, Notice]]) -> list[tuple[Record, tuple[str, str]]]:
    """The publications of which a delivery has settled, each once, beside the last record that says so."""
    asked = {
        (notice.workspace, str(notice.data["publication"])): record
        for record, notice in found
        if notice.kind in SETTLED
    }
    return [(record, publication) for publication, record in asked.items()]


def _wants_settled(endpoint: Endpoint) -> bool:
    return not endpoint.events or bool({EventKind.PUBLICATION_SETTLED, "publication.*"} & set(endpoint.events))
