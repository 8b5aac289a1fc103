"""A broken promise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """Which promise was broken, how, and the history that shows it."""

    invariant: str
    what: str
    history: str = ""
