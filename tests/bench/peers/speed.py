"""B08 and B09 side by side: our publish path and the peers' workers do the same job by turns, on the same core.

Peers are stopped while their queue is filled and while others are measured, so that what is told is the work alone.
They talk to a real Redis, which has the other core; ours has its services in memory, where the peers' waiting for Redis
and boto3's work are missing (both are told beside).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.peers.crew import AT_ONCE, PEERS, Peer, done, send, wait_for
from tests.bench.peers.processes import Group, Redis, redis_server, started
from tests.bench.speed import Ours, Speed, Watched

ROUNDS, TARGETS, WARMING = 5, 1_000, 100
LATENCY_S = 0.1
FIFTH = TARGETS // ROUNDS
SOME = 50
WARM = 2 * AT_ONCE  # a peer's I/O is looked at from here on: not how it wakes up, but how it works
PATIENCE_S = 60.0


@dataclass
class Turns:
    """One peer's worker and producer, and what has been asked of them."""

    redis: Redis
    worker: Group
    producer: Group
    content: Mapping[str, Any]
    sent: int = 0

    def warm(self) -> None:
        """Do some jobs, so that all is loaded and connected; and stop."""
        send(self.producer, first=0, count=WARMING, content=self.content)
        self.sent = WARMING
        wait_for(self.redis, WARMING, within_s=PATIENCE_S)
        self.worker.signal(signal.SIGSTOP)

    def run(self, targets: int, after: int = 0) -> Speed:
        """Do so many jobs that are on the queue already; measured once `after` of them are done."""
        send(self.producer, first=self.sent, count=targets, content=self.content)
        first, self.sent = self.sent, self.sent + targets
        began_s, cpu_s = time.perf_counter(), self.worker.cpu_s()
        self.worker.signal(signal.SIGCONT)
        if after:
            wait_for(self.redis, first + after, within_s=PATIENCE_S)
            began_s, after = time.perf_counter(), done(self.redis) - first
        wait_for(self.redis, self.sent, within_s=PATIENCE_S)
        took_s = time.perf_counter() - began_s
        speed = Speed(targets - after, took_s, self.worker.cpu_s() - cpu_s)
        self.worker.signal(signal.SIGSTOP)
        return speed


@dataclass(frozen=True)
class Side:
    """How fast each was, median of the rounds, by name; `ours` among them."""

    per_s: Mapping[str, float]
    cpu_us: Mapping[str, float]
    fake_percent: float  # of our time, what the DynamoDB in memory took
    through_boto3_per_s: float

    def best(self, peers: Collection[str]) -> float:
        """The fastest of these peers in times of ours; 0 where there is none."""
        return max((per_s for name, per_s in self.per_s.items() if name in peers), default=0.0) / self.per_s["ours"]


def at_once(content: Mapping[str, Any], *, peers: bool) -> Side:
    """B08: a platform that answers at once; rounds interleaved."""
    ours, found = Ours(), dict[str, list[Speed]]()
    with _turns(content, 0.0, PEERS if peers else ()) as turns, pinned():
        ours.run(WARMING)
        for _ in range(ROUNDS):
            found.setdefault("ours", []).append(ours.run(TARGETS))
            for name, turn in turns.items():
                found.setdefault(name, []).append(turn.run(TARGETS))
    return Side(
        per_s={name: median(each.per_s for each in speeds) for name, speeds in found.items()},
        cpu_us={name: median(each.cpu_us for each in speeds) for name, speeds in found.items()},
        fake_percent=_fake_percent(),
        through_boto3_per_s=_through_boto3_per_s(),
    )


def _fake_percent() -> float:
    dynamodb = Watched()
    ours = Ours(dynamodb=dynamodb)
    with pinned():
        ours.run(WARMING)
        speed = ours.run(TARGETS)
    return 100 * dynamodb.spent_s / speed.cpu_s


def _through_boto3_per_s() -> float:
    ours = Ours(boto3=True)
    with pinned():
        ours.run(WARMING)
        return ours.run(TARGETS).per_s


def waiting(content: Mapping[str, Any], *, peers: bool) -> dict[str, float]:
    """B09: percent used of what ten at once can do with a platform that takes 100 ms, where it is least disturbed.

    The ceiling is what `nothing_but_waiting` reaches in the same run: a machine wakes every thread a little late.
    """
    ours = Ours(latency_s=LATENCY_S)
    with pinned():
        ours.run(WARMING)
        turns_of_two = [(_idled(SOME), ours.run(SOME)) for _ in range(TARGETS // SOME)]
    found = dict(zip(("nothing_but_waiting", "ours"), zip(*turns_of_two, strict=True), strict=True))
    for peer in PEERS if peers else ():
        with _turns(content, LATENCY_S, (peer,)) as turns:
            found[peer.name] = tuple(turns[peer.name].run(FIFTH, after=WARM) for _ in range(ROUNDS))
    best = {name: max(speed.per_s for speed in speeds) for name, speeds in found.items()}
    return {name: 100 * per_s / best["nothing_but_waiting"] for name, per_s in best.items()}


def _idled(targets: int) -> Speed:
    """What ten threads reach that only wait as long as a platform takes."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(targets // AT_ONCE):
            wait([threads.submit(time.sleep, LATENCY_S) for _ in range(AT_ONCE)])
    return Speed(targets, time.perf_counter() - began_s, time.process_time() - cpu_s)


@contextmanager
def _turns(content: Mapping[str, Any], latency_s: float, peers: tuple[Peer, ...]) -> Iterator[dict[str, Turns]]:
    with ExitStack() as stack:
        if not peers:
            yield {}
            return
        first, last = _cores()
        port, turns = stack.enter_context(redis_server(first)), dict[str, Turns]()
        for number, peer in enumerate(peers):
            redis = Redis(port, number)
            environment = {"BENCH_REDIS": redis.url, "BENCH_LATENCY_S": str(latency_s)}
            worker = stack.enter_context(started(peer.command, environment, last))
            producer = stack.enter_context(peer.producer(environment))
            turns[peer.name] = Turns(redis, worker, producer, content)
            turns[peer.name].warm()
        yield turns


@contextmanager
def pinned() -> Iterator[None]:
    """This process runs on the workers' core meanwhile, where the system knows of such a thing."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_cores()[1]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _cores() -> tuple[int, int]:
    """The cores for Redis and for workers: two, where there are two."""
    known = sorted(os.sched_getaffinity(0))
    return known[0], known[-1]
