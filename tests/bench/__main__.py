"""`make bench`: one line for each measure, with its limit; counts first, ratios within this run second."""

from __future__ import annotations

import io
import logging
import math
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.flow import Cost
    from tests.bench.peers.speed import Side

URGENT_S, QUIET = 30.0, 3.0
OVER, UNUSED_PERCENT, TOKEN_WRITES = 0, 3, 0.1
WASTED_CALLS, DRAIN = 130, 1.1  # a probe in half a minute; five that open it, and what is under way then
# The entry in the audit log is a quarter of a call and of a write unit: one for four targets.
CALLS, WRITES, INDEX_WRITES, READS, CLOSING_CALLS = 3.85, 2.6, 0.5, 0.5, 0.6
PLANNED_WRITES = 0.75
USD, OFF_PERCENT = 3.2, 2.0
BEST_PEER, IDLE_PERCENT = 1.0, 3.0
AT_LEAST_ONCE = ("celery", "dramatiq")  # Taskiq's list and Huey forget what a killed worker held
LATE_S, SIMULATED_S, UNRESOLVED_PERCENT, UNRESOLVED_SEEN_PERCENT = 1.0, 1.0, 8.0, 0.2
MADE_UP = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "LOG_LEVEL": "ERROR"}
# By function: modules imported, zipped kilobytes, and import time in boto3 clients. A step beyond is a decision:
# people, consents and webhooks brought api 40 modules of ours; limits and idempotency each router a dozen.
LIMITS = {
    "submit": (730, 290, 2.1),
    "api": (810, 380, 2.4),
    "media": (730, 300, 2.1),
    "health": (730, 300, 2.1),
    "authorize": (540, 5, 1.5),
    "dispatch": (540, 5, 1.5),
    "publish": (780, 40, 2.1),
    "sweep": (540, 5, 1.5),
    "plan": (540, 5, 1.5),
    "renew": (540, 5, 1.5),
    "notice": (540, 5, 1.5),
    "notify": (640, 5, 1.9),
    "call": (330, 5, 1.4),
}


@dataclass(frozen=True)
class Line:
    """One measure; what has no limit stands beside for comparison."""

    number: str
    name: str
    value: float
    limit: float = math.inf

    @property
    def fine(self) -> bool:
        """Whether it keeps its limit."""
        return self.value <= self.limit

    def __str__(self) -> str:
        told = f"{self.number} {self.name:<42} {self.value:>9.2f}"
        if math.isinf(self.limit):
            return told
        return f"{told} (limit {self.limit:g}) {'ok' if self.fine else 'OVER'}"


def flow_lines() -> Iterator[Line]:
    """B01 and B02, beside them what the sweep adds when it closes a publication; and B03, what all that costs."""
    from tests.bench import flow  # noqa: PLC0415 - reads the environment that main prepares

    with redirect_stdout(io.StringIO()):  # the metrics functions write as log lines
        cost = flow.measure()
    publishing, targets = cost.publishing, cost.published_targets
    yield Line("B01", "aws_calls_per_target", publishing.calls.total() / targets, CALLS)
    yield Line("B02", "write_units_per_target", publishing.write_units / targets, WRITES)
    yield Line("B02", "read_units_per_target", publishing.read_units / targets, READS)
    yield Line("B02", "index_write_units_per_target", publishing.index_units / targets, INDEX_WRITES)
    planned = cost.planning.index_units / (targets / cost.publications)
    yield Line("B02", "index_write_units_per_target, timed", planned, PLANNED_WRITES)
    closing = cost.closing
    yield Line("B02", "closing_sweep_calls_per_target", closing.calls.total() / cost.closed_targets, CLOSING_CALLS)
    units = (closing.write_units + closing.index_units) / cost.closed_targets
    yield Line("B02", "closing_sweep_write_units_per_target", units, INDEX_WRITES)
    yield from _money_lines(cost)


