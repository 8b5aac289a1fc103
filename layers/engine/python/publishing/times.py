"""When something is to be published: wall-clock times in their zones, made into moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from publishing.model import Problem

FURTHEST = timedelta(days=366)
SLACK = timedelta(seconds=60)  # a clock that is a little behind does not make a request wrong


class NotAMoment(ValueError):  # noqa: N818
    """A time that cannot be published at; `problem` says why."""

    def __init__(self, message: str, remedy: str, field: str = "publish_at") -> None:
        """`field` is the request's field that is wrong."""
        super().__init__(message)
        self.problem = Problem(field, message, remedy)


def moment_of(text: str, zone: str) -> datetime:
    """The moment an RFC 3339 time means: with an offset as it stands, without one on the wall clocks of `zone`.

    Where clocks are set back and a time occurs twice, its first occurrence is meant.

    Raises:
        NotAMoment: unreadable, without zone, or skipped by a clock change.
    """
    wall = _wall(text)
    try:
        return (wall if wall.tzinfo else _on_the_clocks_of(zone, wall)).astimezone(UTC)
    except OverflowError as error:
        raise NotAMoment("This time is at the end of the calendar.", "Choose a time within 366 days.") from error


def in_reach(moment: datetime, now: datetime) -> datetime:
    """The moment, if it can be published at.

    Raises:
        NotAMoment: it has passed, or is more than a year ahead.
    """
    if moment < now - SLACK:
        raise NotAMoment("The time has passed.", "Leave `publish_at` out to publish now.")
    if moment > now + FURTHEST:
        raise NotAMoment("The time is more than a year ahead.", "Choose a time within 366 days.")
    return moment


def _wall(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise NotAMoment("This is not a time.", "Write it like 2026-12-24T18:00:00+01:00.") from error


def _on_the_clocks_of(zone: str, wall: datetime) -> datetime:
    if not zone:
        raise NotAMoment("The time has no zone.", "Add an offset (+01:00 or Z), or name a `zone` like Europe/Zurich.")
    moment = wall.replace(tzinfo=zone_of(zone), fold=0)
    if moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != wall:
        raise NotAMoment("Clocks in that zone skip this time.", "Choose a time before or after the clock change.")
    return moment


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        NotAMoment: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NotAMoment("There is no such time zone.", "Use an IANA name like Europe/Zurich.", "zone") from error
