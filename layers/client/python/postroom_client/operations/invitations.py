"""What can be done at /v1/invitations. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import Acceptance, Invitation, InvitationWithToken, Joined, NewInvitation


class InvitationsOperations(Caller):
    """What can be done at /v1/invitations."""

    def create_invitation(self, body: NewInvitation, *, idempotency_key: str | None = None) -> InvitationWithToken:
        """Invite somebody; this answer alone holds the token to be handed over. Needs the role admin."""
        answer: InvitationWithToken = self._document(
            Call("POST", "/v1/invitations", answers=(201,), body=body, idempotency_key=idempotency_key or new_key())
        )
        return answer

    def list_invitations(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[Invitation]:
        """List open invitations, newest first. Needs the role admin."""
        return self._items(Call("GET", "/v1/invitations", answers=(200,), query={"limit": limit, "cursor": cursor}))

    def revoke_invitation(self, invitation: str) -> None:
        """Revoke an invitation, for good. Needs the role admin."""
        self._nothing(Call("DELETE", path("/v1/invitations/{}", invitation), answers=(204,)))

    def accept_invitation(self, body: Acceptance, *, idempotency_key: str | None = None) -> Joined:
        """Become a member, with a token of the issuer that no claim narrows and an invitation's. Needs any role, or a
        token of the issuer alone: its bearer need not be a member of a workspace.
        """
        answer: Joined = self._document(
            Call(
                "POST",
                "/v1/invitations/accept",
                answers=(201,),
                body=body,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
