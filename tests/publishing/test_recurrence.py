# ruff: noqa: DTZ001 - walls have no zone
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # botocore brings it, without types
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing.recurrence import Occurrence, Recurrence
from publishing.rule_text import rule_of

FIRST, LAST = datetime(2026, 1, 1), datetime(2033, 1, 1)
ZONES = sorted(available_timezones() - {"localtime"})
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def recurrence(rule: str, zone: str = "Europe/Zurich", starts_at: datetime = FIRST) -> Recurrence:
    return Recurrence(rule_of(rule), starts_at, ZoneInfo(zone))


def occurrences(made: Recurrence, until: datetime = LAST) -> list[Occurrence]:
    return list(takewhile(lambda each: each.wall < until, made.after()))


def texts(made: Recurrence, most: int) -> list[str]:
    return [each.at.astimezone(made.zone).isoformat() for each in islice(made.after(), most)]


# The rule, against another implementation of RFC 5545

RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=10",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=DAILY;BYMONTH=1,12;BYMONTHDAY=31,-31",
    "FREQ=DAILY;BYHOUR=18,9;BYMINUTE=0,30;BYSETPOS=2,-1",
    "FREQ=DAILY;COUNT=5",
    "FREQ=DAILY;UNTIL=20260201T090000",
    "FREQ=DAILY;UNTIL=20260201",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1",
    "FREQ=WEEKLY;BYMONTH=12;BYDAY=TH;COUNT=9",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=3",
    "FREQ=MONTHLY;BYDAY=1MO,-1FR",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "FREQ=MONTHLY;BYMONTH=2,7;BYDAY=5SU",
    "FREQ=YEARLY",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=3,11",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYDAY=20MO,-1SU",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
    "FREQ=YEARLY;BYDAY=TH;BYMONTHDAY=1",
    "FREQ=YEARLY;BYMONTHDAY=1,15;BYHOUR=6,20",
    "FREQ=HOURLY;INTERVAL=7",
    "FREQ=HOURLY;BYHOUR=8,9,10;BYMINUTE=15,45;BYDAY=SA",
    "FREQ=HOURLY;INTERVAL=5;BYMONTHDAY=-1;UNTIL=20270101",
]


@cache
def as_dateutil_has_it(rule: str, starts_at: datetime) -> list[datetime]:
    whole = rule + "T235959" if rule.endswith(("UNTIL=20260201", "UNTIL=20270101")) else rule
    found: Iterator[datetime] = iter(rrulestr(whole, dtstart=starts_at))
    return list(takewhile(lambda wall: wall < LAST, found))


@pytest.mark.parametrize("starts_at", [datetime(2026, 1, 1, 9), datetime(2024, 2, 29, 23, 30), datetime(2026, 1, 31)])
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_means_what_dateutil_takes_it_to_mean(rule: str, starts_at: datetime) -> None:
    made = recurrence(rule, "UTC", starts_at)
    assert [each.wall for each in occurrences(made)] == as_dateutil_has_it(rule, starts_at)


@given(rule=st.sampled_from(RULES), days=st.integers(0, 2_600), hour=st.integers(0, 23))
@settings(max_examples=60)
def test_from_any_moment_on_the_same_follows(rule: str, days: int, hour: int) -> None:
    made = recurrence(rule, "America/New_York")
    since = FIRST + timedelta(days=days, hours=hour)
    every = takewhile(lambda each: each.wall < since + timedelta(days=800), made.after())
    wanted = list(islice((each for each in every if each.wall > since), 20))
    assert list(islice(made.after(since), 20))[: len(wanted)] == wanted


# The clocks of all zones: changes are looked for, and around each every half hour is compared with a clock that ticks


