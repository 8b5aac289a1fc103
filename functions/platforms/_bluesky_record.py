"""What a post on Bluesky is in its account's repository: the place it has and the record that stands there.

Source: https://atproto.com/specs/tid and github.com/bluesky-social/atproto@d6296a1: lexicons/app/bsky/feed/post.json,
lexicons/app/bsky/embed (read 2026-11-21)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field as Reads
from pydantic import JsonValue

from functions.platforms import _bluesky_text as texts
from functions.platforms._atproto import Session
from publishing.model import Media, Metric, Post, utc_text
from publishing.replies import Reply

POSTS = "app.bsky.feed.post"
DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


class Put(Reply):
    """A record as its place was told; `value` where it was asked for."""

    uri: str = Reads(pattern=r"^at://\S+/\S+$")
    cid: str = Reads(pattern=r"^\w+$")
    value: dict[str, JsonValue] = Reads({})

    @property
    def root(self) -> str:
        """The address of the post that begins the thread this one answers in."""
        match self.value:
            case {"reply": {"root": {"uri": str(uri)}}}:
                return uri
        return ""


class _Counted(Reply):
    likes: int = Reads(0, alias="likeCount")
    reposts: int = Reads(0, alias="repostCount")
    quotes: int = Reads(0, alias="quoteCount")
    replies: int = Reads(0, alias="replyCount")
    bookmarks: int | None = Reads(None, alias="bookmarkCount")

    def counts(self) -> dict[Metric, int]:
        """What is counted of a post."""
        counts = {Metric.LIKES: self.likes, Metric.SHARES: self.reposts + self.quotes, Metric.COMMENTS: self.replies}
        return counts if self.bookmarks is None else {**counts, Metric.SAVES: self.bookmarks}


class Posts(Reply):
    """Posts as anybody sees them."""

    posts: tuple[_Counted, ...]


def place(post: Post, session: Session, part: int = 0) -> dict[str, str]:
    """Where the post is put, or one of its thread.

    Its key is a TID: the minute it was due (67 s, in truth), then 36 bits of its id, so that no two posts meet. Those
    of its thread follow.
    """
    minute = int(post.at.timestamp()) * 1_000_000 >> 26
    number = minute << 36 | int.from_bytes(hashlib.sha256(post.id.encode()).digest()[:8]) >> 28
    return {"repo": session.did, "collection": POSTS, "rkey": _key(number + part)}


def place_of(uri: str, part: int = 0) -> dict[str, str]:
    """Where the post of that address is, or one of its thread."""
    repo, collection, key = uri.removeprefix("at://").split("/", 2)
    number = 0
    for digit in key:
        number = number << 5 | DIGITS.find(digit)
    return {"repo": repo, "collection": collection, "rkey": _key(number + part) if part else key}


def _key(number: int) -> str:
    return "".join(DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def record(post: Post, part: int, embed: Mapping[str, object]) -> dict[str, object]:
    """The post, or one of its thread, each a millisecond later than the one before."""
    text, at = texts.parts(post)[part], post.at + timedelta(milliseconds=part)
    shown = {"embed": embed} if embed else {}
    return {"$type": POSTS, "text": text, "createdAt": utc_text(at), "facets": texts.facets(text), **shown}


def answering(post: Post, session: Session, state: Mapping[str, str]) -> dict[str, object]:
    """What the next one of a thread answers; nothing where it is the first."""
    if "root" not in state:
        return {}
    ends = {"root": (0, state["root"]), "parent": (int(state["part"]) - 1, state["parent"])}
    named = {name: {"uri": uri(place(post, session, part)), "cid": cid} for name, (part, cid) in ends.items()}
    return {"reply": named}


def after(state: Mapping[str, str], put: Put) -> dict[str, str]:
    """What the next one of a thread needs once this one is put."""
    part = int(state.get("part", "0")) + 1
    return {"part": str(part), "root": state.get("root", put.cid), "parent": put.cid}


def uri(where: Mapping[str, str]) -> str:
    """The address of a place."""
    return f"at://{where['repo']}/{where['collection']}/{where['rkey']}"


def card(post: Post) -> dict[str, object]:
    """The link as it is shown below the text; nothing where there is none."""
    content = post.content
    if not content.link:
        return {}
    shown = {"uri": content.link, "title": content.title or content.link, "description": content.summary}
    return {"$type": "app.bsky.embed.external", "external": shown}


def gallery(images: list[JsonValue]) -> dict[str, object]:
    """Pictures."""
    return {"$type": "app.bsky.embed.images", "images": images}


def shown(media: Media, name: str, blob: JsonValue) -> dict[str, JsonValue]:
    """One picture or video, with its shape where that is known."""
    shape: dict[str, JsonValue] = {"width": media.width, "height": media.height}
    known: dict[str, JsonValue] = {"aspectRatio": shape} if media.width and media.height else {}
    return {name: blob, "alt": media.alt, **known}
