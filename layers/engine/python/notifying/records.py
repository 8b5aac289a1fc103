"""What is stored of endpoints and of the log, and how it is read back; what a later version adds is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from channels.model import Sealed
from notifying.model import Attempt, Endpoint, Entry, NoticeState
from publishing.model import utc_moment, utc_text
from publishing.records import plain

SCHEMA = 1
PREFIX = "WEBHOOK#"
Item = dict[str, Any]

_TIMES = ("created_at", "updated_at", "previous_until", "failing_since", "warned_at", "disabled_at", "slow_until")


def place(workspace: str, endpoint: str) -> Item:
    """The key of an endpoint's item, in the table of channels."""
    return {"pk": workspace, "sk": f"{PREFIX}{endpoint}"}


def item_of(endpoint: Endpoint) -> Item:
    """An endpoint as it is stored."""
    item: Item = {
        **place(endpoint.workspace, endpoint.id),
        "schema": SCHEMA,
        "url": endpoint.url,
        "name": endpoint.name,
        "events": list(endpoint.events),
        **sealed_item("", endpoint.sealed),
        "created_by": endpoint.created_by,
        "version": endpoint.version,
        "disabled_why": endpoint.disabled_why or None,
        **(sealed_item("previous_", endpoint.previous) if endpoint.previous else {}),
    }
    for name in _TIMES:
        moment = getattr(endpoint, name)
        item[name] = utc_text(moment) if moment else None
    return {name: value for name, value in item.items() if value is not None}


def sealed_item(prefix: str, sealed: Sealed) -> Item:
    """A sealed secret as attributes."""
    return {f"{prefix}data_key": sealed.data_key, f"{prefix}box": sealed.box}


def endpoint_of(item: Mapping[str, Any]) -> Endpoint:
    """The endpoint an item holds."""
    moments = {name: _moment(item.get(name)) for name in _TIMES[2:]}
    return Endpoint(
        id=item["sk"].removeprefix(PREFIX),
        workspace=item["pk"],
        url=item["url"],
        name=item["name"],
        events=tuple(item["events"]),
        sealed=Sealed(bytes(item["data_key"]), bytes(item["box"])),
        previous=_previous(item),
        created_at=utc_moment(item["created_at"]),
        created_by=item["created_by"],
        updated_at=utc_moment(item["updated_at"]),
        version=int(item["version"]),
        disabled_why=item.get("disabled_why", ""),
        **moments,
    )


def _previous(item: Mapping[str, Any]) -> Sealed | None:
    kept = "previous_box" in item
    return Sealed(bytes(item["previous_data_key"]), bytes(item["previous_box"])) if kept else None


def _moment(text: str | None) -> datetime | None:
    return utc_moment(text) if text else None


def entry_key(workspace: str, endpoint: str, event: str) -> Item:
    """The key of an entry of the log."""
    return {"pk": f"{workspace}#{endpoint}", "sk": event}


def entry_item(entry: Entry) -> Item:
    """An entry as it is stored."""
    kept = {name: value for name, value in asdict(entry).items() if value not in ("", ())}
    kept |= {"attempts": [plain(each) for each in entry.attempts], "state": entry.state.value, "tried": entry.tried}
    return {**entry_key(entry.workspace, entry.endpoint, entry.event), "schema": SCHEMA, **kept}


def entry_of(item: Mapping[str, Any]) -> Entry:
    """The entry an item holds."""
    texts = {name: item.get(name, "") for name in _ENTRY_TEXTS}
    return Entry(
        sequence=int(item["sequence"]),
        state=NoticeState(item["state"]),
        tried=int(item.get("tried", 0)),
        attempts=tuple(_attempt(each) for each in item.get("attempts", ())),
        **texts,
    )


_ENTRY_TEXTS = ("workspace", "endpoint", "event", "kind", "subject", "at", "body", "next_at", "mark")


def _attempt(item: Mapping[str, Any]) -> Attempt:
    texts = {name: item.get(name, "") for name in ("at", "why", "excerpt")}
    return Attempt(status=int(item.get("status", 0)), ms=int(item.get("ms", 0)), **texts)
