"""The words of identity as values: roles, callers, and why a caller is not known. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

WORKSPACE = re.compile(r"ws_[0-9a-hjkmnp-tv-z]{26}")


class Role(StrEnum):
    """What a caller may do; each role may do what those before it may. They compare by rank, not as text."""

    VIEWER = "viewer"  # read
    AUTHOR = "author"  # publish
    EDITOR = "editor"  # connect channels
    ADMIN = "admin"  # hand out keys

    @property
    def rank(self) -> int:
        """The place in the order of roles, from 0."""
        return list(Role).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Role(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Role(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Role(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Role(other).rank


class Denial(StrEnum):
    """Why a caller is not known."""

    MISSING = "missing"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    REVOKED_KEY = "revoked-key"
    EXPIRED_KEY = "expired-key"
    INVALID_TOKEN = "invalid-token"  # noqa: S105 - names a reason, is none
    EXPIRED_TOKEN = "expired-token"  # noqa: S105
    UNAVAILABLE = "unavailable"  # we cannot tell at the moment


class Denied(Exception):  # noqa: N818 - named for what happened
    """The caller is not known, for this reason."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.value)
        self.denial = denial


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling: a subject in a workspace with a role; `key` where an API key was shown."""

    workspace: str
    subject: str
    role: Role
    key: str = ""

    def context(self) -> dict[str, str]:
        """What the authorizer hands to the functions behind it."""
        kept = {"workspace": self.workspace, "subject": self.subject, "role": self.role.value, "key_id": self.key}
        return {name: value for name, value in kept.items() if value}


def principal_of(context: Mapping[str, object]) -> Principal:
    """The caller in an authorizer's context; whatever is not wholly right there is nobody.

    Raises:
        Denied: nobody is there, with the reason the authorizer gave.
    """
    texts = {name: value for name, value in context.items() if isinstance(value, str)}
    if "problem" in context:
        raise Denied(_denial(texts.get("problem", "")))
    workspace, subject, role = (texts.get(name, "") for name in ("workspace", "subject", "role"))
    if not (WORKSPACE.fullmatch(workspace) and subject and role in set(Role)):
        raise Denied(Denial.MISSING)
    return Principal(workspace, subject, Role(role), texts.get("key_id", ""))


def _denial(text: str) -> Denial:
    return Denial(text) if text in set(Denial) else Denial.MISSING
