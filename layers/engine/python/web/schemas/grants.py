"""Grants as callers send and see them. No answer holds a token: accounts are shown by name."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from web.schemas.base import Given, Taken, Time
from web.schemas.channels import MOST_FIELDS, Fields, Id, Name, PlatformName

Account = Annotated[str, Field(min_length=1, max_length=300, description="The platform's id of an account.")]


class GrantState(StrEnum):
    """Where a grant stands."""

    WAITING = "waiting"
    CHOOSING = "choosing"
    CHOSEN = "chosen"
    CONNECTED = "connected"
    REFUSED = "refused"
    EXPIRED = "expired"


class NewGrant(Taken):
    """A consent to be asked for."""

    platform: PlatformName
    settings: Annotated[
        Fields,
        Field(
            default_factory=dict,
            max_length=MOST_FIELDS,
            description="The platform's fields that no consent brings: `consent.asks`, of GET /v1/platforms.",
        ),
    ]
    channel: Annotated[
        str | None,
        Field(max_length=40, description="A channel to connect again: it keeps its id, its slots and its history."),
    ] = None
    return_to: Annotated[
        str | None,
        Field(
            max_length=2_000,
            description="Where the browser goes in the end, with `grant` in the query: an address of the operator's "
            "choice. Null: a plain page says that it is done.",
            examples=["https://app.example.org/connected"],
        ),
    ] = None


class ConsentScope(Given):
    """One thing the person is asked to allow."""

    name: Annotated[str, Field(description="As the platform names it.")]
    why: Annotated[str, Field(description="What for, in a sentence.")]
    needed: Annotated[bool, Field(description="Without it no channel is made.")]


class GrantAccount(Given):
    """An account that can become a channel."""

    id: Account
    name: str
    url: str


class GrantRefusal(Given):
    """Why nothing was connected."""

    code: Annotated[str, Field(description="access_denied where the person said no; partial_consent, no_app and more.")]
    message: str
    remedy: str


class Grant(Given):
    """A consent on its way to becoming channels."""

    id: Annotated[str, Field(examples=["grt_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
    platform: PlatformName
    state: Annotated[
        GrantState,
        Field(
            description="waiting: for the consent; choosing: see `accounts`; chosen: channels are being made of these; "
            "where that takes long, send the same choice again; connected: see `channels`; refused."
        ),
    ]
    expires_at: Annotated[Time, Field(description="Until when the person may consent, or accounts may be chosen.")]
    scopes: Annotated[list[ConsentScope], Field(description="What the person is asked to allow.")]
    allowed: Annotated[list[str], Field(description="What was allowed, by name; empty until that is known.")]
    channel: Annotated[str | None, Field(description="The channel that is connected again; null: new ones.")]
    accounts: Annotated[list[GrantAccount], Field(description="What can be chosen, while it can, then what was.")]
    only_one: Annotated[bool, Field(description="Only one of them can be chosen.")]
    channels: Annotated[list[Id], Field(description="The channels that were connected.")]
    refusal: Annotated[GrantRefusal | None, Field(description="Why nothing was connected, where that is so.")]


class GrantBegun(Grant):
    """A grant that was just begun."""

    authorize_url: Annotated[
        str,
        Field(
            description="Where the person's browser is to go: a page of ours that says whom it is for and what will be "
            "possible, and leads on to the platform's consent page. This answer alone holds it; give it to whose "
            "account it is, and to nobody else."
        ),
    ]


class Choice(Taken):
    """The accounts that are to become channels."""

    accounts: Annotated[tuple[Account, ...], Field(min_length=1, max_length=100, description="By their ids.")]
    names: Annotated[
        dict[Account, Name],
        Field(
            default_factory=dict,
            max_length=100,
            description="Names for the channels, by account; else the accounts' own.",
        ),
    ]
