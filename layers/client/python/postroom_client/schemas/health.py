"""The models of /v1/health. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, TypedDict


class DeepHealth(TypedDict):
    """How every part of the system stands."""

    status: Literal["ok", "warn", "unknown", "fail"]  # That of the worst part.
    at: str  # When it was looked at last; figures may be ten seconds older, a minute old.
    operator: bool  # Whether this workspace sees the figures of the whole system.
    parts: list[HealthPart]


class Health(TypedDict):
    """That the API answers."""

    status: Literal["ok"]


class HealthPart(TypedDict):
    """One part of the system."""

    name: str
    state: Literal["ok", "warn", "unknown", "fail"]  # That of its worst sign.
    signs: list[HealthSign]  # Empty where they are for operators' workspaces alone.


class HealthSign(TypedDict):
    """One figure, beside those from which on it is bad."""

    of: str  # Whose figure it is: a platform, a queue, a table.
    name: str
    value: float | None  # Null where nothing was measured lately: nothing is wrong.
    unit: str
    warns_above: float | None
    fails_above: float | None  # That of the alarm, where there is one.
    # warn: nobody is woken; unknown: it was not told in time; fail: an alarm rings, or will.
    state: Literal["ok", "warn", "unknown", "fail"]
    do: str  # What to do where it is bad.
