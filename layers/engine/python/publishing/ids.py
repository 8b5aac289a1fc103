"""Identifiers: opaque, unguessable, 26 letters and digits behind a prefix that says what they name."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, in lower case
_BODY_CHARS = 26
_RANDOM_BITS = 80  # of an identifier that begins with its time
_DELIVERY = re.compile(r"dlv_([0-9a-hjkmnp-tv-z]{26})_([0-9a-hjkmnp-tv-z]{26})")


def new(prefix: str) -> str:
    """A new identifier, sorting after those made in earlier milliseconds: a ULID behind `prefix`."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{_text((milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS))}"


def derived(prefix: str, *parts: str) -> str:
    """The one identifier these parts lead to, always the same."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return f"{prefix}_{_text(int.from_bytes(digest[:16], 'big'))}"


def stamped(prefix: str, milliseconds: int, *parts: str) -> str:
    """The one identifier these parts of that Unix moment lead to, sorting after those of earlier milliseconds."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return f"{prefix}_{_text((milliseconds << _RANDOM_BITS) | int.from_bytes(digest[:10], 'big'))}"


def bounds(prefix: str, since_ms: int, until_ms: int) -> tuple[str, str]:
    """The least and the greatest identifier that `stamped` or `new` can make from one Unix moment to another."""
    last = ((until_ms + 1) << _RANDOM_BITS) - 1
    return f"{prefix}_{_text(since_ms << _RANDOM_BITS)}", f"{prefix}_{_text(last)}"


def delivery(publication: str, channel: str) -> str:
    """The identifier of a publication's delivery to a channel; both can be read back from it."""
    return f"dlv_{publication.removeprefix('pub_')}_{channel.removeprefix('chn_')}"


def delivery_parts(identifier: str) -> tuple[str, str] | None:
    """The publication's and the channel's identifiers in a delivery's, or None where it is not one."""
    match = _DELIVERY.fullmatch(identifier)
    return (f"pub_{match[1]}", f"chn_{match[2]}") if match else None


def _text(number: int) -> str:
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_BODY_CHARS - 1), -1, -5))
