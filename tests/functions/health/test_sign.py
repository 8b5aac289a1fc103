from __future__ import annotations

import pytest

from functions.health.sign import Part, Sign, State, worst


def sign(value: float | None, *, warns: float | None = 5, fails: float | None = 10) -> Sign:
    return Sign("discord", "depth", value, "messages", "Look.", warns, fails)


@pytest.mark.parametrize(
    ("value", "state"), [(None, "ok"), (0, "ok"), (5, "ok"), (6, "warn"), (10, "warn"), (11, "fail")]
)
def test_a_figure_is_bad_above_its_limit(value: float | None, state: str) -> None:
    assert sign(value).state == state


def test_a_figure_without_limits_is_never_bad() -> None:
    assert sign(1e9, warns=None, fails=None).state is State.OK


def test_a_part_is_as_bad_as_its_worst_sign() -> None:
    assert Part("queues", [sign(1), sign(11), sign(6)]).state is State.FAIL
    assert Part("queues", []).state is State.OK


def test_a_part_that_told_nothing_is_unknown() -> None:
    assert Part("queues", None).state is State.UNKNOWN


def test_what_is_unknown_is_worse_than_a_warning_and_better_than_a_failure() -> None:
    assert worst([State.OK, State.UNKNOWN, State.WARN]) is State.UNKNOWN
    assert worst([State.FAIL, State.UNKNOWN]) is State.FAIL
    assert worst([]) is State.OK
