"""How long a client waits between two tries: full jitter, never less than it was told, and not for ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

Draw = Callable[[], float]  # from 0 to 1


@dataclass(frozen=True, slots=True)
class Patience:
    """At most so many tries within so many seconds; the nth wait is drawn from up to `first_s * 2**n`."""

    tries: int = 6
    total_s: float = 60.0
    first_s: float = 0.5
    longest_s: float = 10.0

    def wait_s(self, tried: int, told_s: float | None, draw: Draw) -> float:
        """How long to wait after so many tries."""
        return max(draw() * min(self.longest_s, self.first_s * 2.0**tried), told_s or 0.0)


def told_s(answer: httpx.Response) -> float | None:
    """What Retry-After says, as seconds or as a date; None where it says nothing that can be read."""
    told: str = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]{1,9}", told):
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
