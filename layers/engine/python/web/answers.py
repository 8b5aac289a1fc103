"""An operation's answers as OpenAPI describes them: what it gives, what it is refused for, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from web import problems
from web.contract import OPERATIONS
from web.operation import Operation
from web.problems import ProblemType, Refusal

Node = dict[str, Any]

REF = "#/components/schemas/{model}"
_HEADERS = {
    "X-Correlation-Id": "Names this request in all logs.",
    "ETag": "Changes when what was read does.",
    "Last-Modified": "When it was last written.",
    "Location": "Where it is read.",
    "Retry-After": "How many seconds to wait before asking again.",
    "WWW-Authenticate": "How a caller makes itself known.",
    "Allow": "What this address takes.",
    "Accept-Encoding": "What a body may be packed with: identity, that is nothing.",
    "Idempotent-Replayed": "`true` where this was done before, with the same Idempotency-Key.",
    "RateLimit-Policy": 'How many requests (q) in how many seconds (w), as `"caller";q=1200;w=60`.',
    "RateLimit": 'How many are left (r) for how many seconds (t), as `"caller";r=1199;t=42`.',
    "RateLimit-Limit": "Of the limit that is nearer: how many requests.",
    "RateLimit-Remaining": "… how many of them are left.",
    "RateLimit-Reset": "… in how many seconds they are all there again.",
}
_LIMITS = tuple(name for name in _HEADERS if name.startswith("RateLimit"))
_OWN_HEADERS = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    415: ("Accept-Encoding",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
_OF_PROBLEM = {problems.IN_PROGRESS: ("Retry-After",), problems.ALREADY_DONE: ("Location",)}
CORRELATION_ID = "0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d"


def text(says: str, **limits: str) -> Node:
    """A header or parameter that is text."""
    return {"description": says, "schema": {"type": "string", **limits}}


def headers() -> Node:
    """Every header there is, by name."""
    return {name: text(says) for name, says in _HEADERS.items()}


def models(operation: Operation[Any, Any]) -> dict[int, type[BaseModel]]:
    """The models an operation answers with, by status."""
    own = {operation.status: operation.gives} if issubclass(operation.gives, BaseModel) else {}
    return {**own, **operation.also}


def json_content(model: type[BaseModel], example: object = None) -> Node:
    """A body of that model."""
    shown = {} if example is None else {"example": example}
    return {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}, **shown}}


def responses(operation: Operation[Any, Any], examples: Node) -> Node:
    """All answers of an operation by status; `examples` of bodies likewise."""
    own = _content(operation, examples.get(str(operation.status)))
    answers: dict[int, Node] = {operation.status: _answer(operation, operation.summary, own, made=True)}
    if operation.tagged and operation.method == "GET":
        answers[304] = _answer(operation, "It is still what If-None-Match names.")
    for status, model in operation.also.items():
        content = json_content(model, examples.get(str(status)))
        answers[status] = _answer(operation, (model.__doc__ or "").strip(), content)
    for kind in _problems(operation):
        known = answers.get(kind.status)
        answers[kind.status] = _problem(kind) if known is None else _also(known, kind)
    return {str(status): answer for status, answer in sorted(answers.items())}


def _content(operation: Operation[Any, Any], example: object) -> Node:
    if issubclass(operation.gives, BaseModel):
        return json_content(operation.gives, example)
    if operation.gives is bytes:
        return {kind: {"schema": {} if "json" in kind else {"type": "string"}} for kind in operation.content_types}
    return {}


def _answer(operation: Operation[Any, Any], says: str, content: Node | None = None, *, made: bool = False) -> Node:
    names = ["X-Correlation-Id", *(_LIMITS if made and operation.least else ())]  # all carry them: the guide says so
    if operation.tagged and (content or not made):
        names.append("ETag")
    if made and operation.status in {201, 202, 302}:
        names.append("Location")
    if made and operation.takes_key:
        names.append("Idempotent-Replayed")
    described: Node = {"description": says, "headers": _named(*names)}
    if content:
        described["content"] = content
    links = _links(operation) if made else {}
    return {**described, "links": links} if links else described


def _named(*names: str) -> Node:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


# Links: what the id in an answer is good for


def _links(operation: Operation[Any, Any]) -> Node:
    """From what is made or listed at an address to everything that can be done with one below it."""
    if not issubclass(operation.gives, BaseModel) or "{" in operation.path:
        return {}
    fields = operation.gives.model_fields
    at = "/id" if "id" in fields else "/items/0/id" if "cursor" in operation.takes.model_fields else ""
    links = dict(_below(operation.path, f"$response.body#{at}")) if at else {}
    if "deliveries" in fields:
        links |= dict(_below("/v1/deliveries", "$response.body#/deliveries/0/id"))
    return links


def _below(path: str, expression: str) -> Iterator[tuple[str, Node]]:
    for operation in OPERATIONS:
        part = re.fullmatch(re.escape(path) + r"/{(\w+)}(/[a-z-]+)?", operation.path)
        if part and operation.least:
            link = {"operationId": operation.id, "parameters": {part[1]: expression}, "description": operation.summary}
            yield operation.id, link


# Problems


def problem_kinds() -> list[ProblemType]:
    """Every kind of problem this API answers, by status."""
    shared = [kind for kind in vars(problems).values() if isinstance(kind, ProblemType)]
    named = [kind for operation in OPERATIONS for kind in operation.problems]
    return sorted(dict.fromkeys([*shared, *named]), key=lambda kind: kind.status)


def problem_table() -> str:
    """All of them, for people."""
    rows = [f"| `{kind.slug}` | {kind.status} | {kind.title} | {kind.remedy} |" for kind in problem_kinds()]
    head = "## Problems\n\n`type` is `urn:postroom:problem:` and one of these.\n"
    return "\n".join((head, "| type | status | what it means | what to do |", "| --- | --- | --- | --- |", *rows, ""))


def problem_examples() -> Node:
    """An example of each."""
    return {kind.slug: {"summary": kind.title, "value": _example(kind)} for kind in problem_kinds()}


def _example(kind: ProblemType) -> Node:
    if kind in {problems.INVALID, problems.UNFIT}:
        wrong = problems.invalid("targets[0].channel", "This field is required.", "Add it.")
        return Refusal(kind, wrong.detail, errors=wrong.errors).document(CORRELATION_ID)
    return Refusal(kind, kind.title).document(CORRELATION_ID)


def _problem(kind: ProblemType) -> Node:
    own = {*_OWN_HEADERS.get(kind.status, ()), *_OF_PROBLEM.get(kind, ())}
    limits = _LIMITS if kind is problems.RATE_LIMITED else ()
    shown = {kind.slug: {"$ref": f"#/components/examples/{kind.slug}"}}
    return {
        "description": f"`{kind.uri}`: {kind.title}",
        "headers": _named("X-Correlation-Id", *limits, *sorted(own)),
        "content": {
            problems.CONTENT_TYPE: {"schema": {"$ref": REF.format(model="ProblemDocument")}, "examples": shown}
        },
    }


def _also(answer: Node, kind: ProblemType) -> Node:
    """An answer that may as well be this problem."""
    problem = _problem(kind)
    content, more = dict(answer.get("content", {})), problem["content"][problems.CONTENT_TYPE]
    examples = {**content.get(problems.CONTENT_TYPE, {}).get("examples", {}), **more["examples"]}
    content[problems.CONTENT_TYPE] = {**more, "examples": examples}
    return {
        **answer,
        "description": f"{answer['description']} {problem['description']}",
        "headers": {**answer["headers"], **problem["headers"]},
        "content": content,
    }


def _problems(operation: Operation[Any, Any]) -> Iterator[ProblemType]:
    """Everything an operation may be refused for: its own reasons, and those all like it share."""
    if operation.least:
        yield from (problems.UNAUTHENTICATED, problems.FORBIDDEN, problems.RATE_LIMITED)
    if operation.least and operation.changes:
        yield problems.SUSPENDED
    if "{" in operation.path:
        yield problems.NOT_FOUND
    if operation.has_body:
        yield from (problems.MALFORMED, problems.TOO_LARGE, problems.NOT_JSON)
    if operation.least:
        yield problems.INVALID
    if operation.tagged and operation.method != "GET":
        yield problems.CHANGED
    if operation.takes_key and not operation.idempotent:
        yield from (problems.IN_PROGRESS, problems.ALREADY_DONE, problems.UNFINISHED, problems.KEY_REUSED)
    yield from operation.problems
    yield from (problems.INTERNAL, problems.UNAVAILABLE)
