"""Health as callers see it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from web.schemas.base import Given, Time

State = Annotated[
    Literal["ok", "warn", "unknown", "fail"],
    Field(description="warn: nobody is woken; unknown: it was not told in time; fail: an alarm rings, or will."),
]


class Health(Given):
    """That the API answers."""

    status: Literal["ok"] = "ok"


class HealthSign(Given):
    """One figure, beside those from which on it is bad."""

    of: Annotated[str, Field(description="Whose figure it is: a platform, a queue, a table.")]
    name: str
    value: Annotated[float | None, Field(description="Null where nothing was measured lately: nothing is wrong.")]
    unit: str
    warns_above: float | None
    fails_above: Annotated[float | None, Field(description="That of the alarm, where there is one.")]
    state: State
    do: Annotated[str, Field(description="What to do where it is bad.")]


class HealthPart(Given):
    """One part of the system."""

    name: str
    state: Annotated[State, Field(description="That of its worst sign.")]
    signs: Annotated[list[HealthSign], Field(description="Empty where they are for operators' workspaces alone.")]


class DeepHealth(Given):
    """How every part of the system stands."""

    status: Annotated[State, Field(description="That of the worst part.")]
    at: Annotated[
        Time, Field(description="When it was looked at last; figures may be ten seconds older, a minute old.")
    ]
    operator: Annotated[bool, Field(description="Whether this workspace sees the figures of the whole system.")]
    parts: list[HealthPart]
