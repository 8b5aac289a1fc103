"""A publication and what became of each of its targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from publishing import ids
from publishing.model import (
    Content,
    DeliveryState,
    Late,
    Media,
    Post,
    Priority,
    PublicationStatus,
    Receipt,
    Target,
    status_of,
    utc_text,
)

NEVER = "never"  # as a time: later than any, in the order of texts


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a delivery is not published: our word for it, what the author may read, and the platform's own code."""

    kind: str
    message: str
    code: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One transition of a delivery: when, to which state, in which attempt, why, and by whom: `person`, or else us."""

    at: str
    state: str
    attempt: int = 0
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where one target stands. Times are UTC text; `fence` counts claims, so that a late writer can be told."""

    channel: str
    platform: str
    state: DeliveryState = DeliveryState.QUEUED
    attempt: int = 0
    waits: int = 0  # times the platform put it off, without its own fault: throttled, or a quota spent
    looks: int = 0  # times we looked for it while uncertain
    fence: int = 0
    lease_until: str = ""
    next_at: str = NEVER  # nothing happens before
    updated_at: str = ""
    written_by: str = ""  # the random mark of the last write, by which a writer whose answer was lost knows its own
    receipt: Receipt | None = None
    trouble: Trouble | None = None
    pending: Mapping[str, str] | None = None
    delayed: bool = False  # it had to wait for its channel's pace or its platform's breaker
    history: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Publication:
    """What was accepted: content, targets and time. `version` grows with every change to them."""

    id: str
    workspace: str
    content: Content
    targets: tuple[Target, ...]
    created_at: datetime
    created_by: str
    publish_at: datetime
    fingerprint: str
    zone: str = ""
    priority: Priority = Priority.NORMAL
    expires_at: datetime | None = None
    late: Late | None = None
    slot_of: str = ""  # the channel whose slot `publish_at` is, where it was submitted for one
    canceled_at: datetime | None = None
    version: int = 1
    correlation_id: str = ""
    due_at: str = ""  # when the sweep looks at it next, should it not be settled by then; empty: never
    sweeps: int = 0
    written_by: str = ""
    series: str = ""  # the series it is an occurrence of, if it is
    occurrence: str = ""  # and what clocks in its zone show then

    def target(self, channel: str) -> Target | None:
        """The target of that channel, if it is one of this publication's."""
        return next((target for target in self.targets if target.channel == channel), None)

    def post(self, target: Target) -> Post:
        """What the target's adapter publishes: the content with the target's overrides."""
        return Post(
            id=ids.delivery(self.id, target.channel),
            content=overridden(self.content, target.overrides),
            at=self.publish_at,
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """A publication with what is known of its deliveries; a target not yet claimed is queued."""

    publication: Publication
    known: Mapping[str, Delivery]

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """One delivery for every target, in the order of the targets."""
        return tuple(self.known.get(target.channel) or self._unclaimed(target) for target in self.publication.targets)

    def status(self, now: datetime) -> PublicationStatus:
        """What the deliveries amount to."""
        states = (delivery.state for delivery in self.deliveries)
        return status_of(states, waiting=self.publication.publish_at > now)

    def _unclaimed(self, target: Target) -> Delivery:
        canceled = self.publication.canceled_at is not None
        state = DeliveryState.CANCELED if canceled else DeliveryState.QUEUED
        next_at = NEVER if canceled else utc_text(self.publication.publish_at)
        return Delivery(channel=target.channel, platform=target.platform, state=state, next_at=next_at)


def overridden(content: Content, overrides: Mapping[str, object]) -> Content:
    """`content` with the fields a target replaces."""
    changed = {name: _field(name, value) for name, value in overrides.items()}
    return replace(content, **changed) if changed else content


def _field(name: str, value: object) -> Any:
    if name == "tags":
        return tuple(_sequence(value))
    if name == "media":
        return tuple(media_of(media) for media in _sequence(value))
    return value


def media_of(document: Mapping[str, Any]) -> Media:
    """The media in its plain form, as it was stored or sent."""
    numbers = {name: int(document[name]) for name in ("size_bytes", "width", "height") if name in document}
    return Media(**{**document, **numbers, "seconds": float(document.get("seconds", 0))})


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()
