"""The models of /v1/dead-letters. Generated: `make client`."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from postroom_client.schemas.shared import DeliveryState


class DeadLetter(TypedDict):
    """A message that was received in vain too often."""

    id: str  # The queue's own id of it.
    kind: str  # deliver, verify or due.
    publication: str
    channel: str
    delivery: str | None  # What it was to deliver.
    state: DeliveryState | None  # How that stands: settled, the letter is idle.
    why: str  # The delivery's trouble, by its kind; may be empty.
    receives: int  # How often it was received, by a look like this too.
    sent_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    correlation_id: str  # Finds it in the logs; may be empty.


class DeadLetterQueue(TypedDict):
    """The dead letters of one platform, as far as they are this workspace's."""

    platform: str  # A platform's name, or `due`: what schedules brought back.
    count: int  # How many were come across.
    oldest_at: str | None  # When the oldest was first sent.
    complete: bool  # Whether the queue was seen to its end; else there may be more.


class DeadLetterQueues(TypedDict):
    """Every platform's dead letters."""

    items: list[DeadLetterQueue]


class DeadLetters(TypedDict):
    """Up to ten of a platform's dead letters."""

    items: list[DeadLetter]
    complete: bool  # Whether the queue was seen to its end; else there may be more.


class Purged(TypedDict):
    """What was thrown away."""

    deleted: int  # How many are gone.
    left: int  # How many of this workspace's were come across and are still there.
    complete: bool  # Whether the queue was seen to its end; else there may be more.


class Redrive(TypedDict):
    """How many to send once more."""

    most: NotRequired[int]  # No more than these; ten in a fifth of a second.


class Redriven(TypedDict):
    """What was sent once more."""

    moved: int  # How many were sent once more.
    left: int  # How many of this workspace's were come across and are still there.
    complete: bool  # Whether the queue was seen to its end; else there may be more.
