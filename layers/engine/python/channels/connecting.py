"""Opens channels for their platform's own function, and writes down whether their credentials are good."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from channels import fields
from channels.model import Connection, StoredChannel
from channels.registry import Remembered
from channels.renewing import Renewal
from channels.vault import Vault
from publishing.abilities import Refreshes
from publishing.adapter import Adapter, Field
from publishing.conversation import Conversations
from publishing.equipment import Renew
from publishing.errors import PublishingError, Refused, Unauthorized
from publishing.model import Channel, Identity
from publishing.publication import Trouble
from publishing.standing import Stands, in_order

SWITCHED_OFF = Trouble("switched_off", "Publishing to this platform is switched off. It goes out when it is on again.")


@dataclass(frozen=True)
class Doors:
    """The channels of one platform, opened. `addresses` are those of the AWS resources its adapter declares.

    `declared` are the fields it declares; `standing` tells how a workspace stands with its operator.
    `delivering`: whether the platform may be published to for a workspace at all.
    """

    channels: Remembered
    vault: Vault
    addresses: Mapping[str, str] = field(default_factory=dict)
    declared: Sequence[Field] = ()
    standing: Stands = in_order
    delivering: Callable[[str], bool] = lambda _: True

    def open(self, workspace: str, channel: str) -> Channel | Trouble:
        """The channel with its secrets, or why it cannot be used."""
        stored = self.channels.find(workspace, channel)
        if stored is None:
            return Trouble("channel_deleted", "The channel was deleted before this was published.")
        return self._hindrance(stored) or self.vault.open(stored, self.addresses)

    def _hindrance(self, stored: StoredChannel) -> Trouble | None:
        """What keeps the channel from being published to for now."""
        if not self.delivering(stored.workspace):
            return SWITCHED_OFF
        if stored.paused:
            return Trouble("paused", "The channel is paused.")
        standing = self.standing(stored.workspace)
        if standing.suspended:
            return Trouble("suspended", "The workspace is suspended.")
        if fields.ungranted(self.declared, stored.settings, standing.grants):
            return Trouble("not_granted", "The workspace may not send from this channel's address: ask the operator.")
        if stored.connection is Connection.RECONNECT:
            return Trouble("reconnect", stored.reason or "The channel must be reconnected.")
        return None

    def opened(self, workspace: str, channel: str) -> Channel | None:
        """The channel with its secrets, whether or not it can be published to; None where there is no such channel."""
        stored = self.channels.find(workspace, channel)
        return self.vault.open(stored, self.addresses) if stored else None

    def lost(self, workspace: str, channel: str, why: Trouble) -> None:
        """Have the channel wait for a person: the platform refuses its credentials."""
        stored = self.channels.find(workspace, channel)
        if stored is not None:
            self._settle(stored, Connection.RECONNECT, why.message)

    def renewed(self, channel: Channel, renew: Renew) -> Channel | None:
        """The channel with newer secrets than it was opened with; None where the platform gives none."""
        found = Renewal(self.channels.registry, self.vault, self.addresses).of(channel, renew)
        stored = self.channels.find(channel.workspace, channel.id)
        if stored is not None:
            self.channels.forget(stored)
        return found

    def verify(self, workspace: str, channel: str, adapter: Adapter, conversations: Conversations) -> None:
        """Ask the platform whether the channel's credentials are good, and write down what it says."""
        stored = self.channels.registry.find(workspace, channel, consistent=True)
        if stored is None:
            return
        opened = self.vault.open(stored, self.addresses)
        try:
            identity = self._identity(opened, adapter, conversations)
        except (Unauthorized, Refused) as error:
            self._settle(stored, Connection.RECONNECT, str(error))
        except PublishingError as error:
            self._settle(stored, stored.connection, f"It could not be asked: {error} Test the channel again.")
        else:
            self.channels.registry.settle(stored, Connection.CONNECTED, identity=identity)
            self.channels.forget(stored)

    def _identity(self, opened: Channel, adapter: Adapter, conversations: Conversations) -> Identity:
        within_s = adapter.limits.timeout_s / 2  # the second half is for the second time
        try:
            return conversations.hold(adapter.verify(opened), within_s=within_s)
        except Unauthorized:
            if not isinstance(adapter, Refreshes):
                raise
            renewing = adapter
        renewed = self.renewed(opened, lambda known: conversations.hold(renewing.refresh(known), within_s=within_s / 2))
        if renewed is None:
            raise Unauthorized
        return conversations.hold(adapter.verify(renewed), within_s=within_s / 2)

    def _settle(self, stored: StoredChannel, connection: Connection, reason: str) -> None:
        self.channels.registry.settle(stored, connection, reason=reason)
        self.channels.forget(stored)
