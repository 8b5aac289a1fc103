from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from notifying.model import Answered
from notifying.schedule import WAITS_S, Step, next_attempt, step
from tests import cloud
from tests.notifying import samples

NOW = cloud.START
DOCUMENTED = ["0s", "5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"]
UNITS_S = {"s": 1, "m": 60, "h": 3_600}


def test_the_waits_are_the_standards_example() -> None:
    assert list(WAITS_S) == [int(each[:-1]) * UNITS_S[each[-1]] for each in DOCUMENTED]


def wait_s(tried: int, answered: Answered, *, draw: float = 0.0) -> float | None:
    at = next_attempt(tried, answered, NOW, draw=lambda: draw)
    return (at - NOW).total_seconds() if at else None


@pytest.mark.parametrize("tried", range(1, 10))
def test_each_wait_is_lengthened_by_up_to_a_tenth(tried: int) -> None:
    assert wait_s(tried, Answered(500)) == WAITS_S[tried]
    assert wait_s(tried, Answered(500), draw=0.999) == pytest.approx(WAITS_S[tried] * 1.0999)


def test_after_ten_attempts_there_is_no_other() -> None:
    assert wait_s(10, Answered(500)) is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_receiver_that_asks_for_time_is_given_it(status: int) -> None:
    assert wait_s(1, Answered(status, retry_after_s=600.0)) == 600.0
    assert wait_s(5, Answered(status, retry_after_s=600.0)) == WAITS_S[5]


def test_a_receiver_is_given_a_day_at_the_most() -> None:
    assert wait_s(1, Answered(429, retry_after_s=1e9)) == 86_400.0


@pytest.mark.parametrize("status", [0, 301, 400, 500])
def test_nobody_else_is_asked_when(status: int) -> None:
    assert wait_s(1, Answered(status, retry_after_s=600.0)) == 5.0


def after(days: float, *, warned: float | None = None) -> Step:
    """What follows a failure so many days after the first, where the warning came after so many."""
    warned_at = NOW + timedelta(days=warned) if warned is not None else None
    failing = replace(samples.endpoint, failing_since=NOW, warned_at=warned_at)
    return step(failing, NOW + timedelta(days=days))


def test_the_first_failure_is_noted() -> None:
    assert step(samples.endpoint, NOW) is Step.NOTE


@pytest.mark.parametrize(
    ("days", "warned", "follows"),
    [
        (0.1, None, Step.WAIT),
        (1.99, None, Step.WAIT),
        (2.0, None, Step.WARN),
        (4.9, 2.0, Step.WAIT),
        (5.0, 2.0, Step.DISABLE),
        (6.0, None, Step.WARN),  # nothing was sent in between: a warning comes first in any case
        (6.5, 6.0, Step.WAIT),
        (7.0, 6.0, Step.DISABLE),
    ],
)
def test_failing_leads_to_a_warning_and_then_to_the_end(days: float, warned: float | None, follows: Step) -> None:
    assert after(days, warned=warned) is follows
