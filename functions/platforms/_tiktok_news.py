"""What TikTok calls back with: signed with the app's secret, and of one post at a time.

Source: https://developers.tiktok.com/doc/webhooks-verification, …/webhooks-events and
…/content-posting-api-reference-get-video-status (read 2026-11-21, stored copies)

A post that we follow is asked about: its status tells more than the event. One that a person finishes in the app is
asked about no more, so the event itself says what became of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import ValidationError

from publishing.inbound import Call, Forged, Heard
from publishing.model import Receipt
from publishing.replies import Reply

FRESH = timedelta(minutes=5)
OF_POSTS = frozenset(
    {
        "post.publish.failed",
        "post.publish.complete",
        "post.publish.inbox_delivered",
        "post.publish.publicly_available",
    }
)


class _Event(Reply):
    event: str
    create_time: int = 0
    content: str = "{}"


class _Content(Reply):
    publish_id: str = ""
    publish_type: str = ""
    post_id: int | str = ""
    reason: int | str = ""


def heard(call: Call, *, secret: str, now: datetime) -> Sequence[Heard]:
    """What an event says of a post; nothing where it is about something else.

    Raises:
        Forged: it is not signed with `secret`, or was signed more than five minutes from `now`, or cannot be read.
    """
    if not _is_signed(call, secret, now):
        raise Forged
    try:
        event = _Event.model_validate_json(call.body)
        content = _Content.model_validate_json(event.content)
    except ValidationError as error:
        raise Forged from error
    if event.event not in OF_POSTS or not content.publish_id:
        return []
    name = f"{event.event}:{content.publish_id}:{content.post_id}:{event.create_time}"
    return [_news(event.event, content, name)]


def _news(event: str, content: _Content, name: str) -> Heard:
    if content.publish_type == "INBOX_SHARE" and event == "post.publish.failed":
        return Heard(content.publish_id, name, refused=f"TikTok could not publish it: {content.reason}.")
    if content.publish_type == "INBOX_SHARE" and event != "post.publish.inbox_delivered":
        return Heard(content.publish_id, name, Receipt(str(content.post_id) or content.publish_id))
    return Heard(content.publish_id, name)


def _is_signed(call: Call, secret: str, now: datetime) -> bool:
    parts = dict(part.strip().partition("=")[::2] for part in call.headers.get("tiktok-signature", "").split(","))
    moment, signature = parts.get("t", ""), parts.get("s", "")
    if not secret or not moment.isdecimal() or len(moment) > 12:  # noqa: PLR2004 - seconds for thirty thousand years
        return False
    if abs(now.timestamp() - int(moment)) > FRESH.total_seconds():
        return False
    expected = hmac.new(secret.encode(), moment.encode() + b"." + call.body, "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode())
