"""Serves operations behind API Gateway: the only place that knows the event handler, and where all refusals are made.

A request passes in this order: the caller (401), how many it made (429), its role (403), the address (404), the body
(413, 415, 400), its fields (422). An operation's function sees only what passed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Protocol, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel

from identity.model import Principal
from publishing import aws
from publishing.failures import told
from publishing.telemetry import about, logger
from web import body, encoding, etag, problems, validation
from web.caller import authorized, caller_of, insist_on_leave
from web.contract import OPERATIONS
from web.correlation import correlation_id_of
from web.operation import PATH_PATTERNS, Operation
from web.problems import Refusal
from web.request import Answer, Request, content

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - input
O = TypeVar("O", bound="BaseModel | bytes | None")  # noqa: E741 - output
Function = Callable[[Request[I]], Answer[O]]

_NOWHERE = "There is no such address."
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Vary": "Accept-Encoding"}


Admit = Callable[[Principal | None, str], Mapping[str, str]]


def _everybody(_caller: Principal | None, _person: str) -> Mapping[str, str]:
    return {}


class Step(Protocol):
    """Stands around every operation: it may refuse a request, answer it itself, or see what was answered."""

    def __call__(self, operation: Operation[I, O], request: Request[I], /, go: Function[I, O]) -> Answer[O]:
        """The answer; `go` is what comes next, the operation's function in the end."""


class Witness(Protocol):
    """Is told of every answer, refusals of ours included; nothing it does changes one."""

    def __call__(
        self, operation: Operation[Any, Any], event: Mapping[str, Any], path: Mapping[str, str], answer: Response[str]
    ) -> None:
        """`answer` goes to who asked with this event of API Gateway; `path` holds the address's parts as they came."""


