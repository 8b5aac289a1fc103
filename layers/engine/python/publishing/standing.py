"""How a workspace stands with its operator: whether it may do anything at present, and what it was granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """What an operator has decided of a workspace. `granted`: addresses, and domains for every address there."""

    suspended: bool = False
    granted: frozenset[str] = frozenset()

    def grants(self, value: str) -> bool:
        """Whether the value was granted: itself, or what follows its `@`. A domain grants none below it."""
        plain = value.strip().lower()
        return bool(self.granted & {plain, plain.rpartition("@")[2]})


IN_ORDER = Standing()
Stands = Callable[[str], Standing]


def in_order(_: str) -> Standing:
    """How a workspace stands of which no operator has decided anything."""
    return IN_ORDER
