"""The models of /v1/series. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from postroom_client.schemas.shared import Content, ContentChanges, LatePolicy, NewTarget, Priority, PublicationStatus


class Coming(TypedDict):
    """An occurrence that is ahead."""

    local: str  # In its zone.
    at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    publication: str | None  # The publication made of it; null: not made yet.


class Made(TypedDict):
    """An occurrence that a publication was made of."""

    local: str  # In the zone of the series.
    at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    publication: str  # The publication's id.
    status: PublicationStatus | None  # What became of it; null: being made.


class NewSeries(TypedDict):
    """Content, where it goes, and by which rule again and again; what has passed already is not published."""

    content: Content
    targets: list[NewTarget]  # Each channel at most once.
    zone: str  # The IANA zone on whose clocks.
    starts_at: str  # From when the rule counts, on the clocks of `zone`; it gives what the rule leaves open.
    # An RFC 5545 RRULE: FREQ (HOURLY to YEARLY), INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSETPOS,
    # WKST, COUNT or UNTIL (on the clocks of `zone`). What clocks skip comes as much later as they skip; of what they
    # show twice the first is meant. COUNT counts what the rule names from `starts_at`.
    rule: str
    priority: NotRequired[Priority]  # urgent has queues of its own.
    late: NotRequired[LatePolicy | None]  # Each publication's late policy. Null: published, however late.


class Series(TypedDict):
    """A series."""

    id: str  # The series' id.
    status: SeriesStatus
    title: str  # The title, or how the text begins.
    targets: list[Target]
    zone: str  # The IANA zone on whose clocks.
    starts_at: str  # From when the rule counts, on the clocks of `zone`; it gives what the rule leaves open.
    # An RFC 5545 RRULE: FREQ (HOURLY to YEARLY), INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSETPOS,
    # WKST, COUNT or UNTIL (on the clocks of `zone`). What clocks skip comes as much later as they skip; of what they
    # show twice the first is meant. COUNT counts what the rule names from `starts_at`.
    rule: str
    priority: Priority
    late: LatePolicy | None
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it: a key's id or a member's id.
    paused_at: str | None
    ended_at: str | None  # When a person ended it.
    next: list[Coming]  # The coming five; none when it is paused or has ended.
    content: Content
    made: list[Made]  # The last and the coming publications, at most five of each, oldest first.


class SeriesChanges(TypedDict):
    """What is to change of the occurrences that no publication was made of yet; what is left out stays.

    The next occurrence has its publication, as have all of the coming 24 hours: those stay as they are, also when
    the rule changes or the series pauses; edit or cancel them by themselves.
    """

    content: NotRequired[ContentChanges | None]  # The fields of the content that change.
    targets: NotRequired[list[NewTarget] | None]  # All targets anew.
    zone: NotRequired[str | None]
    starts_at: NotRequired[str | None]
    rule: NotRequired[str | None]
    priority: NotRequired[Priority | None]  # Another priority.
    late: NotRequired[LatePolicy | None]  # Another late policy; null: none.
    paused: NotRequired[bool | None]  # Pause or resume; what passes meanwhile is not made up for.


class SeriesList(TypedDict):
    """A page of series."""

    items: list[SeriesSummary]
    next: str | None  # The cursor of the next page; null on the last.


# Whether a series goes on.
SeriesStatus = Literal["active", "paused", "ended"]


class SeriesSummary(TypedDict):
    """A series without its content."""

    id: str  # The series' id.
    status: SeriesStatus
    title: str  # The title, or how the text begins.
    targets: list[Target]
    zone: str  # The IANA zone on whose clocks.
    starts_at: str  # From when the rule counts, on the clocks of `zone`; it gives what the rule leaves open.
    # An RFC 5545 RRULE: FREQ (HOURLY to YEARLY), INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSETPOS,
    # WKST, COUNT or UNTIL (on the clocks of `zone`). What clocks skip comes as much later as they skip; of what they
    # show twice the first is meant. COUNT counts what the rule names from `starts_at`.
    rule: str
    priority: Priority
    late: LatePolicy | None
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it: a key's id or a member's id.
    paused_at: str | None
    ended_at: str | None  # When a person ended it.
    next: list[Coming]  # The coming five; none when it is paused or has ended.


class Target(TypedDict):
    """Where it is published."""

    channel: str  # A channel's id.
    platform: str
    overrides: ContentChanges | None
