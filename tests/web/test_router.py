from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from identity.model import Denial, Denied, Principal, Role, person_of
from tests.web import gateway
from tests.web.gateway import Reply
from tests.web.logs import Log
from web import contract, health, people
from web.problems import NOT_FOUND, RATE_LIMITED, Refusal
from web.request import Answer, Request
from web.router import Router
from web.schemas.base import Nothing, Whatever
from web.schemas.health import Health
from web.schemas.keys import ApiKeyWithText, NewApiKey
from web.schemas.people import Memberships

CHANNEL = "/v1/channels/chn_01kagwz9r3a1b2c3d4e5f6g7h8"
WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
REQUEST_ID = gateway.document("api")["requestContext"]["requestId"]


PERSON = person_of("https://issuer.example/", "somebody")
BEYOND = {Denial.UNAVAILABLE, Denial.NO_MEMBER, Denial.WHICH_WORKSPACE}  # known, or nobody can say
UNKNOWN = [denial for denial in Denial if denial not in BEYOND]


def context(role: Role) -> dict[str, str]:
    return {"workspace": WORKSPACE, "subject": "somebody", "role": role.value, "key_id": "key_1"}


@dataclass
class Front:
    """A router with three operations whose function fails where a test says so."""

    failure: Exception | None = None
    answer: Answer[Health] = field(default_factory=lambda: Answer(Health()))
    file: Answer[bytes] = field(default_factory=lambda: Answer(b"{}"))
    seen: list[Request[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.router = Router()
        self.router.serve(health.READ_HEALTH, self.health)
        self.router.serve(contract.READ_OPENAPI, self.document)
        self.router.serve(contract.DELETE_CHANNEL, self.delete)
        self.router.serve(contract.CREATE_KEY, self.create)

    def health(self, request: Request[Whatever]) -> Answer[Health]:
        self._work(request)
        return self.answer

    def document(self, request: Request[Whatever]) -> Answer[bytes]:
        self._work(request)
        return self.file

    def delete(self, request: Request[Nothing]) -> Answer[None]:
        self._work(request)
        return Answer(None)

    def create(self, request: Request[NewApiKey]) -> Answer[ApiKeyWithText]:
        self._work(request)
        raise AssertionError("Nothing here gets so far.")

    def _work(self, request: Request[Any]) -> None:
        self.seen.append(request)
        if self.failure:
            raise self.failure

    def ask(self, method: str, path: str, **request: Any) -> Reply:
        return gateway.reply(self.router.handle(gateway.event(method, path, **request), None))


@pytest.fixture
def front() -> Front:
    return Front()


def test_an_answer_is_json_that_nobody_keeps(front: Front) -> None:
    reply = front.ask("GET", "/v1/health")
    assert (reply.status, reply.json) == (200, {"status": "ok"})
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_function_may_say_how_long_its_answer_is_fresh(front: Front) -> None:
    front.file = Answer(b"{}", headers={"Cache-Control": "public, max-age=60"})
    assert front.ask("GET", "/v1/openapi.json").headers["Cache-Control"] == "public, max-age=60"


def test_nothing_is_answered_as_nothing(front: Front) -> None:
    reply = front.ask("DELETE", CHANNEL, context=context(Role.EDITOR))
    assert (reply.status, reply.text) == (204, "")
    assert "Content-Type" not in reply.headers


def test_a_head_is_a_get_without_its_body(front: Front) -> None:
    head, get = front.ask("HEAD", "/v1/openapi.json"), front.ask("GET", "/v1/openapi.json")
    assert (head.status, head.text, head.headers) == (get.status, "", get.headers)


def test_what_is_known_already_is_not_sent_again(front: Front) -> None:
    tag = front.ask("GET", "/v1/openapi.json").headers["ETag"]
    reply = front.ask("GET", "/v1/openapi.json", headers={"if-none-match": f'"old", {tag}'})
    assert (reply.status, reply.text, reply.headers["ETag"]) == (304, "", tag)


def test_what_has_changed_is_sent(front: Front) -> None:
    tag = front.ask("GET", "/v1/openapi.json").headers["ETag"]
    front.file = Answer(b"[]")
    reply = front.ask("GET", "/v1/openapi.json", headers={"if-none-match": tag})
    assert (reply.status, reply.text) == (200, "[]")
    assert reply.headers["ETag"] != tag


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/health", "/v1/health/", "/v1/channels/a/b", "/v1/nothing"])
def test_an_address_that_is_none_is_not_found(front: Front, path: str) -> None:
    reply = front.ask("GET", path)
    assert (reply.status, reply.problem) == (404, "not-found")
    assert reply.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/feeds/a\0b/rss.xml", "/v1/feeds/\U0001f600/rss.xml", "/v1/channels/\0"])
def test_an_address_in_characters_that_none_has_is_not_found(front: Front, path: str) -> None:
    reply = front.ask("GET", path)
    assert (reply.status, reply.problem) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/health", "GET, HEAD"),
        ("PUT", CHANNEL, "DELETE, GET, HEAD, PATCH"),
        ("PATCH", "/v1/publications", "GET, HEAD, POST"),
        ("TRACE", "/v1/api-keys", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_told_which_it_does(
    front: Front, method: str, path: str, allowed: str
) -> None:
    reply = front.ask(method, path)
    assert (reply.status, reply.problem, reply.headers["Allow"]) == (405, "method-not-allowed", allowed)


@pytest.mark.parametrize("path", ["/v1/health", "/v1/nothing", CHANNEL])
def test_the_callers_correlation_id_comes_back(front: Front, path: str) -> None:
    reply = front.ask("GET", path, headers={"x-correlation-id": "order-4711_a.b"})
    assert reply.headers["X-Correlation-Id"] == "order-4711_a.b"


@pytest.mark.parametrize("given", ["", "short", "x" * 129, "with blank", "line\nbreak", "{injected}", "schlüssel-4711"])
def test_a_malformed_correlation_id_is_replaced(front: Front, given: str) -> None:
    assert front.ask("GET", "/v1/health", headers={"x-correlation-id": given}).headers["X-Correlation-Id"] == REQUEST_ID


def test_a_problem_names_its_correlation_id(front: Front) -> None:
    assert front.ask("GET", "/v1/nothing").json["correlation_id"] == REQUEST_ID


def test_every_line_of_the_log_carries_the_correlation_id(front: Front, log: Log) -> None:
    front.ask("GET", "/v1/health", headers={"x-correlation-id": "order-4711"})
    assert [line["correlation_id"] for line in log.lines] == ["order-4711"]
    assert (log.lines[0]["operation"], log.lines[0]["status"]) == ("readHealth", 200)


def test_every_line_of_the_log_names_the_request_as_the_access_log_does(front: Front, log: Log) -> None:
    front.ask("GET", "/v1/health", headers={"x-correlation-id": "order-4711"})
    assert [line["request"] for line in log.lines] == [REQUEST_ID]


def test_callers_are_logged_by_their_ids_and_never_by_name(front: Front, log: Log) -> None:
    front.ask("DELETE", CHANNEL, context={**context(Role.VIEWER), "subject": "somebody@example.org"})
    line = log.line("Refused")
    assert (line["workspace"], line["key_id"], line["problem"]) == (WORKSPACE, "key_1", "forbidden")
    assert "somebody" not in log.text


def test_of_a_person_the_log_names_its_id_as_a_member(front: Front, log: Log) -> None:
    member = "mbr_01kagwz8w7e0f4h5j6k7m8n9pq"
    front.ask(
        "DELETE", CHANNEL, context={"workspace": WORKSPACE, "subject": member, "role": "viewer", "person": PERSON}
    )
    assert log.line("Refused")["member"] == member
    assert PERSON not in log.text


def test_a_refusal_is_answered_as_a_problem(front: Front, log: Log) -> None:
    front.failure = Refusal(NOT_FOUND, "Nothing here.", headers={"X-Hint": "look elsewhere"})
    reply = front.ask("GET", "/v1/health")
    assert reply.json == {
        "type": "urn:postroom:problem:not-found",
        "title": "There is no such thing.",
        "status": 404,
        "detail": "Nothing here.",
        "correlation_id": REQUEST_ID,
        "errors": [],
    }
    assert reply.headers["X-Hint"] == "look elsewhere"
    assert log.line("Refused")["problem"] == "not-found"


def test_a_failure_of_ours_tells_the_caller_nothing_but_its_name(front: Front, log: Log) -> None:
    front.failure = RuntimeError("canary: the key is s3cret")
    reply = front.ask("GET", "/v1/health")
    assert (reply.status, reply.problem) == (500, "internal")
    assert "canary" not in reply.text + log.text


def test_a_failure_of_ours_is_logged_with_its_place(front: Front, log: Log) -> None:
    front.failure = RuntimeError("canary")
    front.ask("GET", "/v1/health")
    line = log.line("Failed")
    assert (line["error"], line["correlation_id"]) == ("RuntimeError", REQUEST_ID)
    assert line["operation"] == log.line("Refused")["operation"]
    assert line["where"][-1].startswith("test_router.py:")


def test_a_failure_of_what_we_rely_on_may_be_asked_again(front: Front, log: Log) -> None:
    front.failure = ClientError({"Error": {"Code": "ThrottlingException", "Message": "canary"}}, "Query")
    reply = front.ask("GET", "/v1/health")
    assert (reply.status, reply.problem, reply.headers["Retry-After"]) == (503, "unavailable", "2")
    assert log.line("Failed")["error"] == "ThrottlingException"
    assert "canary" not in reply.text + log.text


@pytest.mark.parametrize("denial", UNKNOWN)
def test_a_caller_who_is_not_known_is_told_why(front: Front, denial: Denial) -> None:
    reply = front.ask("DELETE", CHANNEL, context={"problem": denial.value})
    assert (reply.status, reply.problem) == (401, "unauthenticated")
    assert reply.json["detail"] != ""
    assert ("invalid_token" in reply.headers["WWW-Authenticate"]) is (denial is not Denial.MISSING)


def test_a_person_who_is_no_member_is_forbidden(front: Front) -> None:
    reply = front.ask("DELETE", CHANNEL, context={"problem": "no-member", "person": PERSON})
    assert (reply.status, reply.problem) == (403, "forbidden")
    assert "GET /v1/workspaces" in reply.json["detail"]


def test_a_member_of_several_workspaces_is_asked_which(front: Front) -> None:
    reply = front.ask("DELETE", CHANNEL, context={"problem": "which-workspace", "person": PERSON})
    assert (reply.status, reply.fields) == (422, ["X-Workspace"])


def test_of_a_suspended_workspace_everything_may_be_read_and_nothing_changed(front: Front) -> None:
    suspended = {**context(Role.ADMIN), "suspended": "true"}
    body = {"name": "x", "role": "viewer"}
    for method, path, sent in (("DELETE", CHANNEL, None), ("POST", "/v1/api-keys", body)):
        reply = front.ask(method, path, context=suspended, body=sent)
        assert (reply.status, reply.problem) == (403, "suspended")
    assert front.seen == []
    assert front.ask("GET", "/v1/health", context=suspended).status == 200


def test_a_role_that_does_not_suffice_is_told_before_a_suspension(front: Front) -> None:
    reply = front.ask("DELETE", CHANNEL, context={**context(Role.VIEWER), "suspended": "true"})
    assert reply.problem == "forbidden"


def test_a_caller_who_cannot_be_told_is_asked_to_come_again(front: Front) -> None:
    reply = front.ask("DELETE", CHANNEL, context={"problem": "unavailable"})
    assert (reply.status, reply.headers["Retry-After"]) == (503, "2")


def test_without_an_authorizer_nobody_is_known(front: Front) -> None:
    event = gateway.event("DELETE", CHANNEL)
    del event["requestContext"]["authorizer"]
    assert gateway.reply(front.router.handle(event, None)).status == 401


def test_the_caller_comes_before_the_address_and_the_body(front: Front) -> None:
    assert front.ask("DELETE", "/v1/channels/nonsense").status == 401
    assert front.ask("POST", "/v1/api-keys", raw="{").status == 401
    assert front.ask("POST", "/v1/api-keys", raw="{", context=context(Role.EDITOR)).status == 403
    assert front.ask("POST", "/v1/api-keys", raw="{", context=context(Role.ADMIN)).status == 400
    assert front.seen == []


def test_what_a_function_is_asked_is_whole(front: Front) -> None:
    front.ask("DELETE", CHANNEL, context=context(Role.EDITOR))
    (request,) = front.seen
    assert request.path == {"channel": CHANNEL.rpartition("/")[2]}
    assert (request.principal.workspace, request.principal.role, request.principal.key) == (
        WORKSPACE,
        Role.EDITOR,
        "key_1",
    )
    assert request.correlation_id == REQUEST_ID


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("DELETE", CHANNEL, None), ("POST", "/v1/api-keys", {"name": "x", "role": "viewer"})],
)
def test_a_query_nobody_takes_is_refused(front: Front, method: str, path: str, body: object) -> None:
    reply = front.ask(method, path, query={"dry_run": "true"}, context=context(Role.ADMIN), body=body)
    assert (reply.status, reply.fields) == (422, ["dry_run"])


def test_a_public_address_takes_any_query(front: Front) -> None:
    assert front.ask("GET", "/v1/health", query={"utm_source": "reader"}).status == 200


def test_a_query_that_is_no_text_is_refused(front: Front) -> None:
    assert front.ask("DELETE", CHANNEL, query={"cursor": "a\0"}, context=context(Role.ADMIN)).status == 422


def test_an_address_says_what_it_takes(front: Front) -> None:
    reply = front.ask("OPTIONS", CHANNEL)
    assert (reply.status, reply.text, reply.headers["Allow"]) == (204, "", "DELETE, GET, HEAD, PATCH, OPTIONS")
    assert front.ask("OPTIONS", "/v1/nothing").status == 404


def test_a_long_answer_is_packed_for_who_takes_that(front: Front) -> None:
    front.file = Answer(b"x" * 5_000)
    plain = front.ask("GET", "/v1/openapi.json")
    packed = front.ask("GET", "/v1/openapi.json", headers={"accept-encoding": "gzip"})
    head = front.ask("HEAD", "/v1/openapi.json", headers={"accept-encoding": "gzip"})
    assert (packed.headers["Content-Encoding"], packed.text) == ("gzip", plain.text)
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert (head.text, head.headers) == ("", packed.headers)


def test_what_is_known_packed_is_not_sent_again(front: Front) -> None:
    front.file = Answer(b"x" * 5_000)
    tag = front.ask("GET", "/v1/openapi.json", headers={"accept-encoding": "gzip"}).headers["ETag"]
    reply = front.ask("GET", "/v1/openapi.json", headers={"accept-encoding": "gzip", "if-none-match": tag})
    assert (reply.status, reply.text, reply.headers["ETag"]) == (304, "", tag)


def test_what_was_not_written_since_is_not_sent_again(front: Front) -> None:
    front.file = Answer(b"{}", headers={"Last-Modified": "Sat, 21 Nov 2026 12:00:00 GMT"})
    since = {"if-modified-since": "Sat, 21 Nov 2026 12:00:00 GMT"}
    assert front.ask("GET", "/v1/openapi.json", headers=since).status == 304


@dataclass
class Counted:
    """Admits so many."""

    left: int
    asked: list[str] = field(default_factory=list)

    def admit(self, caller: Principal | None, person: str) -> dict[str, str]:
        self.asked.append(caller.subject if caller else person)
        self.left -= 1
        if self.left < 0:
            raise Refusal(RATE_LIMITED, "Enough.", headers={"Retry-After": "7"})
        return {"RateLimit": f"{self.left}"}


def test_every_known_caller_is_counted_whatever_becomes_of_the_request() -> None:
    counted = Counted(4)
    router = Router(admit=counted.admit)
    router.serve(contract.DELETE_CHANNEL, lambda _: Answer(None))
    router.serve(contract.CREATE_KEY, lambda _: pytest.fail("Nothing here gets so far."))
    asked: list[tuple[str, str, Any, Role]] = [
        ("DELETE", CHANNEL, None, Role.EDITOR),
        ("DELETE", CHANNEL, None, Role.VIEWER),
        ("DELETE", "/v1/channels/nonsense", None, Role.EDITOR),
        ("POST", "/v1/api-keys", {"nonsense": 1}, Role.ADMIN),
        ("DELETE", CHANNEL, None, Role.EDITOR),
    ]
    replies = [
        gateway.reply(router.handle(gateway.event(method, path, body=body, context=context(role)), None))
        for method, path, body, role in asked
    ]
    assert [reply.status for reply in replies] == [204, 403, 404, 422, 429]
    assert [reply.headers.get("RateLimit") for reply in replies] == ["3", "2", "1", "0", None]
    assert replies[-1].headers["Retry-After"] == "7"


def test_a_person_who_is_no_member_is_counted_where_such_may_ask() -> None:
    counted = Counted(1)
    router = Router(admit=counted.admit)
    router.serve(people.LIST_WORKSPACES, lambda _: Answer(Memberships(items=[])))
    router.serve(people.READ_WORKSPACE, lambda _: pytest.fail("Such may not ask."))
    outsider = Denied(Denial.NO_MEMBER, PERSON).context()
    replies = [
        gateway.reply(router.handle(gateway.event("GET", path, context=outsider), None))
        for path in ("/v1/workspaces", "/v1/workspace", "/v1/workspaces")
    ]
    assert [(reply.status, reply.headers.get("RateLimit")) for reply in replies] == [
        (200, "0"),
        (403, None),
        (429, None),
    ]
    assert counted.asked == [PERSON, PERSON]


def test_nobody_is_not_counted() -> None:
    counted = Counted(0)
    router = Router(admit=counted.admit)
    router.serve(health.READ_HEALTH, lambda _: Answer(Health()))
    router.serve(contract.DELETE_CHANNEL, lambda _: Answer(None))
    assert gateway.reply(router.handle(gateway.event("GET", "/v1/health"), None)).status == 200
    assert gateway.reply(router.handle(gateway.event("DELETE", CHANNEL), None)).status == 401
    assert counted.asked == []


def test_steps_stand_around_every_operation_the_first_outermost() -> None:
    passed: list[str] = []

    def outer(operation: Any, request: Request[Any], go: Any) -> Any:
        passed.append(f"outer {operation.id}")
        answer = go(request)
        return Answer(answer.body, headers={"X-Outer": "seen"})

    def inner(_operation: Any, request: Request[Any], go: Any) -> Any:
        passed.append("inner")
        return go(request)

    router = Router([outer, inner])
    router.serve(health.READ_HEALTH, lambda _: Answer(Health()))
    reply = gateway.reply(router.handle(gateway.event("GET", "/v1/health"), None))
    assert (reply.status, reply.headers["X-Outer"]) == (200, "seen")
    assert passed == ["outer readHealth", "inner"]


def test_a_step_may_refuse_what_would_be_done() -> None:
    def closed(_operation: Any, _request: Request[Any], go: Any) -> Any:  # noqa: ARG001 - what a step is given
        raise Refusal(NOT_FOUND, "Closed.")

    router = Router([closed])
    router.serve(health.READ_HEALTH, lambda _: pytest.fail("It was done nevertheless."))
    assert gateway.reply(router.handle(gateway.event("GET", "/v1/health"), None)).status == 404
