"""What the dashboard is drawn with: graphs, and the metrics they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.watch import NAMESPACE, PERIOD, ours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_sqs as sqs

    from infra.stage import Stage

THIRD, HALF, WHOLE = 8, 12, 24
PERCENTILES = ("p50", "p95", "p99")


def percentiles(name: str, platform: str = "") -> list[cloudwatch.IMetric]:
    """A metric of ours at the percentiles that are shown."""
    return [ours(name, platform, statistic=at).with_(label=at) for at in PERCENTILES]


def by_platform(name: str, statistic: str) -> cloudwatch.IMetric:
    """A line for every platform that has this metric."""
    return search(f"{NAMESPACE},platform,service", name, statistic, label="${PROP('Dim.platform')}")


def search(schema: str, name: str, statistic: str, also: str = "", *, label: str = "") -> cloudwatch.IMetric:
    """A line for every metric that is found."""
    found = f"SEARCH('{{{schema}}} MetricName=\"{name}\" {also}', '{statistic}', {PERIOD.to_seconds():.0f})"
    return cloudwatch.SearchExpression(expression=found, label=label, period=PERIOD)


def account(name: str, statistic: str) -> cloudwatch.IMetric:
    """What SES tells of the account."""
    return cloudwatch.Metric(namespace="AWS/SES", metric_name=name, statistic=statistic, period=PERIOD)


def queue_named(stage: Stage, queue: str, name: str) -> cloudwatch.IMetric:
    """A metric of the queue of that name."""
    return cloudwatch.Metric(
        namespace="AWS/SQS",
        metric_name=name,
        dimensions_map={"QueueName": stage.queue_name(queue)},
        statistic="Maximum",
        period=PERIOD,
    )


def graph(
    title: str, left: Sequence[cloudwatch.IMetric], right: Sequence[cloudwatch.IMetric] = (), *, width: int = HALF
) -> cloudwatch.GraphWidget:
    """A graph, with a second axis where there is something for it."""
    return cloudwatch.GraphWidget(title=title, left=list(left), right=list(right), width=width)


def depth(queue: sqs.IQueue) -> cloudwatch.Metric:
    """How many messages wait."""
    return queue.metric_approximate_number_of_messages_visible(period=PERIOD)


def in_progress(queue: sqs.IQueue) -> cloudwatch.Metric:
    """How many messages are being worked."""
    return queue.metric_approximate_number_of_messages_not_visible(period=PERIOD)


def age(queue: sqs.IQueue) -> cloudwatch.Metric:
    """How old the oldest message is, in seconds."""
    return queue.metric_approximate_age_of_oldest_message(period=PERIOD)
