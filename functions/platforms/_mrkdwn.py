"""A Slack message's blocks, its text in mrkdwn.

Source: https://docs.slack.dev/messaging/formatting-message-text and https://docs.slack.dev/reference/block-kit/blocks
(read 2026-11-21). Slack has no escape for its own marks: a star or underline the author means as such may mark text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from functions.platforms._chat import PLAIN, Dialect, blocks, quoted_lines
from functions.platforms._markdown import to_plain
from publishing.model import Content, Media, Post, Problem

Block = Mapping[str, object]

SECTION_CHARS = 3000
FALLBACK_CHARS = 3000  # of what notifications and screen readers use; Slack advises 4,000 at most

URL_CHARS, ALT_CHARS = 3000, 2000  # of an image
VIDEO_ALT_CHARS = 1000  # of a file: alt_txt_too_large

_ADDRESS = re.compile(r"(https?://[^\s<>]*[^\s<>.,:;!?'\")\]}*_~`])", re.IGNORECASE)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(text: str) -> str:
    """Escaped, and with addresses as links: Slack is told to look for nothing itself, lest it find people to call."""
    parts = _ADDRESS.split(text)  # every other one is an address
    return "".join(_link(part, part) if place % 2 else _escaped(part) for place, part in enumerate(parts))


def _link(label: str, url: str) -> str:
    address = _escaped(url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E"))
    return f"<{address}>" if label == url else f"<{address}|{_escaped(label)}>"


MRKDWN = Dialect(
    text=_text,
    strong=lambda inner: f"*{inner}*",
    emphasis=lambda inner: f"_{inner}_",
    strike=lambda inner: f"~{inner}~",
    code=lambda code: f"`{_escaped(code)}`",
    quote=quoted_lines,
    pre=lambda code, _language: f"```\n{_escaped(code)}\n```",
    link=_link,
    seam="\u200b",  # of no width: Slack knows a mark only where no letter touches it
)


def message(content: Content) -> dict[str, object]:
    """The content as blocks, and as the text that stands for them in notifications and for screen readers."""
    title = " ".join(content.title.split())
    header = [{"type": "header", "text": _plain(title)}] if title else []
    images = [_image(media) for media in content.media if not media.is_video]
    link = content.link if content.link not in content.text else ""
    words = "\n".join(filter(None, [title, to_plain(content.text), link])) or "\n".join(map(_alt, content.media))
    told = words if len(words) <= FALLBACK_CHARS else f"{words[:FALLBACK_CHARS]}…"
    return {"text": _escaped(told), "blocks": [*header, *_sections(content.text, link), *images]}


def length(text: str) -> int:
    """How long Markdown `text` is as mrkdwn, escaped."""
    return len("\n\n".join(blocks(text, MRKDWN)))


def media_problems(post: Post) -> Iterator[Problem]:
    """What keeps an image from being shown in a block, and a second video from being shared with the same message."""
    if sum(media.is_video for media in post.content.media) > 1:
        yield Problem("content.media", "A message here has one video at most.", "Leave the others out.")
    for place, media in enumerate(post.content.media):
        where = f"content.media[{place}]"
        if len(media.url) > URL_CHARS and not media.is_video:
            yield Problem(f"{where}.url", f"The address has more than {URL_CHARS} characters.", "Use a shorter one.")
        most = VIDEO_ALT_CHARS if media.is_video else ALT_CHARS
        if len(media.alt) > most:
            yield Problem(f"{where}.alt", f"The alternative text has more than {most} characters.", "Shorten it.")


def _sections(text: str, link: str) -> Iterator[Block]:
    """As few sections as hold the text; a paragraph too long for one loses its marks, which a cut would break."""
    gathered, address = "", [(_link(link, link), link)] if link else []
    for marked, plain in [*zip(blocks(text, MRKDWN), blocks(text, PLAIN), strict=True), *address]:
        if len(marked) > SECTION_CHARS:
            yield from _section(gathered)
            yield from ({"type": "section", "text": _plain(piece)} for piece in _cut(plain) if piece.strip())
            gathered = ""
        elif len(gathered) + len(marked) + 2 > SECTION_CHARS:
            yield from _section(gathered)
            gathered = marked
        else:
            gathered = "\n\n".join(filter(str.strip, [gathered, marked]))
    yield from _section(gathered)


def _section(text: str) -> Iterator[Block]:
    if text.strip():
        yield {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}, "expand": True}


def _cut(text: str) -> Iterator[str]:
    """`text` in pieces that a section holds, cut between words where there are any."""
    while len(text) > SECTION_CHARS:
        end = max(text.rfind("\n", 1, SECTION_CHARS), text.rfind(" ", 1, SECTION_CHARS))
        end = end if end > 0 else SECTION_CHARS
        yield text[:end]
        text = text[end:]
    yield text


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _image(media: Media) -> Block:
    return {"type": "image", "image_url": media.url, "alt_text": _alt(media)}


def _alt(media: Media) -> str:
    return media.alt.strip() or "Image"  # Slack wants one
