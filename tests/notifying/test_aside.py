from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from notifying.aside import slow_until, stands_aside
from notifying.model import Answered
from tests import cloud
from tests.notifying import samples

NOW = cloud.START
QUICK, LONG, SILENT = Answered(204, 3_000), Answered(204, 3_001), Answered(0, 0, "timeout")


@pytest.mark.parametrize(
    ("failing_s", "slow_s", "aside"),
    [(None, None, False), (300, None, False), (301, None, True), (None, 1, True), (None, 0, False), (10, -1, False)],
)
def test_who_fails_for_some_time_or_is_slow_for_now_stands_aside(
    failing_s: int | None, slow_s: int | None, *, aside: bool
) -> None:
    endpoint = replace(
        samples.endpoint,
        failing_since=None if failing_s is None else NOW - timedelta(seconds=failing_s),
        slow_until=None if slow_s is None else NOW + timedelta(seconds=slow_s),
    )
    assert stands_aside(endpoint, NOW) is aside


@pytest.mark.parametrize("answered", [LONG, SILENT])
def test_one_long_call_or_none_that_ends_makes_it_slow_for_ten_minutes(answered: Answered) -> None:
    assert slow_until(samples.endpoint, answered, NOW) == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("answered", [QUICK, Answered(500, 10, "status"), Answered(0, 10, "unreachable")])
def test_who_answers_or_fails_quickly_is_not_slow(answered: Answered) -> None:
    assert slow_until(samples.endpoint, answered, NOW) is None


@pytest.mark.parametrize(("left_s", "written"), [(600, False), (301, False), (300, True), (-5, True)])
def test_that_it_is_slow_is_written_again_only_once_half_of_the_time_is_over(left_s: int, *, written: bool) -> None:
    slow = replace(samples.endpoint, slow_until=NOW + timedelta(seconds=left_s))
    assert (slow_until(slow, LONG, NOW) is not None) is written
