"""What is seen of the functions from within: every metric, every new state that was told, every probe of a breaker."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from publishing import ids
from publishing.breaker import Breaker
from publishing.model import DeliveryState
from publishing.pace import Pace, Turn
from publishing.publication import Delivery, Publication
from publishing.telemetry import Observed, Tally
from tests.cloud import START
from tests.simulation.loop import Loop


@dataclass(frozen=True)
class Told:
    """A delivery's new state, as `observe` was told it."""

    delivery: str
    state: DeliveryState
    at: str
    platform: str


@dataclass
class Probe:
    """A breaker's probe: the claim was begun, and had, at these times; and when it was over."""

    platform: str
    begun_s: float
    had_s: float
    skewed: bool
    over_s: float = math.inf


@dataclass
class Observations:
    """Of one run."""

    loop: Loop
    metrics: Counter[tuple[str, str]] = field(default_factory=Counter)  # by platform and name
    told: list[Told] = field(default_factory=list)
    probes: dict[str, Probe] = field(default_factory=dict)

    def edges(self) -> Iterator[tuple[type, str, Any]]:
        """The methods to look over the shoulder of, as owner, name and what stands in."""

        def add(tally: Tally, name: str, value: float, _unit: object = None) -> None:
            self.metrics[tally._platform, name] += round(value)

        yield Tally, "add", add
        yield Pace, "turn", self._turn()
        yield Breaker, "probe", self._probe()
        for name in ("failed", "answered", "release"):
            yield Breaker, name, self._over(name)

    def _turn(self) -> Any:
        honest = Pace.turn

        def turn(pace: Pace, channel: str, token: int | None = None, *, urgent: bool = False) -> Turn:
            found = honest(pace, channel, token, urgent=urgent)
            self.loop.strand.due_s = (found.at - START).total_seconds()
            return found

        return turn

    def _probe(self) -> Any:
        honest = Breaker.probe

        def probe(breaker: Breaker) -> str | None:
            begun_s, invocation = self.loop.now_s, self.loop.invocation
            mark = honest(breaker)
            if mark:
                skewed = bool(invocation and invocation.skew_s)
                self.probes[mark] = Probe(breaker.platform, begun_s, self.loop.now_s, skewed)
            return mark

        return probe

    def _over(self, name: str) -> Any:
        honest = getattr(Breaker, name)

        def over(breaker: Breaker, probe: str | None = None) -> None:
            if probe in self.probes:
                self.probes[probe].over_s = self.loop.now_s
            honest(breaker, probe)

        return over


class Watched(Observed):
    """The functions' own observer, with somebody behind it who keeps count."""

    def __init__(self, platform: str, observations: Observations) -> None:
        super().__init__(platform)
        self._observations = observations

    def __call__(self, publication: Publication, delivery: Delivery) -> None:
        """`delivery` has just been written as it is."""
        identifier = ids.delivery(publication.id, delivery.channel)
        told = Told(identifier, delivery.state, delivery.updated_at, delivery.platform)
        self._observations.told.append(told)
        super().__call__(publication, delivery)
