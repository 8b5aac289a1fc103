"""Workspaces, members, invitations and the audit log as callers send and see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from identity.model import Role
from web.schemas.base import Given, Page, Paging, Taken, Time
from web.schemas.keys import End

WorkspaceId = Annotated[str, Field(description="The workspace's id.", examples=["ws_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
MemberId = Annotated[str, Field(description="The member's id.", examples=["mbr_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
InvitationId = Annotated[
    str, Field(description="The invitation's id; not its token.", examples=["inv_01jd6q4t2w8x5y7z9a1b3c5d7e"])
]
Actor = Annotated[str, Field(description="Who it was: a key's id, a member's id, or operator.")]
MemberRole = Annotated[Role, Field(description="viewer reads, author publishes, editor connects channels, admin all.")]
WorkspaceName = Annotated[str, Field(min_length=1, max_length=100, description="For people: whose workspace it is.")]
DisplayName = Annotated[
    str, Field(min_length=1, max_length=100, description="What the others in the workspace see of a member.")
]
Label = Annotated[
    str,
    Field(
        min_length=1,
        max_length=254,
        description="Whom it is for, as an e-mail address or a name. It is forgotten when the invitation ends.",
    ),
]


class WorkspaceState(StrEnum):
    """Whether a workspace can be worked in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"  # by the operator: nothing can be changed, and what is to go out is held


class Workspace(Given):
    """The caller's workspace."""

    id: WorkspaceId
    name: WorkspaceName
    state: Annotated[
        WorkspaceState,
        Field(description="suspended: nothing can be changed, and what is to go out is held until it is not."),
    ]
    suspended_at: Time | None = None
    reason: Annotated[str, Field(description="Why it is suspended; empty where it is not.")]
    granted: Annotated[
        list[str], Field(description="Which addresses, and domains of addresses, it may send mail from.")
    ]
    created_at: Time
    updated_at: Time
    updated_by: Actor


class WorkspaceChanges(Taken):
    """What is to change; what is left out stays."""

    name: Annotated[WorkspaceName | None, Field(description="Another name.")] = None


class Membership(Given):
    """A workspace the caller may work in, and as what."""

    id: WorkspaceId
    name: WorkspaceName
    state: WorkspaceState
    role: MemberRole


class Memberships(Page[Membership]):
    """A page of workspaces."""


class Member(Given):
    """A person in the workspace."""

    id: MemberId
    name: DisplayName
    role: MemberRole
    joined_at: Time
    invited_by: Actor
    leaving: Annotated[
        bool,
        Field(
            description="Whether its removal was interrupted: it may do nothing any more; DELETE it again to finish."
        ),
    ]


class MemberWithKeys(Member):
    """A member, and what else may more than it does."""

    keys_above: Annotated[
        list[str],
        Field(
            description="Ids of API keys that are good, may more than the member's role, and that it made or that were "
            "made with such a key."
        ),
    ]


class Members(Page[Member]):
    """A page of members, in the order of their ids."""


class MemberChanges(Taken):
    """What is to change; what is left out stays."""

    role: Annotated[MemberRole | None, Field(description="Another role.")] = None
    name: Annotated[DisplayName | None, Field(description="Another name.")] = None
    keys: Annotated[
        Literal["keep", "revoke"],
        Field(
            description="What becomes of keys_above, of the role it has then. keep: they stay good; revoke: they end."
        ),
    ] = "keep"


class Removal(Taken):
    """How a member is removed."""

    keys: Annotated[
        Literal["keep", "revoke"],
        Field(
            description="keep: keys the member made, and those made with these, stay good, for they are the "
            "workspace's; revoke: they end."
        ),
    ] = "keep"


class RemovedMember(Given):
    """A member who was removed, and what the member leaves behind."""

    id: MemberId
    keys_kept: Annotated[
        list[str],
        Field(description="Ids of API keys that the member made, or that were made with these, and are still good."),
    ]
    keys_revoked: Annotated[
        list[str], Field(description="Ids of such keys that were revoked since the removal was first asked for.")
    ]
    invitations_revoked: Annotated[
        list[str],
        Field(description="Ids of open invitations by the member or by such a key; they were revoked in any case."),
    ]


class NewInvitation(Taken):
    """An invitation to be made."""

    role: MemberRole
    label: Label
    days: Annotated[StrictInt, Field(ge=1, le=14, description="For so many days it may be accepted.")] = 7


class Invitation(Given):
    """An open invitation, without its token."""

    id: InvitationId
    role: MemberRole
    label: Label
    created_at: Time
    created_by: Actor
    expires_at: Time


class Invitations(Page[Invitation]):
    """A page of invitations."""


class InvitationWithToken(Invitation):
    """An invitation just made."""

    token: Annotated[
        str,
        Field(description="Whoever has it may join, once: hand it over as you would a key. It is shown this once."),
    ]


class Acceptance(Taken):
    """An invitation to be accepted, by the person whose token is shown."""

    token: Annotated[str, Field(min_length=1, max_length=200, description="The invitation's token.")]
    name: DisplayName


class Joined(Given):
    """The member the caller is now."""

    workspace: WorkspaceId
    member: Member


class LogAsked(Paging):
    """Which entries of the audit log."""

    since: Annotated[End | None, Field(description="Not before this time, with offset; null: as far as it goes.")] = (
        None
    )
    until: Annotated[End | None, Field(description="Before this time, with offset; null: until now.")] = None
    actor: Annotated[
        str, Field(max_length=100, description="Of this actor alone: a key's id, a member's id, or operator.")
    ] = ""


class LogEntry(Given):
    """What somebody did, or was refused."""

    at: Time
    actor: Actor
    operation: Annotated[
        str,
        Field(
            description="An operation of this document by its id, or an operator's command. connectByConsent: a "
            "channel got its credentials by a consent which the actor began; 201: a new channel, 200: one there was."
        ),
    ]
    status: Annotated[int, Field(description="What was answered; 403: refused. 5xx: it may have been done.")]
    ids: Annotated[dict[str, str], Field(description="What was named in the address, or is meant, by what it is.")]
    made: Annotated[str, Field(description="Where what was made is read; empty where nothing was.")]
    correlation_id: str


class Log(Page[LogEntry]):
    """A page of the audit log."""
