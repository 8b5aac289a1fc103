from __future__ import annotations

import sys

import pytest

from infra.local import install


def test_progress_is_shown_a_fifth_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    install._followed([f"Collecting package{number}\n" for number in range(10)], 10)
    assert capsys.readouterr().out.splitlines() == [f"  {found} of 10 fetched" for found in (2, 4, 6, 8, 10)]


def test_an_old_python_is_told_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "OLDEST", (99, 0))
    assert install.main() == 1
    assert "needs Python 3.11 or later" in capsys.readouterr().err


def test_pips_last_words_are_shown_when_it_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert install._pip([sys.executable, "-c", "raise SystemExit('no such hash')"], 1) == 1
    assert "no such hash" in capsys.readouterr().out