class Router:
    """Binds operations to the functions that do them, within `steps`, the first of them outermost.

    `admit` is asked of every known caller before anything else, and of a person who is none yet; it may refuse, and
    answers headers for whatever comes. `witness` is told of every answer.
    """

    def __init__(
        self, steps: Sequence[Step] = (), *, admit: Admit = _everybody, witness: Witness | None = None
    ) -> None:
        self._steps, self._admit, self._witness = steps, admit, witness
        self._resolver = APIGatewayHttpResolver()
        self._resolver.not_found(self._nowhere)
        self._resolver.exception_handler(Exception)(self._unexpected)

    def serve(self, operation: Operation[I, O], function: Function[I, O]) -> None:
        """Have `function` do `operation`; it may raise `Refusal`."""
        stepped = self._stepped(operation, function)

        def answer(**path: str) -> Response[str]:
            return self._answer(operation, stepped, path)

        rule = operation.path.replace("{", "<").replace("}", ">")
        self._resolver.route(rule, method=_methods_of(operation))(answer)

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer an API Gateway event (payload 2.0)."""
        correlation_id = correlation_id_of(event)
        with about(correlation_id=correlation_id, request=event["requestContext"]["requestId"], **_who(event)):
            answer = self._resolver.resolve(event, context)
        answer["headers"] = {**_ALWAYS, **answer["headers"], "X-Correlation-Id": correlation_id}
        encoding.pack(answer, event.get("headers") or {})
        if answer["body"] is None or event["requestContext"]["http"]["method"] == "HEAD":
            answer |= {"body": "", "isBase64Encoded": False}
        return answer

    def _stepped(self, operation: Operation[I, O], function: Function[I, O]) -> Function[I, O]:
        for step in reversed(self._steps):
            function = partial(step, operation, go=function)
        return function

    def _answer(self, operation: Operation[I, O], function: Function[I, O], path: Mapping[str, str]) -> Response[str]:
        told: dict[str, str] = {}
        with about(operation=operation.id):
            answer = self._tried(operation, function, path, told)
            answer.headers |= told
            if self._witness:
                self._witness(operation, self._event, path, answer)
            return answer

    def _tried(
        self, operation: Operation[I, O], function: Function[I, O], path: Mapping[str, str], told: dict[str, str]
    ) -> Response[str]:
        """The answer; `told` are the headers it gets whatever it is."""
        try:
            caller, person = caller_of(operation, self._event)
            told |= self._admit(caller, person) if caller or person else {}
            insist_on_leave(operation, caller)
            request = _request(operation, self._event, path, caller, person)
            response = _response(operation, request, function(request))
        except Refusal as refusal:
            return self._refused(refusal)
        except Exception as error:  # noqa: BLE001 - caught here, the line says which operation failed
            return self._unexpected(error)
        logger.info("Answered", extra={"status": response.status_code})
        return response

    def _nowhere(self, _: Exception) -> Response[str]:
        asked = self._resolver.current_event
        methods = _methods_at(asked.path)
        if not methods or asked.http_method in methods:  # an address in characters that no address of ours has
            return self._refused(Refusal(problems.NOT_FOUND, _NOWHERE))
        allowed = ", ".join(methods)
        if asked.http_method == "OPTIONS":
            return Response(204, headers={"Allow": f"{allowed}, OPTIONS"})
        detail = f"This address takes {allowed}."
        return self._refused(Refusal(problems.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed}))

    def _unexpected(self, error: Exception) -> Response[str]:
        logger.error("Failed", extra=told(error))
        if isinstance(error, aws.FAILURES):
            detail = "Something we rely on does not answer. Nothing is lost; ask again in a moment."
            return self._refused(Refusal(problems.UNAVAILABLE, detail, headers={"Retry-After": problems.RETRY_AFTER_S}))
        return self._refused(Refusal(problems.INTERNAL, "We know of it. If it lasts, tell us the correlation id."))

    def _refused(self, refusal: Refusal) -> Response[str]:
        logger.info("Refused", extra={"problem": refusal.kind.slug, "status": refusal.kind.status})
        document = json.dumps(refusal.document(correlation_id_of(self._event)))
        return Response(refusal.kind.status, problems.CONTENT_TYPE, document, refusal.headers)

    @property
    def _event(self) -> dict[str, Any]:
        event: dict[str, Any] = self._resolver.current_event.raw_event
        return event


def _who(event: Mapping[str, Any]) -> dict[str, str]:
    """The ids a caller is logged by; of a person its id as a member, and nothing else."""
    context = authorized(event)
    known = {name: str(context[name]) for name in ("workspace", "key_id") if name in context}
    subject = str(context.get("subject", ""))
    return known | ({"member": subject} if re.fullmatch(PATH_PATTERNS["member"], subject) else {})


def _methods_at(path: str) -> list[str]:
    """The methods an address takes; none where there is no such address."""
    return sorted({method for rule, methods in _addresses() if rule.fullmatch(path) for method in methods})


@cache
def _addresses() -> tuple[tuple[re.Pattern[str], list[str]], ...]:
    return tuple((re.compile(re.sub(r"{\w+}", "[^/]+", each.path)), _methods_of(each)) for each in OPERATIONS)


def _methods_of(operation: Operation[I, O]) -> list[str]:
    return ["GET", "HEAD"] if operation.method == "GET" else [operation.method]


# Reading


def _request(
    operation: Operation[I, O],
    event: Mapping[str, Any],
    path: Mapping[str, str],
    caller: Principal | None,
    person: str,
) -> Request[I]:
    _insist_on_address(operation, path)
    headers = event.get("headers") or {}
    query = event.get("queryStringParameters") or {}
    if operation.has_body:
        taken = validation.parsed(operation.takes, body.document(event))
        _insist_on_no_query(query)
    else:
        body.insist_on_text(query)
        taken = validation.parsed(operation.takes, query)
    return Request(taken, caller, path, headers, correlation_id_of(event), person)


def _insist_on_address(operation: Operation[I, O], path: Mapping[str, str]) -> None:
    for name, value in path.items():
        if not re.fullmatch(PATH_PATTERNS[name], value):
            raise problems.missing(name) if operation.least else Refusal(problems.NOT_FOUND, _NOWHERE)


def _insist_on_no_query(query: Mapping[str, str]) -> None:
    for name in query:
        field = body.field_path("", name)
        raise problems.invalid(field, "This takes no query.", "Put it into the body.")


# Answering


def _response(operation: Operation[I, O], request: Request[I], answer: Answer[O]) -> Response[str]:
    sent = content(answer.body)
    status, headers = answer.status or operation.status, dict(answer.headers)
    if operation.tagged and sent:
        headers["ETag"] = etag.of(sent)
    if operation.tagged and operation.method == "GET":
        known = etag.known(request.headers, headers)
        if known:
            return Response(304, headers={**headers, "ETag": known})
    if answer.body is None:
        return Response(status, headers=headers)
    return Response(status, answer.content_type, sent.decode(), headers)
