"""B04 beside ours: Celery and Dramatiq, their workers killed at random moments and started again, answers lost.

Real processes, a real Redis and real time, where ours is simulated. The platform is the same kind: it cannot be read
and absorbs nothing; answers are lost with our simulation's likelihoods. Each kill takes, by turns of a seeded coin, the
whole worker or one of its processes. Then all is left alone until the queue is done; where nothing happens any more
before, the worker is started anew once, as its operator would (Celery's was seen to stand still with jobs unfinished).
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.bench.peers.crew import CELERY, DRAMATIQ, Peer, done, send
from tests.bench.peers.platform import Platform, opened
from tests.bench.peers.processes import Group, Redis, redis_server
from tests.bench.peers.tally import Tally, tally
from tests.simulation.faults import RATES

TARGETS = 3_000  # a thousand publications to three channels
SEED = 7
KILLS, KILLS_S = 12, 30.0  # so many within so long
QUIET_S, LONGEST_S = 12.0, 85.0  # how long nothing happens before a run is over; and how long it may take at all
AT_LEAST_ONCE = (
    Peer("celery", "celery_app", (*CELERY, "--pool", "prefork", "--concurrency", "8")),
    Peer("dramatiq", "dramatiq_app", (*DRAMATIQ, "--processes", "2", "--threads", "4")),
)


@dataclass
class Worker:
    """A worker under a supervisor: where it dies, it is started again."""

    start: Callable[[], Group]
    rng: random.Random
    deaths: int = 0
    group: Group = field(init=False)

    def __post_init__(self) -> None:
        self.group = self.start()

    def kill(self) -> None:
        """Kill the whole of it, or one of its processes."""
        self.deaths += 1
        others = [pid for pid in self.group.members() if pid != self.group.process.pid]
        if others and self.rng.random() < 0.5:
            with suppress(ProcessLookupError):
                os.kill(self.rng.choice(others), signal.SIGKILL)
        else:
            self.group.signal(signal.SIGKILL)

    def supervise(self) -> None:
        """Start it again where it is gone."""
        if not self.group.alive:
            self.group.end()
            self.group = self.start()


def moments(rng: random.Random) -> list[float]:
    """When workers are killed, in seconds from the beginning."""
    return sorted(rng.uniform(1.0, KILLS_S) for _ in range(KILLS))


def measure(content: Mapping[str, Any]) -> dict[str, Tally]:
    """Both peers, one after the other."""
    with redis_server() as port:
        return {peer.name: _endured(peer, Redis(port, number), content) for number, peer in enumerate(AT_LEAST_ONCE)}


def _endured(peer: Peer, redis: Redis, content: Mapping[str, Any]) -> Tally:
    likely, rng = RATES["platform"], random.Random(SEED)  # noqa: S311 - a run is to be repeatable
    lost = {"lost_before": likely["lost_before_effect"], "lost_after": likely["lost_after_effect"]}
    with opened(SEED, **lost) as platform:
        environment = {"BENCH_REDIS": redis.url, "BENCH_PLATFORM": platform.url, "BENCH_PREFETCH": "1"}
        with peer.producer(environment) as producer:
            send(producer, first=0, count=TARGETS, content=content)
        worker = Worker(lambda: Group(peer.command, environment), rng)
        try:
            _run(worker, redis, platform, moments(rng))
        finally:
            worker.group.end()
        targets = [f"target-{number}" for number in range(TARGETS)]
        return tally(targets, platform.effects, outcomes=done(redis))


def _run(worker: Worker, redis: Redis, platform: Platform, kills: Sequence[float]) -> None:
    began_s = time.monotonic()
    for moment_s in kills:
        while time.monotonic() - began_s < moment_s:
            worker.supervise()
            time.sleep(0.05)
        worker.kill()
    for _ in range(2):
        _settle(worker, redis, platform, began_s + LONGEST_S)
        if done(redis) == TARGETS:
            return
        worker.group.signal(signal.SIGKILL)


def _settle(worker: Worker, redis: Redis, platform: Platform, until_s: float) -> None:
    """Wait until all is done, or nothing happens any more."""
    seen, moved_s = 0, time.monotonic()
    while done(redis) < TARGETS and time.monotonic() < min(until_s, moved_s + QUIET_S):
        worker.supervise()
        if done(redis) + len(platform.effects) != seen:
            seen, moved_s = done(redis) + len(platform.effects), time.monotonic()
        time.sleep(0.05)
