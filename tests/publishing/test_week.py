from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing.times import FURTHEST
from publishing.week import DAYS, NO_SLOTS, Week

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
EVERY_DAY = {day: ["02:30"] for day in DAYS}
ZONES = sorted(available_timezones())


def coming(week: Week, most: int, now: datetime = NOW) -> list[str]:
    return [f"{moment:%m-%d %H:%M}" for moment in week.coming(now, most=most)]


def test_slots_come_in_order_on_the_clocks_of_their_zone() -> None:
    week = Week.of("Europe/Zurich", {"fri": ["17:30", "13:00", "13:01"], "mon": ["09:00"]})
    assert coming(week, 4) == ["11-20 12:01", "11-20 16:30", "11-23 08:00", "11-27 12:00"]


def test_the_day_is_that_of_the_zone() -> None:
    assert coming(Week.of("Asia/Tokyo", {"sat": ["00:30"]}), 1) == ["11-20 15:30"]
    assert coming(Week.of("Pacific/Honolulu", {"fri": ["23:00"]}), 1) == ["11-21 09:00"]


def test_a_week_without_slots_has_none() -> None:
    assert (bool(NO_SLOTS), NO_SLOTS.weekly) == (False, {})


def test_a_week_is_written_as_it_is_read() -> None:
    week = Week.of("Europe/Zurich", {"sun": ["09:00"], "tue": ["23:59", "00:00"]})
    assert week.weekly == {"tue": ["00:00", "23:59"], "sun": ["09:00"]}
    assert Week.of("Europe/Zurich", week.weekly) == week


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), ["03-29 01:30", "03-30 00:30"]),  # a gap: 03:30 on the clocks there
        (datetime(2026, 10, 24, 12, tzinfo=UTC), ["10-25 00:30", "10-26 01:30"]),  # a fold: its first occurrence
    ],
)
def test_clock_changes_put_off_what_they_skip_and_repeat_nothing(now: datetime, expected: list[str]) -> None:
    assert coming(Week.of("Europe/Zurich", EVERY_DAY), 2, now) == expected


def test_two_slots_that_meet_in_a_gap_are_one() -> None:
    week = Week.of("Europe/Zurich", {"sun": ["02:30", "03:30"]})
    assert coming(week, 2, datetime(2026, 3, 28, 12, tzinfo=UTC)) == ["03-29 01:30", "04-05 00:30"]


def test_nothing_is_further_away_than_a_year() -> None:
    slots = Week.of("UTC", {"mon": ["09:00"]}).coming(NOW, most=500)
    assert (len(slots), slots[-1] <= NOW + FURTHEST) == (52, True)


@settings(max_examples=150)
@given(
    zone=st.sampled_from(ZONES),
    hours=st.integers(0, 24 * 365 * 5),
    minutes=st.lists(st.integers(0, 1_439), min_size=1, max_size=4, unique=True),
)
def test_slots_of_every_zone_are_in_the_future_in_order_and_on_its_clocks(
    zone: str, hours: int, minutes: list[int]
) -> None:
    times = [time(minute // 60, minute % 60) for minute in minutes]
    now = NOW + timedelta(hours=hours)
    slots = Week.of(zone, {day: [f"{at:%H:%M}" for at in times] for day in DAYS}).coming(now, most=20)
    assert slots == sorted(set(slots))
    assert (len(slots), slots[0] > now) == (20, True)
    walls = [slot.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for slot in slots]
    assert {wall.time() for wall in walls} - set(times) <= _put_off(zone, slots, times)


def _put_off(zone: str, slots: list[datetime], times: list[time]) -> set[time]:
    """What clocks that skip the times on one of those days show instead."""
    days = {slot.astimezone(ZoneInfo(zone)).date() - timedelta(days=back) for slot in slots for back in (0, 1)}
    named = [datetime.combine(day, at, ZoneInfo(zone)) for day in days for at in times]
    shown = [(each, each.astimezone(UTC).astimezone(each.tzinfo)) for each in named]
    return {after.time() for before, after in shown if before.replace(tzinfo=None) != after.replace(tzinfo=None)}
