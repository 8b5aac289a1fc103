"""The one page to look at: what rings, how much goes out, how fast, what waits and why; then one platform in full.

CloudWatch takes 500 widgets a page and 500 metrics a widget, and a SEARCH finds as many: it draws whichever platforms
have something to say, and those alone. Where arithmetic is needed, or a queue's own metric, platforms are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.watch import NAMESPACE, PERIOD, ours, published_percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_apigatewayv2 as apigateway
    from aws_cdk import aws_sqs as sqs

    from infra.queues import Named
    from infra.stage import Stage
    from infra.timetable import Timetable
    from infra.watch import Alerts

THIRD, HALF, WHOLE = 8, 12, 24
MOST_ALARMS = 100  # in one widget
CHOSEN = "CHOSEN-PLATFORM"  # is replaced by the platform chosen at the head of the page
_PERCENTILES = ("p50", "p95", "p99")
_STEPS_S = (0, 1, 2, 5, 10, 30)
_OUTCOMES = ("Published", "Failed", "Retried", "Uncertain", "Held", "Expired", "Canceled")


class Dashboard(Construct):
    """Rows from what authors feel down to what operators mend; platforms add themselves."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        api: apigateway.IHttpApi,
        lanes: Mapping[str, Named],
        timetable: Timetable,
        alerts: Alerts,
    ) -> None:
        super().__init__(scope, construct_id)
        platforms = list(lanes)
        self.page = cloudwatch.Dashboard(self, "Page", variables=[_choice(platforms)])
        for row in (
            _ringing([cloudwatch.Alarm.from_alarm_name(self, name, name) for name in alerts.names]),
            _outcomes(platforms),
            _speed(),
            _waiting(),
            _trouble(),
            _queues([*lanes.values()], timetable),
            _api(api),
            _functions(stage),
            _mail(),
            _chosen(stage),
            _chosen_speed(),
        ):
            self.page.add_widgets(*row)


def _choice(platforms: Sequence[str]) -> cloudwatch.DashboardVariable:
    values = [cloudwatch.VariableValue(label=name, value=name) for name in platforms]
    return cloudwatch.DashboardVariable(
        id="platform",
        label="Platform (last rows)",
        type=cloudwatch.VariableType.PATTERN,
        value=CHOSEN,
        input_type=cloudwatch.VariableInputType.SELECT,
        values=cloudwatch.Values.from_values(*values),
        default_value=cloudwatch.DefaultValue.value(platforms[0]),
    )


def _ringing(alarms: Sequence[cloudwatch.IAlarm]) -> list[cloudwatch.IWidget]:
    return [
        cloudwatch.AlarmStatusWidget(
            title="Ringing now (see RUNBOOK.md)",
            alarms=alarms[first : first + MOST_ALARMS],
            states=[cloudwatch.AlarmState.ALARM],
            width=WHOLE,
            height=3,
        )
        for first in range(0, len(alarms), MOST_ALARMS)
    ]


def _outcomes(platforms: Sequence[str]) -> list[cloudwatch.IWidget]:
    percents = [published_percent(platform) for platform in ("", *platforms)]
    return [
        _graph("Published, % of what settled (no value: nothing failed)", percents),
        _graph("Deliveries of all platforms", [_outcome("Published")], [_outcome(each) for each in _OUTCOMES[1:]]),
    ]


def _speed() -> list[cloudwatch.IWidget]:
    return [
        _graph("From due to published, seconds, at the first attempt", _percentiles("DeliverySeconds"), width=THIRD),
        _graph("The same by platform, p95", [_each("DeliverySeconds", "p95")], width=THIRD),
        _graph("Seconds of what was put off, tried again or decided on", _percentiles("DelayedSeconds"), width=THIRD),
    ]


def _waiting() -> list[cloudwatch.IWidget]:
    fullest = ours("Backlog", statistic="Maximum")
    return [
        _graph("The oldest not begun, seconds", [_each("WaitSeconds", "Maximum")], width=THIRD),
        _graph("The same, urgent", [_each("UrgentWaitSeconds", "Maximum")], width=THIRD),
        _graph("The platforms' own time, seconds, p95", [_each("PlatformSeconds", "p95")], width=THIRD),
        _graph("Waited for a channel's pace, seconds in all", [_each("PaceSeconds", "Sum")], width=THIRD),
        _graph("Accepted, recovered by the sweep, planned", [ours(each) for each in _MADE], width=THIRD),
        _graph("The fullest backlog; refused (right)", [fullest], [ours("BacklogRefused")], width=THIRD),
    ]


_MADE = ("PublicationAccepted", "SweepRecovered", "OccurrencesMade")


def _trouble() -> list[cloudwatch.IWidget]:
    return [
        _graph("Breakers: 1 open, 0.5 half open", [_each("BreakerOpen", "Maximum")], width=THIRD),
        _graph("The oldest uncertain that waits for a person, s", [_each("UncertainSeconds", "Maximum")], width=THIRD),
        _graph("Failed", [_each("DeliveryFailed", "Sum")], width=THIRD),
    ]


