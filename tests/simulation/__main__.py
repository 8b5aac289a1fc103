"""`make simulate`: many seeds, or one again (SEED=n), with every promise audited after each; then its renewals."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.simulation.auditor import Figures
from tests.simulation.calls import Outcome
from tests.simulation.faults import RATES
from tests.simulation.renewals import endured
from tests.simulation.run import simulated
from tests.simulation.violation import Violation

SEEDS = 200
LEAST_FIRED = 20  # a fault that came less often over the whole set was not tried
TOLD = 5
WISHES = ("edit", "cancel", "published", "not_published", "retry")

console = Console()


def main() -> int:
    """Run the seeds; 1 where a promise was broken or a fault hardly came."""
    asked = _asked()
    logging.disable(logging.DEBUG)
    began_s = time.perf_counter()
    figures, broken = _run([asked.seed] if asked.seed is not None else range(asked.seeds))
    console.print(table(figures, time.perf_counter() - began_s))
    for seed, violation in broken[:TOLD]:
        console.print(f"\n[bold red]{violation.invariant}[/] {violation.what} — again: SEED={seed} make simulate")
        console.print(violation.history, highlight=False, markup=False, soft_wrap=True)
    missed = hardly_fired(figures) if asked.seed is None and asked.seeds >= SEEDS else []
    console.print(*[f"[bold red]I12[/] the fault {name} hardly came" for name in missed], sep="\n")
    console.print(f"{len(broken)} promises broken" if broken else "Every promise was kept.")
    return 1 if broken or missed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    return parser.parse_args()


def _run(seeds: Iterable[int]) -> tuple[Figures, list[tuple[int, Violation]]]:
    figures, broken = Figures(), list[tuple[int, Violation]]()
    with Progress(
        TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    ) as bar:
        for seed in bar.track(list(seeds)):
            audited = simulated(seed)
            figures.add(audited.figures)
            broken += [(seed, violation) for violation in (*audited.violations, *endured(seed).violations)]
    return figures, broken


def kinds() -> list[str]:
    """Every fault there is."""
    return [f"{where}.{kind}" for where, rates in RATES.items() for kind in rates]


def hardly_fired(figures: Figures, least: int = LEAST_FIRED) -> list[str]:
    """The faults that came less often than that: I12."""
    return [name for name in kinds() if figures.faults[name] < least]


def table(figures: Figures, took_s: float) -> Table:
    """The figures, one a line."""
    made = Table("what", "figure", title="The delivery engine under every fault")
    late = sorted(figures.late_s) or [0.0]
    rows: dict[str, object] = {
        "publications accepted": f"{figures.publications:,}",
        "targets": f"{figures.targets:,}",
        **{f"  {state}": f"{count:,}" for state, count in figures.states.most_common()},
        "lost": figures.lost,
        "doubled": figures.doubled,
        "said to be what they are not": figures.lies,
        **{f"came before a person in doubt: {name}": count for name, count in sorted(figures.unresolved.items())},
        **{f"people: {name}": _asked_for(figures, name) for name in WISHES},
        "answers of the API looked at": f"{figures.answers:,}",
        "requests on channels with a pace": f"{figures.paced:,}",
        "  windows over it": f"{figures.over}, and {figures.over_at_all} by wrong clocks, slow networks, a table away",
        "probes of open breakers": f"{figures.probes:,}",
        "late without a fault, median and most": f"{late[len(late) // 2]:.2f} s, {late[-1]:.2f} s of {len(late):,}",
        "faults": f"{figures.faults.total():,} of {len(kinds())} kinds, the rarest {_rarest(figures)}",
        "events": f"{figures.steps:,}",
        "simulated": f"{figures.hours:,.0f} h in {took_s:.0f} s, {figures.hours / took_s:.0f} h/s",
    }
    for name, value in rows.items():
        made.add_row(name, str(value))
    return made


def _asked_for(figures: Figures, wish: str) -> str:
    """How often people were answered that it was done, that it was not, and not at all."""
    done, refused, unknown = (f"{figures.wishes[f'{wish} {outcome}']:,}" for outcome in Outcome)
    return f"{done} done, {refused} refused, {unknown} unknown"


def _rarest(figures: Figures) -> str:
    name = min(kinds(), key=lambda name: figures.faults[name])
    return f"{name} {figures.faults[name]} times"


if __name__ == "__main__":
    sys.exit(main())
