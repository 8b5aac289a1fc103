"""What CloudWatch would make of log lines and of an alarm: just enough of it for the alarms there are."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

Key = tuple[str, str, tuple[tuple[str, str], ...]]
Values = dict[Key, list[float]]
Alarm = dict[str, Any]
NOT_BREACHING, BREACHING = "notBreaching", "breaching"


def read(lines: str) -> Values:
    """The values of each metric in the log: by namespace, name and dimensions, for every set of dimensions."""
    values: Values = defaultdict(list)
    for line in lines.splitlines():
        document = json.loads(line)
        for group in document.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in group["Dimensions"]:
                dimensions = tuple(sorted((name, document[name]) for name in names))
                for metric in group["Metrics"]:
                    values[group["Namespace"], metric["Name"], dimensions] += document[metric["Name"]]
    return dict(values)


def rings(alarm: Alarm, periods: Sequence[Values]) -> bool:
    """Whether the alarm is up after these periods, the last one last."""
    seen = [_is_bad(alarm, values) for values in periods[-alarm["EvaluationPeriods"] :]]
    enough: int = alarm["DatapointsToAlarm"]
    return sum(seen) >= enough


def _is_bad(alarm: Alarm, values: Values) -> bool:
    value = _calculated(alarm["Metrics"], values) if "Metrics" in alarm else _single(alarm, values)
    if value is None:
        assert alarm["TreatMissingData"] in {BREACHING, NOT_BREACHING}
        return bool(alarm["TreatMissingData"] == BREACHING)
    below = {"LessThanThreshold": True, "GreaterThanThreshold": False}[alarm["ComparisonOperator"]]
    return bool(value < alarm["Threshold"] if below else value > alarm["Threshold"])


def _single(asked: Alarm, values: Values) -> float | None:
    statistic = asked.get("Statistic") or asked["ExtendedStatistic"]
    return _statistic(statistic, values.get(key_of(asked), []))


def key_of(asked: Alarm) -> Key:
    """Where the values of a metric are."""
    dimensions = tuple(sorted((each["Name"], each["Value"]) for each in asked["Dimensions"]))
    return asked["Namespace"], asked["MetricName"], dimensions


def _statistic(name: str, values: Sequence[float]) -> float | None:
    if not values:
        return None
    if name.startswith("p"):
        return sorted(values)[math.ceil(float(name[1:]) / 100 * len(values)) - 1]
    return sum(values) if {"Sum": True, "Maximum": False}[name] else max(values)


def _calculated(metrics: Sequence[Alarm], values: Values) -> float | None:
    known = {
        each["Id"]: _statistic(each["MetricStat"]["Stat"], values.get(key_of(each["MetricStat"]["Metric"]), []))
        for each in metrics
        if "MetricStat" in each
    }
    (expression,) = [each["Expression"] for each in metrics if "Expression" in each]
    try:
        found: float = eval(expression, {"__builtins__": {}, "SUM": _sum, "IF": _if}, known)  # noqa: S307 - our own template's
    except TypeError:  # arithmetic on what has no data has none itself
        return None
    return found


def _sum(values: Sequence[float | None]) -> float:
    return sum(value for value in values if value is not None)


def _if(*parts: float) -> float:
    return parts[1] if parts[0] else parts[2]
