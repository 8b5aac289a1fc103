"""Entity tags: the same for the same representation, so that nobody overwrites what they have not seen (RFC 9110)."""

from __future__ import annotations

import hashlib


def of(content: bytes) -> str:
    """The strong tag of a representation."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def named(header: str, tag: str) -> bool:
    """Whether a conditional header names this tag, or any with `*`; weak and strong are alike here."""
    names = {name.strip().removeprefix("W/") for name in header.split(",")}
    return tag in names or "*" in names
