from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from functions.health import metrics
from functions.health.metrics import Figure, Metrics
from functions.health.sign import Sign
from tests import cloud

NOW = datetime.now(UTC).replace(second=0, microsecond=0)


@pytest.fixture
def cloudwatch() -> Iterator[Any]:
    client: Any = boto3.client
    with cloud.moto():
        yield client("cloudwatch", region_name=cloud.REGION)


def put(cloudwatch: Any, namespace: str, name: str, value: float, *, ago: timedelta, **dimensions: str) -> None:
    named = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    data = {"MetricName": name, "Dimensions": named, "Timestamp": NOW - ago, "Value": value}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[data])


def read(cloudwatch: Any, figures: list[Figure]) -> dict[tuple[str, str], Sign]:
    return {
        (sign.of, sign.name): sign
        for sign in Metrics(figures, lambda: cloudwatch, lambda: NOW + timedelta(seconds=1)).signs()
    }


def test_what_waits_is_told_by_platform_as_its_alarm_sees_it(cloudwatch: Any) -> None:
    for ago, value in ((18, 700.0), (2, 20.0)):
        put(
            cloudwatch,
            "Postroom",
            "WaitSeconds",
            value,
            ago=timedelta(minutes=ago),
            service="postroom",
            platform="discord",
        )
    found = read(cloudwatch, metrics.waiting(["discord", "x"], "postroom-dev-{}".format))
    slow = found["discord", "oldest not begun"]
    assert (slow.value, slow.fails, slow.state) == (700.0, 600, "fail")
    assert (found["x", "oldest not begun"].value, found["x", "oldest not begun"].state) == (None, "ok")


def test_what_an_alarm_no_longer_looks_at_counts_no_more(cloudwatch: Any) -> None:
    put(cloudwatch, "Postroom", "UrgentWaitSeconds", 90.0, ago=timedelta(minutes=15), service="postroom")
    assert read(cloudwatch, metrics.waiting([], str))["urgent", "oldest not begun"].value is None


def test_what_endpoints_are_not_told_yet_is_told_as_its_alarms_see_it(cloudwatch: Any) -> None:
    for queue, age_s in {"notices.fifo": 301.0, "notify": 901.0}.items():
        put(
            cloudwatch,
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            age_s,
            ago=timedelta(minutes=1),
            QueueName=f"postroom-dev-{queue}",
        )
    found = read(cloudwatch, metrics.waiting([], "postroom-dev-{}".format))
    assert found["notices.fifo", "oldest message"].state == "fail"
    assert (found["notify", "oldest message"].value, found["notify", "oldest message"].state) == (901.0, "ok")


def test_throttles_are_added_up_for_functions_and_for_each_table(cloudwatch: Any) -> None:
    for _ in range(2):
        put(cloudwatch, "AWS/DynamoDB", "WriteThrottleEvents", 6.0, ago=timedelta(minutes=1), TableName="P-1")
    found = read(cloudwatch, metrics.throttles({"publications": "P-1"}))
    assert (found["publications", "writes throttled"].value, found["publications", "writes throttled"].state) == (
        12.0,
        "fail",
    )
    assert found["publications", "reads throttled"].value is None
    assert ("functions", "throttled") in found


def test_a_reputation_of_hours_ago_still_counts(cloudwatch: Any) -> None:
    put(cloudwatch, "AWS/SES", "Reputation.BounceRate", 0.045, ago=timedelta(hours=20))
    found = read(cloudwatch, metrics.reputation())
    assert (found["mail", "bounce rate"].value, found["mail", "bounce rate"].state) == (0.045, "fail")
    assert found["mail", "complaint rate"].state == "ok"
