"""The models of /v1/api-keys. Generated: `make client`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from postroom_client.schemas.shared import Role


class ApiKey(TypedDict):
    """A key, without the key itself. It is the workspace's: it stays good when whoever made it is removed."""

    id: str  # The key's id; not the key itself.
    name: str  # For people: where this key is used.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it: a key's id, a member's id, or operator.
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None  # When it was last used, within the hour; null: never, or not for long.


class ApiKeyWithText(TypedDict):
    """A key just made."""

    id: str  # The key's id; not the key itself.
    name: str  # For people: where this key is used.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it: a key's id, a member's id, or operator.
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None  # When it was last used, within the hour; null: never, or not for long.
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
