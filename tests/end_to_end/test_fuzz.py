"""The deployed API, asked by a fuzzer that has read its OpenAPI document; `tests/functions/test_fuzz.py` asks more."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema

from tests.end_to_end.world import World
from tests.functions import fuzzing
from web.contract import OPERATIONS
from web.operation import Operation

SCENARIOS, STEPS = 35, 8


@pytest.fixture(scope="module")
def schema(world: World) -> BaseSchema:
    return schemathesis.openapi.from_dict(world.http.get("/v1/openapi.json").raise_for_status().json())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_an_operation_answers_as_it_is_described(
    world: World, schema: BaseSchema, operation: Operation[Any, Any]
) -> None:
    caller = {"base_url": world.cloud.api_url, "headers": {"Authorization": f"Bearer {world.key}"}}
    fuzzing.asked(schema, operation, GenerationMode.POSITIVE, examples=1, caller=lambda: caller)


def test_what_links_lead_to_answers_as_it_is_described(world: World, schema: BaseSchema) -> None:
    def somebody_new() -> dict[str, Any]:
        _, key = world.cloud.workspace("Fuzz")
        return {"base_url": world.cloud.api_url, "headers": {"Authorization": f"Bearer {key}"}}

    done = fuzzing.walked(schema, scenarios=SCENARIOS, steps=STEPS, caller=somebody_new)
    assert done.total() > 0
