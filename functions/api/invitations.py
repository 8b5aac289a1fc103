"""Invitations: made, listed, revoked by admins; accepted by whoever was handed the token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from functions.api.authority import authority
from functions.api.members import view
from identity.audit import Entry
from identity.invitations import AlreadyMember, Invitation, Invitations, NotInvited, Suspended
from identity.members import Member
from publishing.model import utc_text
from web import cursor, people
from web.operation import PATH_PATTERNS
from web.problems import FORBIDDEN, NOT_FOUND, SUSPENDED, WRONG_STATE, Refusal, missing
from web.request import Answer, Request
from web.router import Router
from web.schemas import people as shown
from web.schemas.base import Nothing, Paging
from web.witness import Witness

LISTING = "invitations"


@dataclass(frozen=True)
class Inviting:
    """What callers do with invitations."""

    invitations: Invitations
    witness: Witness

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about invitations."""
        router.serve(people.INVITE, self.create)
        router.serve(people.LIST_INVITATIONS, self.list)
        router.serve(people.REVOKE_INVITATION, self.revoke)
        router.serve(people.ACCEPT_INVITATION, self.accept)

    def create(self, request: Request[shown.NewInvitation]) -> Answer[shown.InvitationWithToken]:
        """Invite somebody, and show the token this once."""
        asked = request.input
        ends = self.invitations.clock() + timedelta(days=asked.days)
        with authority():
            made, token = self.invitations.create(
                request.principal, role=asked.role, label=asked.label, expires_at=ends
            )
        shown_once = shown.InvitationWithToken(**_view(made).model_dump(), token=token)
        return Answer(shown_once, headers={"Location": f"/v1/invitations/{made.id}"})

    def list(self, request: Request[Paging]) -> Answer[shown.Invitations]:
        """A page of open invitations."""
        workspace, patterns = request.principal.workspace, [PATH_PATTERNS["invitation"]]
        after = cursor.place(request.input.cursor, listing=LISTING, workspace=workspace, patterns=patterns)
        found, last = self.invitations.page(workspace, limit=request.input.limit, after=next(iter(after), ""))
        following = cursor.text([last], listing=LISTING, workspace=workspace) if last else None
        return Answer(shown.Invitations(items=[_view(each) for each in found], next=following))

    def revoke(self, request: Request[Nothing]) -> Answer[None]:
        """Revoke an invitation."""
        if not self.invitations.revoke(request.principal.workspace, request.path["invitation"]):
            raise missing("invitation")
        return Answer(None)

    def accept(self, request: Request[shown.Acceptance]) -> Answer[shown.Joined]:
        """Make a member of the person who shows the invitation's token."""
        if not request.person:
            raise Refusal(FORBIDDEN, "People accept invitations: show a token of the issuer, not an API key.")
        member = self._joined(request.input, request.person)
        self._enter(member, request.correlation_id)
        joined = shown.Joined(workspace=member.workspace, member=view(member))
        return Answer(joined, headers={"Location": f"/v1/members/{member.id}"})

    def _joined(self, asked: shown.Acceptance, person: str) -> Member:
        try:
            with authority():
                return self.invitations.accept(asked.token, person=person, name=asked.name)
        except NotInvited:
            detail = "There is no such invitation: it was used or revoked, it is past, or it never was."
            raise Refusal(NOT_FOUND, detail) from None
        except AlreadyMember:
            raise Refusal(WRONG_STATE, "You are a member of this workspace already.") from None
        except Suspended:
            detail = "Nobody can join it while it is; the invitation stays good until it ends."
            raise Refusal(SUSPENDED, detail) from None

    def _enter(self, member: Member, correlation_id: str) -> None:
        """In the log of the workspace that was joined, which is not the caller's yet."""
        self.witness.enter(
            Entry(
                workspace=member.workspace,
                actor=member.id,
                operation=people.ACCEPT_INVITATION.id,
                status=people.ACCEPT_INVITATION.status,
                at=self.invitations.clock(),
                correlation_id=correlation_id,
                made=f"/v1/members/{member.id}",
            )
        )


def _view(invitation: Invitation) -> shown.Invitation:
    return shown.Invitation(
        id=invitation.id,
        role=invitation.role,
        label=invitation.label,
        created_at=utc_text(invitation.created_at),
        created_by=invitation.created_by,
        expires_at=utc_text(invitation.expires_at),
    )
