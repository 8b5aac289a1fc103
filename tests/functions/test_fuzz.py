from __future__ import annotations

import json
import os
from typing import Any

import pytest
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema

from publishing import ids
from tests.cloud import Cloud
from tests.functions import fuzzing
from tests.functions.front import Front
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
    below = [operation.id for operation in OPERATIONS if "{" in operation.path and done[operation.id]]
    assert len(below) > 3, "links led nowhere"
