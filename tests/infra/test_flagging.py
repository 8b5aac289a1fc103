from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flags.declared import FLAGS
from infra import flagging
from infra.flags import WRITTEN

ON: dict[str, Any] = {"delivering": {"default": True}, "accepting": {"default": True}}
TODAY = date(2026, 11, 21)
COMPLETE = {"State": "COMPLETE", "PercentageComplete": 100.0}


def shown(served: dict[str, Any], deployment: dict[str, Any] | None = None) -> list[str]:
    return [*flagging.lines(served, ON, deployment or COMPLETE, TODAY)]


def test_every_flag_is_shown_with_what_it_is_for() -> None:
    first, *rest = shown(ON)
    assert first == "Last change: COMPLETE, 100 %; what is served is as infra/flags.json has it"
    assert [line for line in rest if not line.startswith(" ")] == [f"{flag.name}  on" for flag in FLAGS]
    assert [line.strip() for line in rest if line.startswith(" ")] == [flag.purpose for flag in FLAGS]


def test_what_is_served_otherwise_than_written_is_told() -> None:
    first, *_ = shown({**ON, "accepting": {"default": False}}, {"State": "DEPLOYING", "PercentageComplete": 30.0})
    assert first == (
        "Last change: DEPLOYING, 30 %; what is served is NOT as infra/flags.json has it (APPLY=1, or make deploy)"
    )


def test_a_rule_is_shown_with_its_conditions_and_its_name() -> None:
    conditions = [
        {"action": "EQUALS", "key": "platform", "value": "discord"},
        {"action": "IN", "key": "workspace", "value": ["ws_1"]},
    ]
    rules = {"they ask us to rest": {"when_match": False, "conditions": conditions}}
    lines = shown({**ON, "delivering": {"default": True, "rules": rules}})
    assert "    OFF where platform EQUALS discord and workspace IN ['ws_1']  (they ask us to rest)" in lines


def test_a_document_that_is_wrong_reaches_no_stage(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "flags.json"
    wrong.write_text(json.dumps({**json.loads(WRITTEN.read_text()), "typo": {"default": True}}))
    monkeypatch.setattr(flagging, "WRITTEN", wrong)
    with pytest.raises(SystemExit):
        flagging.main(["--stage", "dev", "apply"])
    assert "no flag of this name is declared" in capsys.readouterr().err
