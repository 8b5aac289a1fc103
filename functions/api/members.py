"""Members: listed, given other roles, removed. Whoever is removed leaves no way back behind, and no key unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from functions.api.authority import authority
from functions.api.estate import Estate
from identity.keys import ApiKey
from identity.members import LastAdmin, Member, Members
from publishing.model import utc_text
from web import cursor, people
from web.operation import PATH_PATTERNS
from web.problems import CONFLICT, WRONG_STATE, Refusal, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import people as shown
from web.schemas.base import Nothing, Paging

W = TypeVar("W")  # what was written

LISTING = "members"
LEAVING = "The member is being removed: DELETE it again to finish."
LAST = "The workspace's last admin stays one: make somebody else an admin first."


@dataclass(frozen=True)
class Crew:
    """What callers do with the members of their workspace."""

    members: Members
    estate: Estate

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

    def read(self, request: Request[Nothing]) -> Answer[shown.MemberWithKeys]:
        """One member."""
        return Answer(self._alone(self._found(request)))

    def change(self, request: Request[shown.MemberChanges]) -> Answer[shown.MemberWithKeys]:
        """Give a member another role or name, and tell which keys may more; who is no admin leaves no invitation."""
        asked, seen = request.input, self._found(request)
        if seen.leaving_at:
            raise Refusal(WRONG_STATE, LEAVING)
        request.insist_on(self._alone(seen))
        changed = replace(
            seen,
            role=seen.role if asked.role is None else asked.role,
            name=seen.name if asked.name is None else asked.name,
        )
        self._written(lambda: self.members.change(seen, changed, by=request.principal))
        if not changed.is_admin:  # was it just now or not: what was interrupted is finished by asking again
            self._lowered(request, changed)
        return Answer(self._alone(changed))

    def remove(self, request: Request[shown.Removal]) -> Answer[shown.RemovedMember]:
        """Remove a member, and tell which of the workspace's keys are the member's work.

        It may do nothing any more before anything else is done, and is found until all is: what was interrupted is
        finished by asking again.
        """
        leaving, ends = self._dismissed(request), request.input.keys == "revoke"
        with authority():
            work = self.estate.ended(request, leaving, lambda _: ends)
        invitations = self.estate.uninvited(request, leaving, work)
        self.members.remove(leaving)
        return Answer(
            shown.RemovedMember(
                id=leaving.id,
                keys_kept=[key.id for key in self.estate.good(work)],
                keys_revoked=[key.id for key in work if _ended_since(leaving, key)],
                invitations_revoked=invitations,
            )
        )

    def _dismissed(self, request: Request[shown.Removal]) -> Member:
        seen = self._found(request)
        if seen.leaving_at:  # a repetition brings the tag of the member as it was
            return seen
        request.insist_on(self._alone(seen))
        return self._written(lambda: self.members.dismiss(seen, by=request.principal))

    def _lowered(self, request: Request[shown.MemberChanges], member: Member) -> None:
        """Of what it made no invitation stays open that nobody could accept, and no key above it, if so asked."""
        ends = request.input.keys == "revoke"
        with authority():
            work = self.estate.ended(request, member, lambda key: ends and key.role > member.role)
        good = self.estate.good(work)
        self.estate.uninvited(request, member, [key for key in work if key not in good])

    def _alone(self, member: Member) -> shown.MemberWithKeys:
        return shown.MemberWithKeys(**view(member).model_dump(), keys_above=list(self.estate.above(member)))

    def _found(self, request: Request[I]) -> Member:
        member = self.members.find(request.principal.workspace, request.path["member"])
        if member is None:
            raise missing("member")
        return member

    @staticmethod
    def _written(write: Callable[[], W | None]) -> W:
        try:
            with authority():
                done = write()
        except LastAdmin:
            raise Refusal(WRONG_STATE, LAST) from None
        if not done:
            raise Refusal(CONFLICT, "The member was changed by somebody else just now; ask again.")
        return done


def view(member: Member) -> shown.Member:
    """A member as callers see it."""
    return shown.Member(
        id=member.id,
        name=member.name,
        role=member.role,
        joined_at=utc_text(member.joined_at),
        invited_by=member.invited_by,
        leaving=member.leaving_at is not None,
    )


def _ended_since(leaving: Member, key: ApiKey) -> bool:
    return bool(key.revoked_at and leaving.leaving_at and key.revoked_at >= leaving.leaving_at)
