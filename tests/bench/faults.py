"""B04, B15 and B24: what is lost, doubled and late under every fault, and how fast that is found out."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.simulation.__main__ import SEEDS
from tests.simulation.auditor import UNREADABLE, Figures
from tests.simulation.run import simulated


@dataclass(frozen=True)
class Endured:
    """What all seeds came to; `broken` counts the promises not kept, `took_s` is processor time."""

    figures: Figures
    broken: int
    took_s: float

    @property
    def unresolved_seen_platforms(self) -> int:
        """Targets waiting for a person although their platform can be asked: asking was refused, or never answered."""
        return sum(count for name, count in self.figures.unresolved.items() if name not in UNREADABLE)


def measure(seeds: int = SEEDS) -> Endured:
    """Run the seeds, and audit each."""
    figures, broken, began_s = Figures(), 0, time.process_time()  # others are at work on this machine, too
    for seed in range(seeds):
        audited = simulated(seed)
        figures.add(audited.figures)
        broken += len(audited.violations)
    return Endured(figures, broken, time.process_time() - began_s)
