"""A publication and its deliveries as DynamoDB keeps them.

How a table changes: attributes are only ever added, and `SCHEMA` on new items tells from when. Readers pass over what
they do not know and supply what an older item lacks, so that a version of the code and the one before it work side by
side, and going back is deploying the one before. What must be filled in is filled in by the sweep's kind of walk, never
by a scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from publishing.model import Content, DeliveryState, IfLate, Late, Priority, Receipt, Target, utc_moment, utc_text
from publishing.publication import NEVER, Delivery, Event, Publication, Trouble, Whole, overridden

SCHEMA = 1
Item = dict[str, Any]


def content_of(document: Mapping[str, Any]) -> Content:
    """The content in its plain form, as `content_document` gave it.

    Here nothing is passed over: a post without what a later version knows to be part of it would be another post.
    """
    return overridden(Content(), document)


def content_document(content: Content) -> Item:
    """The content as plain values, without what is empty."""
    kept = {name: value for name, value in asdict(content).items() if value}
    media = [{"url": each.url, "alt": each.alt, **plain(each)} for each in content.media]
    return kept | {"media": media} if media else kept


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
    if publication.publish_at > publication.created_at:  # what goes out at once is in no plan, and pays for none
        item["planned_in"] = publication.workspace
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
    """The publication an item holds; fields a later version adds are passed over, but those of its content."""
    return Publication(
        content=content_of(item.get("content", {})),
        targets=tuple(Target(**_known(Target, target)) for target in item["targets"]),
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
    """The delivery an item holds; fields a later version adds are passed over."""
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
        receipt=Receipt(**{"id": "", **_known(Receipt, item["receipt"])}) if get("receipt") else None,
        trouble=_trouble(get("trouble")),
        pending=get("pending"),
        delayed=bool(get("delayed", False)),
        history=tuple(_event(event) for event in get("history", ())),
    )


def _trouble(item: Mapping[str, Any] | None) -> Trouble | None:
    if not item:
        return None
    status = item.get("status")
    kept = {"kind": "", "message": "", **_known(Trouble, item)}
    return Trouble(**{**kept, "status": int(status) if status is not None else None})


def _known(kind: type[Any], item: Mapping[str, Any]) -> Item:
    """What an item holds that is a field of ours."""
    return {each.name: item[each.name] for each in fields(kind) if each.name in item}


def _event(item: Mapping[str, Any]) -> Event:
    texts = {name: item.get(name, "") for name in ("at", "state", "why", "by")}
    return Event(attempt=int(item.get("attempt", 0)), **texts)


def plain(value: object) -> Item:
    """A small flat dataclass as it is stored: without what is empty."""
    values = ((each.name, getattr(value, each.name)) for each in fields(value))  # type: ignore[arg-type]
    return {name: _exact(kept) for name, kept in values if kept not in (None, "", 0)}


def _exact(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, float) else value


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
