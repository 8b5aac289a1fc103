"""Faults that can be switched on for one account at one stand-in."""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What goes wrong. Where nothing else is said, nothing is published."""

    THROTTLE = "throttle"  # too many requests: wait `seconds`
    REFUSE = "refuse"  # the content is refused
    EXPIRE = "expire"  # the credentials are no longer accepted, for any request
    LOSE_BEFORE = "lose_before"  # the connection is closed without an answer
    LOSE_AFTER = "lose_after"  # the same, but it was published
    SLOW = "slow"  # published and answered, `seconds` later
    ERROR = "error"  # status 500, from a proxy
    GARBAGE = "garbage"  # published, but the answer is status 200 and a page


class Fault(BaseModel):
    """A fault, for the next `times` requests of an account that publish; with `everywhere`, that do anything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: str
    account: str
    kind: Kind
    times: Annotated[int, Field(ge=1)] = 1
    seconds: Annotated[float, Field(ge=0)] = 1.0
    everywhere: bool = False

    def hits(self, platform: str, account: str, *, publishes: bool) -> bool:
        """Whether a request of this account goes wrong."""
        everything = self.everywhere or self.kind is Kind.EXPIRE
        return (self.platform, self.account) == (platform, account) and (publishes or everything)


class Faults:
    """The faults that are switched on; each is used up by the requests it hits. Safe between threads."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def switch_on(self, fault: Fault) -> None:
        """Have `fault` happen, after those switched on before it."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._waiting.clear()

    def next(self, platform: str, account: str, *, publishes: bool) -> Fault | None:
        """The fault that hits this request, if any; it is then used once."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.hits(platform, account, publishes=publishes):
                    left = fault.model_copy(update={"times": fault.times - 1})
                    self._waiting[place : place + 1] = [left] if left.times else []
                    return fault
        return None
