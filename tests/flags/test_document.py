from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from flags.declared import ACCEPTING, FLAGS, Flag
from flags.document import problems
from functions import platforms
from infra.flags import WRITTEN

PLAIN: dict[str, Any] = {"delivering": {"default": True}, "accepting": {"default": True}}


def off(key: str, value: Any, action: str = "EQUALS") -> dict[str, Any]:
    conditions = [{"action": action, "key": key, "value": value}]
    return {"default": True, "rules": {"off": {"when_match": False, "conditions": conditions}}}


def test_what_is_deployed_is_in_order() -> None:
    assert problems(json.loads(WRITTEN.read_text()), platforms.names()) == []


def test_every_flag_is_on_by_default_where_nothing_is_said_but_what_is_declared() -> None:
    written = json.loads(WRITTEN.read_text())
    assert {name: feature["default"] for name, feature in written.items()} == {f.name: f.default for f in FLAGS}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"accepting": {}}, "accepting"),
        ({"typo": {"default": True}}, "typo: no flag of this name is declared"),
        ({"accepting": {"default": "yes", "boolean_type": False}}, "accepting: its default is to be true or false"),
        ({"accepting": off("platform", "discord")}, "it is never told platform; it may ask for bucket, workspace"),
        ({"delivering": off("platform", "tictoc")}, "there is no platform tictoc"),
        ({"delivering": off("platform", ["discord", "tictoc"], "IN")}, "there is no platform tictoc"),
        ({"accepting": off("bucket", 3)}, "a percentage is a MODULO_RANGE with BASE 100"),
        (
            {"accepting": off("bucket", {"BASE": 10, "START": 0, "END": 3}, "MODULO_RANGE")},
            "a percentage is a MODULO_RANGE with BASE 100",
        ),
    ],
)
def test_what_could_never_hold_is_told(changes: dict[str, Any], says: str) -> None:
    (problem,) = problems(PLAIN | changes, platforms.names())
    assert says in problem


def test_a_flag_that_is_missing_is_told() -> None:
    (problem,) = problems({"delivering": {"default": True}}, platforms.names())
    assert problem == "accepting: it is declared and missing here."


def test_rules_by_platform_workspace_percentage_and_time_are_in_order() -> None:
    night = {"START": "22:00", "END": "06:00", "TIMEZONE": "Europe/Zurich"}
    rules = {
        "discord rests at night": {
            "when_match": False,
            "conditions": [
                {"action": "EQUALS", "key": "platform", "value": "discord"},
                {"action": "SCHEDULE_BETWEEN_TIME_RANGE", "key": "CURRENT_TIME", "value": night},
                {"action": "MODULO_RANGE", "key": "bucket", "value": {"BASE": 100, "START": 0, "END": 9}},
                {"action": "NOT_IN", "key": "workspace", "value": ["ws_1"]},
            ],
        }
    }
    assert problems(PLAIN | {"delivering": {"default": True, "rules": rules}}, platforms.names()) == []


def test_a_flag_is_overdue_after_its_day_and_a_switch_never_is() -> None:
    short = Flag("short", default=False, purpose="", keys=frozenset(), goes_by=date(2026, 12, 1))
    assert [short.overdue(date(2026, 12, day)) for day in (1, 2)] == [False, True]
    assert not ACCEPTING.overdue(date(2099, 1, 1))
