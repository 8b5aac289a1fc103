"""The content's Markdown in the markup of chats, which knows marks on text, links, code and quotations and no more.

Headings become strong lines, lists and tables lines of text. What a chat can or cannot do stands in its `Dialect`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import indent

from markdown_it.tree import SyntaxTreeNode

from functions.platforms._markdown import _MARKDOWN, _Definitions

Mark = Callable[[str], str]

_WEB = re.compile(r"https?://", re.IGNORECASE)
_OF_MARKS = "*_~`"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a chat writes what.

    `text` and `code` get the author's characters, `pre` also the language, `link` a label and a web address: they
    escape what they get. `strong`, `emphasis`, `strike` and `quote` get what is rendered already. `seam` stands between
    a mark and a word without a blank between them, where the chat would not know the mark otherwise.
    """

    text: Mark
    strong: Mark
    emphasis: Mark
    strike: Mark
    code: Mark
    quote: Mark
    pre: Callable[[str, str], str]
    link: Callable[[str, str], str]
    seam: str = ""


def _same(text: str) -> str:
    return text


def quoted_lines(text: str, sign: str = "> ") -> str:
    """`text` with a sign before each line."""
    return "\n".join(f"{sign}{line}" if line else sign.rstrip() for line in text.split("\n"))


def labelled(label: str, url: str) -> str:
    """A link in plain text."""
    return label if url.removeprefix("mailto:") == label else f"{label} ({url})"


def _html_pre(code: str, language: str) -> str:
    inner = html.escape(code)
    return (
        f'<pre><code class="language-{html.escape(language)}">{inner}</code></pre>'
        if language
        else f"<pre>{inner}</pre>"
    )


PLAIN = Dialect(_same, _same, _same, _same, _same, quoted_lines, lambda code, _language: code, labelled)
HTML = Dialect(
    text=lambda text: html.escape(text, quote=False),
    strong=lambda inner: f"<b>{inner}</b>",
    emphasis=lambda inner: f"<i>{inner}</i>",
    strike=lambda inner: f"<s>{inner}</s>",
    code=lambda code: f"<code>{html.escape(code, quote=False)}</code>",
    quote=lambda inner: f"<blockquote>{inner}</blockquote>",
    pre=_html_pre,
    link=lambda label, url: f'<a href="{html.escape(url)}">{html.escape(label, quote=False)}</a>',
)
HTML_SEEN = replace(PLAIN, quote=_same, link=lambda label, _url: label)  # what is left of it without its tags


def blocks(text: str, dialect: Dialect) -> list[str]:
    """Markdown `text` as its blocks (paragraphs, lists, …), one for one the same in every dialect."""
    root = SyntaxTreeNode(_MARKDOWN.parse(text, {"references": _Definitions()}))
    return [_rendered(node, dialect) for node in root.children]


def _rendered(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return _FORMS.get(node.type, _inline)(node, dialect)


def _inline(node: SyntaxTreeNode, dialect: Dialect) -> str:
    joined, before = "", False
    for child in node.children:
        piece, marked = _rendered(child, dialect), child.type in _MARKED
        if joined and piece and (before or marked) and _touch(joined[-1]) and _touch(piece[0]):
            joined += dialect.seam
        joined, before = joined + piece, marked
    return joined


def _touch(character: str) -> bool:
    return character.isalnum() or character in _OF_MARKS


def _strong(node: SyntaxTreeNode, dialect: Dialect) -> str:
    inner = _inline(node, dialect)
    return inner if _within(node, "strong", "heading") else dialect.strong(inner)


def _heading(node: SyntaxTreeNode, dialect: Dialect) -> str:
    inner = _inline(node, dialect)
    return dialect.strong(inner) if inner else ""


def _emphasis(node: SyntaxTreeNode, dialect: Dialect) -> str:
    inner = _inline(node, dialect)
    return inner if _within(node, "em") else dialect.emphasis(inner)


def _strike(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return dialect.strike(_inline(node, dialect))


def _within(node: SyntaxTreeNode, *types: str) -> bool:
    """Whether a node is inside one of these: no chat knows a mark within the same mark."""
    above = node.parent
    while above and above.type not in types:
        above = above.parent
    return above is not None


def _paragraphs(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return "\n\n".join(_rendered(child, dialect) for child in node.children)


def _lines(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return "\n".join(_rendered(child, dialect) for child in node.children)


def _quote(node: SyntaxTreeNode, dialect: Dialect) -> str:
    inner = _paragraphs(node, dialect)
    if _within(node, "blockquote"):  # chats know no quotation within another
        return quoted_lines(inner, dialect.text("> "))
    return dialect.quote(inner)


def _bullets(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return "\n".join(_item("• ", item, dialect) for item in node.children)


def _numbers(node: SyntaxTreeNode, dialect: Dialect) -> str:
    first = int(node.attrs.get("start", 1))
    return "\n".join(_item(f"{number}. ", item, dialect) for number, item in enumerate(node.children, first))


def _item(marker: str, node: SyntaxTreeNode, dialect: Dialect) -> str:
    blank = " " * len(marker)
    return marker + indent(_lines(node, dialect), blank).removeprefix(blank)


def _pre(node: SyntaxTreeNode, dialect: Dialect) -> str:
    code = node.content.rstrip("\n")
    return dialect.pre(code, next(iter(node.info.split()), "")) if code else ""


def _row(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return " | ".join(_rendered(cell, dialect) for cell in node.children)


def _link(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return _linked(_inline(node, PLAIN), str(node.attrs.get("href", "")), dialect)


def _image(node: SyntaxTreeNode, dialect: Dialect) -> str:
    return _linked(node.content, str(node.attrs.get("src", "")), dialect)


def _linked(label: str, url: str, dialect: Dialect) -> str:
    """A link; one that leads nowhere on the web as text, since chats drop such links without a word."""
    if _WEB.match(url):
        return dialect.link(label or url, url)
    return dialect.text(labelled(label, url) if label and url else url or label)


_MARKED = frozenset({"strong", "em", "s", "code_inline"})
_FORMS: dict[str, Callable[[SyntaxTreeNode, Dialect], str]] = {
    "text": lambda node, dialect: dialect.text(node.content),
    "code_inline": lambda node, dialect: dialect.code(node.content),
    "strong": _strong,
    "em": _emphasis,
    "s": _strike,
    "heading": _heading,
    "blockquote": _quote,
    "bullet_list": _bullets,
    "ordered_list": _numbers,
    "code_block": _pre,
    "fence": _pre,
    "hr": lambda _node, _dialect: "---",
    "table": _lines,
    "thead": _lines,
    "tbody": _lines,
    "tr": _row,
    "softbreak": lambda _node, _dialect: " ",
    "hardbreak": lambda _node, _dialect: "\n",
    "link": _link,
    "image": _image,
}
