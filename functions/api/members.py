"""Members: listed, given other roles, removed. Whoever is removed leaves no way back behind, and no key unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from functions.api.authority import authority
from identity.invitations import Invitations
from identity.keys import Keys
from identity.members import LastAdmin, Member, Members
from publishing.model import utc_text
from web import cursor, people
from web.operation import PATH_PATTERNS
from web.problems import CONFLICT, WRONG_STATE, Refusal, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import people as shown
from web.schemas.base import Nothing, Paging

LISTING = "members"
LAST = "The workspace's last admin stays one: make somebody else an admin first."


@dataclass(frozen=True)
class Crew:
    """What callers do with the members of their workspace."""

    members: Members
    invitations: Invitations
    keys: Keys

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about members."""
        router.serve(people.LIST_MEMBERS, self.list)
        router.serve(people.READ_MEMBER, self.read)
        router.serve(people.CHANGE_MEMBER, self.change)
        router.serve(people.REMOVE_MEMBER, self.remove)

    def list(self, request: Request[Paging]) -> Answer[shown.Members]:
        """A page of members."""
        workspace, patterns = request.principal.workspace, [PATH_PATTERNS["member"]]
        after = cursor.place(request.input.cursor, listing=LISTING, workspace=workspace, patterns=patterns)
        found, last = self.members.page(workspace, limit=request.input.limit, after=next(iter(after), ""))
        following = cursor.text([last], listing=LISTING, workspace=workspace) if last else None
        return Answer(shown.Members(items=[view(member) for member in found], next=following))

    def read(self, request: Request[Nothing]) -> Answer[shown.Member]:
        """One member."""
        return Answer(view(self._found(request)))

    def change(self, request: Request[shown.MemberChanges]) -> Answer[shown.Member]:
        """Give a member another role or name; an admin no longer leaves no invitation open."""
        asked, seen = request.input, self._found(request)
        request.insist_on(view(seen))
        changed = replace(
            seen,
            role=seen.role if asked.role is None else asked.role,
            name=seen.name if asked.name is None else asked.name,
        )
        self._written(lambda: self.members.change(seen, changed, by=request.principal))
        if seen.is_admin and not changed.is_admin:
            self.invitations.revoke_of(seen.workspace, seen.id)
        return Answer(view(changed))

    def remove(self, request: Request[shown.Removal]) -> Answer[shown.RemovedMember]:
        """Remove a member, and tell which of the workspace's keys are the member's work."""
        seen = self._found(request)
        request.insist_on(view(seen))
        self._written(lambda: self.members.remove(seen, by=request.principal))
        revoked = self.invitations.revoke_of(seen.workspace, seen.id)
        made = [key.id for key in self.keys.made_by(seen.workspace, seen.id)]
        ending = made if request.input.keys == "revoke" else []
        for key in ending:
            self.keys.revoke(seen.workspace, key)
        kept = [key for key in made if key not in ending]
        return Answer(
            shown.RemovedMember(id=seen.id, keys_kept=kept, keys_revoked=ending, invitations_revoked=list(revoked))
        )

    def _found(self, request: Request[I]) -> Member:
        member = self.members.find(request.principal.workspace, request.path["member"])
        if member is None:
            raise missing("member")
        return member

    @staticmethod
    def _written(write: Callable[[], bool]) -> None:
        try:
            with authority():
                done = write()
        except LastAdmin:
            raise Refusal(WRONG_STATE, LAST) from None
        if not done:
            raise Refusal(CONFLICT, "The member was changed by somebody else just now; ask again.")


def view(member: Member) -> shown.Member:
    """A member as callers see it."""
    return shown.Member(
        id=member.id,
        name=member.name,
        role=member.role,
        joined_at=utc_text(member.joined_at),
        invited_by=member.invited_by,
    )
