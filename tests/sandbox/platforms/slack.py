"""Slack's Web API as far as an app posts messages and looks for them: errors come in a 200.

Source: https://docs.slack.dev/reference/methods/chat.postMessage, …/conversations.history, …/auth.test and
https://docs.slack.dev/reference/block-kit/blocks (read 2026-11-21)
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

BLOCKS, HEADER_CHARS, SECTION_CHARS, ALT_CHARS, URL_CHARS = 50, 150, 3_000, 2_000, 3_000
MESSAGE_CHARS, EACH_CHARS = 13_297, 125  # of all blocks and for each, as measured in bolt-js#2509; Slack does not say
PAGE = 15


class Slack:
    """One workspace; an account is an app with a channel of its own, which it may read."""

    name = "slack"
    rules = (
        Rule("/api/auth.test", methods=["GET", "POST"], endpoint="who"),
        Rule("/api/chat.postMessage", methods=["POST"], endpoint="post"),
        Rule("/api/conversations.history", methods=["GET", "POST"], endpoint="history"),
        Rule("/archives/<channel>/<message>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"post"})
    public = frozenset({"page"})
    hosts = ("slack.com",)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._apps: dict[str, str] = {}
        self._channels: dict[str, str] = {}
        self._counts = itertools.count(1)

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An app and its channel, with a new token."""
        _ = origin
        token = f"xoxb-{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"
        self._apps[token] = name
        self._channels.setdefault(name, f"C{secrets.token_hex(5).upper()}")
        return {"bot_token": token, "channel": self._channels[name]}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The app whose token the request carries in its header."""
        _ = arguments
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            raise Answer(_trouble("not_authed"))
        if token not in self._apps:
            raise Answer(_trouble("invalid_auth"))
        return self._apps[token]

    def who(self, request: Request, account: str) -> Response:
        """Whose token it is, and where its workspace is."""
        who = {
            "team": "Sandbox",
            "team_id": "T0SANDBOX",
            "user": account,
            "user_id": f"U{account}",
            "bot_id": f"B{account}",
        }
        return as_json({"ok": True, "url": request.host_url, **who})

    def post(self, request: Request, account: str) -> Response:
        """Post a message."""
        asked = json_object(request)
        if asked is None:
            return _trouble("invalid_json")
        if asked.get("channel") != self._channels[account]:
            return _trouble("channel_not_found")
        complaint = next(_complaints(asked), None)
        if complaint:
            return complaint
        ts = f"{int(time.time())}.{next(self._counts):06}"
        message = {"type": "message", "user": f"U{account}", "bot_id": f"B{account}", "ts": ts, **asked}
        self._wall.hang(self.name, account, f"{asked['channel']}:{ts}", message)
        return as_json({"ok": True, "channel": asked["channel"], "ts": ts, "message": message})

    def history(self, request: Request, account: str) -> Response:
        """The channel's messages, newest first; their metadata only where it is asked for."""
        asked = request.args
        if asked.get("channel") != self._channels[account]:
            return _trouble("channel_not_found")
        since, start = asked.get("oldest", "0"), int(asked.get("cursor", "0"))
        size = min(asked.get("limit", PAGE, int), PAGE)
        notices = [notice for notice in self._wall.notices(self.name, account) if _ts(notice) > float(since)][::-1]
        whole = asked.get("include_all_metadata") == "true"
        messages = [_seen(notice, whole=whole) for notice in notices[start : start + size]]
        more = len(notices) > start + size
        cursor = {"next_cursor": str(start + size)} if more else {"next_cursor": ""}
        return as_json({"ok": True, "messages": messages, "has_more": more, "response_metadata": cursor})

    def page(self, _request: Request, channel: str, message: str) -> Response:
        """A message as people see it."""
        for notice in self._wall.notices(self.name):
            if f"{channel}/{message}" == notice.id.replace(":", "/p").replace(".", ""):
                return as_page(f"#{notice.account}", notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with Retry-After."""
        return as_json({"ok": False, "error": "ratelimited"}, 429, Retry_After=str(round(wait_s)))

    def refused(self) -> Response:
        """A block that Slack does not take, an image that it cannot reach, say."""
        return _invalid("downloading image failed [json-pointer:/blocks/0/image_url]")

    def expired(self) -> Response:
        """The token was revoked."""
        return _trouble("token_revoked")


def _complaints(asked: Mapping[str, Any]) -> Iterator[Response]:
    blocks, metadata = asked.get("blocks") or [], asked.get("metadata")
    if not (asked.get("text") or blocks):
        yield _trouble("no_text")
    if len(str(asked.get("text", ""))) > 40_000:
        yield _trouble("msg_too_long")
    if not isinstance(blocks, list):
        yield _trouble("invalid_blocks_format")
    found = [why for place, block in enumerate(blocks) for why in _wrong_in(f"/blocks/{place}", block)]
    if found or len(blocks) > BLOCKS:
        yield _invalid(*found or ["no more than 50 items allowed [json-pointer:/blocks]"])
    if _chars(blocks) + EACH_CHARS * len(blocks) > MESSAGE_CHARS:
        yield _trouble("msg_blocks_too_long")
    if metadata is not None and not _is_metadata(metadata):
        yield _trouble("invalid_metadata_format")


def _chars(value: object) -> int:
    """How many characters all texts in it have."""
    match value:
        case str():
            return len(value)
        case dict():
            return sum(map(_chars, value.values()))
        case list():
            return sum(map(_chars, value))
    return 0


def _wrong_in(where: str, block: Mapping[str, Any]) -> Iterator[str]:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            yield from _long(f"{where}/text/text", text, HEADER_CHARS)
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            yield from _long(f"{where}/text/text", text, SECTION_CHARS)
        case {"type": "image", "image_url": str(url), "alt_text": str(alt)}:
            yield from _long(f"{where}/image_url", url, URL_CHARS)
            yield from _long(f"{where}/alt_text", alt, ALT_CHARS)
            if not url.startswith(("http://", "https://")):
                yield f"invalid url in field [json-pointer:{where}/image_url]"
        case _:
            yield f"unsupported type or missing field [json-pointer:{where}]"


def _long(where: str, text: str, most: int) -> Iterator[str]:
    if not text:
        yield f"must be more than 0 characters [json-pointer:{where}]"
    if len(text) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{where}]"


def _is_metadata(metadata: object) -> bool:
    match metadata:
        case {"event_type": str(), "event_payload": dict(), **others}:
            return not others
    return False


def _ts(notice: Notice) -> float:
    return float(notice.id.rpartition(":")[2])


def _seen(notice: Notice, *, whole: bool) -> dict[str, Any]:
    left_out = () if whole else ("metadata",)
    return {name: value for name, value in notice.document.items() if name not in left_out}


def _invalid(*complaints: str) -> Response:
    return _trouble("invalid_blocks", *(f"[ERROR] {complaint}" for complaint in complaints))


def _trouble(error: str, *messages: str) -> Response:
    body: dict[str, Any] = {"ok": False, "error": error}
    return as_json({**body, "response_metadata": {"messages": messages}} if messages else body)


STAND_IN = Slack
