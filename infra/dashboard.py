"""The one page to look at: what rings, how much goes out, how fast, what waits and why; then one platform in full.

CloudWatch takes 500 widgets a page and 500 metrics a widget, and a SEARCH finds as many: it draws whichever platforms
have something to say, and those alone. Where arithmetic is needed, or a queue's own metric, platforms are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.graphs import (
    PERCENTILES,
    THIRD,
    WHOLE,
    account,
    age,
    by_platform,
    depth,
    graph,
    in_progress,
    percentiles,
    queue_named,
    search,
)
from infra.watch import PERIOD, ours, published_percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_apigatewayv2 as apigateway

    from infra.notices import Notices
    from infra.queues import Named
    from infra.stage import Stage
    from infra.timetable import Timetable
    from infra.watch import Alerts

MOST_ALARMS = 100  # in one widget
CHOSEN = "CHOSEN-PLATFORM"  # is replaced by the platform chosen at the head of the page
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
        notices: Notices,
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
            _webhooks(notices),
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
        graph("Published, % of what settled (no value: nothing failed)", percents),
        graph("Deliveries of all platforms", [_outcome("Published")], [_outcome(each) for each in _OUTCOMES[1:]]),
    ]


def _speed() -> list[cloudwatch.IWidget]:
    return [
        graph("From due to published, seconds, at the first attempt", percentiles("DeliverySeconds"), width=THIRD),
        graph("The same by platform, p95", [by_platform("DeliverySeconds", "p95")], width=THIRD),
        graph("Seconds of what was put off, tried again or decided on", percentiles("DelayedSeconds"), width=THIRD),
    ]


def _waiting() -> list[cloudwatch.IWidget]:
    fullest = ours("Backlog", statistic="Maximum")
    return [
        graph("The oldest not begun, seconds", [by_platform("WaitSeconds", "Maximum")], width=THIRD),
        graph("The same, urgent", [by_platform("UrgentWaitSeconds", "Maximum")], width=THIRD),
        graph("The platforms' own time, seconds, p95", [by_platform("PlatformSeconds", "p95")], width=THIRD),
        graph("Waited for a channel's pace, seconds in all", [by_platform("PaceSeconds", "Sum")], width=THIRD),
        graph("Accepted, recovered by the sweep, planned", [ours(each) for each in _MADE], width=THIRD),
        graph("The fullest backlog; refused (right)", [fullest], [ours("BacklogRefused")], width=THIRD),
    ]


_MADE = ("PublicationAccepted", "SweepRecovered", "OccurrencesMade")


def _trouble() -> list[cloudwatch.IWidget]:
    return [
        graph("Breakers: 1 open, 0.5 half open", [by_platform("BreakerOpen", "Maximum")], width=THIRD),
        graph(
            "The oldest uncertain that waits for a person, s", [by_platform("UncertainSeconds", "Maximum")], width=THIRD
        ),
        graph("Failed", [by_platform("DeliveryFailed", "Sum")], width=THIRD),
    ]


def _queues(lanes: Sequence[Named], timetable: Timetable) -> list[cloudwatch.IWidget]:
    queues = [timetable.due, *(queue for lane in lanes for queue in lane.queues)]
    dead = [timetable.dead, *(lane.dead for lane in lanes)]
    return [
        graph("Messages in queues", [depth(queue) for queue in queues]),
        graph("Work in progress: messages being worked", [in_progress(queue) for queue in queues]),
        graph("The oldest message, seconds (delays count)", [age(queue) for queue in queues]),
        graph("Dead letters", [depth(queue) for queue in dead]),
    ]


def _webhooks(notices: Notices) -> list[cloudwatch.IWidget]:
    told, failed = ours("NoticeDelivered"), [ours(name) for name in ("NoticeFailed", "NoticeUnreadable")]
    queues, dead = (notices.firsts, notices.laters), (notices.dead_firsts, notices.dead)
    ages = [age(each) for each in queues]
    return [
        graph("Webhooks: told; failed attempts, unreadable changes (right)", [told], failed, width=THIRD),
        graph("Webhooks: messages; the oldest, seconds (right)", [depth(each) for each in queues], ages, width=THIRD),
        graph("Webhooks: dead letters", [depth(each) for each in dead], width=THIRD),
    ]


def _api(api: apigateway.IHttpApi) -> list[cloudwatch.IWidget]:
    latency = [api.metric_latency(statistic=at, period=PERIOD) for at in PERCENTILES]
    errors = [api.metric_client_error(period=PERIOD), api.metric_server_error(period=PERIOD)]
    return [
        graph("API: milliseconds", latency),
        graph("API: requests; errors (right)", [api.metric_count(period=PERIOD)], errors),
    ]


def _functions(stage: Stage) -> list[cloudwatch.IWidget]:
    drawn = {"Errors": "Sum", "Throttles": "Sum", "ConcurrentExecutions": "Maximum"}
    return [
        graph(
            f"Functions: {name}", [search("AWS/Lambda,FunctionName", name, of, f"Postroom {stage.name}")], width=THIRD
        )
        for name, of in drawn.items()
    ]


def _mail() -> list[cloudwatch.IWidget]:
    rates = [account(f"Reputation.{name}Rate", "Maximum") for name in ("Bounce", "Complaint")]
    return [
        graph("SES: bounces (reviewed at 0.05) and complaints (right, 0.001)", rates[:1], rates[1:]),
        graph("SES: mail", [account(name, "Sum") for name in ("Send", "Delivery", "Bounce", "Complaint")]),
    ]


def _chosen(stage: Stage) -> list[cloudwatch.IWidget]:
    depths = [queue_named(stage, name, "ApproximateNumberOfMessagesVisible") for name in _LANES]
    ages = [queue_named(stage, name, "ApproximateAgeOfOldestMessage") for name in _LANES]
    outcomes = [ours(f"Delivery{each}", CHOSEN) for each in _OUTCOMES]
    return [
        graph(f"{CHOSEN}: outcomes", outcomes[:1], outcomes[1:], width=THIRD),
        graph(f"{CHOSEN}: messages; the oldest, seconds (right)", depths, ages, width=THIRD),
        cloudwatch.GraphWidget(
            title=f"{CHOSEN}: how many took how many seconds", left=_histogram(), stacked=True, width=THIRD
        ),
    ]


_LANES = (CHOSEN, f"{CHOSEN}-urgent", f"{CHOSEN}-dead")


def _chosen_speed() -> list[cloudwatch.IWidget]:
    names = {"DeliverySeconds": "from due to published", "WaitSeconds": "waiting", "PlatformSeconds": "its own time"}
    return [graph(f"{CHOSEN}: {what}, seconds", percentiles(name, CHOSEN), width=THIRD) for name, what in names.items()]


def _histogram() -> list[cloudwatch.IMetric]:
    """So many within each step: CloudWatch keeps the single values, and counts those within bounds (`TC`)."""
    steps = [*zip(_STEPS_S, map(str, _STEPS_S[1:]), strict=False), (_STEPS_S[-1], "")]
    return [
        ours("DeliverySeconds", CHOSEN, statistic=f"TC({since}:{until})").with_(label=f"{since} to {until or '…'} s")
        for since, until in steps
    ]


def _outcome(name: str) -> cloudwatch.IMetric:
    return ours(f"Delivery{name}").with_(label=name.lower())
