"""A post's words in LinkedIn's "little" form, where what is not escaped cuts them off.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format (read 2026-11-21,
stored copy)
"""

from __future__ import annotations

import re

from functions.platforms._markdown import to_plain
from publishing.model import Post

TAG = re.compile(r"(?=\d*[^\W\d_])[^\W_]+")  # letters and digits, but not digits alone
HASHTAG = re.compile(rf"(?<![^\s(])#({TAG.pattern})(?!\w)")


def texts(post: Post) -> tuple[str, dict[str, str]]:
    """The commentary, and what an article's card shows."""
    content, text = post.content, to_plain(post.content.text)
    card = {"source": content.link, "title": content.title.strip(), "description": content.summary}
    article = {} if content.media or not (card["source"] and card["title"]) else card
    title, link = ("", "") if article else (content.title, content.link)
    parts = [title, text, "" if link in text.split() else link, " ".join(f"#{tag}" for tag in content.tags)]
    pieces = HASHTAG.split("\n\n".join(part.strip() for part in parts if part.strip()))
    pieces[::2] = [re.sub(r"[\\|{}@\[\]()<>#*_~]", r"\\\g<0>", plain) for plain in pieces[::2]]
    pieces[1::2] = [rf"{{hashtag|\#|{tag}}}" for tag in pieces[1::2]]
    return "".join(pieces), {name: shown for name, shown in article.items() if shown}


def words(little: str) -> list[str]:
    """What a text keeps: addresses come back shortened."""
    plain = re.sub(r"\\(.)", r"\1", re.sub(r"\{hashtag\|\\?[#\uff03]\|([^{}|]*)\}", r"#\1", little))
    return re.sub(r"https?://\S+", "link", plain).split()
