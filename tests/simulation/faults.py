"""The faults of a run: which there are, how often each comes, which came, and which publications they touched."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from tests.simulation.loop import Killed, Loop

T = TypeVar("T")

# How likely each fault is at one call, or one message, or one firing.
RATES: dict[str, dict[str, float]] = {
    "dynamodb": {
        "throttled": 0.004,
        "answer_lost": 0.004,
        "repeated": 0.006,
        "slow": 0.004,
        "in_limbo": 0.004,
        "killed_before": 0.003,
        "killed_after": 0.004,
    },
    "sqs": {
        "throttled": 0.01,
        "answer_lost": 0.01,
        "repeated": 0.01,
        "slow": 0.005,
        "killed_before": 0.004,
        "killed_after": 0.004,
    },
    "operations": {
        "throttled": 0.01,
        "answer_lost": 0.01,
        "repeated": 0.01,
        "slow": 0.004,
        "in_limbo": 0.004,
        "killed_before": 0.003,
        "killed_after": 0.003,
    },
    "spell": {"operations_down": 0.2},  # once a run: nobody reaches the operations table for minutes
    "outage": {"unreachable": 0.05, "failing": 0.05, "hanging": 0.05},  # once a run for each platform
    "transaction": {"conflict": 0.1},
    "entries": {"failed": 0.03},
    "scheduler": {
        "throttled": 0.02,
        "answer_lost": 0.02,
        "repeated": 0.02,
        "killed_before": 0.01,
        "killed_after": 0.01,
    },
    "clock": {"skewed": 0.01},
    "message": {"doubled": 0.02, "doubled_late": 0.01, "not_deleted": 0.02, "delayed": 0.02},
    "schedule": {"twice": 0.05, "late": 0.05, "never": 0.02},
    "read": {"stale": 0.2},
    "index": {"stale": 0.1},
    "platform": {
        "refused": 0.01,
        "throttled": 0.03,
        "quota_spent": 0.005,
        "unauthorized": 0.005,
        "not_reached": 0.03,
        "lost_before_effect": 0.015,
        "lost_after_effect": 0.015,
        "error_without_effect": 0.015,
        "error_after_effect": 0.015,
        "garbage": 0.01,
        "garbage_without_effect": 0.005,
        "dripping": 0.01,
        "killed_before": 0.005,
        "killed_after": 0.01,
    },
    "platform_read": {"error_without_effect": 0.05, "not_reached": 0.05, "unauthorized": 0.01, "killed_before": 0.02},
    "platform_index": {"late": 0.3},
    "client": {"answer_lost": 0.05, "submitted_twice": 0.05},
    "poison": {"message": 0.01},
}

# After these nobody can be in doubt of what became of a post.
CLEAR = frozenset(
    {
        *("doubled", "doubled_late", "not_deleted", "delayed", "repeated", "refused", "not_reached", "failed"),
        *("conflict", "operations"),
    }
)
SKEW_S = 240.0
LIMBO_S = (1.0, 400.0)


@dataclass
class Faults:
    """Draws the faults of one run; `scale` 0 is a run without any."""

    rng: random.Random
    scale: float = 1.0
    fired: Counter[str] = field(default_factory=Counter)
    touched: set[str] = field(default_factory=set)  # publications that met a fault, and may be late for it
    doubtful: set[str] = field(default_factory=set)  # those of which somebody may have lost sight
    skewed: set[str] = field(default_factory=set)  # those that were worked by a wrong clock
    unshared: set[str] = field(default_factory=set)  # channels whose pace could not be asked for, once at least

    def pick(self, where: str, about: Iterable[str] = ()) -> str:
        """The fault that comes at this point, if one does; it is noted down."""
        draw = self.rng.random()
        if not self.scale:
            return ""
        draw /= self.scale
        for kind, rate in RATES[where].items():
            draw -= rate
            if draw < 0:
                self.fired[f"{where}.{kind}"] += 1
                self.met(where if where == "operations" else kind, about)
                return kind
        return ""

    def met(self, kind: str, about: Iterable[str]) -> None:
        """Note down whom a fault touched."""
        self.touched.update(about)
        if kind not in CLEAR:
            self.doubtful.update(about)
        if kind == "skewed":
            self.skewed.update(about)


class Throttling(ClientError):  # noqa: N818 - named as AWS names it
    """The service asks to slow down, and the SDK has given up asking again."""

    def __init__(self, operation: str) -> None:
        super().__init__({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, operation)


@dataclass
class Wire:
    """The way to a service of AWS: it takes time, loses answers, and functions die on it."""

    name: str
    loop: Loop
    faults: Faults
    latency_s: tuple[float, float]
    down_until_s: float = 0.0

    def ask(self, effect: Callable[[], T], about: Iterable[str]) -> T:
        """Have `effect` happen at the service, as far as the faults let it, and bring back its answer."""
        if self.loop.now_s < self.down_until_s:
            self.faults.met("operations", about)
            self.loop.pause(6.0)
            raise ConnectTimeoutError(endpoint_url=f"https://{self.name}.test")
        fault = self.faults.pick(self.name, about)
        if fault == "killed_before":
            die(self.loop, self.faults)
        rng = self.loop.rng
        wait_s = rng.uniform(*self.latency_s) + (rng.uniform(2, 12) if fault == "slow" else 0)
        if fault == "in_limbo":
            self._limbo(effect)
        if fault == "throttled":
            self.loop.pause(wait_s + 1.0)
            raise Throttling(self.name)
        return self._asked(effect, fault, wait_s)

    def _asked(self, effect: Callable[[], T], fault: str, wait_s: float) -> T:
        if self.loop.rng.random() < 0.5:  # the way there took the time, or the way back: others act in between
            self.loop.pause(wait_s)
            answer = effect()
        else:
            answer = effect()
            self.loop.pause(wait_s)
        return self._back(effect, fault, answer)

    def _limbo(self, effect: Callable[[], T]) -> None:
        """The request arrives when whoever sent it has long given up."""

        def arrives() -> None:
            with suppress(ClientError):
                effect()

        self.loop.after(self.loop.rng.uniform(*LIMBO_S), arrives)
        self.loop.pause(15.0)
        raise ReadTimeoutError(endpoint_url=f"https://{self.name}.test")

    def _back(self, effect: Callable[[], T], fault: str, answer: T) -> T:
        if fault == "killed_after":
            die(self.loop, self.faults)
        if fault == "answer_lost":
            self.loop.pause(5.0)
            raise ReadTimeoutError(endpoint_url=f"https://{self.name}.test")
        if fault == "repeated":  # its answer was lost, and the SDK asked again
            self.loop.pause(self.loop.rng.uniform(0.05, 2.0))
            return effect()
        return answer


def die(loop: Loop, faults: Faults) -> None:
    """The running invocation ends here and now, with all it was about to do."""
    if loop.invocation is None:
        return
    loop.invocation.killed = True
    faults.met("killed", loop.invocation.about)
    raise Killed


class Exceptions:
    """A client's `exceptions`, as far as our code catches any."""

    def __init__(self, **kinds: Any) -> None:
        self.__dict__.update(kinds)
