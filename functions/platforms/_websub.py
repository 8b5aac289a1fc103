"""Feeds that call back when they change: WebSub, as YouTube's hub speaks it.

Source: https://www.w3.org/TR/websub/#authenticated-content-distribution and
https://developers.google.com/youtube/v3/guides/push_notifications (read 2026-11-21, stored copies)
A signature covers the body alone and no time: what is heard twice must mean the same twice.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from publishing.inbound import Call, Forged, Heard
from publishing.model import Receipt

DIGESTS = frozenset({"sha1", "sha256", "sha384", "sha512"})  # the hub's choice; YouTube's signs with the first
# The hub's own XML, and signed; so these few words are looked for, and nobody's entities are ever resolved.
VIDEO = re.compile(r"<yt:videoId>\s*([\w-]{1,32})\s*</yt:videoId>")
MOMENT = r"\s*([0-9T:.Z+-]{1,40})\s*"
PUBLISHED = re.compile(f"<published>{MOMENT}</published>")
UPDATED = re.compile(f"<updated>{MOMENT}</updated>")


def heard(call: Call, *, secret: str, topic: str) -> str | Sequence[Heard]:
    """The answer to a hub that asks whether it was meant, or the videos that a feed at `topic` tells of.

    Raises:
        Forged: it asks for another feed, or to be let go; or it is not signed with `secret`.
    """
    if call.method == "GET":
        return _agreed(call, topic)
    if not _is_signed(call, secret):
        raise Forged
    return list(_news(call.body.decode("utf-8", "replace")))


def _agreed(call: Call, topic: str) -> str | Sequence[Heard]:
    if call.query.get("hub.mode") == "denied":
        return []
    asked, ours = urlsplit(call.query.get("hub.topic", "")), urlsplit(topic)
    same = (asked.hostname, asked.path) == (ours.hostname, ours.path)
    challenge = call.query.get("hub.challenge", "")
    if call.query.get("hub.mode") != "subscribe" or not same or not challenge:
        raise Forged  # who wants to be rid of the feed need only not renew it
    return challenge


def _is_signed(call: Call, secret: str) -> bool:
    digest, _, signature = call.headers.get("x-hub-signature", "").strip().partition("=")
    if not secret or digest not in DIGESTS:
        return False
    expected = hmac.new(secret.encode(), call.body, digest).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode())


def _news(feed: str) -> Iterator[Heard]:
    for started in feed.split("<entry")[1:]:
        entry, _, _ = started.partition("</entry>")
        video, published, updated = VIDEO.search(entry), PUBLISHED.search(entry), UPDATED.search(entry)
        if video:
            receipt = Receipt(
                video[1], f"https://www.youtube.com/watch?v={video[1]}", published[1] if published else ""
            )
            yield Heard(video[1], f"{video[1]}@{updated[1]}" if updated else "", receipt)
