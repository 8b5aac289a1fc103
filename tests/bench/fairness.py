"""B16, in virtual time: what is urgent, and who is quiet, while others have far more to publish than goes out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from functions import platforms
from publishing.model import Priority, Target
from tests.simulation.crowd import TARGETS, Plain, Scene

BULK, BUSY_CHANNELS, IDLE_CHANNELS = 100_000, 20, 5
ALERTS, ALERTS_S, AFTERWARDS_S = 60, 60.0, 40.0
FLOOD, QUIET, POSTS, POSTS_S = 50_000, 10, 30, 60.0
CROWDED = "email"  # a platform without a pace: there a flood stands in the others' way
SLACK_S = 1.0  # a request takes this much less than another from its turn to the platform, at most


@dataclass(frozen=True)
class Urgent:
    """How long urgent publications took, by platform: on channels with bulk of their own, and on others."""

    busy_s: dict[str, list[float]] = field(default_factory=dict)
    others_s: dict[str, list[float]] = field(default_factory=dict)
    over: int = 0  # by how much the busiest window of a channel was over its limit
    bulk: int = 0  # how many others were published meanwhile


@dataclass(frozen=True)
class Quiet:
    """What 99 percent of the quiet workspaces' publications took at most, in seconds."""

    idle_s: float
    flooded_s: float
    plain_s: float  # on a queue that looks at no group, at least

    @property
    def ratio(self) -> float:
        """What the flood costs them."""
        return self.flooded_s / self.idle_s

    @property
    def plain_ratio(self) -> float:
        """What it would cost them without fair queues, at least."""
        return self.plain_s / self.idle_s


def urgent(bulk: int = BULK, alerts: int = ALERTS) -> Urgent:
    """Alerts on every platform there is, on busy channels and others, while the bulk waits."""
    adapters = [Plain(name, platforms.load(name).limits) for name in platforms.names()]
    scene = Scene(adapters)
    for adapter in adapters:
        busy = [f"{adapter.name}_busy_{number}" for number in range(BUSY_CHANNELS)]
        idle = [f"{adapter.name}_idle_{number}" for number in range(IDLE_CHANNELS)]
        scene.flood("ws_bulk", adapter.name, busy, bulk // len(adapters))
        for number in range(alerts):
            at_s = AFTERWARDS_S / 4 + ALERTS_S * number / alerts
            for kind, channels in (("busy", busy), ("other", idle)):
                target = Target(channels[number % len(channels)], adapter.name)
                scene.post(at_s, "ws_bulk", target, f"{adapter.name} {kind}", Priority.URGENT)
    scene.run(ALERTS_S + AFTERWARDS_S)
    return Urgent(
        {adapter.name: scene.waits_s[f"{adapter.name} busy"] for adapter in adapters},
        {adapter.name: scene.waits_s[f"{adapter.name} other"] for adapter in adapters},
        max(_over(adapter, scene) for adapter in adapters),
        len(scene.waits_s["bulk"]),
    )


def quiet(flood: int = FLOOD, posts: int = POSTS) -> Quiet:
    """Ten quiet workspaces beside one that floods the queue, and without it."""
    return Quiet(*(percentile(_among(*each, posts), 99) for each in ((0, True), (flood, True), (flood, False))))


def percentile(waits_s: Sequence[float], percent: int) -> float:
    """So many percent waited no longer."""
    return sorted(waits_s)[-(-len(waits_s) * percent // 100) - 1]


def _among(flood: int, fair: bool, posts: int) -> list[float]:  # noqa: FBT001
    scene, rng = Scene([Plain(CROWDED, platforms.load(CROWDED).limits)], fair=fair), random.Random(64)  # noqa: S311
    scene.flood("ws_noisy", CROWDED, [f"noisy_{number}" for number in range(TARGETS)], flood)
    for number in range(QUIET):
        for _ in range(posts):
            at_s = rng.uniform(1.0, POSTS_S)
            scene.post(at_s, f"ws_{number}", Target(f"quiet_{number}", CROWDED), "quiet", Priority.NORMAL)
    scene.run(POSTS_S + AFTERWARDS_S / 4)
    return scene.waits_s["quiet"]


def _over(adapter: Plain, scene: Scene) -> int:
    rate = adapter.limits.rate
    if rate is None:
        return 0
    ours = [times for url, times in scene.world.asked.items() if f"//{adapter.name}." in url]
    return max(0, max(_busiest(times, max(rate.per_s - SLACK_S, rate.per_s / 2)) for times in ours) - rate.requests)


def _busiest(times_s: Sequence[float], window_s: float) -> int:
    times, most, start = sorted(times_s), 0, 0
    for end, time_s in enumerate(times):
        while time_s - times[start] >= window_s:
            start += 1
        most = max(most, end - start + 1)
    return most
