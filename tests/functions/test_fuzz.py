from __future__ import annotations

import json
import os
from functools import reduce
from typing import Any

import pytest
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema

from publishing import ids
from tests.cloud import Cloud
from tests.functions import fuzzing
from tests.functions.front import Front
from tests.functions.ours import Ours
from tests.functions.service import Service
from web import openapi
from web.contract import OPERATIONS
from web.operation import Operation

EXAMPLES, SCENARIOS = (int(os.environ.get(name, least)) for name, least in (("EXAMPLES", 5), ("SCENARIOS", 25)))
KEY = {"Authorization": "Bearer pr_of_an_admin", "Accept-Encoding": "identity"}  # WSGI clients unpack nothing


@pytest.fixture(scope="module")
def schema(deployment: Cloud) -> BaseSchema:  # noqa: ARG001 - it is there meanwhile
    found = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi.document())))
    found.app = Front(ids.new("ws"))
    return found


def wrong(operation: Operation[Any, Any]) -> bool:
    """Whether anything can be wrong with a request: what takes no field takes whatever comes."""
    return operation.least is not None or "{" in operation.path


ASKED = [(operation, GenerationMode.POSITIVE) for operation in OPERATIONS]
ASKED += [(operation, GenerationMode.NEGATIVE) for operation in OPERATIONS if wrong(operation)]


@pytest.mark.parametrize(("operation", "mode"), ASKED, ids=lambda each: getattr(each, "id", each))
def test_an_operation_answers_as_it_is_described(
    schema: BaseSchema, operation: Operation[Any, Any], mode: GenerationMode
) -> None:
    fuzzing.asked(schema, operation, mode, examples=EXAMPLES, caller=lambda: {"headers": KEY})


def test_what_links_lead_to_answers_as_it_is_described(schema: BaseSchema) -> None:
    def somebody_new() -> dict[str, Any]:
        schema.app.workspace = ids.new("ws")
        return {"headers": KEY}

    done = fuzzing.walked(schema, scenarios=SCENARIOS, steps=10, caller=somebody_new)
    assert done.total() > 0  # how much is chance; that links lead somewhere is asked below


NAMED = {each.path.partition("/{")[0] for each in OPERATIONS if "/{" in each.path}
MAKING = [each for each in OPERATIONS if each.status in {201, 202} and each.path in NAMED]


@pytest.mark.parametrize("operation", MAKING, ids=lambda operation: operation.id)
def test_the_id_of_what_was_made_leads_to_it(service: Service, operation: Operation[Any, Any]) -> None:
    described = openapi.document()["paths"]
    links = described[operation.path]["post"]["responses"][str(operation.status)]["links"]
    made = Ours(service).ask(operation).json
    reading = [each for each in OPERATIONS if each.id in links and each.method == "GET"]
    followed = [service.ask("GET", _followed(each, links[each.id], made)).status for each in reading]
    assert set(followed) <= {200}


def _followed(operation: Operation[Any, Any], link: dict[str, Any], made: Any) -> str:
    """The address a link leads to; its expressions are `$response.body#` with a JSON pointer."""
    parts = {name: _at(made, expression.partition("#")[2]) for name, expression in link["parameters"].items()}
    return operation.path.format(**parts)


def _at(made: Any, pointer: str) -> Any:
    steps = pointer.removeprefix("/").split("/")
    return reduce(lambda node, step: node[int(step) if isinstance(node, list) else step], steps, made)
