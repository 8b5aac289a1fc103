"""Renews a channel's secrets under its lease: one at a time, and stored before anybody uses them.

A refresh token may be good for one time. Whoever dies, or whose answer is lost, between the platform's answer and the
write takes the new one along: nobody can get it back. The next who tries is refused, and the channel waits for a person
(`Connection.RECONNECT`), as it does when somebody revoked it; what is for it is held.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from channels.ahead import life_of, next_at
from channels.model import StoredChannel
from channels.registry import Registry
from channels.standing import Standing
from channels.vault import Vault
from publishing import aws
from publishing.adapter import Adapter
from publishing.equipment import RENEWAL_S, Renew
from publishing.errors import Throttled, Unavailable
from publishing.failures import told
from publishing.model import Channel, Fresh

LEASE_S = RENEWAL_S + 20.0  # who renews is waited for no longer; a worker that died with it has lost what it was given
AGAIN_S = 3.0
STORES = 3  # what was given is not to be had again, so that storing it is worth more than the SDK's own tries

logger = logging.getLogger(__name__)


class Busy(Throttled):
    """Somebody else is renewing the channel's credentials just now."""


@dataclass(frozen=True)
class Renewal:
    """Renews the secrets of one platform's channels in the registry."""

    registry: Registry
    vault: Vault
    addresses: Mapping[str, str]
    adapter: Adapter

    def of(self, channel: Channel, renew: Renew) -> Channel | None:
        """The channel with newer secrets than these; None where there is no such channel, or it has none.

        Raises:
            Busy: somebody else is renewing them just now.
            Unauthorized: the platform gives none.
            PublishingError: the platform could not be asked.
        """
        stored = self.registry.find(channel.workspace, channel.id, consistent=True)
        if stored is None or stored.sealed is None:
            return None
        opened = self.vault.open(stored, self.addresses)
        if opened.secrets != channel.secrets:  # somebody was faster, or a person supplied others
            return opened
        until, mark = self.registry.clock() + timedelta(seconds=LEASE_S), secrets.token_hex(8)
        if not Standing(self.registry).lease(stored, until, mark):
            raise Busy(retry_after_s=AGAIN_S)
        return self._stored(stored, opened, renew(opened))

    def _stored(self, stored: StoredChannel, opened: Channel, fresh: Fresh) -> Channel | None:
        given = {name: value for name, value in fresh.secrets.items() if value.strip()}
        if not given:
            raise Unavailable("The platform renewed the credentials with nothing.")
        self._store(stored, {**opened.secrets, **given}, fresh.lasts_s)
        stands = self.registry.find(stored.workspace, stored.id, consistent=True)
        return self.vault.open(stands, self.addresses) if stands else None

    def _store(self, stored: StoredChannel, secret: Mapping[str, str], lasts_s: float) -> None:
        sealed, now = self.vault.reseal(stored, secret), self.registry.clock()
        end_at = now + timedelta(seconds=lasts_s) if lasts_s else None
        renew_at = next_at(life_of(self.adapter, stored), end_at, now)
        for left in reversed(range(STORES)):
            try:
                Standing(self.registry).renew(stored, sealed, end_at=end_at, renew_at=renew_at)
            except aws.FAILURES as error:
                logger.error("Renewed credentials are not stored yet", extra={"left": left, **told(error)})
                if not left:
                    raise
            else:
                return
