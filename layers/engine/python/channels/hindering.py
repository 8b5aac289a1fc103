"""What keeps a channel from being published to for now; what is for it is held as long as that lasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from channels import fields
from channels.model import Connection, StoredChannel
from publishing.adapter import Field
from publishing.publication import Trouble
from publishing.standing import Stands, in_order

SWITCHED_OFF = Trouble("switched_off", "Publishing to this platform is switched off. It goes out when it is on again.")
PAUSED = Trouble("paused", "The channel is paused.")
SUSPENDED = Trouble("suspended", "The workspace is suspended.")
NOT_GRANTED = Trouble("not_granted", "The workspace may not send from this channel's address: ask the operator.")


@dataclass(frozen=True)
class Hindrance:
    """Knows what people have decided of a channel, its workspace and its platform.

    `declared` are the fields of the platform's channels; `standing` tells how a workspace stands with its operator.
    `delivering`: whether the platform may be published to for a workspace at all.
    """

    declared: Sequence[Field] = ()
    standing: Stands = in_order
    delivering: Callable[[str], bool] = lambda _: True

    def of(self, stored: StoredChannel) -> Trouble | None:
        """What keeps the channel from being published to; None: nothing does."""
        if not self.delivering(stored.workspace):
            return SWITCHED_OFF
        if stored.paused:
            return PAUSED
        standing = self.standing(stored.workspace)
        if standing.suspended:
            return SUSPENDED
        if fields.ungranted(self.declared, stored.settings, standing.grants):
            return NOT_GRANTED
        if stored.connection is Connection.RECONNECT:
            return Trouble("reconnect", stored.reason or "The channel must be reconnected.")
        return None
