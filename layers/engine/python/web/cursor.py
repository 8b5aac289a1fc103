"""Cursors: where in a list the next page begins, opaque to clients, and worthless outside their workspace and list.

What a cursor holds is a place alone; whose list is read follows from the caller. The digest merely makes a cursor
that was changed, or brought along from elsewhere, a clear mistake instead of a wrong page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence

from web.problems import Refusal, invalid

DIGEST_BYTES = 8


def text(place: list[str], *, listing: str, workspace: str) -> str:
    """The cursor of a place in that workspace's listing."""
    content = json.dumps(place, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_digest(content, listing, workspace) + content).decode().rstrip("=")


def place(cursor: str, *, listing: str, workspace: str, patterns: Sequence[str]) -> list[str]:
    """The place a cursor of that workspace's listing holds, one text for each pattern; none for no cursor.

    Raises:
        Refusal: 422, it is not one.
    """
    if not cursor:
        return []
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _refused() from None
    digest, content = sealed[:DIGEST_BYTES], sealed[DIGEST_BYTES:]
    found = _parsed(content) if digest == _digest(content, listing, workspace) else []
    if len(found) != len(patterns) or not all(map(re.fullmatch, patterns, found)):
        raise _refused()
    return found


def _parsed(content: bytes) -> list[str]:
    try:
        found = json.loads(content)
    except ValueError:
        return []
    return found if isinstance(found, list) and all(isinstance(part, str) for part in found) else []


def _digest(content: bytes, listing: str, workspace: str) -> bytes:
    bound = f"{listing}\0{workspace}\0".encode() + content
    return hashlib.sha256(bound).digest()[:DIGEST_BYTES]


def _refused() -> Refusal:
    return invalid("cursor", "This is not a cursor of this list.", "Use `next` of the page before, as it is.")
