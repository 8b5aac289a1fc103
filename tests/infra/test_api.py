from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions import platforms
from publishing.abilities import Authorizes, Hears
from tests.infra.synthesis import STAGES, Synthesised, synthesise
from web import answers
from web.contract import OPERATIONS, SUBMIT

FILES = "GET /v1/files/{workspace}/{media}"
OPEN = {"GET /v1/health", "GET /v1/openapi.json", "GET /v1/docs", "GET /v1/feeds/{token}/{format}", FILES}


def leads(stage: Synthesised, route: str) -> str:
    """The function a route leads to."""
    (target,) = [r.properties["Target"] for r in stage.all("ApiGatewayV2::Route") if r.properties["RouteKey"] == route]
    integration = stage.at(stage.text(target).removeprefix("integrations/"), "Integration")
    return stage.function(integration.properties["IntegrationUri"]).path


def test_submissions_have_a_function_of_their_own(stage: Synthesised) -> None:
    assert leads(stage, f"{SUBMIT.method} {SUBMIT.path}") == "Submit/Function"
    assert leads(stage, "$default") == "Rest/Function"


def test_uploads_have_a_function_of_their_own(stage: Synthesised) -> None:
    assert (
        leads(stage, "ANY /v1/media")
        == leads(stage, "ANY /v1/media/{proxy+}")
        == leads(stage, FILES)
        == "Media/Function"
    )


def test_deep_health_has_a_function_of_its_own_and_the_shallow_one_is_the_apis(stage: Synthesised) -> None:
    assert leads(stage, "GET /v1/health/deep") == "Health/Function"
    assert leads(stage, "GET /v1/health") == "Rest/Function"


def test_a_platforms_callbacks_lead_to_its_own_function(stage: Synthesised) -> None:
    for route in HEARD:
        assert leads(stage, route) == f"Lanes/{route.rpartition('/')[2]}/Publish/Function"


HEARD = {
    f"{method} /v1/inbound/{name}"
    for name in platforms.names()
    if isinstance(platforms.load(name), Hears)
    for method in ("POST", "GET")
}


CONSENTED = {
    f"{method} /v1/oauth/{name}"
    for name in platforms.names()
    if isinstance(platforms.load(name), Authorizes)
    for method in ("GET", "POST")
}


def test_who_consents_is_sent_on_and_taken_back_by_the_platforms_own_function(stage: Synthesised) -> None:
    assert CONSENTED
    for route in CONSENTED:
        assert leads(stage, route) == f"Lanes/{route.rpartition('/')[2]}/Publish/Function"


def test_every_route_is_guarded_save_four_the_callbacks_and_consents(stage: Synthesised) -> None:
    guards = {
        route.properties["RouteKey"]: (route.properties["AuthorizationType"], "AuthorizerId" in route.properties)
        for route in stage.all("ApiGatewayV2::Route")
    }
    ours = {"POST /v1/publications", "ANY /v1/media", "ANY /v1/media/{proxy+}", "GET /v1/health/deep", "$default"}
    guarded = dict.fromkeys(ours, ("CUSTOM", True))
    assert HEARD
    assert guards == guarded | dict.fromkeys({*OPEN, *HEARD, *CONSENTED}, ("NONE", False))


def test_the_gateway_opens_what_the_api_declares_public(stage: Synthesised) -> None:
    public = {f"{operation.method} {operation.path}" for operation in OPERATIONS if operation.least is None}
    routes = stage.all("ApiGatewayV2::Route")
    assert public | HEARD | CONSENTED == {
        route.properties["RouteKey"] for route in routes if route.properties["AuthorizationType"] == "NONE"
    }


def test_the_authorizer_is_asked_on_every_request_even_without_a_header(stage: Synthesised) -> None:
    (authorizer,) = stage.all("ApiGatewayV2::Authorizer")
    assert authorizer.properties["AuthorizerResultTtlInSeconds"] == 0
    assert authorizer.properties["IdentitySource"] == []
    assert authorizer.properties["EnableSimpleResponses"] is True
    assert authorizer.properties["AuthorizerPayloadFormatVersion"] == "2.0"
    assert "Authorize/" in stage.text(authorizer.properties["AuthorizerUri"])


