"""YouTube: Google's discovery document (PyPI google-api-python-client, Apache-2.0). A resumable session has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.contracts import places
from tests.contracts.asked import Asked, fits

WHERE = ("googleapiclient", "discovery_cache", "documents", "youtube.v3.json")
OF_UPLOADS = {"uploadType", "upload_id"}
KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}


def covers(asked: Asked) -> bool:
    return "/youtube/v3/" in asked.path and asked.method != "PUT"


def violations(asked: Sequence[Asked]) -> list[str]:
    document = places.document(places.of_python(*WHERE))
    return [f"{each}: {told}" for each in asked for told in _of(document, each)]


def _of(document: dict[str, Any], asked: Asked) -> Iterator[str]:
    method = next((each for each in _methods(document) if _is_at(each, asked)), None)
    if method is None:
        yield "there is no such method"
        return
    known = document["parameters"] | method["parameters"]
    yield from (f"no parameter {name}" for name, _ in asked.query if name not in known.keys() | OF_UPLOADS)
    yield from (f"{name} is missing" for name in method.get("parameterOrder", ()) if name not in dict(asked.query))
    if asked.body is not None:
        yield from _mismatches(document["schemas"], method["request"], asked.body, "")


def _methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for each in resource.get("resources", {}).values():
        yield from _methods(each)


def _is_at(method: dict[str, Any], asked: Asked) -> bool:
    uploads = method.get("mediaUpload", {}).get("protocols", {})
    paths = ["/" + method["path"], *(each["path"] for each in uploads.values())]
    return method["httpMethod"] == asked.method and any(fits(asked.path, path) for path in paths)


def _mismatches(schemas: dict[str, Any], schema: dict[str, Any], value: object, where: str) -> Iterator[str]:
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    if not isinstance(value, KINDS[schema["type"]]):
        yield f"{where} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where} cannot be {value}"
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        for name, inner in value.items():
            if name not in properties:
                yield f"no field {where}.{name}"
            else:
                yield from _mismatches(schemas, properties[name], inner, f"{where}.{name}")
