"""What the gates promised: no window over a channel's rate, as the platform sees it, and one probe at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from publishing.adapter import Rate
from publishing.gate import GRACE_S
from tests.simulation.platforms import MOMENTS_S, Asked, Platform
from tests.simulation.violation import Violation
from tests.simulation.world import World


@dataclass(frozen=True)
class Window:
    """More than a channel's rate, in one stretch of its length."""

    channel: str
    since_s: float
    count: int
    rate: Rate


def over(platform: Platform, *, on_time: bool) -> Iterator[Window]:
    """The windows over the rate, counting only what came in when its turn had just come, or everything."""
    rate = platform.adapter.limits.rate
    channels: dict[str, list[Asked]] = defaultdict(list)
    for asked in platform.asked if rate else ():
        if asked.on_time or not on_time:
            channels[asked.channel].append(asked)
    for channel, found in channels.items():
        assert rate is not None
        yield from _over(channel, sorted(asked.at_s for asked in found), rate)


def _over(channel: str, times_s: Sequence[float], rate: Rate) -> Iterator[Window]:
    """Each request ends a window; those that are over by the moments a request is on its way are not."""
    start = 0
    for end, at_s in enumerate(times_s):
        while at_s - times_s[start] >= rate.per_s - MOMENTS_S:
            start += 1
        if end - start + 1 > rate.requests:
            yield Window(channel, times_s[start], end - start + 1, rate)


def broken(world: World) -> Iterator[Violation]:
    """I9, and B17's single probe."""
    for platform in world.platforms.values():
        for window in over(platform, on_time=True):
            if window.channel not in world.faults.unshared:
                yield Violation("I9", f"{platform.adapter.name}: {window}")
    for name in world.platforms:
        yield from _probes(world, name)


def _probes(world: World, platform: str) -> Iterator[Violation]:
    """A probe is over, or has had all its time, before there is another."""
    lasts_s = world.adapters[platform].limits.timeout_s + GRACE_S
    mine = [probe for probe in world.observations.probes.values() if probe.platform == platform and not probe.skewed]
    mine.sort(key=lambda probe: probe.had_s)
    for one, following in pairwise(mine):
        if following.had_s < min(one.over_s, one.begun_s + lasts_s):
            yield Violation("B17", f"{platform} was probed twice at once: {one}, {following}")
