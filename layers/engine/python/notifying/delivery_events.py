"""What becomes of deliveries: every entry that is added to a delivery's history is an event, numbered by its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from notifying.model import EventKind, Notice
from publishing import ids, records
from publishing.model import TERMINAL, DeliveryState
from publishing.publication import NEVER, Delivery, Event

Item = Mapping[str, Any]
SETTLED = frozenset(f"delivery.{state.value}" for state in TERMINAL)
_LINKED = frozenset({DeliveryState.PUBLISHED, DeliveryState.HANDOFF})


def notices(old: Item | None, new: Item | None, _at: str) -> Iterator[Notice]:
    """The transitions that `new` has and `old` had not."""
    if new is None:
        return
    known = len(old.get("history", ())) if old else 0
    workspace, _, publication = str(new["pk"]).partition("#")
    delivery = records.delivery_of(new)
    for number, event in enumerate(delivery.history[known:], known + 1):
        last = number == len(delivery.history)
        yield Notice(
            kind=EventKind(f"delivery.{event.state}"),
            workspace=workspace,
            subject=ids.delivery(publication, delivery.channel),
            at=event.at,
            sequence=number,
            data=_data(publication, delivery, event, last=last),
        )


def _data(publication: str, delivery: Delivery, event: Event, *, last: bool) -> dict[str, object]:
    """What is known of a transition; what only the delivery as a whole shows belongs to the last one."""
    return {
        "publication": publication,
        "delivery": ids.delivery(publication, delivery.channel),
        "channel": delivery.channel,
        "platform": delivery.platform,
        "state": event.state,
        "attempt": event.attempt or (delivery.attempt if last else 0),
        "why": event.why,
        "by": event.by or "postroom",
        **(_last(delivery, event) if last else _last(None, event)),
    }


def _last(delivery: Delivery | None, event: Event) -> dict[str, object]:
    receipt = delivery.receipt if delivery and event.state in _LINKED else None
    next_at = delivery.next_at if delivery and delivery.state not in TERMINAL else NEVER
    return {
        "url": receipt.url if receipt and receipt.url else None,
        "post_id": receipt.id if receipt and receipt.id else None,
        "next_at": next_at if next_at != NEVER else None,
        "error": error_of(delivery) if delivery and event.why and event.why == _kind(delivery) else None,
    }


def _kind(delivery: Delivery) -> str:
    return delivery.trouble.kind if delivery.trouble else ""


def error_of(delivery: Delivery) -> dict[str, object] | None:
    """A delivery's trouble, as its author may read it."""
    trouble = delivery.trouble
    return {"kind": trouble.kind, "code": trouble.code, "message": trouble.message[:500]} if trouble else None
