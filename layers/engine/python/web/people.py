"""The operations on workspaces, members, invitations and the audit log."""

from __future__ import annotations

from types import NoneType

from identity.model import Role
from web import problems
from web.operation import Operation
from web.schemas import people
from web.schemas.base import Nothing, Paging

_MEMBER = "/v1/members/{member}"

READ_WORKSPACE = Operation(
    "readWorkspace",
    "GET",
    "/v1/workspace",
    Role.VIEWER,
    "Read the workspace the caller works in",
    Nothing,
    people.Workspace,
    problems=(problems.NOT_FOUND,),
    tagged=True,
)
CHANGE_WORKSPACE = Operation(
    "changeWorkspace",
    "PATCH",
    "/v1/workspace",
    Role.ADMIN,
    "Rename the workspace",
    people.WorkspaceChanges,
    people.Workspace,
    problems=(problems.NOT_FOUND, problems.CONFLICT),
    tagged=True,
)
LIST_WORKSPACES = Operation(
    "listWorkspaces",
    "GET",
    "/v1/workspaces",
    Role.VIEWER,
    "List the workspaces the caller is a member of, newest first; of a key, or a token for one alone, that one",
    Paging,
    people.Memberships,
    outsiders=True,
)
LIST_MEMBERS = Operation(
    "listMembers", "GET", "/v1/members", Role.VIEWER, "List the members of the workspace", Paging, people.Members
)
READ_MEMBER = Operation(
    "readMember", "GET", _MEMBER, Role.VIEWER, "Read a member", Nothing, people.MemberWithKeys, tagged=True
)
CHANGE_MEMBER = Operation(
    "changeMember",
    "PATCH",
    _MEMBER,
    Role.ADMIN,
    "Give a member another role or name, and see which of its keys may more; it counts everywhere within a minute",
    people.MemberChanges,
    people.MemberWithKeys,
    problems=(problems.CONFLICT, problems.WRONG_STATE),
    tagged=True,
)
REMOVE_MEMBER = Operation(
    "removeMember",
    "DELETE",
    _MEMBER,
    Role.ADMIN,
    "Remove a member, with open invitations by it and its keys; its token is refused everywhere within a minute",
    people.Removal,
    people.RemovedMember,
    problems=(problems.CONFLICT, problems.WRONG_STATE),
    tagged=True,
)
INVITE = Operation(
    "createInvitation",
    "POST",
    "/v1/invitations",
    Role.ADMIN,
    "Invite somebody; this answer alone holds the token to be handed over",
    people.NewInvitation,
    people.InvitationWithToken,
    status=201,
    problems=(problems.CONFLICT,),
    secret=True,
)
LIST_INVITATIONS = Operation(
    "listInvitations",
    "GET",
    "/v1/invitations",
    Role.ADMIN,
    "List open invitations, newest first",
    Paging,
    people.Invitations,
)
REVOKE_INVITATION = Operation(
    "revokeInvitation",
    "DELETE",
    "/v1/invitations/{invitation}",
    Role.ADMIN,
    "Revoke an invitation, for good",
    Nothing,
    NoneType,
    status=204,
)
ACCEPT_INVITATION = Operation(
    "acceptInvitation",
    "POST",
    "/v1/invitations/accept",
    Role.VIEWER,
    "Become a member, with a token of the issuer that no claim narrows and an invitation's",
    people.Acceptance,
    people.Joined,
    status=201,
    problems=(problems.NOT_FOUND, problems.CONFLICT, problems.WRONG_STATE),
    outsiders=True,
)
LIST_ENTRIES = Operation(
    "listAuditEntries",
    "GET",
    "/v1/audit",
    Role.ADMIN,
    "List who changed what, or was not let, newest first; kept for 400 days",
    people.LogAsked,
    people.Log,
)
OPERATIONS = (
    *(READ_WORKSPACE, CHANGE_WORKSPACE, LIST_WORKSPACES),
    *(LIST_MEMBERS, READ_MEMBER, CHANGE_MEMBER, REMOVE_MEMBER),
    *(INVITE, LIST_INVITATIONS, REVOKE_INVITATION, ACCEPT_INVITATION),
    LIST_ENTRIES,
)
