"""When an endpoint that did not take an event is called again, and when it is called no more.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read 2026-11-20);
the waits are its example's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto

from notifying.model import Answered, Endpoint

MINUTE_S, HOUR_S = 60.0, 3_600.0
WAITS_S = (  # before each attempt; the first is made at once
    *(0.0, 5.0, 5 * MINUTE_S, 30 * MINUTE_S),
    *(2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S),
)
JITTER = 0.1  # of a wait, added: many that failed at one moment do not come back at one moment
LONGEST_WAIT_S = 24 * HOUR_S  # whatever the receiver asks for
ASKED_FOR = frozenset({429, 502, 503, 504})  # with which a Retry-After is heeded
GONE = 410

WARNED_AFTER = timedelta(days=2)
DISABLED_AFTER = timedelta(days=5)
LEAST_NOTICE = timedelta(days=1)  # between the warning and the end


def next_attempt(
    tried: int, answered: Answered, now: datetime, *, draw: Callable[[], float] = random.random
) -> datetime | None:
    """When to call again after so many attempts, the last of which was `answered` so; None: no more."""
    if tried >= len(WAITS_S):
        return None
    wait_s = WAITS_S[tried] * (1 + JITTER * draw())
    if answered.status in ASKED_FOR:
        wait_s = max(wait_s, min(answered.retry_after_s, LONGEST_WAIT_S))
    return now + timedelta(seconds=wait_s)


class Step(Enum):
    """What is to be done about an endpoint that failed."""

    NOTE = auto()  # it did not fail before
    WAIT = auto()
    WARN = auto()
    DISABLE = auto()


def step(endpoint: Endpoint, now: datetime) -> Step:
    """What follows a failure: a warning after two days of nothing else, the end after five and a day's notice."""
    if endpoint.failing_since is None:
        return Step.NOTE
    lasts = now - endpoint.failing_since
    if endpoint.warned_at is None:
        return Step.WARN if lasts >= WARNED_AFTER else Step.WAIT
    over = lasts >= DISABLED_AFTER and now - endpoint.warned_at >= LEAST_NOTICE
    return Step.DISABLE if over else Step.WAIT
