"""Telegram messages in channels and groups, sent by a bot.

Source: https://core.telegram.org/bots/api (Bot API 10.1) and its description in
github.com/PaulSonOfLars/telegram-bot-api-spec (read 2026-11-21). Contract by documentation: never run against Telegram
itself. A bot cannot read what it sent, so what may be out cannot be looked for, nor counted: this adapter has no `find`
and no `metrics`. The bot's token is part of every address: addresses are not to be told to anybody.

Pictures and videos are fetched by Telegram itself, but for a video too large for that, of which a message can have one:
it is sent on with the message. The receipt of an album names all its messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal

import httpx
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._media import form
from functions.platforms._telegram_message import (
    CAPTION_CHARS,
    VIDEO_BYTES,
    call,
    fields,
    large,
    objections,
    seen_units,
)
from functions.platforms._whole_video import file_name, fit
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Limits, Rate, Resource, Takes
from publishing.errors import PublishingError, Throttled, Unauthorized
from publishing.model import Channel, Identity, Media, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, bounded_wait_s, error_for, parsed, quoted, read_if_readable, retry_after_s

API = "https://api.telegram.org"
TOKEN = re.compile(r"\d{1,20}:[\w-]{20,100}", re.ASCII)
CHAT = re.compile(r"@[a-z]\w{3,31}|-?\d{1,19}", re.ASCII | re.IGNORECASE)
SAMPLE = f"{'0' * 10}:{'hidden' * 5}"
BOT_HELP = "From @BotFather: /newbot, or /token for a bot you have. As in 123456789:AAE…."
CHAT_HELP = "@name or a number as in -1001234567890; the bot must be administrator of a channel, member of a group."
RIGHTS = re.compile(r"not enough rights|have no rights|need administrator rights|CHAT_WRITE_FORBIDDEN", re.IGNORECASE)
REMEDIES = {
    "chat not found": "Check the chat id, and add the bot to the chat.",
    "HTTP URL": "The image must be at a public address, of 5 MB at most.",  # wrong …; failed to get … content
    "PHOTO_INVALID_DIMENSIONS": "The image is too large, or too narrow.",
}


class Telegram:
    """Sends a message, a picture or video with a caption, or an album."""

    name = "telegram"
    title = "Telegram"
    # Text and captions are counted without tags, here in UTF-16 units, in which the Bot API measures all it tells of
    # texts; somebody's measurement (2026-08) says code points, which would take more. 20 messages a minute in a group
    # is what Telegram's FAQ for bots says. "Sending files": 5 MB of a picture by its address, 50 MB of a file that is
    # sent; sendVideo takes MPEG4, sendPhoto what is at most 20 times as wide as high.
    limits = Limits(
        text_chars=4096,
        title_chars=4096,
        tags=30,
        media=10,
        timeout_s=60.0,
        rate=Rate(requests=20, per_s=60.0),
        image=Takes(size_bytes=5 * 2**20, width=(0, 10_000), height=(0, 10_000), ratio=(1 / 20, 20.0)),
        video=Takes(("video/mp4",), VIDEO_BYTES),
    )
    credentials = Credentials(
        (
            Field("bot_token", label="Bot token", secret=True, help=BOT_HELP, max_chars=150, sample=SAMPLE),
            Field("chat_id", label="Channel or chat", help=CHAT_HELP, max_chars=40),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here; the text counts with title, link and tags."""
        limits = replace(self.limits, text_chars=CAPTION_CHARS) if post.content.media else self.limits
        found = problems(post, limits, count=lambda _text: seen_units(post), unit="UTF-16 units")
        return [*found, *objections(post, post.content.media)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Send it."""
        insist(self.check(post))
        media: list[Media] = []
        for each in post.content.media:
            media.append((yield from fit(each, self.limits)) if each.is_video else each)  # noqa: PERF401 - it yields
        insist(objections(post, media))  # how large a video is may be known only now
        reply = yield _request(post, media, channel)
        return parsed(_Sent, _taken(reply, channel)).receipt()

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the message, or all of an album; what is not there any more is skipped."""
        asked = {"chat_id": _chat_id(channel), "message_ids": [int(each) for each in receipt.id.split(",")]}
        _taken((yield httpx.Request("POST", _address(channel, "deleteMessages"), json=asked)), channel)

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A video of a few bytes."""
        return httpx.Response(206, headers={"content-range": "bytes 0-0/8"}, request=request)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Have the bot look at the chat; whether it may write there, only writing tells."""
        reply = yield httpx.Request("GET", _address(channel, "getChat"), params={"chat_id": _chat_id(channel)})
        chat = parsed(_Known, _taken(reply, channel)).result
        return Identity(str(chat.id), chat.title or chat.first_name or chat.username, chat.url())


class _Chat(Reply):
    id: int
    username: str = ""
    title: str = ""
    first_name: str = ""

    def url(self, *message: str) -> str:
        """Of the chat or of a message in it; private ones have addresses for their members, basic groups none."""
        private = str(self.id).startswith("-100") and message
        home = self.username or (f"c/{str(self.id).removeprefix('-100')}" if private else "")
        return "/".join(["https://t.me", home, *message]) if home else ""


class _Message(Reply):
    message_id: int = Reads(gt=0)
    date: int = Reads(0, ge=0, le=4_102_444_800)
    chat: _Chat

    def receipt(self) -> Receipt:
        identifier = str(self.message_id)
        at = utc_text(datetime.fromtimestamp(self.date, UTC)) if self.date else ""
        return Receipt(identifier, self.chat.url(identifier), at)


class _Sent(Reply):
    ok: Literal[True]
    result: _Message | Annotated[tuple[_Message, ...], Reads(min_length=1)]

    def receipt(self) -> Receipt:
        """Of an album, with the link of its first message."""
        messages = self.result if isinstance(self.result, tuple) else (self.result,)
        return replace(messages[0].receipt(), id=",".join(str(each.message_id) for each in messages))


class _Known(Reply):
    ok: Literal[True]
    result: _Chat


class _Parameters(Reply):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Trouble(Reply):
    """What Telegram says of a request it did not take; nothing where a proxy answered in its stead."""

    error_code: int = Reads(0, ge=400, le=599)
    description: str = ""
    parameters: _Parameters = _Parameters()

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Telegram's own code and words first, by the status where these say nothing."""
        status, code = self.error_code or reply.status_code, str(self.error_code or "")
        remedy = next((remedy for words, remedy in REMEDIES.items() if words in self.description), "")
        told = quoted(f"{self.description} {remedy}", channel)
        message = f"Telegram answered: {told}" if told else ""
        if self.parameters.migrate_to_chat_id:
            moved = f"The group is a supergroup now: its chat id is {self.parameters.migrate_to_chat_id}."
            return Unauthorized(moved, code=code, status=status)
        if self.error_code == httpx.codes.NOT_FOUND or RIGHTS.search(self.description):  # 404: no bot has this token
            return Unauthorized(message, code=code, status=status)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait_s = bounded_wait_s(self.parameters.retry_after, retry_after_s(reply))
            return Throttled(message, retry_after_s=wait_s, code=code, status=status)
        return error_for(httpx.Response(status, request=reply.request), message, code=code)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    trouble = read_if_readable(_Trouble, reply)
    if reply.is_success and not trouble.error_code:
        return reply
    raise trouble.error(reply, channel)


def _address(channel: Channel, method: str) -> str:
    token = channel.secrets["bot_token"].strip()
    if not TOKEN.fullmatch(token):
        raise Unauthorized("This is no bot token.")
    return f"{API}/bot{token}/{method}"


def _chat_id(channel: Channel) -> int | str:
    given = channel.settings["chat_id"].strip()
    if not CHAT.fullmatch(given):
        raise Unauthorized("This is no chat id: it is a number, or @ and a name.")
    return given if given.startswith("@") else int(given)


def _request(post: Post, media: Sequence[Media], channel: Channel) -> httpx.Request:
    method, asked = call(post, media)
    asked = {"chat_id": _chat_id(channel), **asked}
    address, carried = _address(channel, method), large(media)
    if not carried:
        return httpx.Request("POST", address, json=asked, extensions=PUBLISHES)
    headers, extensions = form(fields(asked), "video", carried[0], file_name(carried[0]))
    return httpx.Request("POST", address, headers=headers, extensions=PUBLISHES | extensions)


ADAPTER: Adapter = Telegram()
