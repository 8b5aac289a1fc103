"""The events endpoints are sent, as OpenAPI's `webhooks` describe them: when, with which data, and an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from pydantic import BaseModel

from notifying.aside import LONG_MS, SLOW_FOR
from notifying.calling import WITHIN_S
from notifying.model import EventKind
from notifying.schedule import ASKED_FOR, HOUR_S, JITTER, WAITS_S
from web.schemas import notices as shown

_DELIVERY_ID = "dlv_01jd6q4t2w8x5y7z9a1b3c5d7e_01jd6q4t2w8x5y7z9a1b3c5d7f"
_TOLD: Mapping[str, Any] = {"workspace": "ws_01jd6q4t2w8x5y7z9a1b3c5d7e", "sequence": 2}
_TARGET: Mapping[str, Any] = {
    "delivery": _DELIVERY_ID,
    "channel": "chn_01jd6q4t2w8x5y7z9a1b3c5d7f",
    "platform": "mastodon",
}
_PUBLICATION = "pub_01jd6q4t2w8x5y7z9a1b3c5d7e"
_AT = "2026-12-24T17:00:00.412Z"
_BY_TIME = 17_981_316_004_120
_URL = "https://social.example/@larch/113580000000000000"


@dataclass(frozen=True, slots=True)
class Described:
    """One kind of event: when it is sent, the model of its data, and an example of them."""

    kind: EventKind
    when: str
    model: type[BaseModel]
    example: Mapping[str, Any]


def _publication(kind: EventKind, when: str) -> Described:
    example = {
        **_TOLD,
        "sequence": 1_000_000,
        "publication": _PUBLICATION,
        "version": 1,
        "publish_at": "2026-12-24T17:00:00.000Z",
        "priority": "normal",
        "series": None,
        "deliveries": [_TARGET],
        "complete": True,
    }
    return Described(kind, when, shown.PublicationTold, example)


def _settled() -> Described:
    outcome = {**_TARGET, "state": "published", "url": _URL, "error": None}
    example = {
        **_TOLD,
        "sequence": 1_000_002,
        "publication": _PUBLICATION,
        "version": 1,
        "status": "published",
        "deliveries": [outcome],
        "complete": True,
    }
    when = "All deliveries of a publication are settled; `status` says what that amounts to"
    return Described(EventKind.PUBLICATION_SETTLED, when, shown.SettledTold, example)


def _delivery(kind: EventKind, when: str, **more: Any) -> Described:
    nothing = dict.fromkeys(("url", "post_id", "next_at", "error"))
    example = {
        **_TOLD,
        "publication": _PUBLICATION,
        **_TARGET,
        "state": kind.value.partition(".")[2],
        "attempt": 1,
        "why": "",
        "by": "postroom",
        **nothing,
        **more,
    }
    return Described(kind, when, shown.DeliveryTold, example)


def _channel(kind: EventKind, when: str, **more: Any) -> Described:
    example = {
        **_TOLD,
        "sequence": _BY_TIME,
        "channel": "chn_01jd6q4t2w8x5y7z9a1b3c5d7f",
        "platform": "mastodon",
        "connection": "connected",
        "paused": False,
        "reason": "",
        "credentials_end_at": None,
        "at_risk": [],
        "at_risk_count": 0,
        **more,
    }
    return Described(kind, when, shown.ChannelTold, example)


def _webhook(kind: EventKind, when: str, why: str) -> Described:
    example = {
        **_TOLD,
        "sequence": _BY_TIME,
        "webhook": "whk_01jd6q4t2w8x5y7z9a1b3c5d7e",
        "why": why,
        "failing_since": "2026-12-19T17:00:00.000Z",
    }
    return Described(kind, when, shown.WebhookTold, example)


def _trouble(kind: str, message: str) -> dict[str, Any]:
    return {"why": kind, "error": {"kind": kind, "code": "", "message": message}}


_RISK = {"publication": _PUBLICATION, "publish_at": "2026-12-24T17:00:00.000Z"}
_LOST = {"connection": "reconnect", "reason": "The token was revoked.", "at_risk": [_RISK], "at_risk_count": 1}
DESCRIBED: tuple[Described, ...] = (
    _publication(EventKind.PUBLICATION_ACCEPTED, "A publication was accepted; its deliveries are queued"),
    _publication(EventKind.PUBLICATION_EDITED, "Somebody edited a publication that had not left"),
    _publication(EventKind.PUBLICATION_RESCHEDULED, "Somebody gave a publication another time"),
    _publication(
        EventKind.PUBLICATION_CANCELED, "Somebody canceled a publication; each delivery that had not left follows"
    ),
    _settled(),
    _delivery(
        EventKind.DELIVERY_QUEUED, "A delivery waits for another attempt", **_trouble("unavailable", "It is down.")
    ),
    _delivery(EventKind.DELIVERY_PUBLISHING, "An attempt was begun"),
    _delivery(EventKind.DELIVERY_PROCESSING, "The platform has taken it and still works on it", next_at=_AT),
    _delivery(
        EventKind.DELIVERY_UNCERTAIN,
        "The answer was lost: it may be out, and is looked for",
        **_trouble("outcome_unknown", "The platform's answer was lost (ReadTimeout); the post may be out."),
    ),
    _delivery(EventKind.DELIVERY_HANDOFF, "A person must finish it in the platform's app, at `url`", url=_URL),
    _delivery(
        EventKind.DELIVERY_HELD, "It waits for its channel, a quota or a person", **_trouble("paused", "Paused.")
    ),
    _delivery(EventKind.DELIVERY_PUBLISHED, "It is out", url=_URL, post_id="113580000000000000"),
    _delivery(EventKind.DELIVERY_FAILED, "It is not out", **_trouble("refused", "The text is too long.")),
    _delivery(EventKind.DELIVERY_CANCELED, "It was canceled before it left", why="cancel", by="person"),
    _delivery(EventKind.DELIVERY_EXPIRED, "It came too late to be worth publishing"),
    _channel(EventKind.CHANNEL_CREATED, "A channel was made; whether it is connected is found out next"),
    _channel(EventKind.CHANNEL_CONNECTED, "The platform takes a channel's credentials"),
    _channel(
        EventKind.CHANNEL_RECONNECT_NEEDED, "The platform refuses a channel's credentials: a person must", **_LOST
    ),
    _channel(EventKind.CHANNEL_PAUSED, "Somebody paused a channel; what is for it is held", paused=True),
    _channel(EventKind.CHANNEL_RESUMED, "Somebody resumed a channel"),
    _channel(
        EventKind.CHANNEL_CREDENTIALS_ENDING, "Its credentials end soon and cannot be renewed", credentials_end_at=_AT
    ),
    _channel(EventKind.CHANNEL_DELETED, "Somebody deleted a channel", connection=None),
    _webhook(EventKind.WEBHOOK_FAILING, "Another webhook has had nothing but failures for two days", "failing"),
    _webhook(EventKind.WEBHOOK_DISABLED, "Another webhook is called no more", "gone"),
    Described(
        EventKind.WEBHOOK_TEST,
        "Somebody asked for a test of this webhook",
        shown.TestTold,
        {**_TOLD, "sequence": _BY_TIME, "webhook": "whk_01jd6q4t2w8x5y7z9a1b3c5d7e"},
    ),
)


def document(described: Described, ref: str) -> dict[str, Any]:
    """What OpenAPI's `webhooks` say of one kind; `ref` is where the schema of its data stands."""
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": described.kind.value},
            "timestamp": {"type": "string", "description": "When it happened, in UTC.", "examples": [_AT]},
            "data": {"$ref": ref},
        },
    }
    example = {"type": described.kind.value, "timestamp": _AT, "data": described.example}
    return {
        "post": {
            "operationId": described.kind.value,
            "summary": described.when,
            "tags": ["events"],
            "security": [],
            "parameters": [_header(name, says) for name, says in _HEADERS.items()],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}},
            "responses": {
                "2XX": {"description": _TAKEN},
                "410": {"description": "Call no more: the webhook is disabled at once."},
                "default": {"description": _CALLED_AGAIN},
            },
        }
    }


_TAKEN = (
    f"Taken, within {WITHIN_S:g} s. Redirects are not followed. Whoever takes longer than {LONG_MS / 1_000:g} s has no"
    f" place in the order for the next {SLOW_FOR.seconds // 60} minutes: events may overtake each other."
)
_HOURS = sum(WAITS_S) / HOUR_S
_CALLED_AGAIN = (
    f"Called again, {len(WAITS_S) - 1} times at the most, over {floor(_HOURS)} to {ceil(_HOURS * (1 + JITTER))} h, or"
    f" longer where `Retry-After` asks for it with {', '.join(map(str, sorted(ASKED_FOR)))}."
)
_HEADERS = {
    "webhook-id": "The event's id, the same in every attempt and replay: drop what you have seen.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970: refuse what is old.",
    "webhook-signature": "`v1,` and the base64 of an HMAC-SHA256; two with a space between while a secret changes.",
}


def _header(name: str, says: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": says, "schema": {"type": "string"}}