def _queues(lanes: Sequence[Named], timetable: Timetable) -> list[cloudwatch.IWidget]:
    queues = [timetable.due, *(queue for lane in lanes for queue in lane.queues)]
    dead = [timetable.dead, *(lane.dead for lane in lanes)]
    return [
        _graph("Messages in queues", [_depth(queue) for queue in queues]),
        _graph("Work in progress: messages being worked", [_in_progress(queue) for queue in queues]),
        _graph("The oldest message, seconds (delays count)", [_age(queue) for queue in queues]),
        _graph("Dead letters", [_depth(queue) for queue in dead]),
    ]


def _depth(queue: sqs.IQueue) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_visible(period=PERIOD)


def _in_progress(queue: sqs.IQueue) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_not_visible(period=PERIOD)


def _age(queue: sqs.IQueue) -> cloudwatch.Metric:
    return queue.metric_approximate_age_of_oldest_message(period=PERIOD)


def _api(api: apigateway.IHttpApi) -> list[cloudwatch.IWidget]:
    latency = [api.metric_latency(statistic=at, period=PERIOD) for at in _PERCENTILES]
    errors = [api.metric_client_error(period=PERIOD), api.metric_server_error(period=PERIOD)]
    return [
        _graph("API: milliseconds", latency),
        _graph("API: requests; errors (right)", [api.metric_count(period=PERIOD)], errors),
    ]


def _functions(stage: Stage) -> list[cloudwatch.IWidget]:
    drawn = {"Errors": "Sum", "Throttles": "Sum", "ConcurrentExecutions": "Maximum"}
    return [
        _graph(
            f"Functions: {name}", [_search("AWS/Lambda,FunctionName", name, of, f"Postroom {stage.name}")], width=THIRD
        )
        for name, of in drawn.items()
    ]


def _mail() -> list[cloudwatch.IWidget]:
    rates = [_account(f"Reputation.{name}Rate", "Maximum") for name in ("Bounce", "Complaint")]
    return [
        _graph("SES: bounces (reviewed at 0.05) and complaints (right, 0.001)", rates[:1], rates[1:]),
        _graph("SES: mail", [_account(name, "Sum") for name in ("Send", "Delivery", "Bounce", "Complaint")]),
    ]


def _chosen(stage: Stage) -> list[cloudwatch.IWidget]:
    depths = [_queue(stage, name, "ApproximateNumberOfMessagesVisible") for name in _LANES]
    ages = [_queue(stage, name, "ApproximateAgeOfOldestMessage") for name in _LANES]
    outcomes = [ours(f"Delivery{each}", CHOSEN) for each in _OUTCOMES]
    return [
        _graph(f"{CHOSEN}: outcomes", outcomes[:1], outcomes[1:], width=THIRD),
        _graph(f"{CHOSEN}: messages; the oldest, seconds (right)", depths, ages, width=THIRD),
        cloudwatch.GraphWidget(
            title=f"{CHOSEN}: how many took how many seconds", left=_histogram(), stacked=True, width=THIRD
        ),
    ]


_LANES = (CHOSEN, f"{CHOSEN}-urgent", f"{CHOSEN}-dead")


def _chosen_speed() -> list[cloudwatch.IWidget]:
    names = {"DeliverySeconds": "from due to published", "WaitSeconds": "waiting", "PlatformSeconds": "its own time"}
    return [
        _graph(f"{CHOSEN}: {what}, seconds", _percentiles(name, CHOSEN), width=THIRD) for name, what in names.items()
    ]


def _histogram() -> list[cloudwatch.IMetric]:
    """So many within each step: CloudWatch keeps the single values, and counts those within bounds (`TC`)."""
    steps = [*zip(_STEPS_S, map(str, _STEPS_S[1:]), strict=False), (_STEPS_S[-1], "")]
    return [
        ours("DeliverySeconds", CHOSEN, statistic=f"TC({since}:{until})").with_(label=f"{since} to {until or '…'} s")
        for since, until in steps
    ]


def _percentiles(name: str, platform: str = "") -> list[cloudwatch.IMetric]:
    return [ours(name, platform, statistic=at).with_(label=at) for at in _PERCENTILES]


def _outcome(name: str) -> cloudwatch.IMetric:
    return ours(f"Delivery{name}").with_(label=name.lower())


def _each(name: str, statistic: str) -> cloudwatch.IMetric:
    """A line for every platform that has this metric."""
    return _search(f"{NAMESPACE},platform,service", name, statistic, label="${PROP('Dim.platform')}")


def _search(schema: str, name: str, statistic: str, also: str = "", *, label: str = "") -> cloudwatch.IMetric:
    found = f"SEARCH('{{{schema}}} MetricName=\"{name}\" {also}', '{statistic}', {PERIOD.to_seconds():.0f})"
    return cloudwatch.SearchExpression(expression=found, label=label, period=PERIOD)


def _account(name: str, statistic: str) -> cloudwatch.IMetric:
    return cloudwatch.Metric(namespace="AWS/SES", metric_name=name, statistic=statistic, period=PERIOD)


def _queue(stage: Stage, queue: str, name: str) -> cloudwatch.IMetric:
    return cloudwatch.Metric(
        namespace="AWS/SQS",
        metric_name=name,
        dimensions_map={"QueueName": stage.queue_name(queue)},
        statistic="Maximum",
        period=PERIOD,
    )


def _graph(
    title: str, left: Sequence[cloudwatch.IMetric], right: Sequence[cloudwatch.IMetric] = (), *, width: int = HALF
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(left), right=list(right), width=width)
