"""Workspaces: the caller's own read and renamed, and those a person is a member of listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from identity.members import Members, member_id
from identity.model import WORKSPACE, Principal, Role
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
        """A page of the workspaces the caller may work in, as what it shows lets it."""
        caller, person, patterns = request.caller, request.person, [WORKSPACE.pattern]
        if caller and (caller.bound or not person):
            return Answer(shown.Memberships(items=[*self._own(caller)]))
        after = cursor.place(request.input.cursor, listing=LISTING, workspace=person, patterns=patterns)
        found, last = self.members.workspaces_of(person, limit=request.input.limit, after=next(iter(after), ""))
        following = cursor.text([last], listing=LISTING, workspace=person) if last else None
        most = caller.most if caller else Role.ADMIN
        return Answer(shown.Memberships(items=[*self._memberships(person, found, most)], next=following))

    def _own(self, caller: Principal) -> Sequence[shown.Membership]:
        own = self.workspaces.find(caller.workspace)
        return [_membership(own, caller.role)] if own else []

    def _memberships(self, person: str, found: Sequence[str], most: Role) -> Sequence[shown.Membership]:
        known = self.workspaces.find_many(found)
        members = self.members.find_many([(each, member_id(each, person)) for each in found if each in known])
        return [_membership(known[each.workspace], min(each.role, most)) for each in members]

    def _found(self, request: Request[I]) -> Workspace:
        found = self.workspaces.find(request.principal.workspace, consistent=True)
        if found is None:
            raise missing("workspace")
        return found


def _membership(workspace: Workspace, role: Role) -> shown.Membership:
    return shown.Membership(id=workspace.id, name=workspace.name, state=_state(workspace), role=role)


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
