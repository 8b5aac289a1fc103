"""Dead letters as callers see them: ids and counts, never what was to be published."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from publishing.model import DeliveryState
from web.schemas.base import Given, Taken, Time

Lane = Annotated[str, Field(description="A platform's name, or `due`: what schedules brought back.")]
Complete = Annotated[bool, Field(description="Whether the queue was seen to its end; else there may be more.")]
Left = Annotated[int, Field(ge=0, description="How many of this workspace's were come across and are still there.")]


class DeadLetterQueue(Given):
    """The dead letters of one platform, as far as they are this workspace's."""

    platform: Lane
    count: Annotated[int, Field(ge=0, description="How many were come across.")]
    oldest_at: Annotated[Time | None, Field(description="When the oldest was first sent.")] = None
    complete: Complete


class DeadLetterQueues(Given):
    """Every platform's dead letters."""

    items: list[DeadLetterQueue]


class DeadLetter(Given):
    """A message that was received in vain too often."""

    id: Annotated[str, Field(description="The queue's own id of it.")]
    kind: Annotated[str, Field(description="deliver, verify or due.")]
    publication: str
    channel: str
    delivery: Annotated[str | None, Field(description="What it was to deliver.")] = None
    state: Annotated[DeliveryState | None, Field(description="How that stands: settled, the letter is idle.")] = None
    why: Annotated[str, Field(description="The delivery's trouble, by its kind; may be empty.")]
    receives: Annotated[int, Field(ge=0, description="How often it was received, by a look like this too.")]
    sent_at: Time
    correlation_id: Annotated[str, Field(description="Finds it in the logs; may be empty.")]


class DeadLetters(Given):
    """Up to ten of a platform's dead letters."""

    items: list[DeadLetter]
    complete: Complete


class Redrive(Taken):
    """How many to send once more."""

    most: Annotated[int, Field(ge=1, le=100, description="No more than these; ten in a fifth of a second.")] = 100


class Redriven(Given):
    """What was sent once more."""

    moved: Annotated[int, Field(ge=0, description="How many were sent once more.")]
    left: Left
    complete: Complete


class Purge(Taken):
    """That it is meant."""

    confirm: Annotated[str, Field(max_length=40, description="The platform's name once more: they are gone for good.")]


class Purged(Given):
    """What was thrown away."""

    deleted: Annotated[int, Field(ge=0, description="How many are gone.")]
    left: Left
    complete: Complete
