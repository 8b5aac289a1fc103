"""The peers: how their workers are started, and their jobs sent."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench.peers.job import OUTCOMES
from tests.bench.peers.processes import ROOT, Group, Redis, started

PYTHON = ROOT / ".venv-peers" / "bin" / "python"
HERE = "tests.bench.peers"
AT_ONCE = 10


@dataclass(frozen=True)
class Peer:
    """One queue: the module of its application, and what starts its worker with ten jobs at once."""

    name: str
    app: str
    worker: tuple[str, ...]

    @property
    def command(self) -> tuple[str, ...]:
        """What starts its worker."""
        return (str(PYTHON), "-m", *self.worker)

    @contextmanager
    def producer(self, environment: Mapping[str, str]) -> Iterator[Group]:
        """A process that sends its jobs."""
        with started((str(PYTHON), "-m", f"{HERE}.producer", self.app), environment) as group:
            yield group


QUIET = ("--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat")
CELERY = ("celery", "-A", f"{HERE}.celery_app", "worker", *QUIET)
DRAMATIQ = ("dramatiq", f"{HERE}.dramatiq_app")
PEERS = (
    Peer("celery", "celery_app", (*CELERY, "--pool", "threads", "--concurrency", str(AT_ONCE))),
    Peer("dramatiq", "dramatiq_app", (*DRAMATIQ, "--processes", "1", "--threads", str(AT_ONCE))),
    Peer(
        "taskiq",
        "taskiq_app",
        ("taskiq", "worker", f"{HERE}.taskiq_app:broker", "--workers", "1", "--max-async-tasks", str(AT_ONCE)),
    ),
    Peer("huey", "huey_app", ("huey.bin.huey_consumer", f"{HERE}.huey_app.huey", "-w", str(AT_ONCE))),
)


def send(producer: Group, *, first: int, count: int, content: Mapping[str, Any]) -> None:
    """Have so many jobs put on the queue, and wait until they are."""
    pipes = producer.process
    assert pipes.stdin, "it was started with pipes"
    assert pipes.stdout, "it was started with pipes"
    pipes.stdin.write(json.dumps({"first": first, "count": count, "content": content}) + "\n")
    pipes.stdin.flush()
    if not pipes.stdout.readline():
        raise RuntimeError("The producer stopped.")


def done(redis: Redis) -> int:
    """How many targets have an outcome."""
    return int(redis.ask("HLEN", OUTCOMES))


def wait_for(redis: Redis, count: int, *, within_s: float) -> None:
    """Wait until so many targets have an outcome."""
    until_s = time.monotonic() + within_s
    while done(redis) < count:
        if time.monotonic() > until_s:
            raise RuntimeError(f"{done(redis)} of {count} jobs were done within {within_s:g} s.")
        time.sleep(0.005)


def missing() -> str:
    """What keeps the peers from being measured here, and the remedy; empty where nothing does."""
    if not hasattr(os, "sched_setaffinity"):
        return "processes are pinned and metered on Linux alone"
    if not shutil.which("redis-server"):
        return "redis-server is not installed (apt-get install redis-server)"
    if not PYTHON.exists():
        return "their packages are not installed (make bench PEERS=1)"
    return ""
