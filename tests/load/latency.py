"""How long things took: percentiles, and what of a time is ours and what the emulator's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from publishing.model import DeliveryState, utc_moment
from publishing.publication import Whole

STRAIGHT = (DeliveryState.PUBLISHING, DeliveryState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Spread:
    """How some times are spread, in seconds."""

    count: int
    p50_s: float
    p95_s: float
    p99_s: float
    most_s: float


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest of them that so many percent do not exceed (nearest rank); 0 where there are none."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def spread(times_s: Iterable[float]) -> Spread:
    """How these are spread."""
    ordered = sorted(times_s)
    p50_s, p95_s, p99_s, most_s = (percentile(ordered, percent) for percent in (50, 95, 99, 100))
    return Spread(len(ordered), p50_s, p95_s, p99_s, most_s)


@dataclass(frozen=True, slots=True)
class Split:
    """Times of the same things, apart: what is ours in them, and what the emulator's."""

    whole_s: Sequence[float]
    ours_s: Sequence[float]
    emulators_s: Sequence[float]


def answers_split(
    answered_s: Mapping[str, float], within_s: Mapping[str, float], idle_within_s: Iterable[float]
) -> Split:
    """Split answers, by correlation id: ours is what submit's invocation took beyond one that has nothing to do.

    `within_s` is what the emulator reports of submit's invocations, `idle_within_s` of those that answer /v1/health.
    What such a one takes is the emulator's, as is all that lies outside: its gateway, and having the caller told.
    """
    idle_s = median(found) if (found := list(idle_within_s)) else 0.0
    pairs = [(whole_s, within_s[name]) for name, whole_s in answered_s.items() if name in within_s]
    ours_s = [min(whole_s, max(0.0, each_s - idle_s)) for whole_s, each_s in pairs]
    rest_s = [whole_s - own_s for (whole_s, _), own_s in zip(pairs, ours_s, strict=True)]
    return Split([whole_s for whole_s, _ in pairs], ours_s, rest_s)


def deliveries_split(stored: Iterable[Whole]) -> Split:
    """Split the deliveries that went out at once: ours is from their claim to their outcome.

    Until the claim it is the emulator's: its queue, its event source mapping, and starting the function.
    """
    moments = [
        (whole.publication.created_at, *(utc_moment(event.at) for event in delivery.history))
        for whole in stored
        for delivery in whole.deliveries
        if not delivery.delayed and tuple(event.state for event in delivery.history) == STRAIGHT
    ]
    return Split(
        [_seconds(accepted, out) for accepted, _, out in moments],
        [_seconds(claimed, out) for _, claimed, out in moments],
        [_seconds(accepted, claimed) for accepted, claimed, _ in moments],
    )


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()
