"""Douyin's hand-off: a signed link that opens Douyin with the post in it, and the call that tells it was published.

Source: https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/sdk/web-app/h5/share-to-h5, …/h5/schema-demo,
…/openapi/tools-ability/jsb-management/open-ticket, …/webhooks/summarize and …/webhooks/event-list (read 2026-11-21)

A link is signed with the app's ticket, which lasts two hours; whoever asks for another ends it, five minutes later. So
the ticket is kept among the channel's secrets, and renewed as those are. The client token is the "stable" kind, which
stays the same however often it is asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue, ValidationError

from functions.platforms._captions import caption
from functions.platforms._douyin_api import HOST, taken
from functions.platforms._grants import app_fields
from publishing.adapter import Conversation
from publishing.errors import Unauthorized
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel, Content, Fresh, Handoff, Receipt, utc_text
from publishing.replies import Reply, parsed

SCHEMA = "snssdk1128://openplatform/share"
EARLY_S, BUFFER_S = 900.0, 300.0  # a ticket is renewed so long before its end; then the old one is good for so long

Words = dict[str, str]


class _Token(Reply):
    access_token: str = Reads(min_length=1)


class _TokenThere(Reply):
    data: _Token


class _Ticket(Reply):
    ticket: str = Reads(pattern=r"^\S+$")
    expires_in: float = Reads(gt=0)


class _TicketThere(Reply):
    data: _Ticket


class _Share(Reply):
    share_id: str = Reads(min_length=1)


class _ShareThere(Reply):
    data: _Share


class _Event(Reply):
    event: str
    content: dict[str, JsonValue] | str = ""
    log_id: str = ""

    def said(self) -> dict[str, JsonValue]:
        """The content, which comes as an object or as the text of one."""
        try:
            found = json.loads(self.content) if isinstance(self.content, str) else self.content
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def handed_off(content: Content, channel: Channel) -> Conversation[Handoff]:
    """The link; it is good until the ticket ends, or is ended by being renewed.

    Raises:
        Unauthorized: there is no ticket, or it ends soon: `fresh_ticket` is what helps.
    """
    until, _, ticket = channel.secrets.get("ticket", "").partition(" ")
    if not (ticket and until.isdecimal() and int(until) - time.time() > EARLY_S):
        raise Unauthorized("The ticket that signs links has ended.")
    headers = {"access-token": (yield from client_token(channel)), "content-type": "application/json"}
    # By GET, as Douyin's own SDK asks (npm @open-dy/open_api_sdk 1.1.0); AiToEarn asks by POST, and gives a
    # `default_hashtag`, too; that it may be left out, as here, is to be confirmed.
    reply = yield httpx.Request("GET", f"{HOST}/share-id/", params={"need_callback": "true"}, headers=headers)
    share = parsed(_ShareThere, taken(reply, channel)).data.share_id
    ends = datetime.fromtimestamp(int(until) - EARLY_S + BUFFER_S, UTC)
    words = {"client_key": channel.settings["client_key"], "state": share, **_signed(ticket), **_draft(content)}
    return Handoff(f"{SCHEMA}?{urlencode(words, quote_via=quote, safe='')}", utc_text(ends), share)


def client_token(channel: Channel) -> Conversation[str]:
    """What the app shows to be itself."""
    body = {"grant_type": "client_credential", **app_fields(channel, "client_key", "client_secret")}
    reply = yield httpx.Request("POST", f"{HOST}/oauth/stable_client_token/", json=body)
    return parsed(_TokenThere, taken(reply, channel)).data.access_token


def fresh_ticket(channel: Channel) -> Conversation[Fresh]:
    """A new ticket, with the second of its end before it."""
    headers = {"access-token": (yield from client_token(channel))}
    reply = yield httpx.Request("GET", f"{HOST}/open/getticket/", headers=headers)
    found = parsed(_TicketThere, taken(reply, channel)).data
    ends = int(time.time() + found.expires_in)
    return Fresh({"ticket": f"{ends} {found.ticket}"}, max(0.0, found.expires_in - EARLY_S))


def signature(ticket: str, nonce: str, timestamp: str) -> str:
    """What a link is signed with; MD5 is Douyin's choice."""
    signed = f"nonce_str={nonce}&ticket={ticket}&timestamp={timestamp}"
    return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest()


def _signed(ticket: str) -> Words:
    nonce, timestamp = secrets.token_hex(16), str(int(time.time()))
    return {"nonce_str": nonce, "timestamp": timestamp, "signature": signature(ticket, nonce, timestamp)}


def _draft(content: Content) -> Words:
    """The post as the link has it; a person may change it all before publishing."""
    words = {"share_type": "h5", "title": caption(content, hashtags=False)}
    if content.tags:  # AiToEarn gives `title_hashtag_list` instead, with places in the text; this is Douyin's example
        words["hashtag_list"] = json.dumps(content.tags, ensure_ascii=False)
    addresses = [media.url for media in content.media]
    if content.media[0].is_video:  # only a video may go straight to the page that publishes
        return words | {"video_path": addresses[0], "share_to_publish": "1"}
    return words | {"image_list_path": json.dumps(addresses)}


def heard(call: Call, secret: str) -> str | Sequence[Heard]:
    """The answer to Douyin's challenge, or that what was handed off is published.

    Raises:
        Forged: it is not signed with the app's secret.
    """
    expected = hashlib.sha1(secret.encode() + call.body, usedforsecurity=False).hexdigest()  # Douyin's choice, too
    given = call.headers.get("x-douyin-signature", "").lower().encode()
    if not secret or not hmac.compare_digest(given, expected.encode()):
        raise Forged
    try:
        event = _Event.model_validate_json(call.body)
    except ValidationError:
        return ()
    if event.event == "verify_webhook":
        return json.dumps({"challenge": event.said().get("challenge")})
    return tuple(_published(event, call.headers.get("msg-id", "") or event.log_id))


def _published(event: _Event, identifier: str) -> Sequence[Heard]:
    said = {name: value for name, value in event.said().items() if isinstance(value, str) and value}
    if event.event != "create_video" or "share_id" not in said:
        return []
    item = said.get("item_id") or said.get("video_id", "")
    receipt = Receipt(item, permalink(said.get("video_id", ""))) if item else None
    return [Heard(said["share_id"], identifier, receipt)]


def permalink(video: str) -> str:
    """Where a work is shown, if that is the number of one: what uploads are named by is none."""
    return f"https://www.douyin.com/video/{video}" if video.isascii() and video.isdecimal() else ""
