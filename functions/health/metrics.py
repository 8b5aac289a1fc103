"""What CloudWatch has counted lately: the figures the alarms look at, at the worst of the periods they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from functions.health import aws
from functions.health.queues import FIRSTS, LATERS
from functions.health.sign import Sign
from publishing.clock import Clock, now
from publishing.telemetry import NAMESPACE, SERVICE
from publishing.thresholds import (
    BOUNCES,
    COMPLAINTS,
    LATE_S,
    MANY_THROTTLED,
    OLD_PERIODS,
    OLD_S,
    OLD_UNCERTAIN_S,
    OLD_URGENT_S,
    PERIOD_S,
    UNTOLD_LATER_S,
    UNTOLD_S,
)

DAY_PERIODS = 24 * 3_600 // PERIOD_S


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric, and the sign it is for, which has no value yet; the worst of the last `periods` counts."""

    sign: Sign
    namespace: str
    metric: str
    statistic: str = "Maximum"
    dimensions: Mapping[str, str] = field(default_factory=dict)
    periods: int = 1


@dataclass(frozen=True)
class Metrics:
    """Asks for figures, all in one call."""

    figures: Sequence[Figure]
    cloudwatch: Callable[[], Any] = aws.cloudwatch
    clock: Clock = now

    def signs(self) -> list[Sign]:
        """The figures' signs, in their order, with their values."""
        end = self.clock()
        most = max(figure.periods for figure in self.figures)
        queries: Any = [_query(number, figure) for number, figure in enumerate(self.figures)]
        found: dict[str, Any] = {}
        for page in (
            self.cloudwatch()
            .get_paginator("get_metric_data")
            .paginate(MetricDataQueries=queries, StartTime=end - timedelta(seconds=PERIOD_S * (most + 1)), EndTime=end)
        ):
            for each in page["MetricDataResults"]:
                found.setdefault(each["Id"], []).extend(zip(each["Timestamps"], each["Values"], strict=True))
        return [_read(figure, found.get(f"m{number}", ()), end) for number, figure in enumerate(self.figures)]


def _query(number: int, figure: Figure) -> Any:
    dimensions = [{"Name": name, "Value": value} for name, value in figure.dimensions.items()]
    metric = {"Namespace": figure.namespace, "MetricName": figure.metric, "Dimensions": dimensions}
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": PERIOD_S, "Stat": figure.statistic}}


def _read(figure: Figure, points: Sequence[Any], end: Any) -> Sign:
    since = end - timedelta(seconds=PERIOD_S * (figure.periods + 1))  # the period that goes on counts as well
    values = [value for at, value in points if at >= since]
    sign = figure.sign
    return Sign(sign.of, sign.name, max(values, default=None), sign.unit, sign.do, sign.warns, sign.fails)


def waiting(platforms: Sequence[str], queue: Callable[[str], str]) -> list[Figure]:
    """How long what has not begun has waited; what waits for a person; and what endpoints are not told yet.

    `queue` gives the physical name of a queue.
    """
    return [*_waiting(platforms), *_late(queue("due")), *_untold(queue)]


def _waiting(platforms: Sequence[str]) -> Iterator[Figure]:
    for platform in platforms:
        do = "Look for errors and throttles of its function: RUNBOOK.md, Waiting."
        sign = Sign(platform, "oldest not begun", None, "s", do, warns=OLD_S / 2, fails=OLD_S)
        yield _ours(sign, "WaitSeconds", OLD_PERIODS, platform=platform)


def _late(due_queue: str) -> Iterator[Figure]:
    do = "See on which platform, then as for what waits: RUNBOOK.md, Urgent waiting."
    sign = Sign("urgent", "oldest not begun", None, "s", do, warns=OLD_URGENT_S / 2, fails=OLD_URGENT_S)
    yield _ours(sign, "UrgentWaitSeconds")
    do = "Look at the channel of each, and resolve it: RUNBOOK.md, Old uncertain."
    sign = Sign("uncertain", "oldest that waits for a person", None, "s", do, fails=OLD_UNCERTAIN_S)
    yield _ours(sign, "UncertainSeconds", 6)
    do = "Look for errors and throttles of the dispatch function: RUNBOOK.md, Late."
    sign = Sign("due", "oldest message", None, "s", do, warns=LATE_S / 2, fails=LATE_S)
    yield _age(sign, due_queue)


def _untold(queue: Callable[[str], str]) -> Iterator[Figure]:
    do = "Look for errors and throttles of the notify function: RUNBOOK.md, Webhooks late."
    for name, fails in {FIRSTS: UNTOLD_S, LATERS: UNTOLD_LATER_S}.items():
        sign = Sign(name, "oldest message", None, "s", do, warns=fails - UNTOLD_S / 2, fails=fails)
        yield _age(sign, queue(name))


def _age(sign: Sign, queue: str) -> Figure:
    return Figure(sign, "AWS/SQS", "ApproximateAgeOfOldestMessage", dimensions={"QueueName": queue})


def throttles(tables: Mapping[str, str]) -> list[Figure]:
    """Who was turned away: functions of the whole region, and reads and writes of tables, by what these are for."""
    do = "See who takes all executions, and ask AWS for a higher limit: RUNBOOK.md, Throttled."
    sign = Sign("functions", "throttled", None, "calls", do, warns=0, fails=MANY_THROTTLED)
    return [Figure(sign, "AWS/Lambda", "Throttles", "Sum"), *_tables(tables)]


def _tables(tables: Mapping[str, str]) -> Iterator[Figure]:
    do = "Wait: the table grows with its load; where it lasts, look for one key that takes all of it."
    for name, table in tables.items():
        for kind in ("Read", "Write"):
            sign = Sign(name, f"{kind.lower()}s throttled", None, "calls", do, warns=0, fails=MANY_THROTTLED)
            yield Figure(sign, "AWS/DynamoDB", f"{kind}ThrottleEvents", "Sum", {"TableName": table})


def reputation() -> list[Figure]:
    """The account's, by which SES judges it; what it was within a day, since it is told when mail is sent."""
    do = "Find the channel they come from and pause it: RUNBOOK.md, {}."
    return [
        Figure(
            Sign("mail", f"{name.lower()} rate", None, "of the mail sent", do.format(f"{name}s"), limit / 2, limit),
            "AWS/SES",
            f"Reputation.{name}Rate",
            periods=DAY_PERIODS,
        )
        for name, limit in {"Bounce": BOUNCES, "Complaint": COMPLAINTS}.items()
    ]


def _ours(sign: Sign, metric: str, periods: int = 1, **dimensions: str) -> Figure:
    return Figure(sign, NAMESPACE, metric, dimensions={"service": SERVICE, **dimensions}, periods=periods)
