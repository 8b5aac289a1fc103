"""The audit log, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from identity.audit import KEPT, Audit, Entry
from publishing.model import utc_text
from web import cursor, people
from web.request import Answer, Request
from web.router import Router
from web.schemas import people as shown

LISTING = "audit"
PLACE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{16}"
SOON = timedelta(minutes=1)  # entries carry the times of clocks that may be a little ahead of ours


@dataclass(frozen=True)
class Archive:
    """What admins read of their workspace's log."""

    audit: Audit

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about the log."""
        router.serve(people.LIST_ENTRIES, self.read)

    def read(self, request: Request[shown.LogAsked]) -> Answer[shown.Log]:
        """A page of the log."""
        asked, workspace, now = request.input, request.principal.workspace, self.audit.clock()
        after = cursor.place(asked.cursor, listing=LISTING, workspace=workspace, patterns=[PLACE])
        found, last = self.audit.page(
            workspace,
            since=asked.since or now - KEPT,
            until=asked.until or now + SOON,
            limit=asked.limit,
            actor=asked.actor,
            after=next(iter(after), ""),
        )
        following = cursor.text([last], listing=LISTING, workspace=workspace) if last else None
        return Answer(shown.Log(items=[_view(entry) for entry in found], next=following))


def _view(entry: Entry) -> shown.LogEntry:
    return shown.LogEntry(
        at=utc_text(entry.at),
        actor=entry.actor,
        operation=entry.operation,
        status=entry.status,
        ids=dict(entry.ids),
        made=entry.made,
        correlation_id=entry.correlation_id,
    )
