"""B14 and B17: the real pace and breaker in virtual time, on a table in memory; what is told are counts, no times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from publishing.adapter import Rate
from publishing.errors import PublishingError, Unavailable
from tests.cloud import START
from tests.publishing.rush import Rush

WORKERS = 7
RATE = Rate(requests=5, per_s=2.0)
RUSH_S = 1_200
OUTAGE_S = 3_600
BACKLOG = 3_600  # messages that come in during the outage
AFTERWARDS = Rate(requests=1, per_s=1.0)


@dataclass(frozen=True)
class Paced:
    """How a channel with more to publish than its rate allows was published to."""

    over: int  # by how much the busiest window was over the limit
    use_percent: float
    writes_per_token: float


@dataclass(frozen=True)
class Outage:
    """What an hour's outage cost."""

    wasted_calls: int
    drain: float  # the time it took to work the backlog off, in times of what the rate allows


def pace() -> Paced:
    """A rush of more messages than the rate allows, by seven workers."""
    told = Rush(messages=10_000, workers=WORKERS, rate=RATE, until_s=RUSH_S).run()
    tokens = sum(moment < START + timedelta(seconds=RUSH_S) for moment in told.asked)
    allowed = RUSH_S * RATE.requests / RATE.per_s
    over = max(0, told.busiest(RATE.per_s) - RATE.requests)
    return Paced(over, 100 * tokens / allowed, told.writes / tokens)


def outage() -> Outage:
    """An hour without an answer, and what came in meanwhile."""
    told = Rush(BACKLOG, WORKERS, AFTERWARDS, over_s=OUTAGE_S, platform=_down, breaks=True).run()
    floor_s = BACKLOG * AFTERWARDS.per_s / AFTERWARDS.requests
    return Outage(len(told.failed), (told.lasted_s - OUTAGE_S) / floor_s)


def _down(moment: datetime) -> PublishingError | None:
    return Unavailable() if moment < START + timedelta(seconds=OUTAGE_S) else None
