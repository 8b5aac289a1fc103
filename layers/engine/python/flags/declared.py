"""Every flag there is: its name, what holds where nobody says otherwise, what it is for, and when it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

BUCKETS = 100  # a percentage is a range of these
WORKSPACE, PLATFORM, BUCKET = "workspace", "platform", "bucket"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `default` holds as well where the flags cannot be read.

    `keys`: what its rules may ask about. `goes_by`: when it is taken out of the code; None is a switch of operators,
    which stays.
    """

    name: str
    default: bool
    purpose: str
    keys: frozenset[str]
    goes_by: date | None = None

    def overdue(self, today: date) -> bool:
        """Whether it should be gone by now."""
        return self.goes_by is not None and self.goes_by < today


DELIVERING = Flag(
    "delivering",
    default=True,
    purpose="Whether a platform is published to. Off, what is for it is held, and goes out when it is on again.",
    keys=frozenset({PLATFORM, WORKSPACE, BUCKET}),
)
ACCEPTING = Flag(
    "accepting",
    default=True,
    purpose="Whether publications are taken in. Off, POST /v1/publications answers 503 with Retry-After.",
    keys=frozenset({WORKSPACE, BUCKET}),
)
FLAGS = (DELIVERING, ACCEPTING)
