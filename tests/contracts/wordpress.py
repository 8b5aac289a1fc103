"""WordPress: JSON schemas of what its REST API holds (npm wp-json-schemas, MIT): what may be written, and of what type.

What has a raw and a rendered form is written as its raw text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from urllib.parse import urljoin

from jsonschema import Draft201909Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT201909

from tests.contracts import places
from tests.contracts.asked import Asked

API = "/wp-json/wp/v2/"
SCHEMAS = ("wp-json-schemas", "schemas", "rest-api")
KINDS = {"posts": "post.json", "media": "attachment.json", "tags": "tag.json"}


def covers(asked: Asked) -> bool:
    return API in asked.path and asked.method == "POST"


def violations(asked: Sequence[Asked]) -> list[str]:
    return [f"{each}: {told}" for each in asked for told in _of(each)]


def _of(asked: Asked) -> Iterator[str]:
    thing = asked.path.partition(API)[2].split("/")[0]
    if thing not in KINDS:
        yield "there is no such collection"
        return
    known = _properties(places.document(places.of_node(*SCHEMAS, KINDS[thing]))["$id"])
    said = asked.body if isinstance(asked.body, dict) else asked.form
    for name, value in said.items():
        yield from _objections(known, name, value)


def _objections(known: dict[str, tuple[str, dict[str, Any]]], name: str, value: object) -> Iterator[str]:
    uri, schema = known.get(name, ("", {}))
    if not uri:
        yield f"no field {name}"
    elif schema.get("readOnly"):
        yield f"{name} is read only"
    elif not (isinstance(value, str) and "raw" in schema.get("properties", {})):
        validator = Draft201909Validator({"$ref": f"{uri}#/properties/{name}"}, registry=_registry())
        yield from (f"{name}: {error.message[:200]}" for error in validator.iter_errors(value))


@cache
def _registry() -> Registry[Any]:
    files = places.of_node(*SCHEMAS[:2]).rglob("*.json")
    known = [places.document(path) for path in files]
    return Registry().with_resources((each["$id"], Resource.from_contents(each, DRAFT201909)) for each in known)


def _properties(uri: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """A schema's properties and those of the schemas it is made of, each with the address of its own."""
    schema = _registry().contents(uri)
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for part in schema.get("allOf", ()):
        found |= _properties(urljoin(uri, part["$ref"])) if "$ref" in part else {}
    return found | {name: (uri, each) for name, each in schema.get("properties", {}).items()}
