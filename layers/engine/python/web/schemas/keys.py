"""API keys as callers send and see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from identity.model import Role
from web.schemas.base import Given, Page, Taken, Time

MOMENT_CHARS = 64
Id = Annotated[str, Field(description="The key's id; not the key itself.", examples=["key_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
Name = Annotated[str, Field(min_length=1, max_length=100, description="For people: where this key is used.")]
KeyRole = Annotated[Role, Field(description="viewer reads, author publishes, editor connects channels, admin all.")]


def _written(value: object) -> object:
    """Text alone, as it is described: of a number nobody could say whether it counts seconds or milliseconds."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "This must be text.")
    if len(value) > MOMENT_CHARS:
        raise PydanticCustomError("string_too_long", "This is too long for a time.", {"max_length": MOMENT_CHARS})
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This time is at the end of the calendar.") from None


_DESCRIBED = WithJsonSchema({"type": "string", "format": "date-time", "maxLength": MOMENT_CHARS})
End = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc), _DESCRIBED]


class NewApiKey(Taken):
    """A key to be made."""

    name: Name
    role: KeyRole
    expires_at: Annotated[End | None, Field(description="When it ends by itself, with offset; null: it does not.")] = (
        None
    )


class ApiKey(Given):
    """A key, without the key itself. It is the workspace's: it stays good when whoever made it is removed."""

    id: Id
    name: Name
    role: KeyRole
    created_at: Time
    created_by: Annotated[str, Field(description="Who made it: a key's id, a member's id, or operator.")]
    expires_at: Time | None = None
    revoked_at: Time | None = None
    last_used_at: Annotated[
        Time | None, Field(description="When it was last used, within the hour; null: never, or not for long.")
    ] = None


class ApiKeys(Page[ApiKey]):
    """A page of keys."""


class ApiKeyWithText(ApiKey):
    """A key just made."""

    key: Annotated[str, Field(description="The key. It is shown this once; only its hash is stored.")]
