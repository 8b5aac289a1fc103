"""The models of /v1/channels. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from postroom_client.schemas.shared import Publication


class AtRisk(TypedDict):
    """What is planned for a channel and cannot go out until it is connected again."""

    count: int  # How many publications.
    more: bool  # Whether there may be more: of what is planned a thousand are looked at.
    first: list[PlannedPublication]  # The first of them, 20 at most.


class Channel(TypedDict):
    """A connected destination."""

    id: str  # The channel's id.
    platform: str  # A platform's name, of GET /v1/platforms.
    name: str  # For people: which channel this is.
    settings: dict[str, str]  # The fields that are not secret.
    secrets: list[str]  # Which secret fields are set, by name.
    paused: bool
    slots: Slots | None  # Its weekly slots; null: none.
    connection: Connection  # unverified: not asked yet; connected; reconnect: the platform refuses the credentials.
    reason: str  # Why it is not connected; empty where it is.
    identity: Owner | None
    verified_at: str | None
    credentials_end_at: str | None  # When its credentials end, where the platform said so.
    scopes: list[str] | None  # What the person consented to; null: its credentials were supplied.
    renews_at: str | None  # When they are renewed; null: nobody knows yet, or a person must do it.
    at_risk: AtRisk | None  # Told of one channel that must be reconnected, or whose credentials end and nobody renews.
    callback: str | None  # Where the platform is to call back, below the API's address; null: it calls nobody back.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who connected it.
    updated_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.


class ChannelChanges(TypedDict):
    """What is to change; what is left out stays."""

    name: NotRequired[str | None]  # Another name.
    paused: NotRequired[bool | None]  # While paused, what is for it is held; so everywhere within a minute.
    credentials: NotRequired[dict[str, str] | None]  # All of the platform's fields anew; they are verified again.
    slots: NotRequired[Slots | None]  # All of its weekly slots anew; null: none. What has a slot keeps its time.


class ChannelTest(TypedDict):
    """How to test a channel."""

    publish: NotRequired[bool]  # Publish a small sample there as well, for everybody to see.


class ChannelTested(TypedDict):
    """A test that was begun: `connection` of the channel tells what came of it, `publication` of the sample."""

    channel: Channel
    publication: Publication | None


class Channels(TypedDict):
    """A page of channels."""

    items: list[Channel]
    next: str | None  # The cursor of the next page; null on the last.


class ComingSlots(TypedDict):
    """The coming slots of a channel, soonest first; none where it has no slots."""

    zone: str | None  # The zone of the local times.
    items: list[Slot]


# Whether a channel's credentials are good.
Connection = Literal["unverified", "connected", "reconnect"]


class NewChannel(TypedDict):
    """A channel to be connected."""

    platform: str  # A platform's name, of GET /v1/platforms.
    name: str  # For people: which channel this is.
    # The platform's own fields, of GET /v1/platforms. Secret ones are encrypted and not shown.
    credentials: dict[str, str]
    slots: NotRequired[Slots | None]  # Its weekly slots; null: none.


class Owner(TypedDict):
    """Whose credentials they are, as the platform names them."""

    id: str
    name: str
    url: str


class PlannedPublication(TypedDict):
    """A publication that is still to go out."""

    id: str  # The publication's id.
    publish_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.


class Slot(TypedDict):
    """One coming slot."""

    at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    local: str  # What clocks in the zone show then.
    free: bool  # Whether the next submission may have it.
    publication: str | None  # Which publication has it.


class Slots(TypedDict):
    """When a channel publishes what is submitted with `next_slot_of`: at most 100 times a week, each once.

    A time that clocks skip is as much later as they skip; of one that they show twice, the first is meant.
    """

    zone: str  # The IANA zone of the times.
    weekly: Weekly


class Weekly(TypedDict):
    """The times of every week, by day."""

    mon: NotRequired[list[str]]  # Times on the wall clock, as 09:00.
    tue: NotRequired[list[str]]  # Times on the wall clock, as 09:00.
    wed: NotRequired[list[str]]  # Times on the wall clock, as 09:00.
    thu: NotRequired[list[str]]  # Times on the wall clock, as 09:00.
    fri: NotRequired[list[str]]  # Times on the wall clock, as 09:00.
    sat: NotRequired[list[str]]  # Times on the wall clock, as 09:00.
    sun: NotRequired[list[str]]  # Times on the wall clock, as 09:00.
