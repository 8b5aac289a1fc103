"""API keys as callers send and see them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from identity.model import Role
from web.schemas.base import Given, Page, Taken, Time

Id = Annotated[str, Field(description="The key's id; not the key itself.", examples=["key_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
Name = Annotated[str, Field(min_length=1, max_length=100, description="For people: where this key is used.")]
KeyRole = Annotated[Role, Field(description="viewer reads, author publishes, editor connects channels, admin all.")]


class NewApiKey(Taken):
    """A key to be made."""

    name: Name
    role: KeyRole
    expires_at: Annotated[
        AwareDatetime | None, Field(description="When it ends by itself, with offset; null: it does not.")
    ] = None


class ApiKey(Given):
    """A key, without the key itself."""

    id: Id
    name: Name
    role: KeyRole
    created_at: Time
    created_by: Annotated[str, Field(description="Who made it: a key's id, a token's subject, or operator.")]
    expires_at: Time | None = None
    revoked_at: Time | None = None


class ApiKeys(Page[ApiKey]):
    """A page of keys."""


class ApiKeyWithText(ApiKey):
    """A key just made."""

    key: Annotated[str, Field(description="The key. It is shown this once; only its hash is stored.")]
