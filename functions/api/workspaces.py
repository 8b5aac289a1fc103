"""Workspaces: the caller's own read and renamed, and those a person is a member of listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from identity.members import Member, Members, member_id
from identity.model import WORKSPACE, Principal
from identity.workspaces import Workspace, Workspaces
from publishing.model import utc_text
from web import cursor, people
from web.problems import CONFLICT, Refusal, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import people as shown
from web.schemas.base import Nothing, Paging

LISTING = "workspaces"


@dataclass(frozen=True)
class Tenants:
    """What callers do with workspaces."""

    workspaces: Workspaces
    members: Members

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about workspaces."""
        router.serve(people.READ_WORKSPACE, self.read)
        router.serve(people.CHANGE_WORKSPACE, self.change)
        router.serve(people.LIST_WORKSPACES, self.list)

    def read(self, request: Request[Nothing]) -> Answer[shown.Workspace]:
        """The caller's workspace."""
        return Answer(_view(self._found(request)))

    def change(self, request: Request[shown.WorkspaceChanges]) -> Answer[shown.Workspace]:
        """Rename the caller's workspace."""
        seen, name = self._found(request), request.input.name
        request.insist_on(_view(seen))
        if name is None:
            return Answer(_view(seen))
        if not self.workspaces.rename(seen, name, by=request.principal.subject):
            raise Refusal(CONFLICT, "The workspace was renamed by somebody else just now; ask again.")
        return Answer(_view(self._found(request)))

    def list(self, request: Request[Paging]) -> Answer[shown.Memberships]:
        """A page of the workspaces the caller may work in."""
        if not request.person:
            return Answer(shown.Memberships(items=[*self._of_key(request.principal)]))
        person, patterns = request.person, [WORKSPACE.pattern]
        after = cursor.place(request.input.cursor, listing=LISTING, workspace=person, patterns=patterns)
        found, last = self.members.workspaces_of(person, limit=request.input.limit, after=next(iter(after), ""))
        following = cursor.text([last], listing=LISTING, workspace=person) if last else None
        return Answer(shown.Memberships(items=[*self._memberships(person, found)], next=following))

    def _of_key(self, caller: Principal) -> Sequence[shown.Membership]:
        own = self.workspaces.find(caller.workspace)
        return [shown.Membership(id=own.id, name=own.name, state=_state(own), role=caller.role)] if own else []

    def _memberships(self, person: str, found: Sequence[str]) -> Sequence[shown.Membership]:
        known = self.workspaces.find_many(found)
        members = self.members.find_many([(each, member_id(each, person)) for each in found if each in known])
        return [_membership(known[each.workspace], each) for each in members]

    def _found(self, request: Request[I]) -> Workspace:
        found = self.workspaces.find(request.principal.workspace, consistent=True)
        if found is None:
            raise missing("workspace")
        return found


def _membership(workspace: Workspace, member: Member) -> shown.Membership:
    return shown.Membership(id=workspace.id, name=workspace.name, state=_state(workspace), role=member.role)


def _state(workspace: Workspace) -> shown.WorkspaceState:
    return shown.WorkspaceState.SUSPENDED if workspace.standing.suspended else shown.WorkspaceState.ACTIVE


def _view(workspace: Workspace) -> shown.Workspace:
    return shown.Workspace(
        id=workspace.id,
        name=workspace.name,
        state=_state(workspace),
        suspended_at=utc_text(workspace.suspended_at) if workspace.suspended_at else None,
        reason=workspace.reason,
        granted=list(workspace.granted),
        created_at=utc_text(workspace.created_at),
        updated_at=utc_text(workspace.updated_at),
        updated_by=workspace.updated_by,
    )
