"""What a platform calls back with, and what an adapter makes of it. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from publishing.model import Receipt


class Forged(Exception):  # noqa: N818 - named for what it is
    """What came is not what the platform would send: its signature, or its time, is not good."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: `headers` by lower-case name, `body` byte by byte, `url` as the platform called it."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a platform says of one post: `reference` is what `Pending` or `Handoff` named it by.

    `receipt`: it is out. `refused`: it never will be, and why. Neither: something happened, and asking tells what.
    `event` is the platform's own id of the event, by which a repetition is known.
    """

    reference: str
    event: str = ""
    receipt: Receipt | None = None
    refused: str = ""
