"""What all requests and answers share."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
PAGE = 50
LONGEST_PAGE = 100

Time = Annotated[str, Field(description="UTC, as in 2026-12-24T17:00:00.000Z.", examples=["2026-12-24T17:00:00.000Z"])]


class Taken(BaseModel):
    """What a caller sends: a field we do not know is refused. Built when first used, for a Lambda's sake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class Given(BaseModel):
    """What a caller gets; fields without a value are null, and there nevertheless."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        defer_build=True,
        json_schema_serialization_defaults_required=True,
    )


class Nothing(Taken):
    """No fields."""


class Whatever(Taken):
    """Fields that are passed over: readers of public addresses add what they like."""

    model_config = ConfigDict(extra="ignore")


class Paging(Taken):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE, description="The most items on the page.")] = PAGE
    cursor: Annotated[
        str, Field(max_length=500, description="Where the page begins: `next` of the page before; empty: the first.")
    ] = ""


class Page(Given, Generic[T]):
    """One page of a list, newest first."""

    items: list[T]
    next: Annotated[str | None, Field(description="The cursor of the next page; null on the last.")] = None


class FieldError(Given):
    """One thing that is wrong with the request."""

    field: Annotated[str, Field(description="Which field, as targets[0].channel.")]
    message: Annotated[str, Field(description="What is wrong with it.")]
    remedy: Annotated[str, Field(description="What would help; may be empty.")]


class ProblemDocument(Given):
    """An RFC 9457 problem. `type` is stable; `title` and `detail` are for people and may change."""

    type: Annotated[str, Field(description="What kind of problem, as urn:postroom:problem:not-found.")]
    title: Annotated[str, Field(description="The kind in one sentence.")]
    status: Annotated[int, Field(ge=400, le=599, description="The HTTP status, again.")]
    detail: Annotated[str, Field(description="What is wrong with this request.")]
    correlation_id: Annotated[str, Field(description="Names this request in the logs; tell it to support.")]
    errors: Annotated[list[FieldError], Field(description="What is wrong, field by field; may be empty.")]
