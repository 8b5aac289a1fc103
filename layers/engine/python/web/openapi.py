"""The OpenAPI 3.1 document, made of the contract and its models: `python -m web.openapi > functions/api/openapi.json`.

Made while building; at run time the file is served as it lies there. What is said in prose is `guide.md`; examples
are real answers, in `examples.json`: see `tests/functions/examples.py`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from web import answers, body, notices
from web.answers import REF, Node, text
from web.contract import OPERATIONS
from web.operation import PATH_PATTERNS, Operation
from web.request import IDEMPOTENCY_KEY
from web.schemas.base import ProblemDocument

Moded = tuple[type[BaseModel], JsonSchemaMode]

GUIDE = Path(__file__).with_name("guide.md")
EXAMPLES = Path(__file__).with_name("examples.json")


def document() -> Node:
    """The whole document."""
    _, components = models_json_schema(_models(), ref_template=REF, schema_generator=_Untitled)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Postroom", "version": "1", "description": f"{GUIDE.read_text()}\n{answers.problem_table()}"},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": _SUBJECTS.get(name, "")} for name in _tags()],
        "paths": _paths(),
        "webhooks": {
            each.kind.value: notices.document(each, REF.format(model=each.model.__name__)) for each in notices.DESCRIBED
        },
        "components": {
            "securitySchemes": {"bearer": _BEARER},
            "schemas": components["$defs"],
            "headers": answers.headers(),
            "examples": answers.problem_examples(),
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
    "Members of several name one in the header `X-Workspace` or the claim `workspace`; a claim `role` lowers theirs; "
    "with either, a token accepts no invitation.",
}
_SUBJECTS = {
    "publications": "What is published: submitted, listed, read, edited, tried again, canceled.",
    "deliveries": "What becomes of each target of a publication, and what a person decides about it.",
    "platforms": "What can be published to.",
    "series": "What is published again and again, by a rule of the calendar.",
    "channels": "Connected destinations, with their credentials and weekly slots.",
    "dead-letters": "Messages that were received in vain too often.",
    "media": "Images and videos, uploaded before they are published.",
    "files": "Where posts lead their readers to uploads.",
    "api-keys": "Who may call this API, and what for.",
    "health": "Whether the service is up.",
    "openapi": "This document.",
    "docs": "This document, as a page.",
    "feeds": "What is published to feeds, for their readers.",
}


def _tags() -> list[str]:
    return list(dict.fromkeys(map(_tag, OPERATIONS)))


def _tag(operation: Operation[Any, Any]) -> str:
    return operation.path.split("/")[2].removesuffix(".json")


def _models() -> list[Moded]:
    found: dict[Moded, None] = {(ProblemDocument, "serialization"): None}
    found |= {(each.model, "serialization"): None for each in notices.DESCRIBED}
    for operation in OPERATIONS:
        if operation.has_body:
            found[operation.takes, "validation"] = None
        for model in answers.models(operation).values():
            found[model, "serialization"] = None
    return list(found)


def _paths() -> Node:
    paths: Node = {}
    examples: Node = json.loads(EXAMPLES.read_text())
    for operation in OPERATIONS:
        described = _operation(operation, examples.get(operation.id, {}))
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return paths


def _operation(operation: Operation[Any, Any], example: Node) -> Node:
    described: Node = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": _needs(operation),
        "tags": [_tag(operation)],
        "parameters": list(_parameters(operation, example)),
        "responses": answers.responses(operation, example.get("answers", {})),
    }
    if operation.has_body:
        content = answers.json_content(operation.takes, example.get("request"))
        required = any(field.is_required() for field in operation.takes.model_fields.values())
        described["requestBody"] = {"required": required, "description": _SIZE, "content": content}
    if operation.least is None:
        described["security"] = []
    return described


def _needs(operation: Operation[Any, Any]) -> str:
    if operation.outsiders:
        return "Needs any role, or a token of the issuer alone: its bearer need not be a member of a workspace."
    return f"Needs the role {operation.least.value}." if operation.least else "Public."


_SIZE = f"At most {body.MOST_BYTES // 1024} kB, {body.MOST_DEPTH} levels deep, {body.MOST_VALUES} values."


def _parameters(operation: Operation[Any, Any], example: Node) -> Iterator[Node]:
    for name in re.findall(r"{(\w+)}", operation.path):
        schema = {"type": "string", "pattern": f"^{PATH_PATTERNS[name]}$"}
        shown = {"example": example["path"][name]} if name in example.get("path", {}) else {}
        yield {"name": name, "in": "path", "required": True, "schema": schema, **shown}
    if operation.takes_key:
        says = _OWN_KEY if operation.idempotent else _KEPT_KEY
        yield {"name": "Idempotency-Key", "in": "header", **text(says, pattern=f"^({IDEMPOTENCY_KEY})$")}
    for name, says in _conditions(operation):
        yield {"name": name, "in": "header", **text(says)}
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


_CHARACTERS = "8 to 255 of the characters A-Z a-z 0-9 _ -, bare or quoted. Optional, and wise: "
_OWN_KEY = f"{_CHARACTERS}the same key with the same request leads to the same thing, answered as it stands now."
_KEPT_KEY = (
    f"{_CHARACTERS}for 24 hours the same key with the same request is answered as it was the first time, "
    "and nothing is done again."
)


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
