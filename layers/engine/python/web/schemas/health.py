"""Health as callers see it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from web.schemas.base import Given

State = Literal["ok", "down"]


class Health(Given):
    """Whether publications are taken, and what that hangs on."""

    status: Annotated[State, Field(description="ok: all of them are.")]
    dependencies: Annotated[dict[str, State], Field(description="Each thing this API needs, by name.")]
