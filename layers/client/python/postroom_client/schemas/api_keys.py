"""The models of /v1/api-keys. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ApiKey(TypedDict):
    """A key, without the key itself."""

    id: str  # The key's id; not the key itself.
    name: str  # For people: where this key is used.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it: a key's id, a token's subject, or operator.
    expires_at: str | None
    revoked_at: str | None


class ApiKeyWithText(TypedDict):
    """A key just made."""

    id: str  # The key's id; not the key itself.
    name: str  # For people: where this key is used.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it: a key's id, a token's subject, or operator.
    expires_at: str | None
    revoked_at: str | None
    key: str  # The key. It is shown this once; only its hash is stored.


class ApiKeys(TypedDict):
    """A page of keys."""

    items: list[ApiKey]
    next: str | None  # The cursor of the next page; null on the last.


class NewApiKey(TypedDict):
    """A key to be made."""

    name: str  # For people: where this key is used.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    expires_at: NotRequired[str | None]  # When it ends by itself, with offset; null: it does not.


# What a caller may do; each role may do what those before it may. They compare by rank, not as text.
Role = Literal["viewer", "author", "editor", "admin"]
