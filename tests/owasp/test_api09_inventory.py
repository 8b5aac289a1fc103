from __future__ import annotations

import json
import re

import pytest

from functions import platforms
from publishing.abilities import Authorizes, Hears
from tests.functions.service import Service
from tests.infra.synthesis import Synthesised
from tests.owasp.walking import named
from tests.web.conformance import described
from web.contract import OPERATIONS

FORGOTTEN = [
    *("/", "/v1", "/v1/", "/v2/publications", "/v0/publications", "/publications", "/api/v1/publications"),
    *("/v1/internal", "/v1/debug", "/v1/admin", "/v1/test", "/v1/metrics", "/metrics", "/status", "/env", "/.env"),
    *("/.git/config", "/docs", "/redoc", "/swagger", "/swagger.json", "/openapi.json", "/graphql", "/actuator/env"),
    *(
        "/v1/workspaces/../publications",
        "/v1//publications",
        "/v1/publications/",
        "/V1/publications",
        "/v1/Publications",
    ),
]
INTERNAL = re.compile(r"debug|internal|test(?!$)|admin|private|beta|old|tmp|dev|stag|backup")


class TestInventory:
    """API9, improper inventory management: something is served that nobody remembers, or an old version of it.

    What is deployed is what is described, and the reverse; there is one version, and it is in every address.
    """

    def test_what_is_described_is_what_there_is(self) -> None:
        found = {(method.upper(), path) for path, node in described()["paths"].items() for method in node}
        assert found == {(operation.method, operation.path) for operation in OPERATIONS}

    def test_every_route_that_is_deployed_is_described_or_leads_on_to_what_is(
        self, synthesised: dict[str, Synthesised]
    ) -> None:
        calling_back = {name for name in platforms.names() if isinstance(platforms.load(name), Hears)}
        consenting = {name for name in platforms.names() if isinstance(platforms.load(name), Authorizes)}
        for stage in synthesised.values():
            routes = {each.properties["RouteKey"] for each in stage.all("ApiGatewayV2::Route")}
            exact = {f"{operation.method} {operation.path}" for operation in OPERATIONS}
            heard = {f"{method} /v1/inbound/{name}" for method in ("GET", "POST") for name in calling_back}
            asked = {f"{method} /v1/oauth/{name}" for method in ("GET", "POST") for name in consenting}
            assert heard | asked <= routes
            left = {route for route in routes - exact - heard - asked if not self._leads_on(route)}
            assert left == {"$default"}

    def test_there_is_one_api_with_one_stage(self, synthesised: dict[str, Synthesised]) -> None:
        for stage in synthesised.values():
            (served,) = stage.all("ApiGatewayV2::Stage")
            assert (len(stage.all("ApiGatewayV2::Api")), served.properties["StageName"]) == (1, "$default")
            assert stage.all("Lambda::Url") == []

    @pytest.mark.parametrize("operation", OPERATIONS, ids=named)
    def test_every_address_says_its_version_and_none_is_for_us_alone(self, operation: object) -> None:
        path = str(getattr(operation, "path", ""))
        assert path.startswith("/v1/")
        assert not INTERNAL.search(re.sub(r"{\w+}", "", path).removesuffix("/test"))

    @pytest.mark.parametrize("path", FORGOTTEN)
    def test_nothing_is_forgotten(self, service: Service, path: str) -> None:
        assert service.ask("GET", path).status == 404

    def test_what_is_described_is_what_is_served(self, service: Service) -> None:
        reply = service.ask("GET", "/v1/openapi.json", role=None)
        assert json.loads(reply.text) == described()

    @staticmethod
    def _leads_on(route: str) -> bool:
        """Whether operations lie at or below what this route takes whole."""
        method, _, path = route.partition(" ")
        return method == "ANY" and any(each.path.startswith(path.removesuffix("{proxy+}")) for each in OPERATIONS)
