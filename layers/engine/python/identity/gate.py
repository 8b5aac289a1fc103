"""The gate: who shows this Authorization header, remembering keys and members for half a minute."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Protocol

from identity.keys import USED_AGAIN, ApiKey, Keys, hashed
from identity.members import Member, Members, member_id
from identity.model import WORKSPACE, Bearer, Denial, Denied, Principal
from publishing import aws
from publishing.failures import told
from publishing.memory import Memory
from publishing.standing import Stands

REMEMBER_S = 30.0  # a revoked key is refused everywhere after this and the index's second at the latest
REMEMBER_KEYS = 1_000
SEVERAL = 2

logger = logging.getLogger(__name__)


class Tokens(Protocol):
    """What can tell who shows a token."""

    def bearer(self, token: str) -> Bearer:
        """The person, or `Denied`."""


def _keys() -> Memory[str, ApiKey]:
    return Memory(keep_s=REMEMBER_S, most=REMEMBER_KEYS)


def _members() -> Memory[tuple[str, str], Member]:
    return Memory(keep_s=REMEMBER_S, most=REMEMBER_KEYS)


@dataclass(frozen=True)
class Gate:
    """Knows callers by API key, and by token where an issuer is configured; and whether their workspace is suspended.

    A key is looked up by its hash, so how long that takes says nothing about keys that exist; only for one that opens
    more is asked. What is unknown is never remembered: a new key works at once, and so does a new member.
    """

    keys: Keys
    members: Members
    standing: Stands
    issuer: Tokens | None = None
    memory: Memory[str, ApiKey] = field(default_factory=_keys, repr=False)
    joined: Memory[tuple[str, str], Member] = field(default_factory=_members, repr=False)

    def principal(self, authorization: str, named: str = "") -> Principal:
        """The caller who shows this header; `named`: the workspace asked for, which none but the own may be.

        Raises:
            Denied: nobody we know.
        """
        scheme, _, credentials = authorization.strip().partition(" ")
        credentials = credentials.strip()
        if not authorization.strip():
            raise Denied(Denial.MISSING)
        if scheme.lower() != "bearer" or not credentials or " " in credentials:
            raise Denied(Denial.MALFORMED)
        if credentials.startswith("pr_") or self.issuer is None:
            found = self._by_key(credentials)
        else:
            found = self._by_token(self.issuer.bearer(credentials), named)
        if named and named != found.workspace:
            raise Denied(Denial.NO_MEMBER)
        return replace(found, suspended=self.standing(found.workspace).suspended)

    def _by_key(self, text: str) -> Principal:
        digest = hashed(text)
        remembered = self.memory.recall(digest)
        key = remembered or self.memory.keep(digest, self._found(digest))
        principal = key.principal(self.keys.clock())
        if remembered is None:
            self._note(key)
        return principal

    def _found(self, digest: str) -> ApiKey:
        key = self.keys.find(digest)
        if key is None:
            raise Denied(Denial.UNKNOWN_KEY)
        return key

    def _note(self, key: ApiKey) -> None:
        """Have it shown that the key is used; nobody is turned away because that cannot be written."""
        if key.last_used_at and self.keys.clock() - key.last_used_at < USED_AGAIN:
            return
        try:
            self.keys.used(key)
        except aws.FAILURES as error:
            logger.warning("It could not be written down that a key was used", extra={"key": key.id, **told(error)})

    def _by_token(self, bearer: Bearer, named: str) -> Principal:
        if bearer.workspace and named and bearer.workspace != named:
            raise Denied(Denial.NO_MEMBER, bearer.person, narrowed=True)
        wanted = bearer.workspace or named
        known = (bearer.person, wanted)
        member = self.joined.recall(known) or self.joined.keep(known, self._joined(bearer, wanted))
        role, bound = min(member.role, bearer.most), bool(bearer.workspace)
        return Principal(member.workspace, member.id, role, person=bearer.person, bound=bound, most=bearer.most)

    def _joined(self, bearer: Bearer, wanted: str) -> Member:
        workspace = wanted or self._only(bearer)
        ours = WORKSPACE.fullmatch(workspace)
        member = self.members.find(workspace, member_id(workspace, bearer.person)) if ours else None
        if member is None or member.leaving_at:
            raise Denied(Denial.NO_MEMBER, bearer.person, narrowed=bearer.narrowed)
        return member

    def _only(self, bearer: Bearer) -> str:
        """The one workspace a person is a member of."""
        found, _ = self.members.workspaces_of(bearer.person, limit=SEVERAL)
        if len(found) == SEVERAL:
            raise Denied(Denial.WHICH_WORKSPACE, bearer.person, narrowed=bearer.narrowed)
        return next(iter(found), "")
