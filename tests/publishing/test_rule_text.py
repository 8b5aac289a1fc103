from __future__ import annotations

from datetime import datetime

import pytest

from publishing.periods import Frequency, Rule, Weekday
from publishing.rule_text import NotARule, rule_of


def test_a_rule_is_read() -> None:
    assert rule_of("FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO,-1FR;BYHOUR=9;COUNT=3") == Rule(
        Frequency.MONTHLY, interval=2, weekdays=(Weekday(0, 1), Weekday(4, -1)), hours=(9,), count=3
    )


def test_it_may_be_in_small_letters_and_named() -> None:
    assert rule_of("rrule:freq=daily") == Rule(Frequency.DAILY)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("20271231", datetime(2027, 12, 31, 23, 59, 59)),  # noqa: DTZ001 - on the wall
        ("20271231T180000", datetime(2027, 12, 31, 18)),  # noqa: DTZ001 - on the wall
    ],
)
def test_until_is_on_the_clocks_of_the_zone_and_a_day_counts_whole(text: str, until: datetime) -> None:
    assert rule_of(f"FREQ=DAILY;UNTIL={text}").until == until


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "An empty part"),
        ("DAILY", "DAILY is not understood"),
        ("INTERVAL=2", "FREQ is missing"),
        ("FREQ=MINUTELY", "FREQ is missing, or one"),
        ("FREQ=SECONDLY", "FREQ is missing, or one"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;BYWEEKNO=1", "BYWEEKNO is not understood"),
        ("FREQ=DAILY;BYSECOND=1", "BYSECOND is not understood"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is not"),
        ("FREQ=DAILY;INTERVAL=٣", "INTERVAL is not"),
        ("FREQ=YEARLY;INTERVAL=11", "INTERVAL is more than 10"),
        ("FREQ=DAILY;COUNT=1001", "COUNT is not"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "UNTIL is not"),
        ("FREQ=DAILY;UNTIL=20270231", "UNTIL is not"),
        ("FREQ=DAILY;BYDAY=1MO", "numbered weekday"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY cannot"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY cannot"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY cannot"),
        ("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=1", "exclude"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY cannot"),
        ("FREQ=MONTHLY;BYMONTHDAY=", "BYMONTHDAY cannot"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "Weeks have no"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH cannot"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR cannot"),
        ("FREQ=DAILY;BYSETPOS=1", "nothing to choose"),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=1", "nothing to choose"),
        ("FREQ=WEEKLY;WKST=XX", "WKST is not"),
        ("FREQ=HOURLY;BYMINUTE=0,10", "less than 15 minutes"),
        ("FREQ=HOURLY;BYMINUTE=0,50", "less than 15 minutes"),
        ("FREQ=DAILY;BYHOUR=" + ",".join(["1"] * 61), "BYHOUR cannot"),
    ],
)
def test_what_is_not_taken_is_told_with_a_remedy(text: str, message: str) -> None:
    with pytest.raises(NotARule, match=message) as refused:
        rule_of(text)
    assert refused.value.remedy