def test_what_needs_no_key_is_throttled_by_itself(stage: Synthesised) -> None:
    (served,) = stage.all("ApiGatewayV2::Stage")
    limits = served.properties["RouteSettings"]
    assert set(limits) == OPEN
    whole = served.properties["DefaultRouteSettings"]["ThrottlingRateLimit"]
    assert all(0 < each["ThrottlingRateLimit"] < whole for each in limits.values())
    assert all(each["DetailedMetricsEnabled"] for each in limits.values())


def test_the_stage_waits_for_the_routes_it_names(stage: Synthesised) -> None:
    (served,) = stage.all("ApiGatewayV2::Stage")
    waits = {stage.found[f"{served.stack}.{name}"].properties.get("RouteKey") for name in served.whole["DependsOn"]}
    assert waits >= OPEN


def test_no_page_may_ask_the_api_by_default(stage: Synthesised) -> None:
    (api,) = stage.all("ApiGatewayV2::Api")
    assert "CorsConfiguration" not in api.properties
    assert [r for r in stage.all("ApiGatewayV2::Route") if r.properties["RouteKey"].startswith("OPTIONS")] == []


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """A stage whose API the pages of two origins may ask."""
    origins = ("https://app.example.org", "https://staging.example.org")
    return synthesise(replace(STAGES["dev"], cors=origins), tmp_path_factory.mktemp("cors"), [platforms.load("devto")])


def test_pages_of_the_origins_named_may_ask_and_read_what_they_need(opened: Synthesised) -> None:
    (api,) = opened.all("ApiGatewayV2::Api")
    cors = api.properties["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://app.example.org", "https://staging.example.org"]
    assert {"Authorization", "Idempotency-Key", "If-Match"} <= set(cors["AllowHeaders"])
    assert {"ETag", "RateLimit", "Retry-After", "X-Correlation-Id", "Idempotent-Replayed"} <= set(cors["ExposeHeaders"])
    assert set(cors["AllowMethods"]) >= {operation.method for operation in OPERATIONS}
    assert "AllowCredentials" not in cors


def test_every_header_an_answer_may_carry_can_be_read_by_a_page(opened: Synthesised) -> None:
    (api,) = opened.all("ApiGatewayV2::Api")
    safelisted = {"Last-Modified", "Accept-Encoding"}
    assert set(answers.headers()) - safelisted <= set(api.properties["CorsConfiguration"]["ExposeHeaders"])


def test_a_browsers_question_meets_no_authorizer(opened: Synthesised) -> None:
    asked = {
        route.properties["RouteKey"]: route.properties["AuthorizationType"]
        for route in opened.all("ApiGatewayV2::Route")
        if route.properties["RouteKey"].startswith("OPTIONS")
    }
    assert asked == dict.fromkeys(("OPTIONS /{proxy+}", "OPTIONS /v1/media", "OPTIONS /v1/media/{proxy+}"), "NONE")


def test_requests_are_throttled_and_logged(stage: Synthesised) -> None:
    (served,) = stage.all("ApiGatewayV2::Stage")
    assert served.properties["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert served.properties["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
    assert stage.text(served.properties["AccessLogSettings"]["DestinationArn"]) == "Api/Access"


def test_the_access_log_holds_neither_paths_nor_addresses(stage: Synthesised) -> None:
    (served,) = stage.all("ApiGatewayV2::Stage")
    logged = json.loads(served.properties["AccessLogSettings"]["Format"])
    assert "$context.requestId" in logged.values()
    assert not {"$context.path", "$context.identity.sourceIp"} & set(logged.values())


def test_the_api_has_the_address_it_is_told_to_have(stage: Synthesised) -> None:
    expected = {
        "local": "http://127.0.0.1:1/_aws/execute-api/Api/Http",
        "dev": "Api/Http.ApiEndpoint",
        "prod": "Api/Http.ApiEndpoint",
    }
    assert stage.text(stage.outputs["ApiUrl"]["Value"]) == expected[stage.stage]
