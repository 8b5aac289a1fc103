"""Source text: names, docstrings and comments that fit the page."""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
from collections.abc import Iterable


def identifier(name: str) -> str:
    """A name as Python takes it, and that hides none of its own."""
    made = re.sub(r"\W", "_", name)
    return f"{made}_" if keyword.iskeyword(made) or hasattr(builtins, made) else made


def camel(name: str) -> str:
    """A class's name."""
    return "".join(part.capitalize() for part in name.split("_"))


def docstring(text: str, width: int) -> list[str]:
    """A docstring, line by line."""
    said = [line for paragraph in text.strip().split("\n\n") for line in ["", *_wrapped(paragraph, width - 3)]][1:]
    if len(said) == 1 and len(said[0]) <= width - 6:
        return [f'"""{said[0]}"""']
    return [f'"""{said[0]}', *said[1:], '"""']


def comment(text: str, width: int) -> list[str]:
    """A comment, line by line."""
    return [f"# {line}" for line in _wrapped(text, width - 2)]


def indented(lines: Iterable[str]) -> str:
    """A block of lines."""
    return textwrap.indent("\n".join(lines), "    ")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False, break_long_words=False)
