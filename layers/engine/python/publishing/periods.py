"""The days a rule of the calendar names, period by period: a subset of RFC 5545, without any clock.

They are worked out from where one asks, so that neither a rule that never occurs nor one that began long ago takes
long. (dateutil, which the tests compare this with, walks from a rule's beginning to the year 9999.)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

YEARS = 40  # what does not occur for so long has ended; the rarest there is, a 29 February on one weekday, takes 40
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MONTHS = 12


class Frequency(StrEnum):
    """What a rule counts in."""

    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, Monday is 0; with an `ordinal` only the so-manieth of the month or year, -1 is the last."""

    day: int
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it was read; what is empty, `starts_at` of the recurrence supplies."""

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: datetime | None = None


def periods(rule: Rule, start: date, since: date) -> Iterator[list[date]]:
    """The days of one period after another, from that which holds `since` (not before `start`), for 40 years."""
    since = max(since, start)
    end = date(min(since.year + YEARS, date.max.year - 1), 12, 31)
    match rule.frequency:
        case Frequency.YEARLY:
            return _years(rule, start, since, end)
        case Frequency.MONTHLY:
            return _months(rule, start, since, end)
        case Frequency.WEEKLY:
            return _weeks(rule, start, since, end)
        case _:
            return _days(rule, start, since, end)


def _days(rule: Rule, start: date, since: date, end: date) -> Iterator[list[date]]:
    step = rule.interval if rule.frequency is Frequency.DAILY else 1
    day = start + DAY * _whole((since - start).days, step)
    while day <= end:
        if _fits(rule, day):
            yield [day]
        day += DAY * step


def _weeks(rule: Rule, start: date, since: date, end: date) -> Iterator[list[date]]:
    wanted = {each.day for each in rule.weekdays} or {start.weekday()}
    first = start - DAY * ((start.weekday() - rule.week_start) % 7)
    week = first + WEEK * _whole((since - first).days // 7, rule.interval)
    while week <= end:
        days = (week + DAY * number for number in range(7))
        yield [day for day in days if day.weekday() in wanted and _in_months(rule, day)]
        week += WEEK * rule.interval


def _months(rule: Rule, start: date, since: date, end: date) -> Iterator[list[date]]:
    first = start.year * MONTHS + start.month - 1
    month = first + _whole(since.year * MONTHS + since.month - 1 - first, rule.interval)
    while month <= end.year * MONTHS + end.month - 1:
        year, number = divmod(month, MONTHS)
        if not rule.months or number + 1 in rule.months:
            yield _of_month(rule, year, number + 1, start.day)
        month += rule.interval


def _years(rule: Rule, start: date, since: date, end: date) -> Iterator[list[date]]:
    year = start.year + _whole(since.year - start.year, rule.interval)
    while year <= end.year:
        yield _of_year(rule, year, start)
        year += rule.interval


def _of_year(rule: Rule, year: int, start: date) -> list[date]:
    if rule.weekdays and not rule.months and not rule.month_days:
        return _on_weekdays(rule, _span(date(year, 1, 1), date(year, 12, 31)))
    some = rule.months or (range(1, MONTHS + 1) if rule.month_days else (start.month,))
    return [day for month in sorted(some) for day in _of_month(rule, year, month, start.day)]


def _of_month(rule: Rule, year: int, month: int, start_day: int) -> list[date]:
    days = _span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    if rule.weekdays:
        days_on = _on_weekdays(rule, days)
        return [day for day in days_on if _on_month_days(rule, day)] if rule.month_days else days_on
    if rule.month_days:
        return [day for day in days if _on_month_days(rule, day)]
    return days[start_day - 1 : start_day]


def _on_weekdays(rule: Rule, days: list[date]) -> list[date]:
    """Those days of a month or year that are on the rule's weekdays, the so-manieth where it says so."""
    found: set[date] = set()
    for weekday in rule.weekdays:
        those = [day for day in days if day.weekday() == weekday.day]
        if not weekday.ordinal:
            found.update(those)
        elif abs(weekday.ordinal) <= len(those):
            found.add(those[weekday.ordinal - 1 if weekday.ordinal > 0 else weekday.ordinal])
    return sorted(found)


def _fits(rule: Rule, day: date) -> bool:
    weekdays = {each.day for each in rule.weekdays}
    return (
        _in_months(rule, day)
        and (not weekdays or day.weekday() in weekdays)
        and (not rule.month_days or _on_month_days(rule, day))
    )


def _in_months(rule: Rule, day: date) -> bool:
    return not rule.months or day.month in rule.months


def _on_month_days(rule: Rule, day: date) -> bool:
    return day.day in rule.month_days or day.day - monthrange(day.year, day.month)[1] - 1 in rule.month_days


def _span(first: date, last: date) -> list[date]:
    return [first + DAY * number for number in range((last - first).days + 1)]


def _whole(distance: int, interval: int) -> int:
    """The last multiple of the interval that is no further than `distance`."""
    return distance // interval * interval
