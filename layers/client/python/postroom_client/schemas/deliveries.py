"""The models of /v1/deliveries. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from postroom_client.schemas.shared import DeliveryState, Trouble


class DeliveryWithHistory(TypedDict):
    """A delivery with everything that happened to it."""

    id: str  # The delivery's id, constant over all attempts.
    channel: str  # A channel's id.
    platform: str
    state: DeliveryState
    attempts: int  # How often it was tried.
    url: str | None  # Where it is out; in `handoff`, where a person must finish.
    post_id: str | None  # The platform's own id of the post.
    published_at: str | None  # When, as the platform says.
    next_at: str | None  # When something happens next; null: nothing by itself.
    updated_at: str | None
    trouble: Trouble | None
    publication: str  # The publication's id.
    history: list[Transition]  # Oldest first.


class Resolution(TypedDict):
    """What a person found: whether a delivery in doubt is published. `url` and `post_id` only where it is."""

    outcome: Literal["published", "not_published"]  # not_published: it is sent again.
    url: NotRequired[str | None]  # Where it is out.
    post_id: NotRequired[str | None]  # The platform's own id.


class Transition(TypedDict):
    """One change of a delivery's state."""

    at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    state: DeliveryState
    attempt: int
    why: str  # The trouble's kind, or what a person decided; may be empty.
    by: str  # `person` where a person decided it; else empty.
