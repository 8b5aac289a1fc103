"""What stands between a message and its platform: the platform's breaker, and the channel's pace."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from publishing.abilities import Foretells
from publishing.adapter import Adapter
from publishing.breaker import IN_A_ROW, Breaker, Standing
from publishing.errors import OutcomeUnknown, PublishingError, Throttled, Unavailable
from publishing.operations import Operations
from publishing.pace import Locks, Pace

PATIENCE_S = 2.0  # waited for here; a message whose turn is further away is sent again
SPREAD_S = 15.0  # the longer a platform is down, the wider what waits for it is spread, and the less often it is sent
WIDEST_S = 300.0
GRACE_S = 10.0  # a probe is somebody else's to make when it has had this much more than its conversation needs
LEAST = 2  # Lambda works no queue with fewer functions at once


@dataclass(frozen=True, slots=True)
class Later:
    """The message must come again at that time; `turn` is the token kept for it, `shut` that the breaker is open."""

    at: datetime
    turn: int | None = None
    shut: bool = False


@dataclass
class Entry:
    """Leave to ask the platform once; it is told what was heard, or that nothing was asked."""

    gate: Gate
    channel: str
    probe: str | None = None
    pause_s: float = 0.0  # for so long the channel is to be left alone

    def see(self, reply: httpx.Response) -> None:
        """The platform answered something; it may say that this was the last for a while."""
        self.pause_s = max(self.pause_s, self.gate.foretold_s(reply))

    def heard(self, error: PublishingError | None) -> None:
        """The platform answered; or, by the error, it could not be reached, or nobody knows."""
        pause_s = max(self.pause_s, error.retry_after_s) if isinstance(error, Throttled) else self.pause_s
        if pause_s > 0 and self.gate.pace:
            self.gate.pace.slow_down(self.channel, pause_s)
        if self.gate.breaker:
            down = isinstance(error, Unavailable | OutcomeUnknown)
            (self.gate.breaker.failed if down else self.gate.breaker.answered)(self.probe)
            self.probe = None

    def close(self) -> None:
        """Nothing more is asked."""
        if self.gate.breaker and self.probe:
            self.gate.breaker.release(self.probe)


@dataclass(frozen=True)
class Gate:
    """The way to one platform; open where it has neither breaker nor pace."""

    breaker: Breaker | None = None
    pace: Pace | None = None
    wait: Callable[[float], None] = time.sleep
    foretold_s: Callable[[httpx.Response], float] = lambda _: 0.0

    def ask(
        self, channel: str, now: datetime, *, turn: int | None = None, spare_s: float = 0.0, urgent: bool = False
    ) -> Entry | Later:
        """Leave to ask, waited for no longer than `spare_s`; or when the message must come again."""
        breaker, wait_s = self.breaker, 0.0
        if breaker and breaker.standing().shut(now):
            return _back(breaker.standing(), now)
        if self.pace:
            next_turn = self.pace.turn(channel, turn, urgent=urgent)
            wait_s = (next_turn.at - now).total_seconds()
            if next_turn.token is None or wait_s > min(PATIENCE_S, spare_s):
                return Later(next_turn.at, next_turn.token)
        entry = Entry(self, channel)
        if breaker and not breaker.standing().closed:
            entry.probe = breaker.probe()
            if entry.probe is None:
                return _back(breaker.standing(), now)
        if wait_s > 0:
            self.wait(wait_s)
        return entry

    def put_back(self, channel: str, later: Later) -> None:
        """The message does not need its turn."""
        if self.pace and later.turn is not None:
            self.pace.give_back(channel, later.turn)


OPEN = Gate()


def gate_of(
    adapter: Adapter, operations: Operations, *, opened: Callable[[], None], lock: Locks = threading.RLock
) -> Gate:
    """The gate of a platform by what its adapter declares; `opened` is told each time the breaker opens."""
    limits = adapter.limits
    workers = max(limits.in_flight, LEAST) + max(limits.in_flight // 2, LEAST)  # beside the others the urgent have half
    probe_s = limits.timeout_s + GRACE_S
    return Gate(
        breaker=None if limits.own_hosts else Breaker(operations, adapter.name, probe_s, opened, lock()),
        pace=Pace(operations, adapter.name, limits.rate, workers=workers, lock=lock) if limits.rate else None,
        foretold_s=adapter.pause_s if isinstance(adapter, Foretells) else lambda _: 0.0,
    )


def _back(standing: Standing, now: datetime) -> Later:
    widest_s = min(WIDEST_S, SPREAD_S * max(1, standing.failures - IN_A_ROW + 1))
    at = max(now, standing.probe_at) + timedelta(seconds=widest_s * random.random())  # noqa: S311 - a spread
    return Later(at, shut=True)
