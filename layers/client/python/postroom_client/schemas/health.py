"""The models of /v1/health. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, TypedDict


class Health(TypedDict):
    """Whether publications are taken, and what that hangs on."""

    status: Literal["ok", "down"]  # ok: all of them are.
    dependencies: dict[str, Literal["ok", "down"]]  # Each thing this API needs, by name.
