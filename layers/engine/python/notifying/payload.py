"""The document an endpoint is sent: what happened, when, and ids to ask further with; no content, and no secrets."""

from __future__ import annotations

import json
from typing import Any

from notifying.model import Entry, Notice

MOST_BYTES = 20_000  # what Standard Webhooks calls the most


def entry(notice: Notice, endpoint: str) -> Entry:
    """The event as the log of an endpoint keeps it, with the very bytes that are signed and sent."""
    return Entry(
        workspace=notice.workspace,
        endpoint=endpoint,
        event=notice.id,
        kind=notice.kind.value,
        subject=notice.subject,
        sequence=notice.sequence,
        at=notice.at,
        body=body(notice),
    )


def body(notice: Notice) -> str:
    """The document of an event; a list of deliveries too long for it is cut, and `complete` says so."""
    data = {"workspace": notice.workspace, "sequence": notice.sequence, **notice.data}
    deliveries = data.get("deliveries")
    text = _text(notice, data)
    if isinstance(deliveries, list):
        while len(text.encode()) > MOST_BYTES:
            deliveries = deliveries[: len(deliveries) * 3 // 4]
            text = _text(notice, {**data, "deliveries": deliveries, "complete": False})
    return text


def _text(notice: Notice, data: dict[str, Any]) -> str:
    document = {"type": notice.kind.value, "timestamp": notice.at, "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
