"""Series as callers send and see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool

from publishing.model import Priority, PublicationStatus
from web.schemas import publications
from web.schemas.base import Given, Page, Taken, Time
from web.schemas.publications import ChannelId, Content, ContentChanges, LatePolicy, NewTarget

Id = Annotated[str, Field(description="The series' id.", examples=["ser_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
Targets = Annotated[
    tuple[NewTarget, ...], Field(min_length=1, max_length=100, description="Each channel at most once.")
]
Zone = Annotated[
    str, Field(min_length=1, max_length=64, description="The IANA zone on whose clocks.", examples=["Europe/Zurich"])
]
StartsAt = Annotated[
    str,
    Field(
        max_length=32,
        description="From when the rule counts, on the clocks of `zone`; it gives what the rule leaves open.",
        examples=["2026-12-07T09:00:00"],
    ),
]
RuleText = Annotated[
    str,
    Field(
        max_length=500,
        description="An RFC 5545 RRULE: FREQ (HOURLY to YEARLY), INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, "
        "BYMINUTE, BYSETPOS, WKST, COUNT or UNTIL (on the clocks of `zone`). What clocks skip comes as much later as "
        "they skip; of what they show twice the first is meant. COUNT counts what the rule names from `starts_at`.",
        examples=["FREQ=WEEKLY;BYDAY=MO,TH"],
    ),
]


class NewSeries(Taken):
    """Content, where it goes, and by which rule again and again; what has passed already is not published."""

    content: Content
    targets: Targets
    zone: Zone
    starts_at: StartsAt
    rule: RuleText
    priority: Annotated[Priority, Field(description="urgent has queues of its own.")] = Priority.NORMAL
    late: Annotated[
        LatePolicy | None, Field(description="Each publication's late policy. Null: published, however late.")
    ] = None


class SeriesChanges(Taken):
    """What is to change of the occurrences that no publication was made of yet; what is left out stays.

    The next occurrence has its publication, as have all of the coming 24 hours: those stay as they are, also when the
    rule changes or the series pauses; edit or cancel them by themselves.
    """

    content: Annotated[ContentChanges | None, Field(description="The fields of the content that change.")] = None
    targets: Annotated[
        tuple[NewTarget, ...] | None, Field(min_length=1, max_length=100, description="All targets anew.")
    ] = None
    zone: Zone | None = None
    starts_at: StartsAt | None = None
    rule: RuleText | None = None
    priority: Annotated[Priority | None, Field(description="Another priority.")] = None
    late: Annotated[LatePolicy | None, Field(description="Another late policy; null: none.")] = None
    paused: Annotated[
        StrictBool | None, Field(description="Pause or resume; what passes meanwhile is not made up for.")
    ] = None


class SeriesStatus(StrEnum):
    """Whether a series goes on."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Target(Given):
    """Where it is published."""

    channel: ChannelId
    platform: str
    overrides: ContentChanges | None = None


class Coming(Given):
    """An occurrence that is ahead."""

    local: Annotated[str, Field(description="In its zone.", examples=["2026-12-07T09:00:00+01:00"])]
    at: Time
    publication: Annotated[
        publications.Id | None, Field(description="The publication made of it; null: not made yet.")
    ] = None


class Made(Given):
    """An occurrence that a publication was made of."""

    local: Annotated[str, Field(description="In the zone of the series.")]
    at: Time
    publication: publications.Id
    status: Annotated[PublicationStatus | None, Field(description="What became of it; null: being made.")] = None


class SeriesSummary(Given):
    """A series without its content."""

    id: Id
    status: SeriesStatus
    title: Annotated[str, Field(description="The title, or how the text begins.")]
    targets: list[Target]
    zone: Zone
    starts_at: StartsAt
    rule: RuleText
    priority: Priority
    late: LatePolicy | None = None
    created_at: Time
    created_by: Annotated[str, Field(description="Who made it: a key's id or a member's id.")]
    paused_at: Time | None = None
    ended_at: Annotated[Time | None, Field(description="When a person ended it.")] = None
    next: Annotated[list[Coming], Field(description="The coming five; none when it is paused or has ended.")]


class SeriesList(Page[SeriesSummary]):
    """A page of series."""


class Series(SeriesSummary):
    """A series."""

    content: Content
    made: Annotated[
        list[Made], Field(description="The last and the coming publications, at most five of each, oldest first.")
    ]
