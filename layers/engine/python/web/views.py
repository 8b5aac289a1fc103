"""Publications and deliveries as callers see them, made from what is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from publishing import ids
from publishing.model import Content, DeliveryState, Late, utc_text
from publishing.publication import NEVER, Delivery, Publication, Whole
from web.schemas import publications as shown


def publication(whole: Whole, now: datetime) -> shown.Publication:
    """A publication with its content and deliveries."""
    stored = whole.publication
    return shown.Publication(
        **_summarized(whole, now),
        content=content(stored.content),
        late=late(stored.late),
        slot_of=stored.slot_of or None,
        series=stored.series or None,
        occurrence=stored.occurrence or None,
    )


def summary(whole: Whole, now: datetime) -> shown.PublicationSummary:
    """A publication without its content."""
    return shown.PublicationSummary(**_summarized(whole, now))


def _summarized(whole: Whole, now: datetime) -> dict[str, Any]:
    stored = whole.publication
    return {
        "id": stored.id,
        "status": whole.status(now),
        "title": title(stored.content),
        "publish_at": utc_text(stored.publish_at),
        "zone": stored.zone,
        "priority": stored.priority,
        "expires_at": _text(stored.expires_at),
        "created_at": utc_text(stored.created_at),
        "created_by": stored.created_by,
        "canceled_at": _text(stored.canceled_at),
        "deliveries": [shown.Delivery(**_delivered(stored, each)) for each in whole.deliveries],
    }


def delivery(stored: Publication, delivered: Delivery) -> shown.DeliveryWithHistory:
    """A delivery with everything that happened to it."""
    history = [
        shown.Transition(
            at=event.at, state=DeliveryState(event.state), attempt=event.attempt, why=event.why, by=event.by
        )
        for event in delivered.history
    ]
    return shown.DeliveryWithHistory(**_delivered(stored, delivered), publication=stored.id, history=history)


def _delivered(stored: Publication, delivered: Delivery) -> dict[str, Any]:
    receipt, trouble = delivered.receipt, delivered.trouble
    return {
        "id": ids.delivery(stored.id, delivered.channel),
        "channel": delivered.channel,
        "platform": delivered.platform,
        "state": delivered.state,
        "attempts": delivered.attempt,
        "url": (receipt.url or None) if receipt else None,
        "post_id": (receipt.id or None) if receipt else None,
        "published_at": (receipt.published_at or None) if receipt else None,
        "next_at": None if delivered.next_at == NEVER else delivered.next_at,
        "updated_at": delivered.updated_at or None,
        "trouble": shown.Trouble(kind=trouble.kind, message=trouble.message, code=trouble.code, status=trouble.status)
        if trouble
        else None,
    }


def content(stored: Content) -> shown.Content:
    """Content as it was sent."""
    return shown.Content(
        title=stored.title,
        text=stored.text,
        summary=stored.summary,
        link=stored.link,
        tags=stored.tags,
        media=tuple(
            shown.Media(url=None if each.id else each.url, id=each.id or None, alt=each.alt) for each in stored.media
        ),
        thread=stored.thread,
    )


def title(stored: Content) -> str:
    """What people may know it by: the title, or how the text begins."""
    return stored.title or stored.text[:80]


def late(policy: Late | None) -> shown.LatePolicy | None:
    """A late policy as it was sent."""
    return shown.LatePolicy(after_s=policy.after_s, then=policy.then) if policy else None


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None
