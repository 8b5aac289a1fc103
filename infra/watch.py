"""What is measured, when somebody is woken by it, and what they are told to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from publishing import thresholds

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs

    from infra.stage import Stage

SERVICE = "postroom"
NAMESPACE = "Postroom"
PERIOD = Duration.seconds(thresholds.PERIOD_S)


def ours(name: str, platform: str = "", *, statistic: str = "Sum", period: Duration = PERIOD) -> cloudwatch.Metric:
    """A metric our own code emits: one platform's, or that of all platforms together."""
    dimensions = {"service": SERVICE} | ({"platform": platform} if platform else {})
    return cloudwatch.Metric(
        namespace=NAMESPACE, metric_name=name, dimensions_map=dimensions, statistic=statistic, period=period
    )


def published_percent(platform: str = "", *, least_failed: int = 0) -> cloudwatch.MathExpression:
    """How much of what settled on a platform, or on all, was published, in per cent; no value where nothing failed.

    Where fewer than `least_failed` failed, it is 100.
    """
    name = platform or "all"
    failed, published = f"failed_{name}", f"published_{name}"
    # SUM takes what there is: where all failed there is no second metric to add.
    percent = f"100 - 100 * {failed} / SUM([{failed}, {published}])"
    return cloudwatch.MathExpression(
        expression=f"IF({failed} >= {least_failed}, {percent}, 100)" if least_failed else percent,
        using_metrics={failed: ours("DeliveryFailed", platform), published: ours("DeliveryPublished", platform)},
        label=name,
        period=PERIOD,
    )


@dataclass(frozen=True, slots=True)
class Alert:
    """A sign of trouble: `metric` above `limit` (or below it), what that means, and what to do first.

    `name` is its heading in RUNBOOK.md. It rises when `points` of the last `of` periods were bad.
    """

    metric: cloudwatch.IMetric
    name: str
    limit: float
    means: str
    do: str
    below: bool = False
    points: int = 1
    of: int = 1
    no_data: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING


def dead_letters(queue: sqs.IQueue, *, of: str) -> Alert:
    """That a message was given up: it crashed whoever received it, every time."""
    return Alert(
        queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum"),
        name="Dead letters",
        limit=thresholds.DEAD_LETTERS,
        means=f"A message was received in vain until it was given up: {of}.",
        do="find its correlation id in the function's log, mend the cause, then redrive the dead-letter queue.",
    )


def missing(function: lambda_.IFunction, *, of: str) -> Alert:
    """That a function which is called every minute was not called at all."""
    return Alert(
        function.metric_invocations(period=PERIOD),
        name="Silent",
        limit=1,
        below=True,
        no_data=cloudwatch.TreatMissingData.BREACHING,
        means=f"Nothing has happened for five minutes: {of}.",
        do="look at the schedule and at the errors of its role; call the function by hand meanwhile.",
    )


class Alerts(Construct):
    """The topic all alarms go to; whoever is on duty subscribes to it."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.topic = sns.Topic(self, "Topic", display_name=f"Postroom {stage.name} alarms", enforce_ssl=True)
        self.topic.add_to_resource_policy(self._alarms_may_publish())
        self.names: list[str] = []

    def on(self, scope: Construct, construct_id: str, alert: Alert) -> cloudwatch.Alarm:
        """An alarm in `scope`, in this stack or another, that tells of its rise and of its end."""
        self.names.append(self._stage.alarm_name(f"{_within_stack(scope)}/{construct_id}"))
        operators = cloudwatch.ComparisonOperator
        alarm = cloudwatch.Alarm(
            scope,
            construct_id,
            alarm_name=self.names[-1],
            metric=alert.metric,
            threshold=alert.limit,
            comparison_operator=operators.LESS_THAN_THRESHOLD if alert.below else operators.GREATER_THAN_THRESHOLD,
            treat_missing_data=alert.no_data,
            evaluation_periods=alert.of,
            datapoints_to_alarm=alert.points,
            alarm_description=f"{alert.means} First: {alert.do} RUNBOOK.md: {alert.name}",
        )
        tell = actions.SnsAction(self.topic)
        alarm.add_alarm_action(tell)
        alarm.add_ok_action(tell)
        return alarm

    def _alarms_may_publish(self) -> iam.PolicyStatement:
        stack = Stack.of(self)
        alarms = stack.format_arn(
            service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[self.topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": alarms}},
        )


def _within_stack(scope: Construct) -> str:
    return scope.node.path.removeprefix(f"{Stack.of(scope).node.path}/")
