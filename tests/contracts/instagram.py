"""Instagram: Meta's description of an Instagram account and its media; see `meta_edges`."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contracts.asked import Asked
from tests.contracts.meta_edges import violations_of

NODES = ("iguser", "iguserforigonlyapi", "igmedia", "igmediaforigonlyapi")


def covers(asked: Asked) -> bool:
    return asked.host in {"graph.instagram.com", "graph.facebook.com"} and asked.path.count("/") > 1


def violations(asked: Sequence[Asked]) -> list[str]:
    return [told for each in asked for told in violations_of(each, NODES)]
