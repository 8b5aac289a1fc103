"""What crosses the queues: identifiers and nothing else. Readers accept this schema version and the one before."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

SCHEMA: Literal[1] = 1
_Id = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.\-]+$")]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = Field(default=SCHEMA, alias="v")
    workspace: _Id
    correlation_id: str = Field(default="", max_length=128)


class Deliver(_Message):
    """Deliver one target of a publication, if it still stands at this version; `turn` was kept for it by `Pace`."""

    kind: Literal["deliver"] = "deliver"
    publication: _Id
    channel: _Id
    version: int
    turn: int | None = None


class Verify(_Message):
    """Find out whether a channel's credentials are good."""

    kind: Literal["verify"] = "verify"
    channel: _Id


class Renew(_Message):
    """Attend to a channel's credentials, if nothing was done since this was sent: its `renew_at` is still the same."""

    kind: Literal["renew"] = "renew"
    channel: _Id
    renew_at: str = Field(max_length=40)


class Due(_Message):
    """A publication's time has come: all of it, or one channel's retry."""

    kind: Literal["due"] = "due"
    publication: _Id
    version: int
    channel: _Id | None = None


Work = Deliver | Verify | Renew
_WORK: TypeAdapter[Work] = TypeAdapter(Annotated[Work, Field(discriminator="kind")])


def work(body: str) -> Work:
    """The message on a platform's queue.

    Raises:
        pydantic.ValidationError: it is not one; it will reach the dead-letter queue.
    """
    return _WORK.validate_json(body)


def body(message: _Message) -> str:
    """A message as it is sent: ASCII JSON, so that no character SQS refuses can reach it."""
    return message.model_dump_json(by_alias=True, exclude_none=True, ensure_ascii=True)
