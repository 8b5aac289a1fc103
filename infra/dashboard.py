"""The one page to look at: how much goes out, how fast, what waits, and what was given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.watch import PERIOD, ours, published_percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_apigatewayv2 as apigateway

    from infra.lane import Lane
    from infra.timetable import Timetable

_HALF = 12
_PERCENTILES = ("p50", "p95", "p99")


class Dashboard(Construct):
    """Rows from what authors feel down to what operators mend; platforms add themselves."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.IHttpApi,
        lanes: Sequence[Lane],
        timetable: Timetable,
    ) -> None:
        super().__init__(scope, construct_id)
        self.page = cloudwatch.Dashboard(self, "Page")
        platforms = [lane.adapter.name for lane in lanes]
        self.page.add_widgets(*_outcomes(platforms))
        self.page.add_widgets(*_speed(platforms))
        self.page.add_widgets(*_queues(lanes, timetable))
        self.page.add_widgets(*_api(api))


def _outcomes(platforms: Sequence[str]) -> list[cloudwatch.GraphWidget]:
    troubles = ("DeliveryFailed", "DeliveryRetried", "DeliveryUncertain", "DeliveryHeld")
    return [
        _graph(
            "Published, % of what settled (no value: nothing failed)",
            [published_percent(*platforms), *(published_percent(platform) for platform in platforms)],
        ),
        _graph(
            "Deliveries",
            [_counted("DeliveryPublished", platform) for platform in platforms],
            [_counted(trouble, platform) for platform in platforms for trouble in troubles],
        ),
    ]


def _speed(platforms: Sequence[str]) -> list[cloudwatch.GraphWidget]:
    seconds = [_counted("DeliverySeconds", platform, at) for platform in platforms for at in _PERCENTILES]
    accepted = [ours("PublicationAccepted"), ours("SweepRecovered")]
    breakers = [_counted("BreakerOpen", platform) for platform in platforms]
    return [
        _graph("From due to published, seconds", seconds),
        _graph("Accepted; recovered by the sweep; breakers found open (right)", accepted, breakers),
    ]


def _queues(lanes: Sequence[Lane], timetable: Timetable) -> list[cloudwatch.GraphWidget]:
    waiting = [timetable.due, *(queue for lane in lanes for queue in lane.queues)]
    dead = [timetable.dead, *(lane.dead for lane in lanes)]
    return [
        _graph(
            "Waiting: messages, and seconds of the oldest",
            [queue.metric_approximate_number_of_messages_visible(period=PERIOD) for queue in waiting],
            [queue.metric_approximate_age_of_oldest_message(period=PERIOD) for queue in waiting],
        ),
        _graph("Given up", [queue.metric_approximate_number_of_messages_visible(period=PERIOD) for queue in dead]),
    ]


def _api(api: apigateway.IHttpApi) -> list[cloudwatch.GraphWidget]:
    latency = [api.metric_latency(statistic=at, period=PERIOD) for at in _PERCENTILES]
    errors = [api.metric_client_error(period=PERIOD), api.metric_server_error(period=PERIOD)]
    return [
        _graph("API: milliseconds", latency),
        _graph("API: requests and errors", [api.metric_count(period=PERIOD)], errors),
    ]


def _counted(metric: str, platform: str, statistic: str = "Sum") -> cloudwatch.Metric:
    label = f"{platform} {metric.removeprefix('Delivery').lower()}"
    return ours(metric, platform, statistic=statistic).with_(
        label=label if statistic == "Sum" else f"{label} {statistic}"
    )


def _graph(
    title: str, left: Sequence[cloudwatch.IMetric], right: Sequence[cloudwatch.IMetric] = ()
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(left), right=list(right), width=_HALF)
