"""Facebook Pages: Meta's description of a Page, its posts and its videos; see `meta_edges`."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contracts.asked import Asked
from tests.contracts.meta_edges import violations_of

NODES = ("page", "pagepost", "advideo", "photo", "user")


def covers(asked: Asked) -> bool:
    return asked.host == "graph.facebook.com"


def violations(asked: Sequence[Asked]) -> list[str]:
    return [told for each in asked for told in violations_of(each, NODES)]
