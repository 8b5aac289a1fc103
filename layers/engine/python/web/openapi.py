"""The OpenAPI 3.1 document, made of the contract and its models: `python -m web.openapi > functions/api/openapi.json`.

Made while building; at run time the file is served as it lies there.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from web import notices, problems
from web.contract import OPERATIONS
from web.operation import PATH_PATTERNS, Operation
from web.problems import ProblemType
from web.request import IDEMPOTENCY_KEY
from web.schemas.base import ProblemDocument

Node = dict[str, Any]
Moded = tuple[type[BaseModel], JsonSchemaMode]

_REF = "#/components/schemas/{model}"
_DESCRIPTION = """\
One HTTPS API that publishes content to every platform and mailing list, each target exactly once.

Errors are RFC 9457 problems (`application/problem+json`); their `type` is stable. Every answer carries
`X-Correlation-Id`, which is the caller's own where one of 8 to 128 of the characters `A-Z a-z 0-9 . _ -` was sent.
What a request holds beyond what is described is refused.
"""


def document() -> Node:
    """The whole document."""
    _, components = models_json_schema(_models(), ref_template=_REF, schema_generator=_Untitled)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Postroom", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": _paths(),
        "webhooks": {
            each.kind.value: notices.document(each, _REF.format(model=each.model.__name__))
            for each in notices.DESCRIBED
        },
        "components": {
            "securitySchemes": {"bearer": _BEARER},
            "schemas": components["$defs"],
            "headers": {name: _text(says) for name, says in _HEADERS.items()},
        },
    }


class _Untitled(GenerateJsonSchema):
    """Schemas whose fields go without a title: it would be the field's name once more."""

    def field_title_should_be_set(self, _: object) -> bool:
        return False


_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key (`pr_…`), or a JWT of the configured issuer whose subject is a member of the workspace. "
    "Members of several name one in the header `X-Workspace` or the claim `workspace`; a claim `role` lowers theirs.",
}
_HEADERS = {
    "X-Correlation-Id": "Names this request in all logs.",
    "ETag": "Changes when what was read does.",
    "Location": "Where it is read.",
    "Retry-After": "How many seconds to wait before asking again.",
    "WWW-Authenticate": "How a caller makes itself known.",
    "Allow": "What this address takes.",
}


def _text(says: str, **limits: str) -> Node:
    return {"description": says, "schema": {"type": "string", **limits}}


def _models() -> list[Moded]:
    found: dict[Moded, None] = {(ProblemDocument, "serialization"): None}
    found |= {(each.model, "serialization"): None for each in notices.DESCRIBED}
    for operation in OPERATIONS:
        if operation.has_body:
            found[operation.takes, "validation"] = None
        for model in _answers(operation).values():
            found[model, "serialization"] = None
    return list(found)


def _answers(operation: Operation[Any, Any]) -> dict[int, type[BaseModel]]:
    own = {operation.status: operation.gives} if issubclass(operation.gives, BaseModel) else {}
    return {**own, **operation.also}


def _paths() -> Node:
    paths: Node = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return paths


def _operation(operation: Operation[Any, Any]) -> Node:
    described: Node = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": _needs(operation),
        "tags": [operation.path.split("/")[2].removesuffix(".json")],
        "parameters": list(_parameters(operation)),
        "responses": {str(status): answer for status, answer in sorted(_responses(operation).items())},
    }
    if operation.has_body:
        described["requestBody"] = {"required": _has_required(operation.takes), "content": _json(operation.takes)}
    if operation.least is None:
        described["security"] = []
    return described


def _needs(operation: Operation[Any, Any]) -> str:
    if operation.outsiders:
        return "Needs any role, or a token of the issuer alone: its bearer need not be a member of a workspace."
    return f"Needs the role {operation.least.value}." if operation.least else "Public."


def _has_required(model: type[BaseModel]) -> bool:
    return any(field.is_required() for field in model.model_fields.values())


def _parameters(operation: Operation[Any, Any]) -> Iterator[Node]:
    for name in re.findall(r"{(\w+)}", operation.path):
        schema = {"type": "string", "pattern": f"^{PATH_PATTERNS[name]}$"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if operation.idempotent:
        yield {"name": "Idempotency-Key", "in": "header", **_text(_IDEMPOTENCY, pattern=f"^({IDEMPOTENCY_KEY})$")}
    for name, says in _conditions(operation):
        yield {"name": name, "in": "header", **_text(says)}
    if not operation.has_body:
        yield from _query(operation.takes.model_json_schema())


def _query(taken: Node) -> Iterator[Node]:
    for name, schema in taken.get("properties", {}).items():
        required = {"required": True} if name in taken.get("required", ()) else {}
        yield {"name": name, "in": "query", **required, "schema": schema}


def _conditions(operation: Operation[Any, Any]) -> Iterator[tuple[str, str]]:
    if operation.tagged and operation.method == "GET":
        yield "If-None-Match", "An ETag: answer 304 if it is still this."
    if operation.tagged and operation.method != "GET":
        yield "If-Match", "An ETag: only change it if it is still this, else answer 412."


_IDEMPOTENCY = """\
8 to 255 of the characters A-Z a-z 0-9 _ -, bare or quoted. Optional, and wise: the same key with the same request is
answered with what it led to the first time, as it stands now, for as long as that is kept."""


def _responses(operation: Operation[Any, Any]) -> dict[int, Node]:
    answers: dict[int, Node] = {operation.status: _answer(operation, operation.summary, _content(operation))}
    if operation.tagged and operation.method == "GET":
        answers[304] = _answer(operation, "It is still what If-None-Match names.")
    for status, model in operation.also.items():
        answers[status] = _answer(operation, (model.__doc__ or "").strip(), _json(model))
    for kind in _problems(operation):
        known = answers.get(kind.status)
        answers[kind.status] = _problem(kind) if known is None else _also(known, kind)
    return answers


def _content(operation: Operation[Any, Any]) -> Node:
    if issubclass(operation.gives, BaseModel):
        return _json(operation.gives)
    if operation.gives is bytes:
        return {kind: {"schema": {} if "json" in kind else {"type": "string"}} for kind in operation.content_types}
    return {}


def _json(model: type[BaseModel]) -> Node:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _answer(operation: Operation[Any, Any], says: str, content: Node | None = None) -> Node:
    names = ["X-Correlation-Id", *(["ETag"] if operation.tagged else [])]
    if operation.status in {201, 202}:
        names.append("Location")
    described: Node = {"description": says, "headers": _headers(*names)}
    return {**described, "content": content} if content else described


def _headers(*names: str) -> Node:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problem(kind: ProblemType) -> Node:
    own = _OWN_HEADERS.get(kind.status, ())
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="ProblemDocument")}}}
    return {
        "description": f"`{kind.uri}`: {kind.title}",
        "headers": _headers("X-Correlation-Id", *own),
        "content": content,
    }


def _also(answer: Node, kind: ProblemType) -> Node:
    """An answer that may as well be this problem."""
    problem = _problem(kind)
    return {
        "description": f"{answer['description']} {problem['description']}",
        "headers": {**answer["headers"], **problem["headers"]},
        "content": {**answer.get("content", {}), **problem["content"]},
    }


_OWN_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}


def _problems(operation: Operation[Any, Any]) -> Iterator[ProblemType]:
    """Everything an operation may be refused for: its own reasons, and those all like it share."""
    if operation.least:
        yield problems.UNAUTHENTICATED
    if operation.least:
        yield problems.FORBIDDEN
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
    yield from operation.problems
    yield from (problems.INTERNAL, problems.UNAVAILABLE)


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
