from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flags.declared import ACCEPTING, BUCKETS, DELIVERING
from flags.kept import File, Kept
from flags.switches import Switches, bucket, switches
from publishing.settings import Flagged

WORKSPACES = [f"ws_{number}" for number in range(2_000)]


def told(**features: Any) -> Switches:
    """Switches by a document."""
    return Switches(lambda: Kept(lambda: Said(features)))


class Said(File):
    """A store that says what a test says."""

    def __init__(self, features: dict[str, Any]) -> None:
        self._features = features

    def get_configuration(self) -> dict[str, Any]:
        return self._features


def off_where(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"default": True, "rules": {"off there": {"when_match": False, "conditions": list(conditions)}}}


def percent(number: int) -> dict[str, Any]:
    return {"action": "MODULO_RANGE", "key": "bucket", "value": {"BASE": 100, "START": 0, "END": number - 1}}


TIKTOK = {"action": "EQUALS", "key": "platform", "value": "tiktok"}
OURS = {"action": "IN", "key": "workspace", "value": ["ws_1", "ws_2"]}


def test_where_flags_are_kept_nowhere_each_has_its_default() -> None:
    assert Switches().on(DELIVERING, "ws_1", platform="discord")
    assert Switches().answers


def test_a_flag_that_nobody_wrote_down_has_its_default() -> None:
    assert told(delivering={"default": False}).on(ACCEPTING, "ws_1")


def test_a_platform_is_switched_off_for_everybody_and_no_other_is() -> None:
    made = told(delivering=off_where(TIKTOK))
    assert not made.on(DELIVERING, "ws_1", platform="tiktok")
    assert made.on(DELIVERING, "ws_1", platform="discord")


def test_a_platform_is_switched_off_for_some_workspaces() -> None:
    made = told(delivering=off_where(TIKTOK, OURS))
    assert [made.on(DELIVERING, each, platform="tiktok") for each in ("ws_1", "ws_2", "ws_3")] == [False, False, True]


def test_the_first_rule_that_holds_counts() -> None:
    allowed = {"when_match": True, "conditions": [OURS]}
    rules = {"these may": allowed, "nobody else": {"when_match": False, "conditions": [TIKTOK]}}
    made = told(delivering={"default": True, "rules": rules})
    assert [made.on(DELIVERING, each, platform="tiktok") for each in ("ws_1", "ws_3")] == [True, False]


@pytest.mark.parametrize("number", [1, 10, 50])
def test_a_percentage_meets_about_so_many_workspaces(number: int) -> None:
    made = told(accepting=off_where(percent(number)))
    met = sum(not made.on(ACCEPTING, each) for each in WORKSPACES)
    assert met / len(WORKSPACES) == pytest.approx(number / 100, abs=0.025)


def test_a_workspace_gets_the_same_answer_each_time_and_everywhere() -> None:
    one, another = told(accepting=off_where(percent(50))), told(accepting=off_where(percent(50)))
    assert [one.on(ACCEPTING, each) for each in WORKSPACES] == [another.on(ACCEPTING, each) for each in WORKSPACES]
    assert bucket(ACCEPTING, "ws_1") == 79  # for good: a percentage that grows keeps whom it had


def test_whom_a_smaller_percentage_met_a_greater_one_meets_as_well() -> None:
    few, many = told(accepting=off_where(percent(10))), told(accepting=off_where(percent(20)))
    met = {each for each in WORKSPACES if not few.on(ACCEPTING, each)}
    assert met < {each for each in WORKSPACES if not many.on(ACCEPTING, each)}


def test_another_flag_meets_other_workspaces() -> None:
    assert min(bucket(ACCEPTING, each) for each in WORKSPACES) >= 0
    assert max(bucket(ACCEPTING, each) for each in WORKSPACES) < BUCKETS
    assert [bucket(ACCEPTING, each) for each in WORKSPACES] != [bucket(DELIVERING, each) for each in WORKSPACES]


def test_on_the_laptop_flags_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "flags.json"
    file.write_text(json.dumps({"accepting": {"default": False}}))
    made = switches(Flagged(stage="local", flags_file=str(file)))
    assert not made.on(ACCEPTING, "ws_1")


def test_nowhere_else_are_they() -> None:
    with pytest.raises(ValueError, match="for stage local alone"):
        Flagged(stage="prod", flags_file="/flags.json")


def test_a_function_that_is_told_of_no_flags_has_the_defaults() -> None:
    assert switches(Flagged(stage="dev")).on(ACCEPTING, "ws_1")
