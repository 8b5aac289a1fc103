"""What is stored of publishing: a publication, and what became of each of its targets.

How a table changes: attributes are only ever added, and `SCHEMA` on new items tells from when. Readers pass over what
they do not know and supply what an older item lacks, so that a version of the code and the one before it work side by
side, and going back is deploying the one before. What must be filled in is filled in by the sweep's kind of walk, never
by a scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from publishing import ids
from publishing.model import (
    Content,
    DeliveryState,
    IfLate,
    Late,
    Media,
    Post,
    Priority,
    PublicationStatus,
    Receipt,
    Target,
    status_of,
    utc_moment,
    utc_text,
)

SCHEMA = 1
NEVER = "never"  # as a time: later than any, in the order of texts
Item = dict[str, Any]


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
        return tuple(Media(**media) for media in _sequence(value))
    return value


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def content_of(document: Mapping[str, Any]) -> Content:
    """The content in its plain form, as `content_document` gave it."""
    return overridden(Content(), document)


def content_document(content: Content) -> Item:
    """The content as plain values, without what is empty."""
    return {name: value for name, value in asdict(content).items() if value}


def key(workspace: str, publication: str) -> str:
    """The partition a publication and its deliveries share."""
    return f"{workspace}#{publication}"


def sort_key(target: Target) -> str:
    """Where the delivery of a target stands in its partition."""
    return f"DELIVERY#{target.channel}"


def publication_item(publication: Publication, *, shards: int) -> Item:
    """A publication as it is stored, with the attributes of its indexes."""
    item: Item = {
        "pk": key(publication.workspace, publication.id),
        "sk": "PUBLICATION",
        "schema": SCHEMA,
        "listed_in": publication.workspace,
        "title": (publication.content.title or publication.content.text)[:80],
        "content": content_document(publication.content),
        "targets": [target_item(target) for target in publication.targets],
    }
    for name in ("created_at", "publish_at", "expires_at", "canceled_at"):
        moment = getattr(publication, name)
        item[name] = utc_text(moment) if moment else None
    for name in _PLAIN:
        item[name] = getattr(publication, name)
    item["late"] = plain(publication.late) if publication.late else None
    if publication.due_at:
        item["due_shard"] = shard(publication.id, shards)
    return {name: value for name, value in item.items() if value not in (None, "")}


_PLAIN = (
    *("id", "workspace", "created_by", "fingerprint", "zone", "priority", "slot_of"),
    *("version", "correlation_id", "due_at", "sweeps", "written_by"),
    *("series", "occurrence"),
)


def shard(publication: str, shards: int) -> str:
    """Which part of the `due` index a publication stands in."""
    return str(ord(publication[-1]) % shards)


def target_item(target: Target) -> Item:
    """A target as it is stored."""
    item: Item = {"channel": target.channel, "platform": target.platform}
    return {**item, "overrides": dict(target.overrides)} if target.overrides else item


def publication_of(item: Mapping[str, Any]) -> Publication:
    """The publication an item holds; fields a later version adds are passed over."""
    return Publication(
        content=content_of(item.get("content", {})),
        targets=tuple(Target(**target) for target in item["targets"]),
        priority=Priority(item.get("priority", Priority.NORMAL)),
        created_at=utc_moment(item["created_at"]),
        publish_at=utc_moment(item["publish_at"]),
        expires_at=_moment(item.get("expires_at")),
        late=_late(item.get("late")),
        canceled_at=_moment(item.get("canceled_at")),
        version=int(item["version"]),
        sweeps=int(item.get("sweeps", 0)),
        **{name: item.get(name, "") for name in _TEXTS},
    )


_TEXTS = (
    *("id", "workspace", "created_by", "fingerprint", "zone", "slot_of"),
    *("correlation_id", "due_at", "written_by", "series", "occurrence"),
)


def _moment(text: str | None) -> datetime | None:
    return utc_moment(text) if text else None


def _late(item: Mapping[str, Any] | None) -> Late | None:
    return Late(int(item["after_s"]), IfLate(item["then"])) if item else None


def delivery_of(item: Mapping[str, Any]) -> Delivery:
    """The delivery an item holds."""
    get = item.get
    return Delivery(
        channel=item["sk"].removeprefix("DELIVERY#"),
        platform=item["platform"],
        state=DeliveryState(item["state"]),
        attempt=int(get("attempt", 0)),
        waits=int(get("waits", 0)),
        looks=int(get("looks", 0)),
        fence=int(get("fence", 0)),
        lease_until=get("lease_until", ""),
        next_at=get("next_at", NEVER),
        updated_at=get("updated_at", ""),
        written_by=get("written_by", ""),
        receipt=Receipt(**{"id": "", **item["receipt"]}) if get("receipt") else None,
        trouble=_trouble(get("trouble")),
        pending=get("pending"),
        delayed=bool(get("delayed", False)),
        history=tuple(_event(event) for event in get("history", ())),
    )


def _trouble(item: Mapping[str, Any] | None) -> Trouble | None:
    if not item:
        return None
    status = item.get("status")
    return Trouble(**{**item, "status": int(status) if status is not None else None})


def _event(item: Mapping[str, Any]) -> Event:
    texts = {name: item.get(name, "") for name in ("at", "state", "why", "by")}
    return Event(attempt=int(item.get("attempt", 0)), **texts)


def plain(value: object) -> Item:
    """A small flat dataclass as it is stored: without what is empty."""
    values = ((each.name, getattr(value, each.name)) for each in fields(value))  # type: ignore[arg-type]
    return {name: kept for name, kept in values if kept not in (None, "", 0)}


def whole(items: Iterable[Mapping[str, Any]]) -> Whole | None:
    """The publication and deliveries among the items of one partition."""
    publication: Publication | None = None
    known: dict[str, Delivery] = {}
    for item in items:
        if item["sk"] == "PUBLICATION":
            publication = publication_of(item)
        else:
            delivery = delivery_of(item)
            known[delivery.channel] = delivery
    return Whole(publication, known) if publication else None
