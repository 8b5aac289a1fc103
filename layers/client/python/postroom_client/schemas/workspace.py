"""The models of /v1/workspace. Generated: `make client`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from postroom_client.schemas.shared import WorkspaceState


class Workspace(TypedDict):
    """The caller's workspace."""

    id: str  # The workspace's id.
    name: str  # For people: whose workspace it is.
    state: WorkspaceState  # suspended: nothing can be changed, and what is to go out is held until it is not.
    suspended_at: str | None
    reason: str  # Why it is suspended; empty where it is not.
    granted: list[str]  # Which addresses, and domains of addresses, it may send mail from.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    updated_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    updated_by: str  # Who it was: a key's id, a member's id, or operator.


class WorkspaceChanges(TypedDict):
    """What is to change; what is left out stays."""

    name: NotRequired[str | None]  # Another name.
