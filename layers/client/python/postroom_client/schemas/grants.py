"""The models of /v1/grants. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from postroom_client.schemas.shared import ConsentScope


class Choice(TypedDict):
    """The accounts that are to become channels."""

    accounts: list[str]  # By their ids.
    names: NotRequired[dict[str, str]]  # Names for the channels, by account; else the accounts' own.


class Grant(TypedDict):
    """A consent on its way to becoming channels."""

    id: str
    platform: str  # A platform's name, of GET /v1/platforms.
    # waiting: for the consent; choosing: see `accounts`; chosen: channels are being made of these; where that takes
    # long, send the same choice again; connected: see `channels`; refused.
    state: GrantState
    expires_at: str  # Until when the person may consent, or accounts may be chosen.
    scopes: list[ConsentScope]  # What the person is asked to allow.
    allowed: list[str]  # What was allowed, by name; empty until that is known.
    channel: str | None  # The channel that is connected again; null: new ones.
    accounts: list[GrantAccount]  # What can be chosen, while it can, then what was.
    only_one: bool  # Only one of them can be chosen.
    channels: list[str]  # The channels that were connected.
    refusal: GrantRefusal | None  # Why nothing was connected, where that is so.


class GrantAccount(TypedDict):
    """An account that can become a channel."""

    id: str  # The platform's id of an account.
    name: str
    url: str


class GrantBegun(TypedDict):
    """A grant that was just begun."""

    id: str
    platform: str  # A platform's name, of GET /v1/platforms.
    # waiting: for the consent; choosing: see `accounts`; chosen: channels are being made of these; where that takes
    # long, send the same choice again; connected: see `channels`; refused.
    state: GrantState
    expires_at: str  # Until when the person may consent, or accounts may be chosen.
    scopes: list[ConsentScope]  # What the person is asked to allow.
    allowed: list[str]  # What was allowed, by name; empty until that is known.
    channel: str | None  # The channel that is connected again; null: new ones.
    accounts: list[GrantAccount]  # What can be chosen, while it can, then what was.
    only_one: bool  # Only one of them can be chosen.
    channels: list[str]  # The channels that were connected.
    refusal: GrantRefusal | None  # Why nothing was connected, where that is so.
    # Where the person's browser is to go: a page of ours that says whom it is for and what will be possible, and leads
    # on to the platform's consent page. This answer alone holds it; give it to whose account it is, and to nobody else.
    authorize_url: str


class GrantRefusal(TypedDict):
    """Why nothing was connected."""

    code: str  # access_denied where the person said no; partial_consent, no_app and more.
    message: str
    remedy: str


# Where a grant stands.
GrantState = Literal["waiting", "choosing", "chosen", "connected", "refused", "expired"]


class NewGrant(TypedDict):
    """A consent to be asked for."""

    platform: str  # A platform's name, of GET /v1/platforms.
    # The platform's fields that no consent brings: `consent.asks`, of GET /v1/platforms.
    settings: NotRequired[dict[str, str]]
    channel: NotRequired[str | None]  # A channel to connect again: it keeps its id, its slots and its history.
    # Where the browser goes in the end, with `grant` in the query: an address of the operator's choice. Null: a plain
    # page says that it is done.
    return_to: NotRequired[str | None]
