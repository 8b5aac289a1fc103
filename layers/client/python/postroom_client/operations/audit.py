"""What can be done at /v1/audit. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller
from postroom_client.schemas import LogEntry


class AuditOperations(Caller):
    """What can be done at /v1/audit."""

    def list_audit_entries(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        since: str | None = None,
        until: str | None = None,
        actor: str | None = None,
    ) -> Iterator[LogEntry]:
        """List who changed what, or was not let, newest first; kept for 400 days. Needs the role admin."""
        return self._items(
            Call(
                "GET",
                "/v1/audit",
                answers=(200,),
                query={"limit": limit, "cursor": cursor, "since": since, "until": until, "actor": actor},
            )
        )
