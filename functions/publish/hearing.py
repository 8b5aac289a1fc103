"""Answers a platform's callbacks: POST /v1/inbound/{platform}, and GET where it asks whether somebody is there.

Who calls names the channel in the query (`for=<workspace>.<channel>`), because its secret is what the signature is made
with; nothing else of a request is believed, and nothing is stored, before that holds.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from publishing.abilities import Hears, Said
from publishing.adapter import Adapter
from publishing.clock import Clock
from publishing.conversation import Conversations
from publishing.equipment import Connections
from publishing.errors import PublishingError
from publishing.failures import told
from publishing.hearing import Hearing
from publishing.inbound import Call, Forged
from publishing.model import Channel

MOST_BYTES = 256 * 1024
ASKING_S = 8.0  # a platform waits for ten, as a rule
_FOR = re.compile(r"(?P<workspace>ws_[0-9a-z]{1,40})\.(?P<channel>chn_[0-9a-z]{1,40})")
_TITLES = {
    400: ("malformed-request", "The request cannot be read."),
    401: ("unauthenticated", "The caller is not known."),
    404: ("not-found", "There is no such thing."),
    503: ("unavailable", "This cannot be done at the moment."),
    413: ("too-large", "The request is too large."),
}

logger = logging.getLogger(__name__)


class Turned(Exception):  # noqa: N818 - named for what happened
    """The caller is turned away with a status, and told why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True)
class Ear:
    """Hears one platform."""

    adapter: Adapter
    connections: Connections
    hearing: Hearing
    conversations: Conversations
    clock: Clock

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer an event of API Gateway (payload 2.0)."""
        try:
            return self._heard(event)
        except Turned as turned:
            logger.warning("A callback was turned away", extra={"status": turned.status, "why": turned.detail})
            return _problem(turned, event)

    def _heard(self, event: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(self.adapter, Hears):
            raise Turned(404, f"{self.adapter.title} calls nobody back.")
        call, channel = _call(event), self._channel(event)
        try:
            said = self._said(self.adapter, call, channel)
        except Forged as forged:
            raise Turned(401, str(forged) or "The signature is not good.") from None
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("A callback could not be read", extra=told(error))
            raise Turned(400, "The body is not what this platform sends.") from None
        if isinstance(said, str):
            return {"statusCode": 200, "headers": {"content-type": _type_of(said)}, "body": said}
        new = sum(self.hearing.take(channel.workspace, channel.id, each) for each in said)
        logger.info("A platform called back", extra={"channel": channel.id, "told": len(said), "new": new})
        return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}"}

    def _said(self, adapter: Hears, call: Call, channel: Channel) -> Said:
        said = adapter.hear(call, channel, self.clock())
        if not isinstance(said, Generator):
            return said
        try:
            return self.conversations.hold(said, within_s=ASKING_S)
        except PublishingError as error:  # the platform calls again where it was not answered
            raise Turned(503, f"It could not be verified now: {error}") from error

    def _channel(self, event: Mapping[str, Any]) -> Channel:
        named = _FOR.fullmatch((event.get("queryStringParameters") or {}).get("for", ""))
        if named is None:
            raise Turned(404, "Name the channel: ?for=<workspace>.<channel>, as GET /v1/channels shows it.")
        found = self.connections.opened(named["workspace"], named["channel"])
        if found is None or found.platform != self.adapter.name:
            raise Turned(404, "There is no such channel.")
        return found


def _call(event: Mapping[str, Any]) -> Call:
    context = event["requestContext"]
    path, query = event.get("rawPath", ""), event.get("rawQueryString", "")
    return Call(
        method=context["http"]["method"],
        url=f"https://{context.get('domainName', '')}{path}{'?' if query else ''}{query}",
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=_body(event),
    )


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if len(text) > MOST_BYTES * 2:
        raise Turned(413, f"A body holds at most {MOST_BYTES // 1024} kB.")
    try:
        body = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except ValueError:
        raise Turned(400, "The body cannot be decoded.") from None
    if len(body) > MOST_BYTES:
        raise Turned(413, f"A body holds at most {MOST_BYTES // 1024} kB.")
    return body


def _type_of(said: str) -> str:
    return "application/json" if said.startswith("{") else "text/plain; charset=utf-8"


def _problem(turned: Turned, event: Mapping[str, Any]) -> dict[str, Any]:
    slug, title = _TITLES[turned.status]
    document = {
        "type": f"urn:postroom:problem:{slug}",
        "title": title,
        "status": turned.status,
        "detail": turned.detail,
        "correlation_id": event["requestContext"].get("requestId", ""),
        "errors": [],
    }
    headers = {"content-type": "application/problem+json"}
    return {"statusCode": turned.status, "headers": headers, "body": json.dumps(document)}
