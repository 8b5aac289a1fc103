"""A fuzzer that has read the OpenAPI document asks operations, one by one and along its links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks as openapi_checks

from web.operation import Operation

CHECKS: list[Any] = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
_BOUNDED: Any = {"phases": [Phase.generate], "suppress_health_check": list(HealthCheck), "database": None}

Caller = Callable[[], Mapping[str, Any]]  # what a call is made with: the caller's headers, and where to


def asked(
    schema: BaseSchema, operation: Operation[Any, Any], mode: GenerationMode, *, examples: int, caller: Caller
) -> None:
    """Ask an operation so often, in order or not."""
    described = schema[operation.path][operation.method]

    @given(case=described.as_strategy(generation_mode=mode))
    @settings(max_examples=examples, **_BOUNDED)
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, **caller())

    ask()


def walked(schema: BaseSchema, *, scenarios: int, steps: int, caller: Caller) -> Counter[str]:
    """Follow the links so often and so far, each time as a new `caller`; answers what was done how often."""
    done: Counter[str] = Counter()

    class Linked(schema.as_state_machine()):  # type: ignore[misc]  # a class made for this document
        def setup(self) -> None:
            super().setup()
            self.told = caller()  # what a scenario finds hangs on itself alone

        def get_call_kwargs(self, _: Any) -> Mapping[str, Any]:
            return self.told

        def validate_response(self, response: Any, case: Any, additional_checks: Any = (), **_: Any) -> None:
            case.validate_response(response, checks=[*CHECKS, *additional_checks])
            done[case.operation.definition.raw["operationId"]] += response.status_code < 300

    Linked.run(settings=settings(max_examples=scenarios, stateful_step_count=steps, **_BOUNDED))
    return done
