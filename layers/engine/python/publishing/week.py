"""A week's slots: times on the wall clocks of a zone, and the moments they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from publishing.times import FURTHEST, zone_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 100  # in a week
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Week:
    """What a week holds: the times of each day, Monday first, on the clocks of an IANA zone. Empty: no slots."""

    zone: str = ""
    times: tuple[tuple[time, ...], ...] = ()

    def __bool__(self) -> bool:
        return any(self.times)

    @staticmethod
    def of(zone: str, weekly: Mapping[str, Iterable[str]]) -> Week:
        """The week of times like `09:00` by day (`mon` to `sun`)."""
        return Week(zone, tuple(tuple(sorted(map(time.fromisoformat, weekly.get(day, ())))) for day in DAYS))

    @property
    def weekly(self) -> dict[str, list[str]]:
        """The times of the days that have some, as `of` takes them."""
        return {day: [f"{at:%H:%M}" for at in times] for day, times in zip(DAYS, self.times, strict=False) if times}

    def coming(self, now: datetime, *, most: int) -> list[datetime]:
        """The next slots after `now`, in UTC and in order, within a year.

        A time that clocks skip is as much later as they skip; one that they show twice is the first of the two. Two
        that meet in one moment are one.
        """
        found: set[datetime] = set()
        for moments in self._by_day(now):
            enough = len(found) >= most  # a day too many: what clocks skip late on one day may be on the next
            found.update(moment for moment in moments if now < moment <= now + FURTHEST)
            if enough:
                break
        return sorted(found)[:most]

    def _by_day(self, now: datetime) -> Iterator[list[datetime]]:
        zone, first = zone_of(self.zone), now - DAY
        for ahead in range(FURTHEST.days + 3):
            day: date = (first + ahead * DAY).astimezone(zone).date()
            times = self.times[day.weekday()]
            yield [datetime.combine(day, at, zone).astimezone(UTC) for at in times]


NO_SLOTS = Week()
