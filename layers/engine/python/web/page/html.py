"""Pieces of HTML: what is put into them as text is escaped, always."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NewType

from markdown_it import MarkdownIt

Html = NewType("Html", str)

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def text(content: str) -> Html:
    """Text as it is."""
    return Html(escape(content, quote=False))


def tag(name: str, *inside: Html, **attributes: str) -> Html:
    """An element; an attribute that is a word of Python's is written with an underscore at its end."""
    told = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{told}>{''.join(inside)}</{name}>")


def code(content: str) -> Html:
    """A word of the protocol."""
    return tag("code", text(content))


def marked(content: str) -> Html:
    """CommonMark as paragraphs; HTML in it is text."""
    return Html(str(_MARKDOWN.render(content)))


def phrase(content: str) -> Html:
    """CommonMark in one line, without a paragraph around it."""
    return Html(str(_MARKDOWN.renderInline(content)))


def table(heads: Iterable[str], rows: Iterable[Iterable[Html]]) -> Html:
    """A table; empty, it is nothing."""
    lines = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    if not lines:
        return Html("")
    head = tag("tr", *(tag("th", text(each)) for each in heads))
    return tag("table", tag("thead", head), tag("tbody", *lines))
