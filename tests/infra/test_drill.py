"""A drill: what the functions really write is fed to the alarm as the template has it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from publishing.model import Content, DeliveryState, Target, utc_text
from publishing.records import Delivery, Publication
from publishing.telemetry import Observed, flush
from tests.cloud import START
from tests.infra.synthesis import Synthesised

PUBLICATION = Publication(
    id="pub_1",
    workspace="ws_1",
    content=Content(text="Hello"),
    targets=(Target("chn_1", "discord"),),
    created_at=START,
    created_by="tester",
    publish_at=START,
    fingerprint="f",
)
Key = tuple[str, str, tuple[tuple[str, str], ...]]


def written(capsys: pytest.CaptureFixture[str], *, published: int, failed: int) -> Counter[Key]:
    """The sums CloudWatch would make of the log lines of that many deliveries: by namespace, name and dimensions."""
    observed = Observed("discord")
    for state, number in ((DeliveryState.PUBLISHED, published), (DeliveryState.FAILED, failed)):
        for _ in range(number):
            observed(PUBLICATION, Delivery("chn_1", "discord", state, updated_at=utc_text(START)))
    flush()
    sums: Counter[Key] = Counter()
    for line in capsys.readouterr().out.splitlines():
        document = json.loads(line)
        for group in document.get("_aws", {}).get("CloudWatchMetrics", []):
            dimensions = tuple(sorted((name, document[name]) for name in group["Dimensions"][0]))
            for metric in group["Metrics"]:
                sums[group["Namespace"], metric["Name"], dimensions] += sum(document[metric["Name"]])
    return sums


def fires(alarm: dict[str, Any], sums: Counter[Key]) -> bool:
    """Whether the alarm's expression, over what was written, is below its threshold."""
    values: dict[str, float] = {}
    for metric in alarm["Metrics"]:
        if "MetricStat" in metric:
            asked = metric["MetricStat"]["Metric"]
            dimensions = tuple(sorted((each["Name"], each["Value"]) for each in asked["Dimensions"]))
            values[metric["Id"]] = sums[asked["Namespace"], asked["MetricName"], dimensions]
    (expression,) = [metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric]
    percent = eval(expression, {"__builtins__": {}, "SUM": sum}, values)  # noqa: S307 - our own template's arithmetic
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    return bool(percent < alarm["Threshold"])


@pytest.mark.parametrize(("published", "failed", "alarmed"), [(94, 6, True), (96, 4, False), (95, 5, False)])
def test_the_success_alarm_rises_at_94_per_cent_and_not_at_96(
    prod: Synthesised, capsys: pytest.CaptureFixture[str], published: int, failed: int, *, alarmed: bool
) -> None:
    alarm = prod.at("Lanes/discord/Failing").properties
    assert fires(alarm, written(capsys, published=published, failed=failed)) is alarmed


def test_metrics_under_another_name_would_not_be_seen(prod: Synthesised, capsys: pytest.CaptureFixture[str]) -> None:
    alarm = prod.at("Lanes/devto/Failing").properties
    sums = written(capsys, published=1, failed=99)
    with pytest.raises(ZeroDivisionError):
        fires(alarm, sums)
