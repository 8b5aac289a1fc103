"""The words of channels as values: a connected destination as it is stored. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from publishing.model import Identity
from publishing.week import NO_SLOTS, Week


class Connection(StrEnum):
    """Whether a channel's credentials are good."""

    UNVERIFIED = "unverified"  # nobody has asked the platform yet
    CONNECTED = "connected"
    RECONNECT = "reconnect"  # the platform refuses them: a person must supply new ones


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted credentials: a data key that only KMS can open, and what it encrypts (nonce, then ciphertext)."""

    data_key: bytes = field(repr=False)
    box: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredChannel:
    """A channel as it is stored: its settings in the clear, its secrets sealed and known by name alone.

    `version` grows with every change a person makes; `verified_at` and `reason` belong to `connection`. What is for a
    paused channel is held until it no longer is. `week` holds its slots. `ending_told_at` is only read with it.
    """

    id: str
    workspace: str
    platform: str
    name: str
    settings: Mapping[str, str]
    secret_fields: tuple[str, ...]
    sealed: Sealed | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    version: int = 1
    paused: bool = False
    connection: Connection = Connection.UNVERIFIED
    reason: str = ""
    identity: Identity | None = None
    verified_at: datetime | None = None
    secrets_end_at: datetime | None = None  # as the platform said when it gave them
    renewable_until: datetime | None = None  # from then on only by a person; as the platform said, too
    ending_told_at: datetime | None = None  # when a person was told of an end last
    renew_at: datetime | None = None  # when they are attended to next: see `channels.ahead`
    week: Week = NO_SLOTS
    scopes: tuple[str, ...] | None = None  # what a person consented to; None: somebody supplied the credentials
    grant: str = ""  # the consent its credentials came with

    def reconnected(
        self, settings: Mapping[str, str], secret_fields: tuple[str, ...], sealed: Sealed | None
    ) -> StoredChannel:
        """The channel with other credentials, of which nobody knows yet whether they are good."""
        return replace(
            self,
            settings=settings,
            secret_fields=secret_fields,
            sealed=sealed,
            connection=Connection.UNVERIFIED,
            reason="",
            identity=None,
            verified_at=None,
            secrets_end_at=None,
            renewable_until=None,
            scopes=None,
            grant="",
            renew_at=None,
        )
