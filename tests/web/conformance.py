"""Whether answers are what the OpenAPI document promises."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.web.gateway import Reply
from web import openapi


@cache
def described() -> dict[str, Any]:
    """The document, as the code makes it now."""
    return openapi.document()


def insist(method: str, path: str, reply: Reply) -> None:
    """Fail where `reply` is not among the answers described for this request; addresses nobody described are fine."""
    operations = [operation for template, operation in described()["paths"].items() if _is(template, path)]
    verb = "get" if method == "HEAD" else method.lower()
    for operation in (found[verb] for found in operations if verb in found):
        assert str(reply.status) in operation["responses"], f"{operation['operationId']} never answers {reply.status}"
        _insist(operation["responses"][str(reply.status)], reply)


def _is(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path) is not None


def _insist(described_answer: dict[str, Any], reply: Reply) -> None:
    content = described_answer.get("content", {})
    if not reply.text:
        return
    kind = reply.headers["Content-Type"].partition(";")[0]
    assert kind in content, f"{kind} is not described"
    if "json" in kind:
        schema = {**content[kind]["schema"], "components": described()["components"]}
        Draft202012Validator(schema).validate(reply.json)
