"""Bilibili's open platform: how its requests and callbacks are signed, and what its errors mean.

Source: https://open.bilibili.com/doc/4/8673959e-f7bb-56e6-6e68-d225f971b81b (signatures, codes),
…/doc/4/eaf0e2b5-bde9-b9a0-9be1-019bb455701c (tokens) and …/doc/4/b369a652-0e26-8ddb-74f0-20c74234fcd6 (callbacks), as
contracts/publishing/bilibili-open-api.v1.json of github.com/masterAventador/automation-tool has them, and
github.com/bilibili-openplatform/OpenPlatform_CSharpDemo (read 2026-11-21). Nearly every error comes with status 200.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
from pydantic import Field as Reads

from functions.platforms._grants import app_fields
from publishing.adapter import PUBLISHES, Conversation
from publishing.errors import OutcomeUnknown, PublishingError, QuotaSpent, Refused, Throttled, Unauthorized, Unavailable
from publishing.inbound import Call, Forged
from publishing.model import Channel, Fresh
from publishing.replies import (
    Reply,
    error_for,
    may_have_acted,
    parsed,
    publishes,
    quoted,
    read_if_readable,
    retry_after_s,
)

API = "https://member.bilibili.com/arcopen/fn"
TOKENS = "https://api.bilibili.com/x/account-oauth2/v1"
RENEWAL = f"{TOKENS}/refresh_token"
AN_EPOCH = 10**9  # `expires_in` is a moment; were it a duration, it would be less
SKEW_S = 600
BEIJING = timezone(timedelta(hours=8))
SIGNED = (
    "x-bili-accesskeyid",
    "x-bili-content-md5",
    "x-bili-signature-method",
    "x-bili-signature-nonce",
    "x-bili-signature-version",
    "x-bili-timestamp",
)

REPEATED = 123015  # the same title again, too soon
GONE = frozenset({123004, 123005, 123040, 123041})
STALE = 127022
SPENT = frozenset({4003, 4004})  # a timestamp too old, a nonce that was used
OF_THE_APP = frozenset(
    map(str, (122000, 122001, 122008, 127000, 127002, *range(127004, 127008), 127010, 127304, 127305))
)
WAITS_S = {127009: 60.0, 127306: 30.0, 123026: 30.0, 123028: 10.0}


class Stale(Unavailable):
    """What was uploaded can no longer be used; nothing was published."""


SORTS: dict[int, type[PublishingError]] = {
    **dict.fromkeys((4010, 4011, -500), OutcomeUnknown),  # in its midst; Unavailable for what publishes not
    **dict.fromkeys((*SPENT, 122009, 122010, 123002, 123004, 123023, 123039, 123044), Unavailable),
    **dict.fromkeys((123029, 123036), QuotaSpent),
    **dict.fromkeys((STALE,), Stale),
    **dict.fromkeys((122000, 122001, 122002, 122007, 122008), Unauthorized),
    **dict.fromkeys((*range(127000, 127009), 127010, 127011, 127023, 127304, 127305), Unauthorized),
    **dict.fromkeys((123001, 123037, 123042, 123050, 123051), Unauthorized),  # its level, a captcha: for a person
}


class _Said(Reply):
    code: int = 0
    message: str = ""


class Envelope(Reply):
    """What every answer is in."""

    code: int = Reads(strict=True)


def signed(
    method: str,
    path: str,
    channel: Channel,
    *,
    body: Mapping[str, object] | None = None,
    files: Mapping[str, Any] | None = None,
    turn: tuple[str, int] | None = None,
    **query: str,
) -> httpx.Request:
    """A request in the user's name; the one that publishes says whose turn it is, and since when (see `_turns`)."""
    data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    whose, at_s = turn or (uuid.uuid4().hex, int(time.time()))
    nonce = hashlib.sha256(whose.encode()).hexdigest()
    values = (_plain(channel, "client_id"), _md5(data), "HMAC-SHA256", nonce, "2.0", str(at_s))
    headers = dict(zip(SIGNED, values, strict=True))
    headers |= {"authorization": _signature(headers, channel), "accept": "application/json"}
    headers["access-token"] = _plain(channel, "access_token")
    if files is None:
        headers["content-type"] = "application/json"
        content: dict[str, Any] = {"content": data}
    else:
        content = {"files": files}  # of a form nothing is signed: the digest is that of nothing
    extensions = PUBLISHES if turn else {}
    return httpx.Request(method, f"{API}/{path}", params=query, headers=headers, extensions=extensions, **content)


