"""A post's words on Threads: which stand where, in how many posts, and what Threads has against them.

Source: https://developers.facebook.com/documentation/threads/overview, …/posts and …/create-posts/text-attachments
(read 2026-11-21)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from functions.platforms._captions import caption
from functions.platforms._split import split
from publishing.model import Post, Problem

TEXT_CHARS, POSTS, LINKS = 500, 25, 5
TOPIC = re.compile(r"[^.&\s]([^.&]{0,48}[^.&\s])?")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()<>]+", re.IGNORECASE)
JOINERS = "\u200d\ufe0f\u20e3"


def parts_of(post: Post) -> tuple[str, ...]:
    """The posts it becomes: one, or a thread where the author asked for that and the text is too long."""
    words = _words(post)
    return split(words, TEXT_CHARS, length) if post.content.thread and length(words) > TEXT_CHARS else (words,)


def _words(post: Post) -> str:
    """The text as it is shown; a link has a place of its own, but beside pictures or alone it stands in the text."""
    return caption(post.content, link=not attached(post), hashtags=False)


def attached(post: Post) -> str:
    """The link where it has a place of its own: beside a text without pictures."""
    content = post.content
    alone = not content.title.strip() and not content.text.strip()
    return "" if content.media or alone else content.link


def length(text: str) -> int:
    """Characters, of which emoji count as many as they have bytes."""
    return sum(
        len(character.encode()) if _is_emoji(character) else 1 for character in text.encode(errors="replace").decode()
    )


def _is_emoji(character: str) -> bool:
    """Whether it is one, or joins or dresses one; what Threads takes for emoji is not said more exactly."""
    pictographic = character >= "\u2600" and unicodedata.category(character) in {"So", "Sk"}
    return pictographic or character in JOINERS


def topic_problems(post: Post) -> list[Problem]:
    """Tags that are no topic."""
    message = "A topic on Threads has 1 to 50 characters, without full stops and ampersands."
    return [
        Problem(f"content.tags[{place}]", message, "Override the tags for this channel.")
        for place, tag in enumerate(post.content.tags)
        if not TOPIC.fullmatch(tag)
    ]


def post_problems(post: Post, parts: Sequence[str]) -> Iterator[Problem]:
    """More links in one post, or more posts in one thread, than there may be."""
    links = max((len(_links(post, parts, place)) for place in range(len(parts))), default=0)
    if links > LINKS:
        message = f"There are {links} links in one post; the most here is {LINKS}."
        yield Problem("content.text", message, "Remove some, or override the text for this channel.")
    if len(parts) > POSTS:  # as many as can be looked for in one conversation
        message = (
            f"It would be a thread of {len(parts)} posts; the most here is {POSTS}: {len(parts) - POSTS} too many."
        )
        yield Problem("content.text", message, "Shorten it, or override the text for this channel.")


def _links(post: Post, parts: Sequence[str], place: int) -> set[str]:
    return {*ADDRESS.findall(parts[place]), "" if place else attached(post)} - {""}
