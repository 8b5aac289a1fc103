from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from web import openapi
from web.answers import problem_kinds
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


def bodies(document: Any) -> Iterator[tuple[str, Any]]:
    """Every body that is described as JSON, with where it stands."""
    for path in document["paths"].values():
        for operation in path.values():
            described = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for name, each in described.items():
                if "application/json" in each.get("content", {}):
                    yield f"{operation['operationId']} {name}", each["content"]["application/json"]


WITHOUT_EXAMPLE = {"readOpenapi 200"}  # the document itself


def test_every_body_has_an_example(document: Any) -> None:
    silent = {name for name, body in bodies(document) if "example" not in body}
    assert silent == WITHOUT_EXAMPLE, "run: python -m tests.functions.examples; python -m web.openapi"


def test_every_example_is_as_it_is_described(document: Any) -> None:
    for name, body in bodies(document):
        schema = {**body["schema"], "components": document["components"]}
        wrong = [error.message for error in Draft202012Validator(schema).iter_errors(body.get("example"))]
        assert name in WITHOUT_EXAMPLE or wrong == [], name


def test_every_problem_has_an_example_that_is_one(document: Any) -> None:
    schema = {"$ref": "#/components/schemas/ProblemDocument", "components": document["components"]}
    for slug, example in document["components"]["examples"].items():
        Draft202012Validator(schema).validate(example["value"])
        assert example["value"]["type"].endswith(slug)


def test_an_id_that_is_answered_leads_to_all_that_can_be_done_with_it(document: Any) -> None:
    links = document["paths"]["/v1/publications"]["post"]["responses"]["202"]["links"]
    assert {"readPublication", "changePublication", "cancelPublication", "retryPublication"} <= set(links)
    assert links["readPublication"]["parameters"] == {"publication": "$response.body#/id"}
    assert links["readDelivery"]["parameters"] == {"delivery": "$response.body#/deliveries/0/id"}


def test_every_link_leads_to_an_operation_with_its_parameters(document: Any) -> None:
    known = {
        operation["operationId"]: {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        for path in document["paths"].values()
        for operation in path.values()
    }
    links = [
        link
        for path in document["paths"].values()
        for operation in path.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert len(links) > 30
    assert all(set(link["parameters"]) == known[link["operationId"]] for link in links)


def test_the_guide_leads_through_the_four_steps_and_names_only_what_there_is(document: Any) -> None:
    guide = document["info"]["description"]
    steps = ["Connect a channel", "Publish", "Watch it", "Recover a failure"]
    assert [step for step in steps if f"### {steps.index(step) + 1}. {step}" not in guide] == []
    named = set(re.findall(r"`(GET|POST|PATCH|PUT|DELETE) (/v1/[^` ]+)`", guide))
    assert {(method, path) for method, path in named if method.lower() not in document["paths"].get(path, {})} == set()
    assert len(named) > 10


def test_the_guide_lists_every_problem(document: Any) -> None:
    assert all(f"| `{kind.slug}` | {kind.status} |" in document["info"]["description"] for kind in problem_kinds())


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
    assert public == {operation.path for operation in OPERATIONS if operation.least is None}
    assert document["security"] == [{"bearer": []}]
