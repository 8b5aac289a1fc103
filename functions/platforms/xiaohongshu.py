"""Notes on Xiaohongshu (RedNote), handed off to a person with the app: nothing else is open to everybody.

Source: the JS SDK's signature as read in https://jishuzhan.net/article/1966322522582466562 and in
github.com/yikart/AiToEarn, demo/xhs and .../platforms/rednote/offline-qr (read 2026-11-21); the vendor's own page, at
https://agora.xiaohongshu.com, was not to be had. Contract by documentation: never run against Xiaohongshu.

The SDK runs in a page: `xhs.share({shareInfo, verifyConfig})` opens the app with the note in it. Which link it opens is
told nowhere. So the hand-off is the address of a page of the channel's owner, with that object behind its `#`, which no
server is sent. Whether the note was published is not told either: a person says so.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
from pydantic import Field as Reads

from functions.platforms._captions import caption, hashtag_problems
from functions.platforms._checks import insist, problems
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Resource, Takes
from publishing.errors import Unauthorized
from publishing.model import Channel, Content, Handoff, Identity, Outcome, Post, Problem, utc_text
from publishing.replies import Reply, error_for, parsed, quoted, read_if_readable

TOKEN = "https://edith.xiaohongshu.com/api/sns/v1/ext/access/token"  # noqa: S105 - an address
MINUTE_MS = 60_000
PAGE = "Loads the JS SDK and, at a click, calls xhs.share(JSON.parse(decodeURIComponent(location.hash.slice(1))))."


class Xiaohongshu:
    """Hands off up to eighteen pictures, or a video, with title and text."""

    name = "xiaohongshu"
    title = "Xiaohongshu"
    # 18 pictures are the SDK's; the rest is AiToEarn's: 5 topics, pictures of 20 MB, a video of 1 GB and an hour.
    limits = Limits(
        text_chars=1000,
        title_chars=20,
        tags=5,
        media=18,
        image=Takes(types=("image/jpeg", "image/png", "image/webp"), size_bytes=20 * 2**20),
        video=Takes(types=("video/mp4", "video/quicktime", "video/webm"), size_bytes=2**30, seconds=(0.0, 3_600.0)),
        embeds=True,
    )
    credentials = Credentials(
        (
            Field("app_key", label="App key", help="The app's, at agora.xiaohongshu.com.", max_chars=100),
            Field("app_secret", label="App secret", secret=True, help="The app's, beside its key."),
            Field("page", Kind.URL, "Share page", help=PAGE),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = True  # for as long as ever: a second hand-off is another link, and nothing is out before a person taps

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda _text: len(_text_of(post.content)))
        return [*found, *hashtag_problems(post), *_unfit(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Hand it off: good for as long as the token that signs it."""
        insist(self.check(post))
        nonce, timestamp = _nonce(post.id), _timestamp()
        token = yield from _token(channel, nonce, timestamp, hands_off=True)
        key = channel.settings["app_key"]
        signed = signature(key, nonce, timestamp, token.access_token)
        config = {"appKey": key, "nonce": nonce, "timestamp": timestamp, "signature": signed}
        shared = {"shareInfo": _note(post.content), "verifyConfig": config}
        fragment = quote(json.dumps(shared, ensure_ascii=False, separators=(",", ":")), safe="")
        page = httpx.URL(channel.settings["page"]).copy_with(fragment=None)
        return Handoff(f"{page}#{fragment}", token.end())

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask for a token: that the app's key and secret are good is all there is to learn."""
        timestamp = _timestamp()
        yield from _token(channel, _nonce(f"{channel.id} {timestamp}"), timestamp)
        return Identity(channel.settings["app_key"])


class _Token(Reply):
    access_token: str = Reads(min_length=1)
    expires_in: int | None = None  # a moment, in milliseconds

    def end(self) -> str:
        return utc_text(datetime.fromtimestamp(self.expires_in / 1000, UTC)) if self.expires_in else ""


class _TokenThere(Reply):
    data: _Token


class _Trouble(Reply):
    success: bool | None = None
    code: int | str | None = None
    msg: str | None = None


def signature(key: str, nonce: str, timestamp: str, secret: str) -> str:
    """What shows the app to be itself: by its secret where it asks for a token, by that token where it shares."""
    return hashlib.sha256(f"appKey={key}&nonce={nonce}&timeStamp={timestamp}{secret}".encode()).hexdigest()


def _token(channel: Channel, nonce: str, timestamp: str, *, hands_off: bool = False) -> Conversation[_Token]:
    """What signs the link.

    Nothing is published by asking, only by the person who follows the link: but it is what is asked before that may be.
    """
    key, secret = channel.settings["app_key"], channel.secrets["app_secret"]
    signed = signature(key, nonce, timestamp, secret)
    body = {"app_key": key, "nonce": nonce, "timestamp": timestamp, "signature": signed}
    reply = yield httpx.Request("POST", TOKEN, json=body, extensions=PUBLISHES if hands_off else {})
    return parsed(_TokenThere, _taken(reply, channel)).data


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    said = read_if_readable(_Trouble, reply)
    told, code = quoted(said.msg or "", channel), quoted(str(said.code or ""), channel)
    message = f"Xiaohongshu answered: {told}" if told else ""
    if not reply.is_success:
        raise error_for(reply, message, code=code)
    if said.success is False:  # its codes are told nowhere; what was asked holds nothing but the app's key
        raise Unauthorized(message, code=code, status=reply.status_code)
    return reply


def _timestamp() -> str:
    """The minute, in milliseconds: what is asked again at once is asked in the same words."""
    return str(int(time.time() * 1000) // MINUTE_MS * MINUTE_MS)


def _nonce(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:16]  # up to 32 characters


def _text_of(content: Content) -> str:
    return caption(replace(content, title=""))


def _note(content: Content) -> dict[str, object]:
    words = {"title": content.title, "content": _text_of(content)}
    addresses = [media.url for media in content.media]
    if content.media[0].is_video:
        return {"type": "video", **words, "video": addresses[0]}
    return {"type": "normal", **words, "images": addresses}


def _unfit(post: Post) -> Iterator[Problem]:
    media = post.content.media
    if not media:
        yield Problem("content.media", "A note needs pictures or a video.", "Add one, or leave this channel out.")
    if len(media) > 1 and any(each.is_video for each in media):
        yield Problem("content.media", "A note has one video, or pictures alone.", "Override media for this channel.")


ADAPTER: Adapter = Xiaohongshu()
