"""A post as the two parts of an e-mail: HTML that reads well without styles, and plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from functions.platforms._mailbox import line
from functions.platforms._markdown import to_html, to_plain
from publishing.model import Content, Media

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>img {{ max-width: 100%; height: auto }}</style>
</head>
<body dir="auto" style="margin:0 auto;padding:16px;max-width:640px;font:16px/1.5 sans-serif;color:#1a1a1a">
<h1 style="font-size:28px;line-height:1.2;margin:0 0 16px">{title}</h1>
{body}
<hr style="border:0;border-top:1px solid #767676;margin:32px 0 16px">
<p style="font-size:14px;color:#595959">{sender} · <a href="{unsubscribe}">Unsubscribe</a></p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands around every letter of a list: who sends it, how to leave, and the language's tag if known."""

    sender: str
    unsubscribe: str
    language: str = ""


def html(content: Content, footer: Footer) -> str:
    """The HTML part."""
    blocks = [*map(_shown, content.media), to_html(_body(content)), *map(_link, filter(None, [content.link]))]
    return _PAGE.format(
        title=escape(line(content.title)),
        body=_CONTROLS.sub("", "\n".join(blocks)),
        sender=escape(line(footer.sender)),
        unsubscribe=escape(footer.unsubscribe),
        language=escape(footer.language),
    )


def text(content: Content, footer: Footer) -> str:
    """The plain text part; its title is the message's subject."""
    media = [f"{each.alt}\n{each.url}".lstrip() for each in content.media]
    signature = f"-- \n{line(footer.sender)}\nUnsubscribe: {footer.unsubscribe}"  # "-- " is how mail programs know it
    blocks = [to_plain(_body(content)), *media, content.link, signature]
    return _CONTROLS.sub("", "\n\n".join(filter(None, blocks))) + "\n"


def _body(content: Content) -> str:
    return content.text if content.text.strip() else content.summary


def _shown(media: Media) -> str:
    if media.is_video:  # no mail program plays one
        return _link(media.url, media.alt)
    return f'<p><img src="{escape(media.url)}" alt="{escape(media.alt)}"></p>'


def _link(url: str, label: str = "") -> str:
    return f'<p><a href="{escape(url)}">{escape(label or url)}</a></p>'
