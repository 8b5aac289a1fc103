"""A rush on one channel in virtual time: many workers, a table in memory, and messages that come back when told to."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from publishing.adapter import Rate
from publishing.breaker import Breaker
from publishing.errors import PublishingError
from publishing.gate import Gate, Later
from publishing.operations import Operations
from publishing.pace import Pace
from publishing.sending import EARLY_S, LONGEST_DELAY_S
from tests.cloud import START, Watch
from tests.publishing.tables import Tables

SPARE_S = 5.0
BACKOFF_S = 4.0
Platform = Callable[[datetime], PublishingError | None]
Message = tuple[datetime, int, int | None]  # when it is seen next, its number, the turn kept for it


def well(_: datetime) -> None:
    """A platform that answers, always."""


@dataclass
class Rush:
    """The scene, and what happened in it: when the platform was asked, and whether it refused."""

    messages: int
    workers: int
    rate: Rate | None = None
    over_s: float = 0.0  # how long the messages take to come in
    until_s: float = math.inf  # when to look away
    platform: Platform = well
    breaks: bool = False
    client: Any = field(default_factory=Tables)
    seed: int = 0
    watch: Watch = field(default_factory=Watch)
    asked: list[datetime] = field(default_factory=list)
    failed: list[datetime] = field(default_factory=list)

    def run(self) -> Rush:
        """Work every message off, each time by a worker drawn anew."""
        random.seed(self.seed)  # a scene can be repeated
        gates = [self._gate() for _ in range(self.workers)]
        waiting: list[Message] = [(self._arrival(number), number, None) for number in range(self.messages)]
        while waiting and (waiting[0][0] - START).total_seconds() < self.until_s:
            self.watch.moment, number, turn = heapq.heappop(waiting)
            back = self._work(random.choice(gates), turn)  # noqa: S311
            if back:
                heapq.heappush(waiting, (self._seen(back), number, back.turn))
        return self

    def busiest(self, window_s: float) -> int:
        """The most that was asked of the platform within any window of that length."""
        times, most, start = sorted(self.asked), 0, 0
        for end, moment in enumerate(times):
            while moment - times[start] >= timedelta(seconds=window_s):
                start += 1
            most = max(most, end - start + 1)
        return most

    @property
    def writes(self) -> int:
        """How often the table was written, or would have been had a condition held."""
        return int(self.client.updates)

    @property
    def lasted_s(self) -> float:
        """From the first message to the last time the platform was asked."""
        return (max(self.asked) - START).total_seconds()

    def _gate(self) -> Gate:
        operations = Operations("operations", self.watch, self.client)
        breaker = Breaker(operations, "alpha", 30.0) if self.breaks else None
        pace = Pace(operations, "alpha", self.rate, workers=self.workers) if self.rate else None
        return Gate(breaker, pace, wait=self.watch.forward)

    def _work(self, gate: Gate, turn: int | None) -> Later | None:
        way = gate.ask("chn_1", self.watch(), turn=turn, spare_s=SPARE_S)
        if isinstance(way, Later):
            return way
        error = self.platform(self.watch())
        (self.failed if error else self.asked).append(self.watch())
        way.heard(error)
        return Later(self.watch() + timedelta(seconds=BACKOFF_S)) if error else None

    def _seen(self, back: Later) -> datetime:
        """When a queue shows the message again: its delay is whole seconds."""
        early_s = EARLY_S if back.turn is not None else 0.0
        wait_s = (back.at - self.watch()).total_seconds() - early_s
        return self.watch() + timedelta(seconds=min(max(0, math.ceil(wait_s)), LONGEST_DELAY_S))

    def _arrival(self, number: int) -> datetime:
        return START + timedelta(seconds=self.over_s * number / self.messages)