def _money_lines(cost: Cost) -> Iterator[Line]:
    from publishing.costs import RESTED  # noqa: PLC0415 - as flow
    from tests.bench import money  # noqa: PLC0415

    bill = money.bill(cost)
    for name, cost_usd in bill.parts_usd.items():
        yield Line("B03", f"usd_per_million_targets {name}", cost_usd)
    yield Line("B03", "usd_per_million_targets, published", bill.published_usd, USD)
    yield Line("B03", "the same with logs and traces", bill.watched_usd)
    yield Line("B03", "more where timed", money.a_million(bill.timed))
    yield Line("B03", "more where channels rested", money.a_million(RESTED))
    off = 100 * abs(money.a_million(money.foretold(cost)) / bill.watched_usd - 1)
    yield Line("B03", "percent_dry_runs_are_off", off, OFF_PERCENT)


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
    yield Line("B24", "cpu_seconds_per_simulated_hour", endured.took_s / figures.hours, SIMULATED_S)
    yield Line("B24", "cpu_seconds_per_10000_publications, here", 10_000 * endured.took_s / figures.publications)


def pacing_lines() -> Iterator[Line]:
    """B14 and B17, in virtual time."""
    from tests.bench import pacing  # noqa: PLC0415 - reads the environment that main prepares

    paced, outage = pacing.pace(), pacing.outage()
    yield Line("B14", "requests_over_the_limit_in_any_window", paced.over, OVER)
    yield Line("B14", "percent_of_the_rate_unused_in_a_rush", 100 - paced.use_percent, UNUSED_PERCENT)
    yield Line("B14", "writes_per_token", paced.writes_per_token, TOKEN_WRITES)
    yield Line("B17", "calls_wasted_in_an_hours_outage", outage.wasted_calls, WASTED_CALLS)
    yield Line("B17", "drain_in_times_of_the_rates_floor", outage.drain, DRAIN)


def peer_lines() -> Iterator[Line]:
    """B04's peers, B08 and B09; ours alone where the peers are not installed."""
    from tests.bench.flow import CONTENT  # noqa: PLC0415 - reads the environment that main prepares
    from tests.bench.peers import crew, faults, speed  # noqa: PLC0415

    absent = crew.missing()
    if absent:
        print(f"B04 B08 B09: other task queues are skipped, {absent}", flush=True)  # noqa: T201
    else:
        for name, count in faults.measure(CONTENT).items():
            on = f"{name}, of {count.targets:,}, not simulated"
            yield Line("B04", f"doubled {on}", count.doubled)
            yield Line("B04", f"lost {on}", count.lost)
            yield Line("B04", f"left_without_an_outcome {name}", count.unresolved)
    yield from _speed_lines(speed.at_once(CONTENT, peers=not absent))
    for name, percent in speed.waiting(CONTENT, peers=not absent).items():
        idle = IDLE_PERCENT if name == "ours" else math.inf
        yield Line("B09", f"percent_of_the_io_ceiling_unused {name}", 100 - percent, idle)


def _speed_lines(side: Side) -> Iterator[Line]:
    for name, per_s in side.per_s.items():
        yield Line("B08", f"targets_per_s_on_a_core {name}", per_s)
        yield Line("B08", f"cpu_us_per_target {name}", side.cpu_us[name])
    yield Line("B08", "percent_of_ours_in_the_fake_dynamodb", side.fake_percent)
    yield Line("B08", "targets_per_s_on_a_core ours, with boto3", side.through_boto3_per_s)
    if len(side.per_s) > 1:
        yield Line("B08", "best_peer_in_times_of_ours, any", side.best(side.per_s.keys() - {"ours"}))
        yield Line("B08", "best_peer_in_times_of_ours, at least once", side.best(AT_LEAST_ONCE), BEST_PEER)


def fairness_lines() -> Iterator[Line]:
    """B16, in virtual time: the whole bulk, and the whole flood."""
    from tests.bench import fairness  # noqa: PLC0415 - reads the environment that main prepares

    alerts, quiet = fairness.urgent(), fairness.quiet()
    for where, waits_s in (("busy", alerts.busy_s), ("other", alerts.others_s)):
        worst = max(fairness.percentile(each, 95) for each in waits_s.values())
        yield Line("B16", f"urgent_out_after_s_p95, {where} channels", worst, URGENT_S)
    yield Line("B16", "requests_over_the_limit_meanwhile", alerts.over, OVER)
    yield Line("B16", "quiet_p99_in_a_flood, in idle p99", quiet.ratio, QUIET)
    yield Line("B16", "the same without fair queues, at least", quiet.plain_ratio)


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
    for lines in (flow_lines(), pacing_lines(), fairness_lines(), peer_lines(), fault_lines(), weight_lines()):
        for line in lines:
            print(line, flush=True)  # noqa: T201 - what this command is for
            over += not line.fine
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
