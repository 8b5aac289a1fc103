"""The gate: who shows this Authorization header, remembering keys for half a minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from identity.keys import ApiKey, Keys, hashed
from identity.model import Denial, Denied, Principal
from publishing.memory import Memory

REMEMBER_S = 30.0  # a revoked key is refused everywhere after this and the index's second at the latest
REMEMBER_KEYS = 1_000


class Tokens(Protocol):
    """What can tell who shows a token."""

    def principal(self, token: str) -> Principal:
        """The caller, or `Denied`."""


def _memory() -> Memory[str, ApiKey]:
    return Memory(keep_s=REMEMBER_S, most=REMEMBER_KEYS)


@dataclass(frozen=True)
class Gate:
    """Knows callers by API key, and by token where an issuer is configured.

    A key is looked up by its hash, so how long that takes says nothing about keys that exist, and a key that is
    unknown costs the same as one that is not. What is unknown is never remembered: a new key works at once.
    """

    keys: Keys
    issuer: Tokens | None = None
    memory: Memory[str, ApiKey] = field(default_factory=_memory)

    def principal(self, authorization: str) -> Principal:
        """The caller who shows this header.

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
            return self._by_key(credentials).principal(self.keys.clock())
        return self.issuer.principal(credentials)

    def _by_key(self, text: str) -> ApiKey:
        digest = hashed(text)
        remembered = self.memory.recall(digest)
        return remembered or self.memory.keep(digest, self._found(digest))

    def _found(self, digest: str) -> ApiKey:
        key = self.keys.find(digest)
        if key is None:
            raise Denied(Denial.UNKNOWN_KEY)
        return key
