"""The content's Markdown in the forms platforms take: HTML without any raw HTML of the author's, and plain text."""

from __future__ import annotations

import re
from collections.abc import Callable
from textwrap import indent
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

# CommonMark with GitHub's tables and strikethrough; its nesting is bounded, so the recursion below is too.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

DEFINED_CHARS = 100_000  # what link definitions may add to one text, altogether

_BLOCK = re.compile(r"\s*---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FRONT = re.compile(r"^(?:title|published|description|tags|date|cover_image|canonical_url|series)[ \t]*:", re.MULTILINE)
_RULE = re.compile(r"\A\s*---(?=[ \t]*(?:\r?\n|\Z))")


def without_front_matter(text: str) -> str:
    """Markdown `text` without a YAML block at its head; any other head that could be taken for one is disarmed.

    A text may well begin with a rule of three dashes: it is drawn with asterisks, which means the same.
    """
    block = _BLOCK.match(text)
    rest = text[block.end() :] if block and _FRONT.search(block[1]) else text
    return _RULE.sub("***", rest)


def to_html(text: str) -> str:
    """The HTML fragment of Markdown `text`; HTML inside it comes out escaped, `javascript:` links as their source."""
    rendered: str = _MARKDOWN.render(text, {"references": _Definitions()})
    return rendered


def to_plain(text: str) -> str:
    """Markdown `text` as a person would type it without markup; links and images as "label (url)"."""
    return _plain(SyntaxTreeNode(_MARKDOWN.parse(text, {"references": _Definitions()})))


class _Definitions(dict[str, dict[str, Any]]):
    """A text's link definitions, used until what they add to it reaches a bound: then their names stand as typed.

    A long definition named often makes gigabytes of a few kilobytes; cmark has the same bound for the same reason.
    """

    def __init__(self) -> None:
        super().__init__()
        self._left = DEFINED_CHARS

    def get(self, label: str, default: Any = None) -> Any:
        """What markdown-it asks at every name of a definition."""
        found = super().get(label)
        if found is not None:
            self._left -= len(found["href"]) + len(found["title"])
        return found if self._left >= 0 else default


def _plain(node: SyntaxTreeNode) -> str:
    return _FORMS.get(node.type, _inline)(node)


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_plain(child) for child in node.children) if node.children else node.content


def _blocks(node: SyntaxTreeNode) -> str:
    return "\n\n".join(_plain(child) for child in node.children)


def _lines(node: SyntaxTreeNode) -> str:
    return "\n".join(_plain(child) for child in node.children)


def _code(node: SyntaxTreeNode) -> str:
    return node.content.rstrip("\n")


def _quote(node: SyntaxTreeNode) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _blocks(node).split("\n"))


def _bullets(node: SyntaxTreeNode) -> str:
    return "\n".join(_item("- ", item) for item in node.children)


def _numbers(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    return "\n".join(_item(f"{number}. ", item) for number, item in enumerate(node.children, first))


def _item(marker: str, node: SyntaxTreeNode) -> str:
    return marker + indent(_lines(node), " " * len(marker)).lstrip(" ")


def _row(node: SyntaxTreeNode) -> str:
    return " | ".join(_plain(cell) for cell in node.children)


def _link(node: SyntaxTreeNode) -> str:
    return _labelled(_inline(node), str(node.attrs.get("href", "")))


def _image(node: SyntaxTreeNode) -> str:
    return _labelled(node.content, str(node.attrs.get("src", "")))


def _labelled(label: str, url: str) -> str:
    if url.removeprefix("mailto:") == label:
        return label
    return f"{label} ({url})" if label and url else url or label


_FORMS: dict[str, Callable[[SyntaxTreeNode], str]] = {
    "root": _blocks,
    "blockquote": _quote,
    "bullet_list": _bullets,
    "ordered_list": _numbers,
    "code_block": _code,
    "fence": _code,
    "hr": lambda _: "---",
    "table": _lines,
    "thead": _lines,
    "tbody": _lines,
    "tr": _row,
    "softbreak": lambda _: " ",
    "hardbreak": lambda _: "\n",
    "link": _link,
    "image": _image,
}
