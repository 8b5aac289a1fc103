"""Which endpoints stand aside: those that are slow, or have failed for some time, are told by the other queue.

The queue of first tidings keeps order and knows no fairness: whoever holds it up holds it up for every workspace.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from notifying.model import Answered, Endpoint

FAILED_FOR = timedelta(minutes=5)
LONG_MS = 3_000
SLOW_FOR = timedelta(minutes=10)
RENEWED = SLOW_FOR / 2  # once no more than this is left: a slow endpoint is not written down at every call


def stands_aside(endpoint: Endpoint, now: datetime) -> bool:
    """Whether it has no place in the order."""
    fails = endpoint.failing_since is not None and now - endpoint.failing_since > FAILED_FOR
    return fails or (endpoint.slow_until is not None and now < endpoint.slow_until)


def slow_until(endpoint: Endpoint, answered: Answered, now: datetime) -> datetime | None:
    """Until when it stands aside after such an answer; None: it was quick, or is known well enough to be slow."""
    if answered.ms <= LONG_MS and answered.why != "timeout":
        return None
    known = endpoint.slow_until is not None and endpoint.slow_until - now > RENEWED
    return None if known else now + SLOW_FOR
