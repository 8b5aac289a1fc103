from __future__ import annotations

import ast
import os
import random
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.bench.__main__ import Line
from tests.bench.peers import crew, faults, platform
from tests.bench.peers.processes import started
from tests.bench.peers.speed import Side
from tests.bench.peers.tally import Tally, tally

HERE = Path(crew.__file__).parent
APPS = ("job", "producer", *(peer.app for peer in crew.PEERS))
THEIRS = {"asyncio", "celery", "collections", "dramatiq", "functools", "httpx", "huey", "importlib", "json", "os"} | {
    *("redis", "sys", "taskiq_redis", "tests", "time", "typing", "__future__")
}


def imported(module: str) -> set[str]:
    tree = ast.walk(ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8")))
    nodes = [node for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
    whole = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {*whole, *(node.module or "" for node in nodes if isinstance(node, ast.ImportFrom))}


def asked(url: str, target: str) -> int:
    request = urllib.request.Request(url, f'{{"id":"{target}"}}'.encode())  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310
        return int(reply.status)


def test_a_target_that_is_out_twice_is_doubled_and_one_that_is_not_out_is_lost() -> None:
    assert tally(["a", "b", "c"], ["a", "b", "b"], outcomes=2) == Tally(3, doubled=1, lost=1, unresolved=1)


def test_a_target_that_is_out_three_times_counts_once() -> None:
    assert tally(["a"], ["a", "a", "a"], outcomes=1) == Tally(1, doubled=1, lost=0, unresolved=0)


def test_effects_of_no_target_count_for_nothing() -> None:
    assert tally(["a"], ["a", "x", "x"], outcomes=1) == Tally(1, doubled=0, lost=0, unresolved=0)


def test_the_platform_keeps_what_it_answered() -> None:
    with platform.opened(1, lost_before=0.0, lost_after=0.0) as opened:
        assert asked(opened.url, "a") == 200
    assert opened.effects == ["a"]


def test_an_answer_is_lost_after_its_effect() -> None:
    with (
        platform.opened(1, lost_before=0.0, lost_after=1.0) as opened,
        pytest.raises((urllib.error.URLError, ConnectionError)),
    ):
        asked(opened.url, "a")
    assert opened.effects == ["a"]


def test_a_request_is_lost_before_its_effect() -> None:
    with (
        platform.opened(1, lost_before=1.0, lost_after=0.0) as opened,
        pytest.raises((urllib.error.URLError, ConnectionError)),
    ):
        asked(opened.url, "a")
    assert opened.effects == []


def test_workers_are_killed_at_the_same_moments_by_the_same_seed() -> None:
    moments = faults.moments(random.Random(3))  # noqa: S311
    assert moments == faults.moments(random.Random(3))  # noqa: S311
    assert len(moments) == faults.KILLS


def test_a_process_ends_with_its_context_whatever_happens() -> None:
    with pytest.raises(KeyboardInterrupt), started(("sleep", "600"), {}) as group:
        raise KeyboardInterrupt
    assert not group.alive


def test_without_redis_it_is_said_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setaffinity", None, raising=False)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert crew.missing() == "redis-server is not installed (apt-get install redis-server)"


def test_without_their_packages_it_is_said_what_installs_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "sched_setaffinity", None, raising=False)
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/redis-server")
    monkeypatch.setattr(crew, "PYTHON", tmp_path / "python")
    assert crew.missing() == "their packages are not installed (make bench PEERS=1)"


@pytest.mark.parametrize("app", APPS)
def test_the_peers_import_nothing_of_our_runtime(app: str) -> None:
    names = imported(app)
    assert {name.partition(".")[0] for name in names} <= THEIRS
    assert {name for name in names if name.startswith("tests")} <= {"tests.bench.peers"}


def test_the_best_of_some_peers_is_told_in_times_of_ours() -> None:
    side = Side({"ours": 100.0, "a": 50.0, "b": 150.0, "c": 200.0}, {}, 0.0, 0.0)
    assert side.best(["a", "b"]) == 1.5


def test_a_measure_without_a_limit_is_only_told() -> None:
    line = Line("B08", "targets_per_s celery", 12.0)
    assert line.fine
    assert "limit" not in str(line)
