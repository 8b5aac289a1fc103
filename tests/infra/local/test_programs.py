from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from infra.local import programs
from infra.local.programs import Failed, Program

WRITES_ITS_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


def started(tmp_path: Path, code: str) -> Program:
    command = [sys.executable, "-c", code]
    env = programs.bare_environment()
    return Program("The program", command, log=tmp_path / "log", env=env, out=tmp_path / "out")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_program_that_ends_well_is_waited_for(tmp_path: Path) -> None:
    with started(tmp_path, "print('done')") as program:
        program.wait(20)
    assert (tmp_path / "out").read_text() == "done\n"


def test_a_program_that_fails_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with started(tmp_path, "raise SystemExit('what went wrong')") as program, pytest.raises(Failed) as failed:
        program.wait(20)
    assert str(failed.value) == "The program failed with status 1."
    assert failed.value.tail == "what went wrong"


def test_a_program_that_takes_too_long_is_told(tmp_path: Path) -> None:
    with (
        started(tmp_path, "import time; time.sleep(60)") as program,
        pytest.raises(Failed, match="longer than 0 s"),
    ):
        program.wait(0.1)


def test_a_program_that_ends_before_it_is_ready_is_told(tmp_path: Path) -> None:
    with started(tmp_path, "") as program, pytest.raises(Failed, match="ended by itself"):
        program.until(lambda: False, 20)


def test_a_program_that_is_not_ready_in_time_is_told(tmp_path: Path) -> None:
    with started(tmp_path, "import time; time.sleep(60)") as program, pytest.raises(Failed, match="not ready within"):
        program.until(lambda: False, 0.1)


def test_a_program_ends_with_all_it_started(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started(tmp_path, WRITES_ITS_CHILD) as program:
        program.until(lambda: out.read_text().endswith("\n"), 20)
    child = int(out.read_text())
    assert_soon_gone(child)


def test_a_program_that_will_not_end_is_ended(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started(tmp_path, STUBBORN) as program:
        program.until(lambda: out.read_text().endswith("\n"), 20)
    with pytest.raises(Failed, match="status 137"):
        program.wait(1)


def assert_soon_gone(pid: int) -> None:
    end_s = time.monotonic() + 10
    while not gone(pid) and time.monotonic() < end_s:
        time.sleep(0.05)
    assert gone(pid)


def test_programs_never_see_an_aws_account_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    assert not [name for name in programs.full_environment() if name.startswith("AWS_")]


def test_proxies_are_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intern.example")
    assert programs.full_environment()["NO_PROXY"] == "intern.example,127.0.0.1,localhost"


def test_our_own_commands_are_found_first() -> None:
    assert programs.bare_environment()["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
