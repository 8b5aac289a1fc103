"""The client is what the document makes of it, and asks each operation as the document says."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from layers.client.generator.__main__ import CLIENT, DOCUMENT, PACKAGES, generated
from layers.client.generator.document import Described, Document
from layers.client.generator.schemas import annotation
from postroom_client import Postroom, schemas

API = Document(json.loads(DOCUMENT.read_text()))
OPERATIONS = [pytest.param(operation, id=operation.name) for operation in API.operations]
MODELS = [name for name, node in API.schemas.items() if "properties" in node and name in API.homes]


def committed() -> dict[str, str]:
    """The generated files as they lie there."""
    files = [path for name in PACKAGES for path in (CLIENT / name).glob("*.py")]
    return {str(path.relative_to(CLIENT)): path.read_text() for path in files}


def test_the_committed_client_is_what_the_document_makes(tmp_path: Path) -> None:
    assert committed() == generated(API, tmp_path), "run: make client"


def test_generated_files_are_short() -> None:
    assert {name: text.count("\n") for name, text in committed().items() if text.count("\n") > 250} == {}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_a_method_that_takes_what_it_takes(operation: Described) -> None:
    taken = inspect.signature(getattr(Postroom, operation.name)).parameters
    wanted = [each["name"] for where in ("path", "query") for each in operation.parameters(where)]
    headers = {"Idempotency-Key": "idempotency_key", "If-Match": "if_match"}
    wanted += [name for header, name in headers.items() if operation.takes(header)]
    assert {name.rstrip("_") for name in taken} - {"self", "body"} == set(wanted)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_type_that_is_told_is_there(operation: Described) -> None:
    method = inspect.unwrap(getattr(Postroom, operation.name))
    assert "return" in get_type_hints(method, {**method.__globals__, "Any": Any})


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_fields_it_is_described_with(name: str) -> None:
    model, node = getattr(schemas, name), API.schemas[name]
    assert (model.__required_keys__ | model.__optional_keys__) == set(node["properties"])
    assert "closed" not in node


@pytest.mark.parametrize("name", MODELS)
def test_what_must_be_there_is_said_to_be(name: str) -> None:
    (made,) = (
        each
        for each in ast.parse(committed()[f"schemas/{API.homes[name]}.py"]).body
        if isinstance(each, ast.ClassDef) and each.name == name
    )
    fields = [each for each in made.body if isinstance(each, ast.AnnAssign)]
    said = {ast.unparse(each.target) for each in fields if "NotRequired" not in ast.unparse(each.annotation)}
    assert said == set(API.schemas[name].get("required", ()))


@pytest.mark.parametrize(
    ("node", "typed"),
    [
        ({"type": "string", "maxLength": 3}, "str"),
        ({"type": "array", "items": {"type": "integer"}}, "list[int]"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "str | None"),
        ({"anyOf": [{"type": "string"}, {"type": "string", "format": "date"}]}, "str"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "dict[str, float]"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"enum": ["a", "b"], "type": "string"}, "Literal['a', 'b']"),
        ({"const": "a"}, "Literal['a']"),
        ({"$ref": "#/components/schemas/Content", "description": "It."}, "Content"),
        ({}, "Any"),
    ],
)
def test_a_schema_becomes_the_type_of_what_fits_it(node: dict[str, Any], typed: str) -> None:
    assert annotation(node) == typed


@pytest.mark.parametrize("node", [{"allOf": [{"type": "string"}]}, {"type": "object", "properties": {}}, {"type": "x"}])
def test_a_schema_that_is_not_understood_is_refused(node: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="What type is"):
        annotation(node)
