"""Renews a channel's secrets under its lease: one at a time, and stored before anybody uses them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from channels.model import StoredChannel
from channels.registry import Registry
from channels.vault import Vault
from publishing.equipment import Renew
from publishing.errors import Throttled, Unauthorized
from publishing.model import Channel, Fresh

LEASE_S = 60.0  # longer than a platform is waited for; a worker that died with it has lost what it was given
AGAIN_S = 3.0


@dataclass(frozen=True)
class Renewal:
    """Renews the secrets of channels in the registry."""

    registry: Registry
    vault: Vault
    addresses: Mapping[str, str]

    def of(self, channel: Channel, renew: Renew) -> Channel | None:
        """The channel with newer secrets than these; None where the platform gives none.

        Raises:
            Throttled: somebody else is renewing them just now.
            PublishingError: the platform could not be asked.
        """
        stored = self.registry.find(channel.workspace, channel.id, consistent=True)
        if stored is None or stored.sealed is None:
            return None
        opened = self.vault.open(stored, self.addresses)
        if opened.secrets != channel.secrets:  # somebody was faster, or a person supplied others
            return opened
        mark = secrets.token_hex(8)
        if not self.registry.lease(stored, self.registry.clock() + timedelta(seconds=LEASE_S), mark):
            raise Throttled("The channel's credentials are being renewed.", retry_after_s=AGAIN_S)
        try:
            fresh = renew(opened)
        except Unauthorized:
            return None
        return self._stored(stored, opened, fresh, mark)

    def _stored(self, stored: StoredChannel, opened: Channel, fresh: Fresh, mark: str) -> Channel | None:
        sealed = self.vault.reseal(stored, {**opened.secrets, **fresh.secrets})
        end_at = self.registry.clock() + timedelta(seconds=fresh.lasts_s) if fresh.lasts_s else None
        self.registry.renew(stored, sealed, mark, end_at=end_at)
        now = self.registry.find(stored.workspace, stored.id, consistent=True)
        return self.vault.open(now, self.addresses) if now else None
