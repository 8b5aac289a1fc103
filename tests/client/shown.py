"""What Postroom answers, made up: whole documents, of which a test names what it is about."""

from __future__ import annotations

from postroom_client.schemas import Channel, Delivery, DeliveryState, PublicationSummary, Trouble

AT = "2026-11-20T12:00:00.000Z"
TROUBLE: Trouble = {"kind": "refused", "message": "Too long.", "code": "", "status": None}


def delivery(
    state: DeliveryState,
    *,
    platform: str = "discord",
    url: str | None = None,
    post_id: str | None = None,
    next_at: str | None = None,
    updated_at: str | None = "2026-11-20T12:00:02.500Z",
    trouble: Trouble | None = None,
) -> Delivery:
    """A delivery in this state."""
    return {
        "id": "dlv_1",
        "channel": "chn_1",
        "platform": platform,
        "state": state,
        "attempts": 1,
        "url": url,
        "post_id": post_id,
        "published_at": None,
        "next_at": next_at,
        "updated_at": updated_at,
        "trouble": trouble,
    }


def publication(*deliveries: Delivery) -> PublicationSummary:
    """A publication of these."""
    return {
        "id": "pub_1",
        "status": "publishing",
        "title": "Hello",
        "publish_at": AT,
        "zone": "",
        "priority": "normal",
        "expires_at": None,
        "created_at": AT,
        "created_by": "key_1",
        "canceled_at": None,
        "deliveries": list(deliveries),
    }


def channel(identifier: str, platform: str, name: str) -> Channel:
    """A channel whose credentials are good."""
    return {
        "id": identifier,
        "platform": platform,
        "name": name,
        "settings": {},
        "secrets": [],
        "paused": False,
        "slots": None,
        "connection": "connected",
        "reason": "",
        "identity": None,
        "verified_at": AT,
        "credentials_end_at": None,
        "scopes": None,
        "renews_at": None,
        "at_risk": None,
        "callback": None,
        "created_at": AT,
        "created_by": "key_1",
        "updated_at": AT,
    }
