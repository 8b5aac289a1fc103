"""Writes the audit log: every operation that changes something, done or refused for who asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import Response

from identity.audit import Audit, Entry
from identity.model import Denied, principal_of
from publishing import aws
from publishing.failures import told
from publishing.telemetry import count, logger
from web.caller import authorized
from web.correlation import correlation_id_of
from web.operation import PATH_PATTERNS, Operation

REFUSED, FAILED = 400, 500
FORBIDDEN = 403
REPLAYED = "Idempotent-Replayed"


@dataclass(frozen=True)
class Witness:
    """Enters what was answered in the caller's workspace.

    Not what is malformed, or too much, or not there: nothing was done, and nobody was kept from it for who they are.
    What failed on our side may have been done. An entry that cannot be written fails no request.
    """

    audit: Audit

    def __call__(
        self, operation: Operation[Any, Any], event: Mapping[str, Any], path: Mapping[str, str], answer: Response[str]
    ) -> None:
        """An operation was answered, asked for with this event of API Gateway."""
        if not operation.changes or operation.outsiders or not _counts(operation, answer):
            return
        try:
            caller = principal_of(authorized(event))
        except Denied:
            return
        entry = Entry(
            workspace=caller.workspace,
            actor=caller.subject,
            operation=operation.id,
            status=answer.status_code,
            at=self.audit.clock(),
            correlation_id=correlation_id_of(event),
            ids={name: value for name, value in path.items() if re.fullmatch(PATH_PATTERNS[name], value)},
            made=_header(answer, "Location"),
        )
        self.enter(entry)

    def enter(self, entry: Entry) -> None:
        """Append an entry; where it is lost, that is counted and said."""
        try:
            self.audit.enter(entry)
        except aws.FAILURES as error:
            lost = {"operation": entry.operation, "actor": entry.actor, "status": entry.status}
            logger.error("An entry of the audit log was lost", extra={**lost, **told(error)})
            count("AuditLost")


def _counts(operation: Operation[Any, Any], answer: Response[str]) -> bool:
    status = answer.status_code
    if status < REFUSED:
        return status not in operation.also and not _header(answer, REPLAYED)  # a dry run, or what was done before
    return status == FORBIDDEN or status >= FAILED


def _header(answer: Response[str], name: str) -> str:
    return str((answer.headers or {}).get(name, ""))
