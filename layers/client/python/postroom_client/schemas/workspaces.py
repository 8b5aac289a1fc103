"""The models of /v1/workspaces. Generated: `make client`."""

from __future__ import annotations

from typing import TypedDict

from postroom_client.schemas.shared import Role, WorkspaceState


class Membership(TypedDict):
    """A workspace the caller may work in, and as what."""

    id: str  # The workspace's id.
    name: str  # For people: whose workspace it is.
    state: WorkspaceState
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.


class Memberships(TypedDict):
    """A page of workspaces."""

    items: list[Membership]
    next: str | None  # The cursor of the next page; null on the last.
