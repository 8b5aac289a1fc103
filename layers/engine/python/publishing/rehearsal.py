"""Rehearses publishing: the request an adapter would send, made with stand-ins for secrets, and never sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from publishing.abilities import Rehearses
from publishing.adapter import Adapter, Conversation, Field, Kind
from publishing.failures import told
from publishing.model import Channel, Media, Outcome, Post

HIDDEN = "hidden.invalid"
STEPS = 30  # more requests than any conversation needs before it publishes
_STAND_INS = {
    Kind.TEXT: "aGlkZGVuaGlkZGVuaGlkZGVuaGlkZGVu",  # the word, four times in base 64: it serves as a signing key, too
    Kind.EMAIL: f"hidden@{HIDDEN}",
    Kind.EMAILS: f"hidden@{HIDDEN}",
    Kind.JSON: "{}",
}
_AWS = dict.fromkeys(("feeds", "feeds_public", "mail"), f"https://{HIDDEN}") | {"mail_configuration_set": "hidden"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A request as it would be sent; `host` is `hidden.invalid` where it is a secret.

    `body` is None where it is no JSON object. `publishes`: it makes the post visible, else it prepares that.
    """

    method: str
    host: str
    publishes: bool
    body: dict[str, Any] | None = field(repr=False)


def rehearse(adapter: Adapter, post: Post, channel: Channel, secret_fields: Iterable[str]) -> Rehearsed | None:
    """What publishing `post` in a channel without its secrets would send; None where that takes them."""
    held = set(secret_fields)
    secrets = {each.name: _stand_in(each) for each in adapter.credentials.fields if each.name in held}
    post = replace(post, content=replace(post.content, media=tuple(map(_addressed, post.content.media))))
    try:
        return _seen(_first(adapter, adapter.publish(post, replace(channel, secrets=secrets, aws=_AWS))))
    except Exception as error:  # noqa: BLE001 - an adapter may refuse a stand-in in any way; nothing depends on it
        logger.info("A request could not be rehearsed", extra={"platform": adapter.name, **told(error)})
        return None


def _seen(request: httpx.Request) -> Rehearsed:
    service = request.extensions.get("aws")
    host = f"aws:{service}" if service else request.url.host
    return Rehearsed(request.method, host, bool(request.extensions.get("publishes")), _document(request))


def _first(adapter: Adapter, conversation: Conversation[Outcome]) -> httpx.Request:
    """The publishing request where the adapter tells what it might be answered before; else its first.

    Where something is to be written down before anything is published, it is the last request up to there.
    """
    request = next(conversation)
    with suppress(StopIteration):
        for _ in range(STEPS):
            if not isinstance(adapter, Rehearses) or request.extensions.get("publishes"):
                break
            request = conversation.send(adapter.stand_in(request))
    return request


def _addressed(media: Media) -> Media:
    """What was uploaded is given an address only when it is needed."""
    return replace(media, url=f"https://{HIDDEN}/{media.id}") if media.id else media


def _stand_in(declared: Field) -> str:
    if declared.kind is Kind.URL:
        return declared.sample or f"https://{declared.hosts[0] if declared.hosts else HIDDEN}/"
    return declared.sample or _STAND_INS[declared.kind]


def _document(request: httpx.Request) -> dict[str, Any] | None:
    try:
        found = json.loads(request.read())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
