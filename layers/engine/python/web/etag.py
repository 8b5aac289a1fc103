"""Entity tags: the same for the same representation, so that nobody overwrites what they have not seen (RFC 9110).

A representation that is sent packed has a tag of its own, as it must: that of the plain one with an ending. Both name
the same state, so either may be sent back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_PACKED = "-gzip"


def of(content: bytes) -> str:
    """The strong tag of a representation."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def packed(tag: str) -> str:
    """The tag of the same representation, packed."""
    return f'{tag[:-1]}{_PACKED}"'


def matches(header: str, tag: str) -> bool:
    """Whether If-Match names this tag, or any with `*`; by strong comparison: what is weak never does."""
    return is_anything(header) or not _names(header).isdisjoint({tag, packed(tag)})


def is_anything(header: str) -> bool:
    """Whether If-Match names whatever is there."""
    return "*" in _names(header)


def known(asked: Mapping[str, str], told: Mapping[str, str]) -> str:
    """The tag of what a reader has already; empty where it has nothing, or something else than what is `told`.

    By If-None-Match, weak tags too; without it by If-Modified-Since, in whole seconds.
    """
    tag = told["ETag"]
    wanted = asked.get("if-none-match")
    if wanted is None:
        return tag if _unmodified(asked.get("if-modified-since", ""), told.get("Last-Modified", "")) else ""
    names = {name.removeprefix("W/") for name in _names(wanted)}
    if packed(tag) in names:
        return packed(tag)
    return tag if tag in names or "*" in names else ""


def _names(header: str) -> set[str]:
    return {name.strip() for name in header.split(",")}


def _unmodified(since: str, modified: str) -> bool:
    read, changed = _moment(since), _moment(modified)
    return read is not None and changed is not None and changed <= read


def _moment(text: str) -> datetime | None:
    """An HTTP date; None for anything else, which is to be passed over."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
