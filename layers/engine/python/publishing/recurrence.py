"""When a rule of the calendar occurs in a zone: times on its wall clocks, made into moments; gap and fold defined."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from publishing.periods import Frequency, Rule, periods

LONGEST_GAP = timedelta(hours=25)  # no clock skips more: a whole day was left out when the date line was moved


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence: what the clocks of its zone show then, and the moment in UTC."""

    wall: datetime
    at: datetime


@dataclass(frozen=True)
class Recurrence:
    """A rule, the time on the wall from which it counts, and whose wall it is.

    An occurrence in a gap (clocks skip it) is as much later as the gap is long; one in a fold (clocks show it twice) is
    the first of the two. Where two meet in one moment they are one. So what the clocks show then names an occurrence.
    """

    rule: Rule
    starts_at: datetime
    zone: ZoneInfo

    def after(self, wall: datetime | None = None) -> Iterator[Occurrence]:
        """The occurrences after that time on the wall (None: all), in order; it ends 40 years later at the latest."""
        since = self.starts_at if wall is None else max(self.starts_at, wall - LONGEST_GAP)
        last = wall or datetime.min  # noqa: DTZ901 - on the wall
        for shown, at in _in_order(self._shown(naive) for naive in self._named(since)):
            if shown > last:
                last = shown
                yield Occurrence(shown, at)

    def after_moment(self, moment: datetime) -> Iterator[Occurrence]:
        """The occurrences after a moment."""
        wall = self.wall(moment - LONGEST_GAP)
        return (each for each in self.after(wall) if each.at > moment)

    def wall(self, moment: datetime) -> datetime:
        """What the zone's clocks show at that moment."""
        return moment.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _shown(self, naive: datetime) -> tuple[datetime, datetime, datetime]:
        """As the rule names it, as the clocks then show it, and when: RFC 5545 3.3.5 takes the offset before a gap."""
        at = naive.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        return naive, self.wall(at), at

    def _named(self, since: datetime) -> Iterator[datetime]:
        """The times the rule names, from the first that is not before `since`."""
        rule = self.rule
        if rule.count is not None:  # counted from the first; there are not many
            return (naive for naive in islice(self._listed(self.starts_at), rule.count) if naive >= since)
        return (naive for naive in self._listed(since) if naive >= since)

    def _listed(self, since: datetime) -> Iterator[datetime]:
        found = (
            naive
            for days in periods(self.rule, self.starts_at.date(), since.date())
            for naive in self._chosen(days)
            if naive >= self.starts_at and _in_phase(self, naive)
        )
        until = self.rule.until
        return found if until is None else takewhile(lambda naive: naive <= until, found)

    def _chosen(self, days: Iterable[date]) -> Iterator[datetime]:
        if not self.rule.positions:
            return (datetime.combine(day, at) for day in days for at in self._times)
        every = [datetime.combine(day, at) for day in days for at in self._times]
        places = {place - 1 if place > 0 else len(every) + place for place in self.rule.positions}
        return (every[place] for place in sorted(places) if 0 <= place < len(every))

    @cached_property
    def _times(self) -> tuple[time, ...]:
        rule, start = self.rule, self.starts_at
        every_hour = range(24) if rule.frequency is Frequency.HOURLY else (start.hour,)
        minutes = sorted(rule.minutes or (start.minute,))
        return tuple(
            time(hour, minute, start.second) for hour in sorted(rule.hours or every_hour) for minute in minutes
        )


def _in_order(shown: Iterable[tuple[datetime, datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """By what the clocks show; what a gap has put off comes after what the rule names for the time it is put off to."""
    put_off: list[tuple[datetime, datetime]] = []
    for naive, wall, at in shown:
        while put_off and put_off[0][0] < naive:
            yield heapq.heappop(put_off)
        if wall == naive and not put_off:
            yield wall, at
        else:
            heapq.heappush(put_off, (wall, at))
    while put_off:
        yield heapq.heappop(put_off)


def _in_phase(recurrence: Recurrence, naive: datetime) -> bool:
    """Whether an hourly rule's interval leads to that hour."""
    rule, start = recurrence.rule, recurrence.starts_at
    if rule.frequency is not Frequency.HOURLY or rule.interval == 1:
        return True
    hours = (naive.date() - start.date()).days * 24 + naive.hour - start.hour
    return hours % rule.interval == 0
