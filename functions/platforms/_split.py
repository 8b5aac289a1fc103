"""A plain text in parts that each fit, for platforms where a long text becomes a thread.

Source: https://www.unicode.org/reports/tr29/ (read 2026-11-21) for what a reader takes for one character; halves of
Indic conjuncts count as two here, which separates them where nothing else would fit and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

Count = Callable[[str], int]

PARAGRAPH = re.compile(r"\n\s*\n")
SENTENCE = re.compile(  # East Asian ones end without a blank
    """\\n|(?<=[.!?…])["'”’»)\\]]*\\s|[。！？]["”’」』）]*"""  # noqa: RUF001 - meant as they are
)
WORD = re.compile(r"\s+")

_PAIR_OR_ONE = re.compile("[\U0001f1e6-\U0001f1ff]{2}|.", re.DOTALL)  # a flag is two of those letters
_JOINER = "\u200d"
_RIDERS = re.compile("[\u200c\u200d\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def split(text: str, most: int, count: Count = len) -> tuple[str, ...]:
    """`text` in parts of at most `most` as `count` measures them, without the blanks between them.

    It is cut between paragraphs or else sentences where that leaves a part at least half full, or else between words;
    within a word (an address is one) only where that alone is too long. `count` must not shrink as a text grows, and
    no character may count more than `most`.
    """
    parts, rest = [], text.strip()
    while rest:
        end = _end(rest, most, count)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(parts)


def graphemes(text: str) -> Iterator[str]:
    """What a reader takes for one character each."""
    grapheme = ""
    for piece in _PAIR_OR_ONE.findall(text):
        if grapheme and not (_rides(piece) or grapheme.endswith(_JOINER)):
            yield grapheme
            grapheme = ""
        grapheme += piece
    if grapheme:
        yield grapheme


def _rides(piece: str) -> bool:
    return bool(_RIDERS.match(piece)) or unicodedata.category(piece[0]).startswith("M")


def _end(text: str, most: int, count: Count) -> int:
    """Where the first part of `text` ends."""
    window = _window(text, most, count)
    if len(window) == len(text) and count(text) <= most:
        return len(text)
    for boundary, least in ((PARAGRAPH, most / 2), (SENTENCE, most / 2), (WORD, 1)):
        end = _last([found.end() for found in boundary.finditer(window)], window, most, count)
        if end and count(window[:end].rstrip()) >= least:
            return end
    whole = list(accumulate(len(each) for each in graphemes(window)))
    return _last(whole, window, most, count) or max(1, _last(range(1, len(window)), window, most, count))


def _window(text: str, most: int, count: Count) -> str:
    """So much of the beginning of `text` as surely does not fit, or all of it."""
    size = max(1, most)
    while size < len(text) and count(text[:size].rstrip()) <= most:
        size *= 2
    return text[:size]


def _last(ends: Sequence[int], text: str, most: int, count: Count) -> int:
    """The last of `ends` before which `text` fits; 0 where none is."""
    place = bisect_right(ends, most, key=lambda end: count(text[:end].rstrip()))
    return ends[place - 1] if place else 0
