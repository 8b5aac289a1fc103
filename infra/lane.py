"""A platform's lane: its queues, its function and its alarms, made from what its adapter declares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.function import Function, Program
from infra.policy import acknowledge
from infra.queues import Queues, feed, sends_to, works_off
from infra.watch import Alert, dead_letters, ours, published_percent
from publishing.thresholds import BREAKER, FEWEST_FAILED, OLD_PERIODS, OLD_S, PUBLISHED_PERCENT, SLOW_S
from publishing.versions import NEAR, versions_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.function import Runtime
    from infra.policy import Permission
    from infra.stage import Stage
    from publishing.adapter import Adapter

GRACE_S = 10  # beyond the longest conversation: time to write down how it ended
LEAST_AT_ONCE = 2  # Lambda takes no smaller limit for a queue
RESOLVER = "timeout:2 attempts:2"  # a name server that is silent does not eat up the conversation's time


def queue_names(platform: str) -> list[str]:
    """What a platform's queues are called: that of the many, and that of the urgent."""
    return [platform, f"{platform}-urgent"]


class Lane(Construct):
    """Two queues and the function that works them off.

    Each queue has its own share of concurrency, so that the urgent never wait for the rest.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        adapter: Adapter,
        runtime: Runtime,
        settings: Mapping[str, str],
        may: Sequence[Permission],
    ) -> None:
        super().__init__(scope, construct_id)
        self._adapter = adapter
        timeout_s = math.ceil(adapter.limits.timeout_s) + GRACE_S
        names = queue_names(adapter.name)
        self._queues = Queues(self, "Queues", stage=runtime.stage, names=names, timeout_s=timeout_s)
        program = Program(
            does=f"Publishes on {adapter.title}.",
            name="publish",
            platforms=adapter.name,
            timeout_s=timeout_s,
            settings={**settings, "PLATFORM": adapter.name, "RES_OPTIONS": RESOLVER},
            may=[*may, sends_to(self._queues.queues, stage=runtime.stage), works_off(self._queues.queues)],
            sends_to_itself=True,
        )
        self.publish = Function(self, "Publish", program, runtime=runtime)
        self._open(self.publish, runtime)

    def _open(self, publish: Function, runtime: Runtime) -> None:
        normal, urgent = self._queues.queues
        at_once = self._adapter.limits.in_flight
        feed(self, "Normal", queue=normal, to=publish.target, at_once=max(at_once, LEAST_AT_ONCE))
        feed(self, "Urgent", queue=urgent, to=publish.target, at_once=max(at_once // 2, LEAST_AT_ONCE))
        alarms = {name: runtime.alerts.on(self, name, alert) for name, alert in self._alerts(runtime.stage).items()}
        for name in {"Failing", "Dead"} & alarms.keys():
            publish.taken_back_by(alarms[name])

    def hear(self, http: apigateway.HttpApi) -> None:
        """Have the platform's callbacks answered by its own function, which alone can open what signs them."""
        known = apigateway.HttpApi.from_http_api_attributes(self, "Api", http_api_id=http.api_id)
        to = HttpLambdaIntegration("Hear", self.publish.target)
        for method in (apigateway.HttpMethod.POST, apigateway.HttpMethod.GET):
            key = apigateway.HttpRouteKey.with_(f"/v1/inbound/{self._adapter.name}", method)
            route = apigateway.HttpRoute(self, f"Hear{method.value}", http_api=known, route_key=key, integration=to)
            acknowledge(route, {"AwsSolutions-APIG4": "Public. Platforms have no key; they sign what they send."})

    def authorize(self, http: apigateway.HttpApi) -> None:
        """Have people who consent sent on and taken back by the platform's own function, which knows the app."""
        known = apigateway.HttpApi.from_http_api_attributes(self, "Porch", http_api_id=http.api_id)
        to = HttpLambdaIntegration("Authorize", self.publish.target)
        why = {"AwsSolutions-APIG4": "Public. Browsers have no key; the secret in the address is good once."}
        for name, method in {"Authorize": apigateway.HttpMethod.GET, "Leave": apigateway.HttpMethod.POST}.items():
            key = apigateway.HttpRouteKey.with_(f"/v1/oauth/{self._adapter.name}", method)
            acknowledge(apigateway.HttpRoute(self, name, http_api=known, route_key=key, integration=to), why)

    def _alerts(self, stage: Stage) -> dict[str, Alert]:
        alerts = self._delivery_alerts()
        if not stage.local:  # the emulator has no alarms on arithmetic
            alerts["Failing"] = self._failing()
        return alerts

    def _delivery_alerts(self) -> dict[str, Alert]:
        """What is done about one platform; what is done about all alike is watched once, in `infra.overall`."""
        platform, title = self._adapter.name, self._adapter.title
        breaker = {} if self._adapter.limits.own_hosts else {"Breaker": self._open_breaker()}
        return breaker | {
            # Only what went out at the first attempt and was never put off counts as DeliverySeconds: a retry, a pause
            # the platform asked for, or a decision made days later is not our slowness. One slow post is not either.
            "Slow": Alert(
                ours("DeliverySeconds", platform, statistic="p95"),
                name="Slow",
                limit=SLOW_S,
                points=2,
                of=3,
                means=f"One in twenty posts reaches {title} more than {SLOW_S} s after it was due.",
                do="compare its WaitSeconds (we start too few) with its PlatformSeconds (it is slow).",
            ),
            # Not the age of SQS's oldest message: it counts delays we asked for, and forgets what was received thrice.
            "Waiting": Alert(
                ours("WaitSeconds", platform, statistic="Maximum"),
                name="Waiting",
                limit=OLD_S,
                of=OLD_PERIODS,
                means=f"A post has waited for more than {OLD_S} s to be begun on {title}.",
                do="look for errors and throttles of its function; if there are none, raise in_flight in its adapter.",
            ),
            "Dead": dead_letters(self._queues.dead, of=title),
            **({"Ending": self._ending()} if versions_of(self._adapter) else {}),
        }

    def _ending(self) -> Alert:
        title = self._adapter.title
        return Alert(
            ours("EndingVersion", self._adapter.name, statistic="Sum"),
            name="Version ends",
            limit=0,
            means=f"Channels publish with a version of {title}'s API that ends within {NEAR.days} days, or has ended.",
            do="take their api_version away, or pin the newer one; where it is the adapter's first, put another there.",
        )

    def _open_breaker(self) -> Alert:
        title = self._adapter.title
        return Alert(
            ours("BreakerOpen", self._adapter.name, statistic="Maximum"),
            name="Breaker open",
            limit=BREAKER,
            of=3,  # what is turned away comes again within five minutes: one sign in fifteen keeps the alarm up
            means=f"{title} failed five times in a row: nothing is sent to it, save one probe every half minute.",
            do=f"look at {title}'s own status page; if it is well, at its function's log. It closes by itself.",
        )

    def _failing(self) -> Alert:
        title = self._adapter.title
        return Alert(
            published_percent(self._adapter.name, least_failed=FEWEST_FAILED),
            name="Failing",
            limit=PUBLISHED_PERCENT,
            below=True,
            means=f"Less than {PUBLISHED_PERCENT} % of what settled on {title} was published.",
            do=f"group the failures in its function's log: is it one channel, or does {title} refuse us?",
        )
