from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from web import openapi
from web.contract import OPERATIONS

COMMITTED = Path(__file__).parents[2] / "functions" / "api" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(COMMITTED.read_text())


def test_the_committed_document_is_what_the_code_makes(document: Any) -> None:
    assert document == openapi.document(), "run: python -m web.openapi > functions/api/openapi.json"


def test_the_document_is_valid(document: Any) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_operation_is_in_it(document: Any) -> None:
    described = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert sorted(described) == sorted(operation.id for operation in OPERATIONS)


def test_no_name_leads_nowhere(document: Any) -> None:
    names = set(re.findall(r'"\$ref": "#/components/(\w+)/([^"]+)"', json.dumps(document)))
    assert {name for kind, name in names if name not in document["components"][kind]} == set()


def test_every_field_a_caller_may_send_is_described(document: Any) -> None:
    schemas = document["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name in ("NewPublication", "Content", "Media", "NewChannel", "ChannelChanges", "ChannelTest", "NewApiKey")
        for field, schema in schemas[name]["properties"].items()
        if "description" not in schema and "$ref" not in schema
    ]
    assert silent == []


def test_unknown_fields_are_described_as_refused(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert {name for name, schema in schemas.items() if schema.get("additionalProperties", True) is True} == {
        name for name, schema in schemas.items() if "enum" in schema
    }


@pytest.mark.parametrize(
    ("path", "method", "required"),
    [("/v1/publications", "post", True), ("/v1/channels/{channel}/test", "post", False)],
)
def test_a_body_may_be_left_out_where_all_of_its_fields_may(
    document: Any, path: str, method: str, *, required: bool
) -> None:
    assert document["paths"][path][method]["requestBody"]["required"] is required


@pytest.mark.parametrize(("key", "fits"), [("autumn-2026", True), ('"autumn-2026"', True), ("short", False)])
def test_what_an_idempotency_key_may_be_is_described(document: Any, key: str, *, fits: bool) -> None:
    (header,) = (each for each in document["paths"]["/v1/publications"]["post"]["parameters"] if each["in"] == "header")
    assert bool(re.search(header["schema"]["pattern"], key)) is fits


def test_what_is_public_needs_no_key_and_all_else_does(document: Any) -> None:
    public = {path for path, found in document["paths"].items() if found.get("get", {}).get("security") == []}
    documents, files = {"/v1/openapi.json", "/v1/docs"}, {"/v1/feeds/{token}/{format}", "/v1/files/{workspace}/{media}"}
    assert public == {"/v1/health"} | documents | files
    assert document["security"] == [{"bearer": []}]
