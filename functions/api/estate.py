"""What a member leaves behind that lets others in: keys and invitations, its own and those made with its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from identity.audit import Entry
from identity.invitations import Invitations
from identity.keys import ApiKey, Keys
from identity.members import Member
from identity.records import Busy
from web import contract, people
from web.operation import Operation
from web.request import I, Request
from web.witness import Witness

ROUNDS = 5  # so many generations of keys made while they are revoked; whoever makes more is asked for once again


@dataclass(frozen=True)
class Estate:
    """Finds and ends it; each end is entered in the log by itself, done by whoever asked."""

    keys: Keys
    invitations: Invitations
    witness: Witness

    def above(self, member: Member) -> Sequence[str]:
        """The good keys that are the member's work and may more than it."""
        if member.is_admin:
            return []
        work = self.good(self.keys.work_of(member.workspace, member.id))
        return [key.id for key in work if key.role > member.role]

    def good(self, work: Iterable[ApiKey]) -> Sequence[ApiKey]:
        """Those that open anything now."""
        now = self.keys.clock()
        return [key for key in work if key.is_good(now)]

    def ended(self, request: Request[I], member: Member, ends: Callable[[ApiKey], bool]) -> Sequence[ApiKey]:
        """Every key that is the member's work, good or not, once those that are to end have ended.

        Raises:
            Busy: such keys are made as fast as they end.
        """
        for _ in range(ROUNDS):
            work = self.keys.work_of(member.workspace, member.id)
            ending = [key for key in self.good(work) if ends(key)]
            if not ending:
                return work
            for key in ending:
                self.keys.revoke(key.workspace, key.id)
                self._enter(request, contract.REVOKE_KEY, {"key": key.id})
        raise Busy

    def uninvited(self, request: Request[I], member: Member, work: Iterable[ApiKey]) -> list[str]:
        """The open invitations by the member or by one of these keys; they are revoked."""
        makers, revoked = {member.id, *(key.id for key in work)}, []
        for each in self.invitations.revoke_of(member.workspace, makers):
            revoked.append(each)
            self._enter(request, people.REVOKE_INVITATION, {"invitation": each})
        return revoked

    def _enter(self, request: Request[I], operation: Operation[Any, Any], ids: dict[str, str]) -> None:
        caller = request.principal
        self.witness.enter(
            Entry(
                workspace=caller.workspace,
                actor=caller.subject,
                operation=operation.id,
                status=operation.status,
                at=self.keys.clock(),
                correlation_id=request.correlation_id,
                ids=ids,
            )
        )
