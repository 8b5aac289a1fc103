"""Opens channels for their platform's own function, and writes down whether their credentials are good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from channels.model import Connection, StoredChannel
from channels.registry import Remembered
from channels.vault import Vault
from publishing.adapter import Adapter
from publishing.conversation import Conversations
from publishing.errors import PublishingError, Refused, Unauthorized
from publishing.model import Channel
from publishing.publication import Trouble


@dataclass(frozen=True)
class Doors:
    """The channels of one platform, opened. `addresses` are those of the AWS resources its adapter declares."""

    channels: Remembered
    vault: Vault
    addresses: Mapping[str, str] = field(default_factory=dict)

    def open(self, workspace: str, channel: str) -> Channel | Trouble:
        """The channel with its secrets, or why it cannot be used."""
        stored = self.channels.find(workspace, channel)
        if stored is None:
            return Trouble("channel_deleted", "The channel was deleted before this was published.")
        if stored.paused:
            return Trouble("paused", "The channel is paused.")
        if stored.connection is Connection.RECONNECT:
            return Trouble("reconnect", stored.reason or "The channel must be reconnected.")
        return self.vault.open(stored, self.addresses)

    def lost(self, workspace: str, channel: str, why: Trouble) -> None:
        """Have the channel wait for a person: the platform refuses its credentials."""
        stored = self.channels.find(workspace, channel)
        if stored is not None:
            self._settle(stored, Connection.RECONNECT, why.message)

    def verify(self, workspace: str, channel: str, adapter: Adapter, conversations: Conversations) -> None:
        """Ask the platform whether the channel's credentials are good, and write down what it says."""
        stored = self.channels.registry.find(workspace, channel, consistent=True)
        if stored is None:
            return
        opened = self.vault.open(stored, self.addresses)
        try:
            identity = conversations.hold(adapter.verify(opened), within_s=adapter.limits.timeout_s)
        except (Unauthorized, Refused) as error:
            self._settle(stored, Connection.RECONNECT, str(error))
        except PublishingError as error:
            self._settle(stored, stored.connection, f"It could not be asked: {error} Test the channel again.")
        else:
            self.channels.registry.settle(stored, Connection.CONNECTED, identity=identity)
            self.channels.forget(stored)

    def _settle(self, stored: StoredChannel, connection: Connection, reason: str) -> None:
        self.channels.registry.settle(stored, connection, reason=reason)
        self.channels.forget(stored)
