from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.times import NotAMoment, in_reach, moment_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-03-02T08:00:00+01:00", "", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("2026-03-02T08:00:00Z", "", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00", "Europe/Zurich", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("2026-07-02T08:00", "Europe/Zurich", datetime(2026, 7, 2, 6, tzinfo=UTC)),
        ("2026-10-25T02:30", "Europe/Zurich", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-03-02T08:00:00+01:00", "Asia/Tokyo", datetime(2026, 3, 2, 7, tzinfo=UTC)),
    ],
)
def test_a_time_means_one_moment(text: str, zone: str, moment: datetime) -> None:
    assert in_reach(moment_of(text, zone), NOW) == moment


@pytest.mark.parametrize(
    ("text", "zone", "complaint", "field"),
    [
        ("tomorrow", "", "not a time", "publish_at"),
        ("2026-03-02T08:00:00", "", "no zone", "publish_at"),
        ("2026-03-02T08:00:00", "Mars/Olympus", "no such time zone", "zone"),
        ("2026-03-02T08:00:00", "../../etc/passwd", "no such time zone", "zone"),
        ("2026-03-29T02:30:00", "Europe/Zurich", "skip this time", "publish_at"),
        ("2026-03-01T11:58:00Z", "", "has passed", "publish_at"),
        ("2027-03-03T12:00:00Z", "", "more than a year", "publish_at"),
        ("0001-01-01T00:00:00+14:00", "", "end of the calendar", "publish_at"),
        ("0001-01-01T00:00:00", "Asia/Tokyo", "end of the calendar", "publish_at"),
        ("0001-02-01T00:00:00Z", "", "has passed", "publish_at"),
        ("9999-12-31T23:59:59-14:00", "", "end of the calendar", "publish_at"),
        ("9999-12-31T23:59:59", "America/New_York", "end of the calendar", "publish_at"),
        ("9999-01-31T23:59:59Z", "", "more than a year", "publish_at"),
    ],
)
def test_what_cannot_be_published_at_says_why_and_what_would_help(
    text: str, zone: str, complaint: str, field: str
) -> None:
    with pytest.raises(NotAMoment, match=complaint) as refused:
        in_reach(moment_of(text, zone), NOW)
    assert refused.value.problem.field == field
    assert refused.value.problem.remedy


def test_a_clock_that_is_a_little_behind_is_forgiven() -> None:
    assert in_reach(moment_of("2026-03-01T11:59:30Z", ""), NOW) < NOW


@given(zone=st.sampled_from(sorted(available_timezones())), minutes=st.integers(1, 500_000))
def test_every_accepted_wall_time_is_what_clocks_there_show(zone: str, minutes: int) -> None:
    moment = NOW + timedelta(minutes=minutes)
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    meant = in_reach(moment_of(wall.isoformat(), zone), NOW)
    assert meant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
    assert meant <= moment
