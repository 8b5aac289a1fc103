from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from functions import platforms
from functions.api import handler as api
from identity.model import Denial, Denied
from notifying.endpoints import MOST
from publishing.adapter import Adapter
from publishing.conversation import ANSWER_BYTES, STEPS
from tests.functions.ours import Ours
from tests.functions.service import Service
from tests.infra.synthesis import Synthesised
from tests.owasp.walking import OURS_ALONE, PAGED, WITH_BODY, Asked, Node, Part, named, parts, taken
from web import body, contract, problems
from web.schemas.base import LONGEST_PAGE

UNPAGED = {  # what is listed whole, and why that has an end
    "listPlatforms": "as many as there are platforms",
    "listDeadLetters": "as above",
    "listSlots": "at most 100",
    "listWebhooks": "at most 20 of a workspace",
}
MINUTELY = 3
MOST_CHARS = 10_000  # of what a pattern alone bounds
PARTS = parts(taken(), "validation")


def deep(levels: int) -> str:
    """JSON nested so deeply."""
    return "[" * levels + "]" * levels


def of(kind: str) -> list[Part]:
    """Every place where this kind of value is taken."""
    return [part for part in PARTS if part.node.get("type") == kind]


def is_bounded_text(node: Node) -> bool:
    """Whether a text has an end: it is one of a few, or has a most, or a pattern that has."""
    if "maxLength" in node or "enum" in node or "const" in node:
        return True
    return "pattern" in node and bool(re._parser.parse(node["pattern"]).getwidth()[1] < MOST_CHARS)


@pytest.fixture
def few(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - what it deployed
    """So few requests a minute are a caller's."""
    monkeypatch.setenv("CALLER_LIMIT", str(MINUTELY))
    api.router.cache_clear()
    yield
    api.router.cache_clear()


class TestResources:
    """API4, unrestricted resource consumption: a request costs more than it should be allowed to.

    Every text, list, number and object that is sent has an end, and so have the body, its depth, a page, a workspace's
    backlog, requests in a second, an answer of a platform, and how long anything may run.
    """

    def test_every_text_has_an_end(self) -> None:
        assert of("string")
        assert [part.name for part in of("string") if not is_bounded_text(part.node)] == []

    def test_every_list_has_an_end(self) -> None:
        assert of("array")
        assert [part.name for part in of("array") if "maxItems" not in part.node] == []

    def test_every_number_has_a_least_and_a_most(self) -> None:
        found = [*of("integer"), *of("number")]
        assert found
        assert [part.name for part in found if not {"minimum", "maximum"} <= part.node.keys()] == []

    def test_every_object_has_an_end(self) -> None:
        free = [part for part in of("object") if part.node.get("additionalProperties") is not False]
        assert free
        assert [
            part.name for part in free if "maxProperties" not in part.node or "propertyNames" not in part.node
        ] == []

    @pytest.mark.parametrize("operation", WITH_BODY, ids=named)
    def test_no_body_is_too_large_or_too_deep(self, looked_at: Ours, operation: Asked) -> None:
        path = operation.path.format(**looked_at.names)
        large = looked_at.service.ask(operation.method, path, raw=json.dumps({"x": "x" * body.MOST_BYTES}))
        nested = [
            looked_at.service.ask(operation.method, path, raw=deep(levels)) for levels in (body.MOST_DEPTH + 1, 99_999)
        ]
        digits = looked_at.service.ask(operation.method, path, raw='{"x": ' + "9" * 99_999 + "}")
        assert (large.status, large.problem) == (413, "too-large")
        assert {reply.status for reply in [*nested, digits]} == {400}

    @pytest.mark.parametrize("operation", PAGED, ids=named)
    @pytest.mark.parametrize("limit", ["0", "-1", str(LONGEST_PAGE + 1), "99999999999999999999", "1e3", "NaN", ""])
    def test_no_page_is_longer_than_the_longest(self, looked_at: Ours, operation: Asked, limit: str) -> None:
        path = operation.path.format(**looked_at.names)
        reply = looked_at.service.ask("GET", path, query={"limit": limit})
        assert (reply.status, reply.fields) == (422, ["limit"])

    def test_every_list_that_grows_is_paged(self) -> None:
        whole = {each.id for each in OURS_ALONE if each.id.startswith("list")} - {each.id for each in PAGED}
        assert whole == UNPAGED.keys()

    def test_no_more_webhooks_are_made_than_are_listed_at_once(self, service: Service) -> None:
        for _ in range(MOST):
            service.webhook()
        reply = service.ask("POST", "/v1/webhooks", body={"url": "https://example.org/told"})
        assert (reply.status, reply.problem) == (409, "wrong-state")
        assert len(service.ask("GET", "/v1/webhooks").json["items"]) == MOST

    def test_who_hands_in_too_much_is_told_when_to_come_again(self) -> None:
        assert problems.BACKLOG in contract.SUBMIT.problems
        assert problems.BACKLOG.status == 429

    @pytest.mark.usefixtures("few")
    @pytest.mark.parametrize("operation", [each for each in contract.OPERATIONS if each.outsiders], ids=named)
    def test_who_is_a_member_of_nothing_asks_no_oftener_than_a_caller(self, service: Service, operation: Asked) -> None:
        context = Denied(Denial.NO_MEMBER, service.person).context()
        body = {"token": "pi_", "name": "Bob"} if operation.has_body else None
        asked = [service.ask(operation.method, operation.path, body=body, context=context) for _ in range(3 * MINUTELY)]
        limited = [reply for reply in asked if reply.status == 429]
        assert len(limited) >= MINUTELY  # of the three times as many; one minute may end meanwhile
        assert {reply.problem for reply in limited} == {"rate-limited"}
        assert {"RateLimit", "Retry-After"} <= limited[-1].headers.keys()

    def test_the_gateway_takes_so_many_requests_a_second(self, synthesised: dict[str, Synthesised]) -> None:
        for stage in synthesised.values():
            (served,) = stage.all("ApiGatewayV2::Stage")
            throttled = served.properties["DefaultRouteSettings"]
            assert 0 < throttled["ThrottlingRateLimit"] <= throttled["ThrottlingBurstLimit"] <= 1_000

    def test_no_function_runs_for_ever(self, synthesised: dict[str, Synthesised]) -> None:
        functions = synthesised["prod"].all("Lambda::Function")
        assert functions
        assert [each.path for each in functions if not 0 < each.properties.get("Timeout", 0) <= 900] == []

    @pytest.mark.parametrize("name", platforms.names())
    def test_what_a_platform_may_take_has_an_end(self, name: str) -> None:
        adapter: Adapter = platforms.load(name)
        assert 0 < adapter.limits.timeout_s <= 300
        assert all(0 < field.max_chars <= 20_000 for field in adapter.credentials.fields)

    def test_what_a_platform_may_answer_has_an_end(self) -> None:
        assert ANSWER_BYTES <= 1_000_000
        assert STEPS <= 60
