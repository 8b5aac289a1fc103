"""Opens channels for their platform's own function, and writes down whether their credentials are good."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from channels.ahead import attended_at
from channels.hindering import Hindrance
from channels.model import Connection, StoredChannel
from channels.registry import Remembered
from channels.renewing import Renewal
from channels.standing import Standing
from channels.vault import Vault
from publishing import aws
from publishing.abilities import Refreshes
from publishing.adapter import Adapter
from publishing.conversation import Conversations
from publishing.equipment import RENEWAL_S, Renew
from publishing.errors import AppRefused, PublishingError, Refused, Unauthorized, Unavailable
from publishing.failures import told
from publishing.model import Channel, Identity
from publishing.planned import NOTHING, AtRisk
from publishing.publication import Trouble

LooksAhead = Callable[[str, str, datetime | None], AtRisk]

logger = logging.getLogger(__name__)


def nothing_planned(_workspace: str, _channel: str, _since: datetime | None) -> AtRisk:
    """Where nobody looks."""
    return NOTHING


@dataclass(frozen=True)
class Doors:
    """The channels of one platform, opened. `addresses` are those of the AWS resources its adapter declares.

    `hindrance` knows what keeps one from being published to; `at_risk` says what is planned for one, from a moment on
    or at all; `noted` is told what is to be counted.
    """

    channels: Remembered
    vault: Vault
    adapter: Adapter
    addresses: Mapping[str, str] = field(default_factory=dict)
    hindrance: Hindrance = Hindrance()  # noqa: RUF009 - it holds nothing that changes
    at_risk: LooksAhead = nothing_planned
    noted: Callable[[str], None] = lambda _: None

    def open(self, workspace: str, channel: str) -> Channel | Trouble:
        """The channel with its secrets, or why it cannot be used."""
        stored = self.channels.find(workspace, channel)
        if stored is None:
            return Trouble("channel_deleted", "The channel was deleted before this was published.")
        return self.hindrance.of(stored) or self.vault.open(stored, self.addresses)

    def opened(self, workspace: str, channel: str) -> Channel | None:
        """The channel with its secrets, whether or not it can be published to; None where there is no such channel."""
        stored = self.channels.find(workspace, channel)
        return self.vault.open(stored, self.addresses) if stored else None

    def lost(self, refused: Channel, why: Trouble) -> None:
        """Have the channel wait for a person, if what the platform refused is what it has; others may be good."""
        self.channels.forget(refused)
        try:
            stored = self.channels.registry.find(refused.workspace, refused.id, consistent=True)
            if stored is None or stored.connection is Connection.RECONNECT:
                return
            if self.vault.is_as_stored(refused, stored):
                self.shut(stored, why.message)
        except aws.FAILURES as error:  # what was refused is held nevertheless, and the next of it finds out, too
            logger.error("A channel was not shut", extra={"channel": refused.id, **told(error)})

    def shut(self, stored: StoredChannel, reason: str) -> None:
        """Have the channel wait for a person, unless its credentials are others by now; its owner is told at once."""
        if Standing(self.channels.registry).shut(stored, reason, self.planned(stored)):
            self.noted("ReconnectNeeded")
            ids = {"workspace": stored.workspace, "channel": stored.id}
            logger.warning("A channel must be reconnected", extra=ids)
        self.channels.forget(stored)

    def planned(self, stored: StoredChannel, since: datetime | None = None) -> AtRisk:
        """What is planned for the channel; nothing where that cannot be found out, which must not keep it open."""
        try:
            return self.at_risk(stored.workspace, stored.id, since)
        except aws.FAILURES as error:
            logger.error("What is planned for a channel could not be read", extra=told(error))
            return NOTHING

    def renewed(self, channel: Channel, renew: Renew) -> Channel | None:
        """The channel with newer secrets than it was opened with; None where the platform gives none.

        Raises:
            PublishingError: they could not be renewed for now; nor could what is written down of them be reached.
        """
        try:
            return self.renew(channel, renew)
        except Unauthorized:
            return None
        except aws.FAILURES as error:  # the platform refused the old ones, so that nothing is in doubt
            raise Unavailable("The channel's credentials could not be renewed for now.") from error

    def renew(self, channel: Channel, renew: Renew) -> Channel | None:
        """The same, where it is told why.

        Raises:
            Unauthorized: the platform gives none.
            AppRefused: it does not take the operator's app.
            PublishingError: they could not be renewed for now.
        """
        try:
            return Renewal(self.channels.registry, self.vault, self.addresses, self.adapter).of(channel, renew)
        except AppRefused as error:
            self.noted("AppRefused")
            ids = {"workspace": channel.workspace, "channel": channel.id, "platform": channel.platform}
            logger.error("The operator's app is refused", extra={**ids, "code": error.code, "status": error.status})
            raise
        finally:
            self.channels.forget(channel)

    def verify(self, workspace: str, channel: str, conversations: Conversations) -> None:
        """Ask the platform whether the channel's credentials are good, and write down what it says."""
        stored = self.channels.registry.find(workspace, channel, consistent=True)
        if stored is None:
            return
        opened = self.vault.open(stored, self.addresses)
        try:
            identity = self._identity(opened, conversations)
        except (Unauthorized, Refused) as error:
            self._refused(stored, str(error))
        except PublishingError as error:
            self._unasked(stored, f"It could not be asked: {error} Test the channel again.")
        else:
            self._good(stored, identity)

    def _identity(self, opened: Channel, conversations: Conversations) -> Identity:
        within_s, adapter = self.adapter.limits.timeout_s / 2, self.adapter  # the second half is for the second time
        try:
            return conversations.hold(adapter.verify(opened), within_s=within_s)
        except Unauthorized:
            if not isinstance(adapter, Refreshes):
                raise
            renewing, most_s = adapter, min(within_s / 2, RENEWAL_S)
        renewed = self.renewed(opened, lambda known: conversations.hold(renewing.refresh(known), within_s=most_s))
        if renewed is None:
            raise Unauthorized
        return conversations.hold(adapter.verify(renewed), within_s=within_s / 2)

    def _good(self, stored: StoredChannel, identity: Identity) -> None:
        connected = replace(stored, connection=Connection.CONNECTED)
        registry = self.channels.registry
        renew_at = attended_at(self.adapter, connected, registry.clock())
        registry.settle(stored, Connection.CONNECTED, identity=identity, renew_at=renew_at)
        self.channels.forget(stored)

    def _refused(self, seen: StoredChannel, reason: str) -> None:
        """Its secrets may have been renewed on the way, and were refused nevertheless; a person's change was not."""
        stands = self.channels.registry.find(seen.workspace, seen.id, consistent=True)
        if stands is not None and stands.version == seen.version:
            self.shut(stands, reason)

    def _unasked(self, seen: StoredChannel, reason: str) -> None:
        """It says nothing of the credentials, so that what was found out of them meanwhile stands."""
        Standing(self.channels.registry).unasked(seen, reason)
        self.channels.forget(seen)
