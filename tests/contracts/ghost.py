"""Ghost: the JSON schemas its Admin API validates with (npm @tryghost/admin-api-schema, MIT)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jsonschema import Draft7Validator, ValidationError
from referencing import Registry, Resource

from tests.contracts import places
from tests.contracts.asked import Asked

SCHEMAS = ("@tryghost", "admin-api-schema", "lib", "schemas")
API = "/ghost/api/admin/"
VERBS = {"POST": "add", "PUT": "edit"}


def covers(asked: Asked) -> bool:
    return API in asked.path and asked.body is not None


def violations(asked: Sequence[Asked]) -> list[str]:
    return [f"{each}: {error.json_path} {error.message[:300]}" for each in asked for error in _errors(each)]


def _errors(asked: Asked) -> list[ValidationError]:
    thing = asked.path.partition(API)[2].split("/")[0]
    return list(_validator(f"{thing}-{VERBS[asked.method]}").iter_errors(asked.body))


@cache
def _validator(name: str) -> Draft7Validator:
    known = [places.document(path) for path in sorted(places.of_node(*SCHEMAS).glob("*.json"))]
    registry = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in known)
    return Draft7Validator(places.document(places.of_node(*SCHEMAS, f"{name}.json")), registry=registry)
