"""`make simulate RATES=1`: the three rates of O5 at full length in virtual time, every promise audited after each.

All faults of the simulator are on, those of the platforms and those of the services and functions in between; nobody
decides what is in doubt. Each load has one limit, held twice: so many percent of all targets must be out, as the
platforms themselves know it, and so many be said to be published where that can be known. Elsewhere, on platforms that
neither absorb a repetition nor can be asked what is there, a lost answer leaves `uncertain`, out or not: sending again
could double it and anything else could be a lie, so it waits for a person, and is no success of ours.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.simulation.auditor import UNREADABLE
from tests.simulation.steady import KNOWN, Endured, Load, endured

LOADS = (Load(10, 3_600, 95), Load(50, 1_800, 93), Load(100, 600, 90))
TOLD = 3
REFRESH_S = 1.0

console = Console()
_settled: Any = None  # in each process: how many publications of each load are


def main(loads: Sequence[Load] = LOADS) -> int:
    """Put the loads on, each in a process of its own; 1 where one of them was not endured."""
    began_s = time.monotonic()
    found = _run(loads)
    console.print(table(found))
    for each in found:
        for violation in each.violations[:TOLD]:
            console.print(f"[bold red]{violation.invariant}[/] at {each.load.per_s:g}/s: {violation.what}")
            console.print(violation.history, highlight=False, markup=False, soft_wrap=True)
    console.print(f"It took {time.monotonic() - began_s:,.0f} s.", highlight=False)
    return 0 if all(each.fine for each in found) else 1


def table(found: Sequence[Endured]) -> Table:
    """The figures, one load a column."""
    titles = [f"{each.load.per_s:g}/s for {each.load.lasts_s / 60:g} min" for each in found]
    made = Table("what", *titles, title="Steady load on flaky platforms, in virtual time")
    for column in made.columns[1:]:
        column.justify = "right"
    for row in zip(*(_rows(each) for each in found), strict=True):
        made.add_row(row[0][0], *(value for _, value in row))
    return made


def _rows(each: Endured) -> Iterator[tuple[str, str]]:
    figures = each.figures
    yield "publications accepted", f"{figures.publications:,} of {each.load.count:,}"
    yield "targets", f"{figures.targets:,}"
    yield "out, as the platforms know it", f"{each.out_percent:.1f} %, limit {each.load.least_percent:g}"
    yield "  said to be published", f"{each.percent('published'):.1f} %"
    yield (
        f"  where it can be known ({', '.join(KNOWN)})",
        f"{each.known_percent:.1f} %, limit {each.load.least_percent:g}",
    )
    yield "  where it cannot", f"{each.percent('published', *UNREADABLE):.1f} %"
    yield "failed, and not out", f"{each.percent('failed'):.1f} %"
    yield "uncertain, for a person to decide", f"{each.percent('uncertain'):.1f} %"
    yield "settled, or a person's turn", f"{100 - 100 * figures.lost / figures.targets:g} %"
    yield "lost", str(figures.lost)
    yield "doubled", str(figures.doubled)
    yield "told wrongly", str(figures.lies)
    yield "promises broken", str(len(each.violations))
    yield "faults", f"{figures.faults.total():,}"
    yield "outages", ", ".join(each.outages) or "none"
    yield "processor time, memory", f"{each.cpu_s:,.0f} s, {each.peak_mb:,} MB"


def _run(loads: Sequence[Load]) -> list[Endured]:
    context = multiprocessing.get_context("spawn")
    settled = context.Array("q", len(loads))
    workers = min(len(loads), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, context, _prepare, (settled,)) as pool:
        longest_first = sorted(range(len(loads)), key=lambda place: -loads[place].count)
        futures = {place: pool.submit(_one, place, loads[place]) for place in longest_first}
        with _shown(loads, settled) as refresh:
            _wait(list(futures.values()), refresh)
        return [futures[place].result() for place in range(len(loads))]


def _wait(futures: Sequence[Future[Endured]], refresh: Any) -> None:
    while wait(futures, timeout=REFRESH_S).not_done:
        refresh()
    refresh()


@contextmanager
def _shown(loads: Sequence[Load], settled: Any) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        tasks = [bar.add_task(f"settled at {load.per_s:g}/s", total=load.count) for load in loads]

        def refresh() -> None:
            for task, count in zip(tasks, settled, strict=True):
                bar.update(task, completed=count)

        yield refresh


def _prepare(settled: Any) -> None:
    global _settled  # noqa: PLW0603 - handed to the process when it starts, as shared memory must be
    _settled = settled
    logging.disable(logging.DEBUG)


def _one(place: int, load: Load) -> Endured:
    def tell(settled: int) -> None:
        _settled[place] = settled

    return endured(load, tell)


if __name__ == "__main__":
    sys.exit(main())
