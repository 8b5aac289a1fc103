"""What becomes of publications: accepted, edited, rescheduled, canceled; and settled, which none of its items says.

A publication's number grows with its version and, within a version, with the transitions of its deliveries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from notifying.delivery_events import error_of
from notifying.model import EventKind, Notice
from publishing import ids
from publishing.model import TERMINAL, utc_moment, utc_text
from publishing.publication import Delivery, Whole

Item = Mapping[str, Any]
VERSION_STEP = 1_000_000  # more transitions than the deliveries of one version of a publication ever make


def notices(old: Item | None, new: Item | None, at: str) -> Iterator[Notice]:
    """What people made of a publication."""
    if new is None:
        return
    kind = _kind(old, new)
    if kind is None:
        return
    told = {EventKind.PUBLICATION_ACCEPTED: "created_at", EventKind.PUBLICATION_CANCELED: "canceled_at"}
    yield Notice(
        kind=kind,
        workspace=new["workspace"],
        subject=new["id"],
        at=new.get(told.get(kind, "edited_at"), at),
        sequence=int(new["version"]) * VERSION_STEP,
        data=_data(new),
    )


def _kind(old: Item | None, new: Item) -> EventKind | None:
    if old is None:
        return EventKind.PUBLICATION_ACCEPTED
    if "canceled_at" in new:
        return None if "canceled_at" in old else EventKind.PUBLICATION_CANCELED
    if new["version"] == old["version"]:
        return None
    moved = new["publish_at"] != old["publish_at"]
    return EventKind.PUBLICATION_RESCHEDULED if moved else EventKind.PUBLICATION_EDITED


def _data(new: Item) -> dict[str, object]:
    return {
        "publication": new["id"],
        "version": int(new["version"]),
        "publish_at": new["publish_at"],
        "priority": new.get("priority", "normal"),
        "series": new.get("series"),
        "deliveries": [
            {
                "delivery": ids.delivery(new["id"], target["channel"]),
                "channel": target["channel"],
                "platform": target["platform"],
            }
            for target in new["targets"]
        ],
        "complete": True,
    }


def settled(whole: Whole) -> Notice | None:
    """That nothing of a publication is under way any more, and how that went; None while something is."""
    publication, deliveries = whole.publication, whole.deliveries
    if not {delivery.state for delivery in deliveries} <= TERMINAL:
        return None
    transitions = sum(len(delivery.history) for delivery in deliveries)
    at = max(delivery.updated_at for delivery in deliveries) or utc_text(publication.created_at)
    return Notice(
        kind=EventKind.PUBLICATION_SETTLED,
        workspace=publication.workspace,
        subject=publication.id,
        at=at,
        sequence=publication.version * VERSION_STEP + transitions,
        data={
            "publication": publication.id,
            "version": publication.version,
            "status": whole.status(utc_moment(at)).value,
            "deliveries": [_settled(publication.id, delivery) for delivery in deliveries],
            "complete": True,
        },
    )


def _settled(publication: str, delivery: Delivery) -> dict[str, object]:
    return {
        "delivery": ids.delivery(publication, delivery.channel),
        "channel": delivery.channel,
        "platform": delivery.platform,
        "state": delivery.state.value,
        "url": (delivery.receipt.url or None) if delivery.receipt else None,
        "error": error_of(delivery) if delivery.state != "published" else None,
    }
