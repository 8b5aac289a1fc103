"""What is stored of a channel, and how it is read back; fields a later version adds are passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from channels.model import Connection, Sealed, StoredChannel
from publishing.model import Identity, utc_moment, utc_text
from publishing.week import NO_SLOTS, Week

SCHEMA = 1
SHARDS = 4  # of the index `renewals`
PREFIX = "CHANNEL#"
KEY = frozenset({"pk", "sk"})
Item = dict[str, Any]


def place(workspace: str, channel: str) -> Item:
    """The key of a channel's item."""
    return {"pk": workspace, "sk": f"{PREFIX}{channel}"}


def item_of(channel: StoredChannel) -> Item:
    """A channel as it is stored."""
    item: Item = {
        **place(channel.workspace, channel.id),
        "schema": SCHEMA,
        "platform": channel.platform,
        "name": channel.name,
        "settings": dict(channel.settings),
        "secret_fields": list(channel.secret_fields),
        "created_at": utc_text(channel.created_at),
        "created_by": channel.created_by,
        "updated_at": utc_text(channel.updated_at),
        "version": channel.version,
        "paused": channel.paused,
        "connection": channel.connection.value,
        "reason": channel.reason,
        "identity": identity_item(channel.identity),
        "verified_at": utc_text(channel.verified_at) if channel.verified_at else None,
        "secrets_end_at": utc_text(channel.secrets_end_at) if channel.secrets_end_at else None,
        "renewable_until": utc_text(channel.renewable_until) if channel.renewable_until else None,
        **renewal_item(channel.id, channel.renew_at),
    }
    if channel.scopes is not None:
        item["scopes"] = list(channel.scopes)
    if channel.grant:
        item["grant"] = channel.grant
    if channel.week:
        item["slots"] = {"zone": channel.week.zone, "weekly": channel.week.weekly}
    if channel.sealed:
        item |= {"data_key": channel.sealed.data_key, "box": channel.sealed.box}
    return {name: value for name, value in item.items() if value is not None}


def renewal_item(channel: str, at: datetime | None) -> Item:
    """The keys of the index `renewals`; none for a channel that is not attended to."""
    return {"renew_at": utc_text(at), "renew_shard": str(ord(channel[-1]) % SHARDS)} if at else {}


def identity_item(identity: Identity | None) -> Item | None:
    """Whose credentials they are, as it is stored."""
    return asdict(identity) if identity else None


def channel_of(item: Mapping[str, Any]) -> StoredChannel:
    """The channel an item holds."""
    return StoredChannel(
        id=item["sk"].removeprefix(PREFIX),
        workspace=item["pk"],
        platform=item["platform"],
        name=item["name"],
        settings=item["settings"],
        secret_fields=tuple(item["secret_fields"]),
        sealed=_sealed(item),
        created_at=utc_moment(item["created_at"]),
        created_by=item["created_by"],
        updated_at=utc_moment(item["updated_at"]),
        version=int(item["version"]),
        paused=bool(item.get("paused")),
        connection=Connection(item["connection"]),
        reason=item.get("reason", ""),
        identity=_identity(item),
        verified_at=_moment(item.get("verified_at")),
        secrets_end_at=_moment(item.get("secrets_end_at")),
        renewable_until=_moment(item.get("renewable_until")),
        ending_told_at=_moment(item.get("ending_told_at")),
        renew_at=_moment(item.get("renew_at")),
        week=_week(item.get("slots")),
        scopes=tuple(item["scopes"]) if "scopes" in item else None,
        grant=item.get("grant", ""),
    )


def _sealed(item: Mapping[str, Any]) -> Sealed | None:
    return Sealed(bytes(item["data_key"]), bytes(item["box"])) if "box" in item else None


def _week(kept: Mapping[str, Any] | None) -> Week:
    return Week.of(kept["zone"], kept["weekly"]) if kept else NO_SLOTS


def _identity(item: Mapping[str, Any]) -> Identity | None:
    kept = item.get("identity")
    return Identity(kept["id"], kept.get("name", ""), kept.get("url", "")) if kept else None


def _moment(text: str | None) -> datetime | None:
    return utc_moment(text) if text else None
