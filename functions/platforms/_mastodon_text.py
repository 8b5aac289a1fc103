"""The text of a post on Mastodon, in as many parts as a thread takes, counted as Mastodon counts.

Source: https://docs.joinmastodon.org/user/posting/ and github.com/mastodon/mastodon: status_length_validator.rb
(read 2026-11-21)
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

from functions.platforms._markdown import to_plain
from functions.platforms._split import split
from publishing.model import Post, Problem

CHARS = 500  # Mastodon's own; an instance may have set more, which `check` cannot know: it is not told the channel
PARTS = 25  # of a thread: ours, as Mastodon has no limit; 300 posts may be made in three hours
ALT_CHARS = 1_500  # what is longer Mastodon cuts off without a word

URL = re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?'\")\]}]")
MENTION = re.compile(r"(?<![=/\w])(@\w[\w.-]*+)@\w++(?:[.-]+\w++)*", re.ASCII)
NO_TAG = re.compile(r"[\s!-/:-@\[-^`{-~]|\A[\d_]*\Z")
MARKUP = re.compile(r"<[^<>]*+>")
RIDER = re.compile(  # what a reader does not take for a character of its own
    "([\U0001f1e6-\U0001f1ff]){2}|\u200d[\u203c-\u3299\U0001f000-\U0001faff]?|[\u200c\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)


def whole(post: Post) -> str:
    """The text with title, link and tags."""
    content, text = post.content, to_plain(post.content.text)
    link = "" if content.link in URL.findall(text) else content.link
    pieces = (content.title, text, link, " ".join(f"#{tag}" for tag in content.tags))
    return "\n\n".join(piece for piece in pieces if piece.strip())


def parts(post: Post) -> tuple[str, ...]:
    """The text of each post: one, unless it is too long and the author asked for a thread."""
    text = whole(post)
    if not post.content.thread or length(text) <= CHARS:
        return (text,)
    return split(text, CHARS, length)


def length(text: str) -> int:
    """Its characters: what a reader takes for one; an address is always 23, a mention only its local part."""
    seen = unicodedata.normalize("NFC", MENTION.sub(r"\1", URL.sub("x" * 23, text)))
    return sum(unicodedata.category(each)[0] != "M" and each not in "\u0e33\u0eb3" for each in RIDER.sub(r"\1", seen))


def shown(content: str) -> str:
    """What is left of the HTML that Mastodon makes of a text."""
    return html.unescape(MARKUP.sub("", content))


def essence(text: str) -> str:
    """A text's words without blanks: what is left of it in HTML, where mentions are shown without their server."""
    return "".join(MENTION.sub(r"\1", unicodedata.normalize("NFC", text)).split())


def objections(post: Post) -> Iterator[Problem]:
    """What of the content cannot be told."""
    content, text = post.content, whole(post)
    if content.thread and (length(text) > PARTS * CHARS or len(parts(post)) > PARTS):
        message = f"The thread has more than {PARTS} posts of {CHARS} characters."
        yield Problem("content.text", message, "Shorten it, or override the text for this channel.")
    for place, tag in enumerate(content.tags):
        if NO_TAG.search(tag):
            yield Problem(f"content.tags[{place}]", "This cannot be a hashtag.", "Use letters, digits and underscores.")
    for place, media in enumerate(content.media):
        if len(media.alt) > ALT_CHARS:
            yield Problem(f"content.media[{place}].alt", f"It is longer than {ALT_CHARS} characters.", "Shorten it.")
