"""Channels as callers send and see them. No answer holds a secret: what is set is listed by name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool

from channels.model import Connection
from web.schemas.base import Given, Page, Taken, Time
from web.schemas.publications import Publication

Id = Annotated[str, Field(description="The channel's id.", examples=["chn_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
Name = Annotated[str, Field(min_length=1, max_length=100, description="For people: which channel this is.")]
PlatformName = Annotated[
    str, Field(min_length=1, max_length=40, description="A platform's name, of GET /v1/platforms.")
]
MOST_FIELDS = 50
Fields = dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=20_000)]]
CredentialFields = Annotated[
    Fields,
    Field(
        max_length=MOST_FIELDS,
        description="The platform's own fields, of GET /v1/platforms. Secret ones are encrypted and not shown.",
    ),
]


Times = Annotated[
    tuple[Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")], ...],
    Field(max_length=100, description="Times on the wall clock, as 09:00."),
]


class Weekly(Taken):
    """The times of every week, by day."""

    mon: Times = ()
    tue: Times = ()
    wed: Times = ()
    thu: Times = ()
    fri: Times = ()
    sat: Times = ()
    sun: Times = ()


class Slots(Taken):
    """When a channel publishes what is submitted with `next_slot_of`: at most 100 times a week, each once.

    A time that clocks skip is as much later as they skip; of one that they show twice, the first is meant.
    """

    zone: Annotated[
        str, Field(min_length=1, max_length=64, description="The IANA zone of the times.", examples=["Europe/Zurich"])
    ]
    weekly: Annotated[Weekly, Field(examples=[{"mon": ["09:00", "17:30"], "thu": ["12:15"]}])]


class NewChannel(Taken):
    """A channel to be connected."""

    platform: PlatformName
    name: Name
    credentials: CredentialFields
    slots: Annotated[Slots | None, Field(description="Its weekly slots; null: none.")] = None


class ChannelChanges(Taken):
    """What is to change; what is left out stays."""

    name: Annotated[Name | None, Field(description="Another name.")] = None
    paused: Annotated[
        StrictBool | None, Field(description="While paused, what is for it is held; so everywhere within a minute.")
    ] = None
    credentials: Annotated[
        CredentialFields | None, Field(description="All of the platform's fields anew; they are verified again.")
    ] = None
    slots: Annotated[
        Slots | None,
        Field(description="All of its weekly slots anew; null: none. What has a slot keeps its time."),
    ] = None


class ChannelTest(Taken):
    """How to test a channel."""

    publish: Annotated[StrictBool, Field(description="Publish a small sample there as well, for everybody to see.")] = (
        False
    )


class Owner(Given):
    """Whose credentials they are, as the platform names them."""

    id: str
    name: str
    url: str


class PlannedPublication(Given):
    """A publication that is still to go out."""

    id: Annotated[str, Field(description="The publication's id.", examples=["pub_0123456789abcdefghjkmnpqrs"])]
    publish_at: Time


class AtRisk(Given):
    """What is planned for a channel and cannot go out until it is connected again."""

    count: Annotated[int, Field(description="How many publications.")]
    more: Annotated[bool, Field(description="Whether there may be more: of what is planned a thousand are looked at.")]
    first: Annotated[list[PlannedPublication], Field(description="The first of them, 20 at most.")]


class Channel(Given):
    """A connected destination."""

    id: Id
    platform: PlatformName
    name: Name
    settings: Annotated[dict[str, str], Field(description="The fields that are not secret.")]
    secrets: Annotated[list[str], Field(description="Which secret fields are set, by name.")]
    paused: bool
    slots: Annotated[Slots | None, Field(description="Its weekly slots; null: none.")] = None
    connection: Annotated[
        Connection,
        Field(description="unverified: not asked yet; connected; reconnect: the platform refuses the credentials."),
    ]
    reason: Annotated[str, Field(description="Why it is not connected; empty where it is.")]
    identity: Owner | None = None
    verified_at: Time | None = None
    credentials_end_at: Annotated[
        Time | None, Field(description="When its credentials end, where the platform said so.")
    ] = None
    scopes: Annotated[
        list[str] | None, Field(description="What the person consented to; null: its credentials were supplied.")
    ] = None
    renews_at: Annotated[
        Time | None, Field(description="When they are renewed; null: nobody knows yet, or a person must do it.")
    ] = None
    at_risk: Annotated[
        AtRisk | None,
        Field(description="Told of one channel that must be reconnected, or whose credentials end and nobody renews."),
    ] = None
    callback: Annotated[
        str | None,
        Field(
            description="Where the platform is to call back, below the API's address; null: it calls nobody back.",
            examples=["/v1/inbound/slack?for=ws_01jd6q4t2w8x5y7z9a1b3c5d7e.chn_01jd6q4t2w8x5y7z9a1b3c5d7e"],
        ),
    ] = None
    created_at: Time
    created_by: Annotated[str, Field(description="Who connected it.")]
    updated_at: Time


class Channels(Page[Channel]):
    """A page of channels."""


class ChannelTested(Given):
    """A test that was begun: `connection` of the channel tells what came of it, `publication` of the sample."""

    channel: Channel
    publication: Publication | None = None


class SlotsAsked(Taken):
    """How many of the coming slots."""

    limit: Annotated[int, Field(ge=1, le=100, description="The most slots to list.")] = 20


class Slot(Given):
    """One coming slot."""

    at: Time
    local: Annotated[str, Field(description="What clocks in the zone show then.", examples=["2026-12-24T18:00"])]
    free: Annotated[bool, Field(description="Whether the next submission may have it.")]
    publication: Annotated[str | None, Field(description="Which publication has it.")] = None


class ComingSlots(Given):
    """The coming slots of a channel, soonest first; none where it has no slots."""

    zone: Annotated[str | None, Field(description="The zone of the local times.")] = None
    items: list[Slot]
