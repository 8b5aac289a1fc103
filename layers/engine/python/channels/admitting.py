"""Makes channels of what was consented to: new ones, or the one that is to be reconnected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from channels.ahead import attended_at
from channels.grants import StoredGrant
from channels.model import Connection, StoredChannel
from channels.offers import Offer
from channels.registry import Registry
from publishing.adapter import Adapter
from publishing.model import Identity

NAME_CHARS = 100
TRIES = 3


@dataclass(frozen=True)
class Admission:
    """Admits accounts to the registry; `adapter` finds a platform's by its name."""

    registry: Registry
    adapter: Callable[[str], Adapter]

    def admit(self, grant: StoredGrant, offer: Offer, name: str = "") -> str | None:
        """The id of the channel the offer became; None where it was to be reconnected and is there no more.

        What was admitted already stays as it is: to be asked twice, or by two at once, changes nothing.
        """
        if grant.channel:
            return self._again(grant, offer)
        self.registry.create(self._made(grant, offer, name))
        return offer.channel

    def _made(self, grant: StoredGrant, offer: Offer, name: str) -> StoredChannel:
        now = self.registry.clock()
        return self._connected(
            StoredChannel(
                id=offer.channel,
                workspace=grant.workspace,
                platform=grant.platform,
                name=(name or offer.name or grant.platform)[:NAME_CHARS],
                settings={},
                secret_fields=(),
                sealed=None,
                created_at=now,
                created_by=grant.created_by,
                updated_at=now,
            ),
            grant,
            offer,
        )

    def _again(self, grant: StoredGrant, offer: Offer) -> str | None:
        """It keeps its name, its slots and its history; what is written meanwhile is not written over."""
        return self._retried(lambda: self._edited(grant, offer))

    def _edited(self, grant: StoredGrant, offer: Offer) -> tuple[bool, str | None]:
        seen = self.registry.find(grant.workspace, grant.channel, consistent=True)
        if seen is None:
            return True, None
        if seen.grant == grant.id:  # done before; its tokens may have been renewed since
            return True, grant.channel
        edited = self.registry.edit(seen, self._connected(seen, grant, offer))
        return edited is not None, grant.channel

    @staticmethod
    def _retried(attempt: Callable[[], tuple[bool, str | None]]) -> str | None:
        for _ in range(TRIES):
            done, admitted = attempt()
            if done:
                return admitted
        return None

    def _connected(self, channel: StoredChannel, grant: StoredGrant, offer: Offer) -> StoredChannel:
        now = self.registry.clock()
        connected = replace(
            channel.reconnected(offer.settings, offer.secret_fields, offer.sealed),
            connection=Connection.CONNECTED,
            identity=Identity(offer.account, offer.name, offer.url),
            verified_at=now,
            secrets_end_at=offer.secrets_end_at,
            scopes=grant.scopes,
            grant=grant.id,
        )
        return replace(connected, renew_at=attended_at(self.adapter(channel.platform), connected, now))
