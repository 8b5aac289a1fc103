"""The front door: the HTTP API, its routes, and who looks at each caller."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_authorizers import HttpLambdaAuthorizer, HttpLambdaResponseType
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.policy import acknowledge
from infra.watch import PERIOD, Alert, ours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_lambda as lambda_

    from infra.stage import Stage
    from infra.watch import Alerts

REQUESTS_PER_S = 200
BURST_REQUESTS = 400
SLOW_MS = 3_000
CORS_S = 3_600
# Who has no key is limited by the route alone: requests a second, and at once.
THROTTLES = {
    "/v1/health": (20, 40),
    "/v1/openapi.json": (10, 20),
    "/v1/docs": (10, 20),
    "/v1/feeds/{token}/{format}": (100, 200),
    "/v1/files/{workspace}/{media}": (100, 200),
}
EXPOSED = (
    *("ETag", "Location", "Retry-After", "Allow", "WWW-Authenticate", "X-Correlation-Id", "Idempotent-Replayed"),
    *("RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
)
SENT = (
    *("Authorization", "Content-Type", "Idempotency-Key", "X-Correlation-Id", "X-Workspace"),
    *("If-Match", "If-None-Match", "If-Modified-Since"),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PUBLIC = {
    "/v1/health": "It says whether the service is up, and nothing else.",
    "/v1/openapi.json": "It is the documentation.",
    "/v1/docs": "It is the documentation, to read.",
    "/v1/feeds/{token}/{format}": "Feed readers have no key; the token in its address is the feed's.",
}
FILES = "/v1/files/{workspace}/{media}"
# Neither path nor address: a feed's path holds its token.
_LOGGED = {
    "request": "$context.requestId",
    "at": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
    "integration_error": "$context.integrationErrorMessage",
    "authorizer_error": "$context.authorizer.error",
}


class Api(Construct):
    """An HTTP API that has an address before it has routes, so that functions can be told it."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.http = apigateway.HttpApi(
            self,
            "Http",
            create_default_stage=False,
            description=f"Postroom {stage.name}",
            cors_preflight=_cors(stage.cors),
        )
        self._cors, self._of_any_method = bool(stage.cors), list[str]()
        log = logs.LogGroup(self, "Access", retention=stage.log_retention, removal_policy=stage.removal)
        self._entrance = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.http.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.log_group_arn, format=json.dumps(_LOGGED)
            ),
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                detailed_metrics_enabled=True,
                throttling_rate_limit=REQUESTS_PER_S,
                throttling_burst_limit=BURST_REQUESTS,
            ),
            route_settings={f"GET {path}": _throttle(*limits) for path, limits in THROTTLES.items()},
        )
        self.url = f"{stage.endpoint}/_aws/execute-api/{self.http.api_id}" if stage.local else self.http.api_endpoint
        self.feeds_url = f"{self.url}/v1/feeds"
        self.oauth_url = f"{self.url}/v1/oauth"

    def lead(
        self,
        *,
        submit: lambda_.IFunction,
        rest: lambda_.IFunction,
        media: lambda_.IFunction,
        health: lambda_.IFunction,
        authorize: lambda_.IFunction,
    ) -> None:
        """Lead submissions, uploads and deep health to their own functions, all else to `rest`.

        All of it goes past `authorize`, unless it is public.
        """
        guard = HttpLambdaAuthorizer(
            "Authorizer",
            authorize,
            response_types=[HttpLambdaResponseType.SIMPLE],
            identity_source=[],  # asked even where no header came, so that the answer is ours: problem+json
            results_cache_ttl=Duration.seconds(0),
        )
        to_rest = HttpLambdaIntegration("Rest", rest)
        post = apigateway.HttpRouteKey.with_("/v1/publications", apigateway.HttpMethod.POST)
        self._route("Submit", post, HttpLambdaIntegration("Submit", submit), guard)
        self._route("Rest", apigateway.HttpRouteKey.DEFAULT, to_rest, guard)
        deep = apigateway.HttpRouteKey.with_("/v1/health/deep", apigateway.HttpMethod.GET)
        self._route("Health", deep, HttpLambdaIntegration("Health", health), guard)
        to_media = HttpLambdaIntegration("Media", media)
        files = apigateway.HttpRouteKey.with_(FILES, apigateway.HttpMethod.GET)
        public = {"AwsSolutions-APIG4": "Public. Who reads a post has no key; the ids in the address are its media's."}
        acknowledge(self._route(FILES, files, to_media), public)
        for name, path in {"Media": "/v1/media", "MediaBelow": "/v1/media/{proxy+}"}.items():
            self._route(name, apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod.ANY), to_media, guard)
        for path, why in PUBLIC.items():
            key = apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod.GET)
            acknowledge(self._route(path, key, to_rest), {"AwsSolutions-APIG4": f"Public. {why}"})
        if self._cors:
            self._answer_preflights(to_rest)

    def _answer_preflights(self, to_rest: apigateway.HttpRouteIntegration) -> None:
        """A browser asks without a key, first; `$default`, and whatever takes any method, would ask the authorizer."""
        public = {"AwsSolutions-APIG4": "Public. Browsers send no key when they ask whether they may ask."}
        for path in ("/{proxy+}", *self._of_any_method):
            key = apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod.OPTIONS)
            acknowledge(self._route(f"Preflight {path}", key, to_rest), public)

    def watch(self, alerts: Alerts) -> None:
        """Raise an alarm when callers are failed, or kept waiting."""
        failing = Alert(
            self._failed(),
            name="API failing",
            limit=0,
            means="The API answered 5xx.",
            do="find the request in the access log, then its correlation id in the function's log.",
        )
        slow = Alert(
            self.http.metric_latency(period=PERIOD, statistic="p95"),
            name="API slow",
            limit=SLOW_MS,
            means=f"One request in twenty takes more than {SLOW_MS} ms.",
            do="compare integration_ms in the access log with the functions' durations and cold starts.",
        )
        self.failing = alerts.on(self, "Failing", failing)
        alerts.on(self, "Slow", slow)

    def _failed(self) -> cloudwatch.IMetric:
        """Answers of 5xx, less those that say no publications are taken in: these an operator wanted.

        The two are not counted in the same moment, hence a little more is taken off than was refused.
        """
        errors = self.http.metric_server_error(period=PERIOD, statistic="Sum")
        if self._stage.local:  # the emulator has no alarms on arithmetic
            return errors
        # SUM takes what there is: where nothing was refused there is no second metric to add.
        refused = "SUM([0 * errors, refused])"
        return cloudwatch.MathExpression(
            expression=f"errors - IF({refused} > 0, 1.05 * {refused} + 2, 0)",
            using_metrics={"errors": errors, "refused": ours("AcceptingRefused")},
            label="failed",
            period=PERIOD,
        )

    def _route(
        self,
        construct_id: str,
        key: apigateway.HttpRouteKey,
        to: apigateway.HttpRouteIntegration,
        guard: apigateway.IHttpRouteAuthorizer | None = None,
    ) -> apigateway.HttpRoute:
        route = apigateway.HttpRoute(
            self, construct_id, http_api=self.http, route_key=key, integration=to, authorizer=guard
        )
        self._entrance.node.add_dependency(route)  # it names some of them
        if key.method is apigateway.HttpMethod.ANY and key.path:
            self._of_any_method.append(key.path)
        return route


def _throttle(requests_per_s: int, burst: int) -> dict[str, object]:
    return {
        "DetailedMetricsEnabled": True,
        "ThrottlingRateLimit": requests_per_s,
        "ThrottlingBurstLimit": burst,
    }


def _cors(origins: Sequence[str]) -> apigateway.CorsPreflightOptions | None:
    """What pages of these origins may send and see; without any, no page may."""
    if not origins:
        return None
    return apigateway.CorsPreflightOptions(
        allow_origins=list(origins),
        allow_methods=[apigateway.CorsHttpMethod[method] for method in METHODS],
        allow_headers=list(SENT),
        expose_headers=list(EXPOSED),
        max_age=Duration.seconds(CORS_S),
    )
