"""The numbers of events whose subject counts nothing: by time, with places within each millisecond."""

from __future__ import annotations

from datetime import datetime

PLACES = 10  # of a millisecond; the numbers stay what every JSON reader holds exactly (2^53) beyond the year 9999
WITHOUT_TIME = 5  # the first place of a change that no time of its own tells from the one before


def at_ms(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def number(moment_ms: int, place: int = 0) -> int:
    """The number of an event of that moment; `place` is its place among those of the same moment."""
    return moment_ms * PLACES + place