def _plain(channel: Channel, name: str) -> str:
    """What goes into a header.

    Raises:
        Unauthorized: it is not there, or nothing HTTP could carry; a token can be renewed.
    """
    value = (channel.secrets.get(name) or channel.settings.get(name) or "").strip()
    if not (value and value.isascii() and value.isprintable()):
        raise Unauthorized(f"This channel has no usable {name.replace('_', ' ')}.")
    return value


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _signature(headers: Mapping[str, str], channel: Channel) -> str:
    lines = "\n".join(f"{name}:{headers[name]}" for name in SIGNED)
    return hmac.new(_plain(channel, "client_secret").encode(), lines.encode(), "sha256").hexdigest()


def insist_on_signature(call: Call, channel: Channel, now: datetime) -> None:
    """Go on only with a call that is Bilibili's: signed as its page says, or as its requests are, as others report.

    Raises:
        Forged: it is not, or (where the time is signed) was so too long ago.
    """
    given, secret = call.headers.get("x-bilibili-signature", ""), channel.secrets.get("client_secret", "").strip()
    if given:
        expected = hashlib.sha1(secret.encode() + call.body, usedforsecurity=False).hexdigest()
        genuine = _same(given, expected)
    else:
        genuine = bool(secret) and _is_signed_as_requests_are(call, channel, now)
    if not (secret and genuine):  # anybody could sign with none
        raise Forged("This is not signed with this channel's secret.")


def _is_signed_as_requests_are(call: Call, channel: Channel, now: datetime) -> bool:
    headers, at = {name: call.headers.get(name, "") for name in SIGNED}, call.headers.get("x-bili-timestamp", "")
    recent = at.isascii() and at.isdigit() and abs(now.timestamp() - int(at[:12])) <= SKEW_S
    ours = _same(headers["x-bili-accesskeyid"], channel.settings.get("client_id", "").strip())
    whole = _same(headers["x-bili-content-md5"], _md5(call.body))
    given = call.headers.get("authorization", "").rpartition(" ")[2]
    return recent and ours and whole and _same(given, _signature(headers, channel))


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode(errors="replace"))


def code_of(reply: httpx.Response) -> int:
    """The code that the body tells; 0 where it is none or cannot be read."""
    return read_if_readable(_Said, reply).code


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if neither its status nor its body is an error."""
    if reply.is_success and not parsed(Envelope, reply).code:
        return reply
    raise error_of(reply, channel)


def error_of(reply: httpx.Response, channel: Channel) -> PublishingError:
    """What an error means: by its code first, then by its status."""
    said = read_if_readable(_Said, reply)
    told, status, code = quoted(said.message, channel), reply.status_code, str(said.code) if said.code else ""
    message = f"Bilibili answered: {told}" if told else ""
    if said.code in WAITS_S:
        wait_s = retry_after_s(reply, WAITS_S[said.code])
        return Throttled(message, retry_after_s=wait_s, code=code, status=status)
    sort = SORTS.get(said.code)
    if sort is QuotaSpent:
        return QuotaSpent(message, until=tomorrow(), code=code, status=status)
    if sort is OutcomeUnknown and not publishes(reply):
        sort = Unavailable
    if sort is None and (not code or may_have_acted(reply)):
        return error_for(reply, message, code=code)
    return (sort or Refused)(message, code=code, status=status)


def tomorrow() -> datetime:
    """When what is counted by the day is counted anew: at midnight, in Beijing."""
    now = datetime.now(BEIJING)
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


class _Tokens(Reply):
    access_token: str = Reads(min_length=1)
    refresh_token: str = Reads(min_length=1)
    expires_in: int = 0


class _Renewed(Reply):
    data: _Tokens


def renewed(channel: Channel) -> Conversation[Fresh]:
    """New tokens for old ones; each refresh token is good for one time.

    Raises:
        Unauthorized, Refused: it was used before, or is none.
    """
    token = channel.secrets.get("refresh_token", "").strip()
    if not token:
        raise Unauthorized("There is no refresh token: connect the channel again.")
    form = app_fields(channel, "client_id", "client_secret")
    reply = yield httpx.Request("POST", RENEWAL, data={**form, "grant_type": "refresh_token", "refresh_token": token})
    fresh = parsed(_Renewed, taken(reply, channel)).data
    lasts_s = fresh.expires_in - time.time() if fresh.expires_in > AN_EPOCH else fresh.expires_in
    secrets = {"access_token": fresh.access_token, "refresh_token": fresh.refresh_token}
    return Fresh(secrets, max(0.0, float(lasts_s)))
