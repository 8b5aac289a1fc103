from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from infra.local import progress
from infra.local.progress import Stages


def shown(*, terminal: bool) -> str:
    out = io.StringIO()
    with Stages(Console(file=out, width=100, force_terminal=terminal)).stage("It is built"):
        pass
    return out.getvalue()


def test_without_a_terminal_a_stage_is_a_line_before_and_one_after_with_its_time() -> None:
    before, after = shown(terminal=False).splitlines()
    assert before == "… It is built"
    assert after.startswith("✓   0.")
    assert after.endswith("s  It is built")


def test_on_a_terminal_what_is_done_is_left_with_its_time() -> None:
    assert "s  It is built" in shown(terminal=True)


def test_a_stage_that_fails_is_not_called_done() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="no"), Stages(Console(file=out)).stage("It is built"):
        raise ValueError("no")
    assert "✓" not in out.getvalue()


def test_the_newest_line_of_a_log_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\ntwo\n\n")
    assert progress._newest(log) == "two"


def test_a_log_that_is_not_there_yet_shows_nothing(tmp_path: Path) -> None:
    assert progress._newest(tmp_path / "log") == ""
