"""What is told of health: signs, each a figure beside the one from which on it is bad, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How good something is, from good to bad."""

    OK = "ok"
    WARN = "warn"  # nobody is woken by it
    UNKNOWN = "unknown"  # it was not told in time
    FAIL = "fail"  # an alarm rings, or will


@dataclass(frozen=True, slots=True)
class Sign:
    """One figure. Above `fails` it is bad, above `warns` it may become so; None: it never is.

    `value` is None where nothing was measured: nothing happened, and nothing is wrong. `do` is a sentence.
    """

    of: str
    name: str
    value: float | None
    unit: str
    do: str
    warns: float | None = None
    fails: float | None = None

    @property
    def state(self) -> State:
        """What the figure means."""
        if self.value is None:
            return State.OK
        if self.fails is not None and self.value > self.fails:
            return State.FAIL
        return State.WARN if self.warns is not None and self.value > self.warns else State.OK


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the system: its signs, or None where they were not told in time."""

    name: str
    signs: Sequence[Sign] | None

    @property
    def state(self) -> State:
        """That of its worst sign."""
        return State.UNKNOWN if self.signs is None else worst(sign.state for sign in self.signs)


def worst(states: Iterable[State]) -> State:
    """The worst of them; where there is none, all is well."""
    return max(states, key=list(State).index, default=State.OK)
