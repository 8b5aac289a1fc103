"""A message as the Bot API's methods take it: which method, with which parameters, and what cannot be in it.

Source: https://core.telegram.org/bots/api#sendvideo, …#sendmediagroup and …#sending-files (read 2026-11-21)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from functions.platforms._chat import HTML, HTML_SEEN, Dialect, blocks
from publishing.model import Media, Post, Problem

CAPTION_CHARS = 1024
LONG_CHARS = 20_000  # nearly always too long in any case, and slow to read twice
MARKS = 100  # of a message (tdlib/telegram-bot-api#820)
FETCHED_BYTES = 20_000_000  # the most Telegram fetches by itself; what is more is sent
VIDEO_BYTES = 50 * 2**20
HASHTAG = re.compile(r"(?!\d+\Z)\w{1,100}")
HANDED = "attach://video"  # by the name of its field in the form


def call(post: Post, media: Sequence[Media]) -> tuple[str, dict[str, object]]:
    """The method and its parameters but for the chat; neither pictures nor videos have a place for alternative text."""
    content, text = post.content, _message(post, HTML)
    caption = {"caption": text, "parse_mode": "HTML"} if text else {}
    if not media:
        preview = {"link_preview_options": {"url": content.link}} if content.link else {}
        return "sendMessage", {"text": text, "parse_mode": "HTML", **preview}
    shown = [_shown(each) for each in media]
    if len(shown) > 1:
        return "sendMediaGroup", {"media": [shown[0] | caption, *shown[1:]]}
    kind, address, *_ = shown[0].values()
    details = {name: value for name, value in shown[0].items() if name not in {"type", "media"}}
    return f"send{str(kind).title()}", {str(kind): address, **details, **caption}


def _shown(media: Media) -> dict[str, object]:
    if not media.is_video:
        return {"type": "photo", "media": media.url}
    facts = {"width": media.width, "height": media.height, "duration": round(media.seconds)}
    known = {name: number for name, number in facts.items() if number}
    return {"type": "video", "media": HANDED if large([media]) else media.url, **known, "supports_streaming": True}


def large(media: Sequence[Media]) -> list[Media]:
    """What has to be sent, since Telegram does not fetch it."""
    return [each for each in media if each.is_video and each.size_bytes > FETCHED_BYTES]


def fields(asked: Mapping[str, object]) -> dict[str, str]:
    """The parameters as a form's fields, but for the file that comes as the field `video`."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
    return {name: text for name, text in texts.items() if text != HANDED}


def seen_units(post: Post) -> int:
    """How long the text is without its tags, in UTF-16 units."""
    return len(_message(post, HTML_SEEN).encode("utf-16-le", "surrogatepass")) // 2


def _message(post: Post, dialect: Dialect) -> str:
    content = post.content
    title = " ".join(content.title.split())
    head = [dialect.strong(dialect.text(title))] if title else []
    link = [dialect.text(content.link)] if content.link not in content.text else []
    tags = " ".join(f"#{dialect.text(tag.removeprefix('#'))}" for tag in content.tags)
    parts = [*head, *blocks(content.text, dialect), *link, tags]
    return "\n\n".join(part for part in parts if part.strip())


def objections(post: Post, media: Sequence[Media]) -> Iterator[Problem]:
    """What Telegram would drop or not take, with what is known of the media by now."""
    for place, tag in enumerate(post.content.tags):
        if not HASHTAG.fullmatch(tag.removeprefix("#")):
            what = "A hashtag has letters, digits and _ only, and not only digits."
            yield Problem(f"content.tags[{place}]", what, "Override the tags for this channel.")
    if len(large(media)) > 1:
        what = f"Only one video of a message may have more than {FETCHED_BYTES // 1_000_000} MB."
        yield Problem("content.media", what, "Make the others smaller, or override the media for this channel.")
    marks = _message(post, HTML).count("</") if len(post.content.text) < LONG_CHARS else 0
    if marks > MARKS:
        what = f"There are {marks} marks and links in the text; Telegram forgets those after {MARKS}."
        yield Problem("content.text", what, "Use fewer, or override the text for this channel.")
