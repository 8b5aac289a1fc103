"""What endpoints are sent, as OpenAPI describes it: one model of the data for each family of events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from publishing.model import DeliveryState, Priority, PublicationStatus
from web.schemas.base import Given, Time

Sequence = Annotated[
    int,
    Field(
        description="Grows with every event of the same subject; of a delivery it counts 1, 2, 3, and leaves none out. "
        "Events may come late and out of order: what has a smaller number than what you have seen is older."
    ),
]
Complete = Annotated[bool, Field(description="Whether all deliveries are listed; else ask for the publication.")]
Workspace = Annotated[str, Field(examples=["ws_01jd6q4t2w8x5y7z9a1b3c5d7e"])]


class Told(Given):
    """What all events say."""

    workspace: Workspace
    sequence: Sequence


class ToldError(Given):
    """What stands in the way."""

    kind: Annotated[str, Field(description="Our word for it, as refused.")]
    code: Annotated[str, Field(description="The platform's own code; may be empty.")]
    message: str


class ToldTarget(Given):
    """One delivery of a publication."""

    delivery: str
    channel: str
    platform: str


class ToldOutcome(ToldTarget):
    """One delivery of a publication, and how it ended."""

    state: DeliveryState
    url: str | None
    error: ToldError | None


class PublicationTold(Told):
    """A publication as people made it."""

    publication: str
    version: int
    publish_at: Time
    priority: Priority
    series: str | None
    deliveries: list[ToldTarget]
    complete: Complete


class SettledTold(Told):
    """A publication of which nothing is under way any more; a retry sets it going again, and it settles once more."""

    publication: str
    version: int
    status: PublicationStatus
    deliveries: list[ToldOutcome]
    complete: Complete


class DeliveryTold(Told):
    """A delivery that went over into a state."""

    publication: str
    delivery: str
    channel: str
    platform: str
    state: DeliveryState
    attempt: Annotated[int, Field(description="Which attempt it was; 0: none was begun, or it is not known.")]
    why: Annotated[str, Field(description="Why, in a word; may be empty.")]
    by: Literal["postroom", "person"]
    url: Annotated[str | None, Field(description="Where it is; of `handoff`, where a person is to finish it.")]
    post_id: Annotated[str | None, Field(description="The platform's own id of it.")]
    next_at: Annotated[Time | None, Field(description="When something happens next by itself.")]
    error: ToldError | None


class ToldRisk(Given):
    """A planned publication that a lost connection puts at risk."""

    publication: str
    publish_at: Time


class ChannelTold(Told):
    """A channel, as it stands after what happened; of a deleted one, as it stood before."""

    channel: str
    platform: str
    connection: Annotated[str | None, Field(description="unverified, connected, reconnect; null: it was deleted.")]
    paused: bool
    reason: Annotated[str, Field(description="Why it is not connected; empty where it is.")]
    credentials_end_at: Time | None
    at_risk: Annotated[list[ToldRisk], Field(description="Planned publications that wait for it; twenty at most.")]
    at_risk_count: int


class WebhookTold(Told):
    """Another webhook of the workspace that fails, or is called no more."""

    webhook: str
    why: Annotated[str, Field(description="failing, gone or person.")]
    failing_since: Time | None


class TestTold(Told):
    """A test that somebody asked for."""

    __test__ = False  # for pytest, which takes it for tests

    webhook: str
