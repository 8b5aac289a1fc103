from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from identity.model import Role
from tests.functions import test_roles as roles
from tests.functions.ours import Ours
from tests.functions.service import Service
from tests.infra.synthesis import Synthesised
from tests.owasp.walking import OURS_ALONE, WITH_BODY, Asked, named
from web.contract import OPERATIONS
from web.router import Router

FUNCTIONS = Path(__file__).parents[2] / "functions"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
CALLBACK = re.compile(  # platforms' calls are proven by signature, browsers' by a secret that is good once: not by key
    r"(GET|POST) /v1/(inbound|oauth)/[a-z0-9_]+"
)
ROUTES = re.compile(r"\b(Router|door\.router)\(")


def serving() -> list[str]:
    """The modules of the functions that serve operations."""
    handlers = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py") if ROUTES.search(path.read_text()))
    return [f"functions.{name}.handler" for name in handlers]


def served_by(module: str) -> set[str]:
    """What a function's router is bound to, as `GET /v1/channels/{channel}`; HEAD goes with GET."""
    router = importlib.import_module(module).router()
    assert isinstance(router, Router)
    routes = [*router._resolver._static_routes, *router._resolver._dynamic_routes]
    found = {f"{each.method} {each.path}".replace("<", "{").replace(">", "}") for each in routes}
    return {route for route in found if not route.startswith("HEAD ")}


def address(operation: Asked) -> str:
    """An operation's route."""
    return f"{operation.method} {operation.path}"


def matching(routes: dict[str, str], operation: Asked) -> str:
    """The function API Gateway leads an operation to: by the route that says most, as it chooses."""
    exact = [address(operation), f"ANY {operation.path}"]
    below = {key: key[4:].removesuffix("{proxy+}") for key in routes if key.endswith("{proxy+}")}
    greedy = [key for key, path in below.items() if operation.path.startswith(path)]
    return next(routes[key] for key in [*exact, *sorted(greedy, key=len, reverse=True), "$default"] if key in routes)


def led(stage: Synthesised) -> dict[str, str]:
    """The module that each route leads to, by the route."""
    return dict(_led(stage))


def _led(stage: Synthesised) -> Iterator[tuple[str, str]]:
    for route in stage.all("ApiGatewayV2::Route"):
        target = stage.text(route.properties["Target"]).removeprefix("integrations/")
        function = stage.function(stage.at(target, "Integration").properties["IntegrationUri"])
        yield route.properties["RouteKey"], function.properties["Handler"].removesuffix(".handle")


class TestFunctionLevel:
    """API5, broken function level authorization: somebody does what their role does not allow.

    Each operation says the least role it needs, and the router in front of it insists on it. Nothing is served that is
    no operation, by any function or method; and whoever adds an operation is asked for all of it here.
    """

    @pytest.mark.usefixtures("deployment")
    def test_every_operation_is_served_by_one_function_and_nothing_else_is(self) -> None:
        served = Counter(route for module in serving() for route in served_by(module))
        assert served == Counter(address(operation) for operation in OPERATIONS)

    @pytest.mark.usefixtures("deployment")
    def test_every_operation_is_led_to_the_function_that_serves_it(self, synthesised: dict[str, Synthesised]) -> None:
        routes = led(synthesised["prod"])
        stray = [each.id for each in OPERATIONS if address(each) not in served_by(matching(routes, each))]
        assert stray == []

    def test_every_route_leads_to_operations_or_is_a_platforms_callback(
        self, synthesised: dict[str, Synthesised]
    ) -> None:
        routes = led(synthesised["prod"])
        serve = {route for route, module in routes.items() if module in serving()}
        assert {route for route in routes.keys() - serve if not CALLBACK.fullmatch(route)} == set()

    def test_every_operation_is_asked_as_every_role(self) -> None:
        asked = Counter(operation.id for operation, _ in [*roles.ALLOWED, *roles.FORBIDDEN])
        assert asked == Counter({operation.id: len(Role) for operation in OURS_ALONE})
        assert {each.id for each in [*roles.CLOSED, *roles.PUBLIC]} == {each.id for each in OPERATIONS}

    def test_every_operation_can_be_asked_in_good_order(self, ours: Ours) -> None:
        mute = [each.id for each in WITH_BODY if each.takes.model_fields and each.id not in ours.bodies]
        parts = {name for each in OPERATIONS for name in re.findall(r"{(\w+)}", each.path)}
        assert mute == []
        assert parts - ours.names.keys() == set()

    def test_what_a_body_is_kept_for_is_an_operation(self, ours: Ours) -> None:
        assert ours.bodies.keys() <= {each.id for each in WITH_BODY}

    @pytest.mark.parametrize("operation", OPERATIONS, ids=named)
    def test_no_method_does_what_is_not_described(self, looked_at: Ours, operation: Asked) -> None:
        there = {each.method for each in OPERATIONS if _same(each.path, operation.path)}
        there |= {"HEAD"} if "GET" in there else set()
        path = operation.path.format(**looked_at.names)
        for method in [each for each in METHODS if each not in there | {"OPTIONS"}]:
            assert looked_at.service.ask(method, path).status in {404, 405}
        told = looked_at.service.ask("OPTIONS", path)
        assert (told.status, told.text) == (204, "")
        assert set(told.headers["Allow"].split(", ")) == _methods_at(path) | {"OPTIONS"}

    @pytest.mark.parametrize("operation", [each for each in OURS_ALONE if each.method != "GET"], ids=named)
    @pytest.mark.parametrize("header", ["x-http-method-override", "x-http-method", "x-method-override"])
    def test_no_header_makes_a_reading_another_operation(self, looked_at: Ours, operation: Asked, header: str) -> None:
        before = looked_at.service.ask("GET", "/v1/channels").text
        path = operation.path.format(**looked_at.names)
        looked_at.service.ask("GET", path, role=Role.VIEWER, headers={header: operation.method})
        assert looked_at.service.ask("GET", "/v1/channels").text == before

    @pytest.mark.parametrize("role", ["Admin", "ADMIN", "admin ", "admin,viewer", "owner", "root", "*", "", "4"])
    def test_no_other_word_is_a_role(self, service: Service, role: str) -> None:
        context = {"workspace": service.ours, "subject": "somebody", "role": role}
        assert service.ask("GET", "/v1/publications", context=context).status == 401


def _methods_at(path: str) -> set[str]:
    """Every method of an operation that this address may be one of."""
    found = {each.method for each in OPERATIONS if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each.path), path)}
    return found | ({"HEAD"} if "GET" in found else set())


def _same(one: str, other: str) -> bool:
    return re.sub(r"{\w+}", "{}", one) == re.sub(r"{\w+}", "{}", other)
