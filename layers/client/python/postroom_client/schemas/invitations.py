"""The models of /v1/invitations. Generated: `make client`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from postroom_client.schemas.shared import Member, Role


class Acceptance(TypedDict):
    """An invitation to be accepted, by the person whose token is shown."""

    token: str  # The invitation's token.
    name: str  # What the others in the workspace see of a member.


class Invitation(TypedDict):
    """An open invitation, without its token."""

    id: str  # The invitation's id; not its token.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    label: str  # Whom it is for, as an e-mail address or a name. It is forgotten when the invitation ends.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who it was: a key's id, a member's id, or operator.
    expires_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.


class InvitationWithToken(TypedDict):
    """An invitation just made."""

    id: str  # The invitation's id; not its token.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    label: str  # Whom it is for, as an e-mail address or a name. It is forgotten when the invitation ends.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who it was: a key's id, a member's id, or operator.
    expires_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    token: str  # Whoever has it may join, once: hand it over as you would a key. It is shown this once.


class Invitations(TypedDict):
    """A page of invitations."""

    items: list[Invitation]
    next: str | None  # The cursor of the next page; null on the last.


class Joined(TypedDict):
    """The member the caller is now."""

    workspace: str  # The workspace's id.
    member: Member


class NewInvitation(TypedDict):
    """An invitation to be made."""

    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    label: str  # Whom it is for, as an e-mail address or a name. It is forgotten when the invitation ends.
    days: NotRequired[int]  # For so many days it may be accepted.
