"""`make bench`: one line for each measure, with its limit; counts first, ratios within this run second."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass

OVER, UNUSED_PERCENT, TOKEN_WRITES = 0, 3, 0.1
WASTED_CALLS, DRAIN = 130, 1.1  # a probe in half a minute; five that open it, and what is under way then
CALLS, WRITES, INDEX_WRITES, READS, CLOSING_CALLS = 3.6, 2.6, 0.5, 0.5, 0.6
LATE_S, SIMULATED_S, UNRESOLVED_PERCENT, UNRESOLVED_SEEN_PERCENT = 1.0, 60.0, 8.0, 0.2
MADE_UP = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "LOG_LEVEL": "ERROR"}
# By function: modules imported, zipped kilobytes, and import time in boto3 clients. A step beyond is a decision.
LIMITS = {
    "submit": (690, 60, 2.0),
    "api": (740, 120, 2.1),
    "authorize": (540, 10, 1.5),
    "dispatch": (540, 10, 1.5),
    "publish": (740, 60, 2.1),
    "sweep": (540, 10, 1.5),
}


@dataclass(frozen=True)
class Line:
    """One measure."""

    number: str
    name: str
    value: float
    limit: float

    @property
    def fine(self) -> bool:
        """Whether it keeps its limit."""
        return self.value <= self.limit

    def __str__(self) -> str:
        verdict = "ok" if self.fine else "OVER"
        return f"{self.number} {self.name:<42} {self.value:>9.2f} (limit {self.limit:g}) {verdict}"


def flow_lines() -> Iterator[Line]:
    """B01 and B02, and beside them what the sweep adds when it closes a publication."""
    from tests.bench import flow  # noqa: PLC0415 - reads the environment that main prepares

    with redirect_stdout(io.StringIO()):  # the metrics functions write as log lines
        cost = flow.measure()
    publishing, targets = cost.publishing, cost.published_targets
    yield Line("B01", "aws_calls_per_target", publishing.calls.total() / targets, CALLS)
    yield Line("B02", "write_units_per_target", publishing.write_units / targets, WRITES)
    yield Line("B02", "read_units_per_target", publishing.read_units / targets, READS)
    yield Line("B02", "index_write_units_per_target", publishing.index_units / targets, INDEX_WRITES)
    closing = cost.closing
    yield Line("B02", "closing_sweep_calls_per_target", closing.calls.total() / cost.closed_targets, CLOSING_CALLS)
    units = (closing.write_units + closing.index_units) / cost.closed_targets
    yield Line("B02", "closing_sweep_write_units_per_target", units, INDEX_WRITES)


def fault_lines() -> Iterator[Line]:
    """B04, B15 and B24: the simulator's whole set of seeds."""
    from tests.bench import faults  # noqa: PLC0415 - only this section needs it

    endured = faults.measure()
    figures = endured.figures
    on = f"of {figures.publications:,} x {figures.targets / figures.publications:.1f}"
    yield Line("B04", f"targets_lost {on}", figures.lost, 0)
    yield Line("B04", f"targets_doubled {on}", figures.doubled, 0)
    yield Line("B04", "targets_told_wrongly", figures.lies, 0)
    yield Line("B04", "promises_broken", endured.broken, 0)
    seen = 100 * endured.unresolved_seen_platforms / figures.targets
    unresolved = 100 * figures.unresolved.total() / figures.targets - seen
    yield Line("B04", "percent_waiting_for_a_person, unreadable", unresolved, UNRESOLVED_PERCENT)
    yield Line("B04", "percent_waiting_for_a_person, others", seen, UNRESOLVED_SEEN_PERCENT)
    late = sorted(figures.late_s)
    yield Line("B15", "timed_post_late_s, median", late[len(late) // 2], LATE_S)
    yield Line("B15", "timed_post_late_s, most", late[-1], LATE_S)
    yield Line("B24", "cpu_seconds_per_10000_publications", 10_000 * endured.took_s / figures.publications, SIMULATED_S)


def pacing_lines() -> Iterator[Line]:
    """B14 and B17, in virtual time."""
    from tests.bench import pacing  # noqa: PLC0415 - reads the environment that main prepares

    paced, outage = pacing.pace(), pacing.outage()
    yield Line("B14", "requests_over_the_limit_in_any_window", paced.over, OVER)
    yield Line("B14", "percent_of_the_rate_unused_in_a_rush", 100 - paced.use_percent, UNUSED_PERCENT)
    yield Line("B14", "writes_per_token", paced.writes_per_token, TOKEN_WRITES)
    yield Line("B17", "calls_wasted_in_an_hours_outage", outage.wasted_calls, WASTED_CALLS)
    yield Line("B17", "drain_in_times_of_the_rates_floor", outage.drain, DRAIN)


def weight_lines() -> Iterator[Line]:
    """B05 and B06, function by function."""
    from tests.bench import weight  # noqa: PLC0415 - starts jsii, which takes seconds

    for each in weight.measure():
        modules, kilobytes, ratio = LIMITS[each.name.partition(":")[0]]
        yield Line("B05", f"modules {each.name}", each.modules, modules)
        yield Line("B05", f"zipped_kB {each.name}", each.zipped_bytes / 1_000, kilobytes)
        yield Line("B06", f"import_in_boto3_clients {each.name}", each.ratio, ratio)


def main() -> int:
    """Print every line as it is known; 1 where one is over its limit."""
    os.environ.update(MADE_UP)
    logging.disable(logging.INFO)
    over = 0
    for lines in (flow_lines(), pacing_lines(), fault_lines(), weight_lines()):
        for line in lines:
            print(line, flush=True)  # noqa: T201 - what this command is for
            over += not line.fine
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
