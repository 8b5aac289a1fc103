"""The words of identity as values: roles, callers, and why a caller is not known. Standard library only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

WORKSPACE = re.compile(r"ws_[0-9a-hjkmnp-tv-z]{26}")
MEMBER, KEY = "mbr", "key"  # what the ids of members and of keys begin with
OPERATOR = "operator"  # who did what no key and no member did
_PERSON = re.compile(r"[0-9a-f]{64}")


class Role(StrEnum):
    """What a caller may do; each role may do what those before it may. They compare by rank, not as text."""

    VIEWER = "viewer"  # read
    AUTHOR = "author"  # publish
    EDITOR = "editor"  # connect channels
    ADMIN = "admin"  # hand out keys, invite, and change roles

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
    NO_MEMBER = "no-member"  # a person the issuer knows, and no member of the workspace
    WHICH_WORKSPACE = "which-workspace"  # a member of several, who does not say which is meant


class Denied(Exception):  # noqa: N818 - named for what happened
    """The caller is not known, for this reason; `person` where it is one the issuer knows.

    `narrowed`: its token is meant for one workspace, or for a role at most.
    """

    def __init__(self, denial: Denial, person: str = "", *, narrowed: bool = False) -> None:
        super().__init__(denial.value)
        self.denial = denial
        self.person = person
        self.narrowed = narrowed

    def context(self) -> dict[str, str]:
        """What the authorizer hands to the functions behind it."""
        narrowed = "true" if self.narrowed else ""
        kept = {"problem": self.denial.value, "person": self.person, "narrowed": narrowed}
        return {name: value for name, value in kept.items() if value}


def person_of(issuer: str, subject: str) -> str:
    """What stands for an issuer's subject everywhere: neither is stored, handed on or logged."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who shows a token: a person; and what the token is meant for, where it says so: a workspace, a role at most."""

    person: str
    workspace: str = ""
    most: Role = Role.ADMIN

    @property
    def narrowed(self) -> bool:
        """Whether the token is for less than the person may."""
        return bool(self.workspace) or self.most < Role.ADMIN


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling: a member of a workspace or one of its API keys, by id, with a role.

    `key` where an API key was shown, `person` where a token was; `bound`: that is for this workspace alone, `most`: for
    no more than this role anywhere; `suspended`: the workspace is.
    """

    workspace: str
    subject: str
    role: Role
    key: str = ""
    person: str = ""
    suspended: bool = False
    bound: bool = False
    most: Role = Role.ADMIN

    @property
    def narrowed(self) -> bool:
        """Whether a token was shown that is for less than its person may."""
        return self.bound or self.most < Role.ADMIN

    def context(self) -> dict[str, str]:
        """What the authorizer hands to the functions behind it."""
        kept = {
            "workspace": self.workspace,
            "subject": self.subject,
            "role": self.role.value,
            "key_id": self.key,
            "person": self.person,
            "suspended": "true" if self.suspended else "",
            "bound": "true" if self.bound else "",
            "most": self.most.value if self.most < Role.ADMIN else "",
        }
        return {name: value for name, value in kept.items() if value}


def principal_of(context: Mapping[str, object]) -> Principal:
    """The caller in an authorizer's context; whatever is not wholly right there is nobody.

    Raises:
        Denied: nobody is there, with the reason the authorizer gave.
    """
    texts = {name: value for name, value in context.items() if isinstance(value, str)}
    person = texts.get("person", "") if _PERSON.fullmatch(texts.get("person", "")) else ""
    if "problem" in context:
        raise Denied(_denial(texts.get("problem", "")), person, narrowed="narrowed" in context)
    workspace, subject, role = (texts.get(name, "") for name in ("workspace", "subject", "role"))
    most = texts.get("most", Role.ADMIN.value)
    if not (WORKSPACE.fullmatch(workspace) and subject and {role, most} <= set(Role)):
        raise Denied(Denial.MISSING)
    suspended, bound, key = "suspended" in context, "bound" in context, texts.get("key_id", "")
    return Principal(workspace, subject, Role(role), key, person, suspended, bound, Role(most))


def _denial(text: str) -> Denial:
    return Denial(text) if text in set(Denial) else Denial.MISSING
