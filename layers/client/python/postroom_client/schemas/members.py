"""The models of /v1/members. Generated: `make client`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from postroom_client.schemas.shared import Member, Role


class MemberChanges(TypedDict):
    """What is to change; what is left out stays."""

    role: NotRequired[Role | None]  # Another role.
    name: NotRequired[str | None]  # Another name.


class Members(TypedDict):
    """A page of members, in the order of their ids."""

    items: list[Member]
    next: str | None  # The cursor of the next page; null on the last.


class RemovedMember(TypedDict):
    """A member who was removed, and what the member leaves behind."""

    id: str  # The member's id.
    keys_kept: list[str]  # Ids of API keys the member made, and that are still good.
    keys_revoked: list[str]  # Ids of API keys the member made, and that were revoked.
    invitations_revoked: list[str]  # Ids of open invitations by the member; they were revoked in any case.
