"""The Bot API's methods that send and delete, and that look at a chat.

Source: https://core.telegram.org/bots/api and github.com/PaulSonOfLars/telegram-bot-api-spec; the words of refusals as
bots report them (read 2026-11-21)
"""

from __future__ import annotations

import html
import itertools
import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Wall

TEXT_UNITS, CAPTION_UNITS = 4_096, 1_024
FILE_BYTES = 50 * 2**20
TAG = re.compile(r'<(/?)([a-z-]+)((?: [a-z-]+(?:="[^"]*")?)*)>', re.IGNORECASE)
TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "span", "tg-spoiler"}
)


class Telegram:
    """Bots, each the administrator of a public channel of its own."""

    name = "telegram"
    rules: Sequence[Rule] = (
        Rule("/bot<token>/sendMessage", methods=["POST"], endpoint="send_message"),
        Rule("/bot<token>/sendPhoto", methods=["POST"], endpoint="send_photo"),
        Rule("/bot<token>/sendVideo", methods=["POST"], endpoint="send_video"),
        Rule("/bot<token>/sendMediaGroup", methods=["POST"], endpoint="send_album"),
        Rule("/bot<token>/deleteMessages", methods=["POST"], endpoint="delete"),
        Rule("/bot<token>/getChat", methods=["GET", "POST"], endpoint="chat"),
        Rule("/<chat>/<int:message>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"send_message", "send_photo", "send_video", "send_album"})
    public = frozenset({"page"})
    hosts: Sequence[str] = ("api.telegram.org",)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._bots: dict[str, str] = {}
        self._chats: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A bot and its channel, with a new token."""
        _ = origin
        token = f"{secrets.randbelow(10**9) + 10**9}:AA{secrets.token_urlsafe(25)}"
        self._bots[token] = name
        username = f"{re.sub('[^A-Za-z0-9_]', '_', name)}_channel"
        number = -1_000_000_000_000 - secrets.randbelow(10**9) - 10**9
        chat = {"id": number, "type": "channel", "title": name, "username": username}
        self._chats.setdefault(name, chat)
        return {"bot_token": token, "chat_id": f"@{username}"}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The bot whose token is in the address."""
        _ = request
        account = self._bots.get(arguments["token"])
        if account is None:
            raise Answer(self.expired())
        return account

    def send_message(self, request: Request, account: str, token: str) -> Response:
        """A text."""
        _ = token
        asked = self._asked(request, account)
        units = _units(asked, "text")
        if not units:
            return _trouble(400, "Bad Request: message text is empty")
        if units > TEXT_UNITS:
            return _trouble(400, "Bad Request: message is too long")
        return as_json({"ok": True, "result": self._sent(account, asked)})

    def send_photo(self, request: Request, account: str, token: str) -> Response:
        """A picture from an address, and its caption."""
        _ = token
        asked = self._asked(request, account)
        _check_media(asked, "photo", {})
        return as_json({"ok": True, "result": self._sent(account, asked)})

    def send_video(self, request: Request, account: str, token: str) -> Response:
        """A video from an address or in the form, and its caption."""
        _ = token
        asked = self._asked(request, account)
        _check_media(asked, "video", _files(request))
        return as_json({"ok": True, "result": self._sent(account, asked)})

    def send_album(self, request: Request, account: str, token: str) -> Response:
        """Two to ten pictures and videos, each a message of its own; together they hang on the wall."""
        _ = token
        asked, files = self._asked(request, account), _files(request)
        media = asked.get("media")
        if not isinstance(media, list) or not 2 <= len(media) <= 10:
            return _trouble(400, "Bad Request: expected from 2 to 10 media")
        for each in media:
            if each.get("type") not in {"photo", "video"}:
                return _trouble(400, "Bad Request: unknown media type")
            _check_media(each, "media", files)
        return as_json({"ok": True, "result": self._sent_all(account, asked, len(media))})

    def delete(self, request: Request, account: str, token: str) -> Response:
        """Delete messages; what is not there is skipped."""
        _ = token
        asked = self._asked(request, account)
        numbers = asked.get("message_ids")
        if not isinstance(numbers, list) or not all(isinstance(each, int) for each in numbers):
            return _trouble(400, "Bad Request: message identifiers are not specified")
        self._wall.take_down(self.name, account, ",".join(map(str, numbers)))
        return as_json({"ok": True, "result": True})

    def chat(self, request: Request, account: str, token: str) -> Response:
        """The chat."""
        _ = token
        asked = {**request.args.to_dict(), **(json_object(request) or {})}
        return as_json({"ok": True, "result": self._chat(asked, account)})

    def page(self, _request: Request, chat: str, message: int) -> Response:
        """A message of a public channel as people see it."""
        for notice in self._wall.notices(self.name):
            if str(message) in notice.id.split(",") and self._chats[notice.account]["username"] == chat:
                return as_page(f"@{chat}", notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with the wait in the body."""
        wait = round(wait_s)
        return _trouble(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})

    def refused(self) -> Response:
        """A picture that Telegram cannot fetch."""
        return _trouble(400, "Bad Request: wrong file identifier/HTTP URL specified")

    def expired(self) -> Response:
        """No bot has this token."""
        return _trouble(401, "Unauthorized")

    def _asked(self, request: Request, account: str) -> dict[str, Any]:
        asked = _of_form(request) if request.mimetype == "multipart/form-data" else json_object(request)
        if asked is None:
            raise Answer(_trouble(400, "Bad Request: can't parse JSON object"))
        self._chat(asked, account)
        return asked

    def _chat(self, asked: Mapping[str, Any], account: str) -> dict[str, Any]:
        chat = self._chats[account]
        if str(asked.get("chat_id")) not in {str(chat["id"]), f"@{chat['username']}"}:
            raise Answer(_trouble(400, "Bad Request: chat not found"))
        return chat

    def _sent(self, account: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._sent_all(account, asked, 1)[0]

    def _sent_all(self, account: str, asked: Mapping[str, Any], messages: int) -> list[dict[str, Any]]:
        numbers, chat = [next(self._numbers) for _ in range(messages)], self._chats[account]
        notice = self._wall.hang(self.name, account, ",".join(map(str, numbers)), asked)
        date = int(datetime.fromisoformat(notice.at).timestamp())
        return [{"message_id": number, "sender_chat": chat, "chat": chat, "date": date} for number in numbers]


def _of_form(request: Request) -> dict[str, Any]:
    """The fields of a form, of which some are JSON."""
    texts = request.form.to_dict()
    return {name: json.loads(text) if name == "media" else text for name, text in texts.items()}


def _files(request: Request) -> dict[str, bytes]:
    files = {name: file.read() for name, file in request.files.items()}
    request.close()
    return files


def _check_media(asked: Mapping[str, Any], field: str, files: Mapping[str, bytes]) -> None:
    given = str(asked.get(field, ""))
    named = given.removeprefix("attach://") if given else field
    if not given.startswith(("http://", "https://")) and not files.get(named):
        raise Answer(_trouble(400, "Bad Request: wrong file identifier/HTTP URL specified"))
    if len(files.get(named, b"")) > FILE_BYTES:
        raise Answer(_trouble(413, "Request Entity Too Large"))
    if _units(asked, "caption") > CAPTION_UNITS:
        raise Answer(_trouble(400, "Bad Request: message caption is too long"))


def _units(asked: Mapping[str, Any], field: str) -> int:
    """The length of a text in UTF-16 units, without tags where it is sent as HTML."""
    text = str(asked.get(field) or "")
    if asked.get("parse_mode") == "HTML":
        text = html.unescape("".join(_without_tags(text)))
    return len(text.strip().encode("utf-16-le")) // 2


def _without_tags(text: str) -> Iterator[str]:
    opened: list[str] = []
    start = 0
    while (at := text.find("<", start)) >= 0:
        yield text[start:at]
        tag = TAG.match(text, at)
        name = tag[2].lower() if tag else ""
        if tag is None or name not in TAGS:
            raise Answer(_unparsed(f'Unsupported start tag "{name}" at byte offset {at}'))
        if not tag[1]:
            opened.append(name)
        elif not opened or opened.pop() != name:
            raise Answer(_unparsed(f"Unmatched end tag at byte offset {at}"))
        start = tag.end()
    if opened:
        raise Answer(_unparsed(f'Can\'t find end tag corresponding to start tag "{opened[-1]}"'))
    yield text[start:]


def _unparsed(why: str) -> Response:
    return _trouble(400, f"Bad Request: can't parse entities: {why}")


def _trouble(code: int, description: str, parameters: Mapping[str, int] | None = None) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return as_json({**body, "parameters": parameters} if parameters else body, code)


STAND_IN = Telegram
