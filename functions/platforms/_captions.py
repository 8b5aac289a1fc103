"""A post as one plain text with images and videos, for platforms that know neither titles nor markup."""

from __future__ import annotations

import re

from functions.platforms._markdown import to_plain
from publishing.model import Content, Post, Problem

ALT_CHARS = 1_000
HASHTAG = re.compile(r"\w+")


def caption(content: Content, *, link: bool = True, hashtags: bool = True) -> str:
    """Title, text, link and hashtags as paragraphs of plain text: these platforms know no markup."""
    tags = " ".join(f"#{tag}" for tag in content.tags) if hashtags else ""
    parts = (content.title, to_plain(content.text), content.link if link else "", tags)
    return "\n\n".join(part.strip() for part in parts if part.strip())


def hashtag_problems(post: Post) -> list[Problem]:
    """Tags that would end before their end."""
    message = "A hashtag is letters, digits and underscores only, and not digits alone."
    return [
        Problem(f"content.tags[{place}]", message, "Override the tags for this channel.")
        for place, tag in enumerate(post.content.tags)
        if not HASHTAG.fullmatch(tag) or tag.isdecimal()
    ]


def alt_problems(post: Post, *, alt_chars: int = ALT_CHARS) -> list[Problem]:
    """Descriptions longer than the platform takes."""
    return [
        Problem(
            f"content.media[{place}].alt",
            f"The description is {len(media.alt)} characters long; the most here is {alt_chars}.",
            "Shorten it.",
        )
        for place, media in enumerate(post.content.media)
        if len(media.alt) > alt_chars
    ]
