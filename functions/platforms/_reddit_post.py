"""A post as Reddit takes it, and as Reddit tells it.

Source: https://www.reddit.com/dev/api#POST_api_submit, https://www.reddit.com/dev/api#GET_user_{username}_{where} and
github.com/praw-dev/praw: praw/models/reddit/subreddit/subreddit.py (read 2026-11-21)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import Field as Reads

from functions.platforms._reddit import name_of
from publishing.model import Channel, Post, Receipt, utc_text
from publishing.replies import Reply

SITE = "https://www.reddit.com"
YES = frozenset({"yes", "true", "1"})


def kind_of(post: Post) -> str:
    """What Reddit calls it; `gallery` has a way of its own. A link is one where nothing else is said."""
    content = post.content
    if content.media:
        several = len(content.media) > 1
        return "video" if content.media[0].is_video else "gallery" if several else "image"
    return "link" if content.link and not content.text.strip() else "self"


def body_of(post: Post) -> str:
    """Its text in Markdown, which is Reddit's own; a link that is not what it is about stands below."""
    text, link = post.content.text, post.content.link
    if kind_of(post) == "link" or not link or link in text:
        return text
    return f"{text.rstrip()}\n\n{link}".lstrip()


def common_of(post: Post, channel: Channel) -> dict[str, object]:
    """What is said of every post."""
    flair = {name: channel.settings[name] for name in ("flair_id", "flair_text") if channel.settings.get(name)}
    where = {"api_type": "json", "sr": name_of(channel, "subreddit"), "title": post.content.title.strip()}
    ways = {name: is_yes(channel, name) for name in ("nsfw", "spoiler")}
    return {**where, **ways, "sendreplies": True, "validate_on_submit": True, **flair}


def form_of(post: Post, channel: Channel, places: Sequence[str]) -> dict[str, object]:
    """What is said of one that is no gallery; `places` are what was handed over, as `asset,url`."""
    kind, body = kind_of(post), body_of(post)
    urls = [each.partition(",")[2] for each in places] or [post.content.link]
    form: dict[str, object] = {"kind": kind, "resubmit": is_yes(channel, "resubmit")}
    form |= {"url": urls[0]} if kind != "self" else {}
    form |= {"video_poster_url": urls[1]} if kind == "video" else {}
    return form | ({"text": body} if body.strip() or kind == "self" else {})


def is_yes(channel: Channel, name: str) -> bool:
    """Whether the channel's setting of that name says so."""
    return channel.settings.get(name, "").strip().lower() in YES


class User(Reply):
    """An account."""

    id: str
    name: str


class _Link(Reply):
    name: str = Reads(pattern=r"^t3_\w{1,20}$")
    title: str = ""
    subreddit: str = ""
    permalink: str = ""
    url: str = ""
    created_utc: float = 0.0
    score: int = 0
    num_comments: int = 0
    num_crossposts: int = 0

    def is_of(self, post: Post, channel: Channel) -> bool:
        here = self.subreddit.casefold() == name_of(channel, "subreddit").casefold()
        linked = kind_of(post) != "link" or self.url.rstrip("/") == post.content.link.rstrip("/")
        return here and linked and _essence(self.title) == _essence(post.content.title)

    def receipt(self) -> Receipt:
        return Receipt(self.name, f"{SITE}{self.permalink}", utc_text(datetime.fromtimestamp(self.created_utc, UTC)))


class _Child(Reply):
    data: _Link


class _Children(Reply):
    children: tuple[_Child, ...]


class Listing(Reply):
    """Posts."""

    data: _Children


def _essence(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()
