"""The models of /v1/members. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from postroom_client.schemas.shared import Member, Role


class MemberChanges(TypedDict):
    """What is to change; what is left out stays."""

    role: NotRequired[Role | None]  # Another role.
    name: NotRequired[str | None]  # Another name.
    # What becomes of keys_above, of the role it has then. keep: they stay good; revoke: they end.
    keys: NotRequired[Literal["keep", "revoke"]]


class MemberWithKeys(TypedDict):
    """A member, and what else may more than it does."""

    id: str  # The member's id.
    name: str  # What the others in the workspace see of a member.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    joined_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    invited_by: str  # Who it was: a key's id, a member's id, or operator.
    leaving: bool  # Whether its removal was interrupted: it may do nothing any more; DELETE it again to finish.
    # Ids of API keys that are good, may more than the member's role, and that it made or that were made with such a
    # key.
    keys_above: list[str]


class Members(TypedDict):
    """A page of members, in the order of their ids."""

    items: list[Member]
    next: str | None  # The cursor of the next page; null on the last.


class RemovedMember(TypedDict):
    """A member who was removed, and what the member leaves behind."""

    id: str  # The member's id.
    keys_kept: list[str]  # Ids of API keys that the member made, or that were made with these, and are still good.
    keys_revoked: list[str]  # Ids of such keys that were revoked since the removal was first asked for.
    # Ids of open invitations by the member or by such a key; they were revoked in any case.
    invitations_revoked: list[str]