def offset(zone: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()


def clock_changes(zone: ZoneInfo) -> Iterator[datetime]:
    """In UTC, to the quarter of an hour; no two are within a week."""
    weeks = [FIRST + timedelta(weeks=number) for number in range(366)]
    for before, after in pairwise(weeks):
        if offset(zone, before) != offset(zone, after):
            yield first_quarter(zone, before, after)


def first_quarter(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    quarters = [before + QUARTER * number for number in range(int((after - before) / QUARTER) + 1)]
    return quarters[bisect_left(quarters, 1, key=lambda each: int(offset(zone, each) != offset(zone, before)))]


def ticking(zone: ZoneInfo, since: datetime) -> dict[datetime, datetime]:
    """What the clocks show in the two days from a moment (UTC), each quarter; of what they show twice the first."""
    shown: dict[datetime, datetime] = {}
    for number in range(-8, 4 * 48):
        moment = (since + QUARTER * number).replace(tzinfo=UTC)
        shown.setdefault(moment.astimezone(zone).replace(tzinfo=None, fold=0), moment)
    return shown


def as_read_off(named: list[datetime], shown: dict[datetime, datetime]) -> list[datetime]:
    """When the named times are, by a ticking clock; what it skips counts on from the last time it showed."""
    seen = [next(wall - QUARTER * back for back in range(200) if wall - QUARTER * back in shown) for wall in named]
    return sorted({shown[last] + (wall - last) for wall, last in zip(named, seen, strict=True)})


def wrong_around_changes(name: str) -> list[tuple[str, datetime]]:
    zone = ZoneInfo(name)
    wrong = []
    for change in clock_changes(zone):
        shown = ticking(zone, change - 6 * HOUR)
        start = (change.replace(tzinfo=UTC) - 5 * HOUR).astimezone(zone).replace(tzinfo=None, minute=0, fold=0)
        named = [start + HOUR / 2 * number for number in range(24)]
        made = recurrence("FREQ=HOURLY;BYMINUTE=0,30", name, start)
        wanted = as_read_off(named, shown)
        if [each.at for each in islice(made.after(), len(wanted))] != wanted:
            wrong.append((name, change))
    return wrong


def test_around_every_change_of_every_zones_clocks_nothing_is_lost_doubled_or_out_of_order() -> None:
    assert [each for name in ZONES for each in wrong_around_changes(name)] == []


def test_there_are_thousands_of_changes_to_look_at() -> None:
    assert sum(1 for name in ZONES[::10] for _ in clock_changes(ZoneInfo(name))) > 200


def test_through_seven_years_every_zone_shows_what_the_rule_says() -> None:
    named = [FIRST + timedelta(days=20 * number, hours=12) for number in range(128)]
    for name in ZONES:
        made = occurrences(recurrence("FREQ=DAILY;INTERVAL=20", name, named[0]))
        assert [each.wall for each in made] == named
        assert all(before.at < after.at for before, after in pairwise(made))


def test_in_a_gap_it_is_as_much_later_as_the_gap_is_long() -> None:
    made = recurrence("FREQ=DAILY", "Europe/Zurich", datetime(2026, 3, 28, 2, 30))
    assert texts(made, 3) == ["2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"]


def test_what_a_gap_puts_off_comes_after_what_is_named_for_a_time_before() -> None:
    rule = "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30;BYSETPOS=2,3"  # half past two, and three
    made = recurrence(rule, "Europe/Zurich", datetime(2026, 3, 29))
    assert [each[8:16] for each in texts(made, 4)] == ["29T03:00", "29T03:30", "30T02:30", "30T03:00"]


def test_what_a_gap_puts_off_is_still_ahead_in_between() -> None:
    made = recurrence("FREQ=DAILY", "Europe/Zurich", datetime(2026, 3, 28, 2, 30))
    assert next(made.after(datetime(2026, 3, 29, 3, 10))).wall == datetime(2026, 3, 29, 3, 30)


def test_in_a_fold_it_is_the_first_of_the_two() -> None:
    made = recurrence("FREQ=DAILY", "Europe/Zurich", datetime(2026, 10, 25, 2, 30))
    assert texts(made, 2) == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]


def test_two_that_meet_in_one_moment_are_one() -> None:
    made = recurrence("FREQ=HOURLY;BYMINUTE=0,30", "Europe/Zurich", datetime(2026, 3, 29, 1, 30))
    assert [each[11:16] for each in texts(made, 5)] == ["01:30", "03:00", "03:30", "04:00", "04:30"]


def test_a_gap_of_half_an_hour() -> None:
    made = recurrence("FREQ=DAILY", "Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15))
    assert texts(made, 1) == ["2026-10-04T02:45:00+11:00"]


def test_after_a_moment_in_the_second_pass_of_a_fold_the_first_is_over() -> None:
    made = recurrence("FREQ=DAILY", "Europe/Zurich", datetime(2026, 10, 24, 2, 45))
    second_pass = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert next(made.after_moment(second_pass)).wall == datetime(2026, 10, 26, 2, 45)


# Bounds


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;UNTIL=20251231",
        "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31;COUNT=3",
    ],
)
def test_a_rule_that_never_occurs_is_soon_known_to(rule: str) -> None:
    assert list(recurrence(rule).after()) == []


def test_the_rarest_rule_is_found() -> None:
    made = recurrence("FREQ=YEARLY;BYMONTH=2;BYDAY=5SU", "UTC", datetime(2089, 1, 1))
    assert next(made.after()).wall == datetime(2128, 2, 29)


def test_asking_late_in_a_long_series_walks_no_further_than_what_is_asked() -> None:
    made = recurrence("FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,30", "UTC", datetime(1996, 1, 1))
    walls = [each.wall for each in islice(made.after(datetime(2026, 6, 1)), 3)]
    assert [(wall - datetime(1996, 1, 1)) // HOUR % 5 for wall in walls] == [0, 0, 0]
