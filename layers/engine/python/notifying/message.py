"""What crosses the queues of status webhooks: identifiers and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

_Id = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.\-]+$")]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = Field(default=1, alias="v")
    workspace: _Id
    endpoint: _Id


class Tell(_Message):
    """Tell an endpoint of an event, if it was tried so often already."""

    kind: Literal["tell"] = "tell"
    event: _Id
    tried: int = 0


class Probe(_Message):
    """Tell an endpoint of an event that is a test, and made only now."""

    kind: Literal["probe"] = "probe"
    at: str = Field(max_length=40)


class Replay(_Message):
    """Tell an endpoint again of the events of its log from one id to another, behind `after`."""

    kind: Literal["replay"] = "replay"
    first: _Id
    last: _Id
    after: str = Field(default="", max_length=128)
    undelivered: bool = False


Work = Tell | Probe | Replay
_WORK: TypeAdapter[Work] = TypeAdapter(Annotated[Work, Field(discriminator="kind")])


def work(body: str) -> Work:
    """The message on one of the queues.

    Raises:
        pydantic.ValidationError: it is not one; it will reach the dead-letter queue.
    """
    return _WORK.validate_json(body)


def body(message: _Message) -> str:
    """A message as it is sent."""
    return message.model_dump_json(by_alias=True, ensure_ascii=True)
