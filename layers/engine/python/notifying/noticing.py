"""From the tables' streams to the queue: what changed becomes events, written down for each endpoint that wants them.

It stands beside the delivery path and never in it: whatever happens here, nothing waits for it there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

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
        found = [notice for record in records for notice in self._read(record)]
        wanted = [(notice, endpoint) for notice in self._with_settled(found) for endpoint in self._listeners(notice)]
        if not wanted:
            return
        with self.pool(len(wanted)) as workers:
            entries = list(workers.map(self._recorded, wanted))
        self.firsts.send([entry for entry in entries if entry.state is NoticeState.WAITING and not entry.tried])
        count("NoticesSent", len(wanted))

    def _read(self, record: Record) -> Sequence[Notice]:
        try:
            return list(notices(changed(record)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # it would never be read: the rest goes on
            logger.error("A change cannot be read, and was put aside", extra=told(error))
            count("NoticeUnreadable")
            self.unreadable(record)
            return ()

    def _with_settled(self, found: Iterable[Notice]) -> Iterator[Notice]:
        """The events, and after those that settle a delivery, that its publication has settled, where it has."""
        asked: dict[tuple[str, str], None] = {}
        for notice in found:
            yield notice
            if notice.kind in SETTLED:
                asked[notice.workspace, str(notice.data["publication"])] = None
        for workspace, publication in asked:
            if any(_wants_settled(endpoint) for endpoint in self.endpoints.of(workspace)):
                whole = self.whole(workspace, publication)
                over = settled(whole) if whole else None
                yield from [over] if over else []

    def _listeners(self, notice: Notice) -> list[Endpoint]:
        return [endpoint for endpoint in self.endpoints.of(notice.workspace) if endpoint.wants(notice)]

    def _recorded(self, wanted: tuple[Notice, Endpoint]) -> Entry:
        notice, endpoint = wanted
        entry = payload.entry(notice, endpoint.id)
        return self.log.record(replace(entry, state=NoticeState.MISSED) if endpoint.disabled_at else entry)


def _wants_settled(endpoint: Endpoint) -> bool:
    return not endpoint.events or bool({EventKind.PUBLICATION_SETTLED, "publication.*"} & set(endpoint.events))
