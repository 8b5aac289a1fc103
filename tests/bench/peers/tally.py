"""What a run did to its targets, by what the platform saw and what the queue wrote down, as the auditor counts ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Of so many targets: out more than once, not out at all, and without an outcome written down."""

    targets: int
    doubled: int
    lost: int
    unresolved: int


def tally(targets: Iterable[str], effects: Iterable[str], *, outcomes: int) -> Tally:
    """Count the effects a platform recorded, by target; `outcomes` is how many targets the queue believes done."""
    wanted, seen = set(targets), Counter(effects)
    doubled = sum(seen[target] > 1 for target in wanted)
    return Tally(len(wanted), doubled, len(wanted - seen.keys()), len(wanted) - outcomes)
