"""Enters in the audit log whose consent a channel's credentials came with: no request of its own says so."""

from __future__ import annotations

from dataclasses import dataclass

from channels.grants import StoredGrant
from identity.audit import Entry
from web.witness import Witness

OPERATION = "connectByConsent"  # as the log calls it
MADE, REPLACED = 201, 200


@dataclass(frozen=True)
class Consented:
    """Notes what became of grants that are connected."""

    witness: Witness

    def __call__(self, grant: StoredGrant, correlation_id: str) -> None:
        """A grant just became channels: who began it gave each of them its credentials."""
        for channel in grant.channels:
            entry = Entry(
                workspace=grant.workspace,
                actor=grant.created_by,
                operation=OPERATION,
                status=REPLACED if grant.channel else MADE,
                at=self.witness.audit.clock(),
                correlation_id=correlation_id,
                ids={"grant": grant.id, "channel": channel},
                made="" if grant.channel else f"/v1/channels/{channel}",
            )
            self.witness.enter(entry)
