"""What becomes of channels: made, connected, to be reconnected, paused, resumed, their credentials ending, deleted.

A channel counts nothing that grows with each of these, so its events are numbered by time: the time its item tells,
or, where it tells none, the stream's whole second, and always more than the time before. Of several events of one
change each has a place of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from channels.model import Connection
from channels.records import PREFIX
from notifying.model import EventKind, Notice
from notifying.numbers import WITHOUT_TIME, at_ms, number
from publishing.model import utc_moment

Item = Mapping[str, Any]
MOST_AT_RISK = 20
_TIMES = ("created_at", "updated_at", "verified_at", "ending_told_at")
_SECOND_MS = 999  # the last moment of a second


def notices(old: Item | None, new: Item | None, at: str) -> Iterator[Notice]:
    """What people or the platform made of a channel."""
    item = new or old or {}
    said_at = _said_at(old, new, at)
    first = _first(old, new, at)
    for place, kind in enumerate(_kinds(old, new)):
        yield Notice(
            kind=kind,
            workspace=item["pk"],
            subject=item["sk"].removeprefix(PREFIX),
            at=said_at,
            sequence=first + place,
            data=_data(item, kind),
        )


def _kinds(old: Item | None, new: Item | None) -> Iterator[EventKind]:
    if new is None:
        yield EventKind.CHANNEL_DELETED
        return
    if old is None:
        yield EventKind.CHANNEL_CREATED
    seen = old or {}
    if new["connection"] == Connection.CONNECTED != seen.get("connection"):
        yield EventKind.CHANNEL_CONNECTED
    if new["connection"] == Connection.RECONNECT and _said(new) != _said(seen):
        yield EventKind.CHANNEL_RECONNECT_NEEDED
    if bool(new.get("paused")) != bool(seen.get("paused")):
        yield EventKind.CHANNEL_PAUSED if new.get("paused") else EventKind.CHANNEL_RESUMED
    if new.get("ending_told_for") and _warned(new) != _warned(seen):
        yield EventKind.CHANNEL_CREDENTIALS_ENDING


def _said(item: Item) -> tuple[Any, ...]:
    """What an owner is told of a lost connection: told again where more publications turn out to be at risk."""
    return (item.get("connection"), item.get("at_risk_count"))


def _warned(item: Item) -> tuple[Any, ...]:
    """What an owner is told of an end to come, and when: told of it a week and a day ahead."""
    return (item.get("ending_told_for"), item.get("ending_told_at"))


def _known_ms(item: Item | None) -> int:
    times = [str(item[name]) for name in _TIMES if item.get(name)] if item else []
    return max((at_ms(utc_moment(time)) for time in times), default=0)


def _first(old: Item | None, new: Item | None, at: str) -> int:
    """The number of a change's first event."""
    before, after = _known_ms(old), _known_ms(new)
    if after > before:
        return number(after)
    second = at_ms(utc_moment(at))
    return number(max(second, before), WITHOUT_TIME) if new else number(max(second + _SECOND_MS, before + 1))


def _said_at(old: Item | None, new: Item | None, at: str) -> str:
    if new is None or _known_ms(new) <= _known_ms(old):
        return at
    return max(str(new[name]) for name in _TIMES if new.get(name))


def _data(item: Item, kind: EventKind) -> dict[str, object]:
    at_risk = list(item.get("at_risk", ()))[:MOST_AT_RISK]
    end = "ending_told_for" if kind is EventKind.CHANNEL_CREDENTIALS_ENDING else "secrets_end_at"
    return {
        "channel": item["sk"].removeprefix(PREFIX),
        "platform": item["platform"],
        "connection": None if kind is EventKind.CHANNEL_DELETED else item["connection"],
        "paused": bool(item.get("paused")),
        "reason": str(item.get("reason", ""))[:500],
        "credentials_end_at": item.get(end),
        "at_risk": [{"publication": each["publication"], "publish_at": each["publish_at"]} for each in at_risk],
        "at_risk_count": int(item.get("at_risk_count", len(at_risk))),
    }
