"""A value that a schema describes, for whoever would rather look than read: what is required, no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.page.schemas import Node, name_of

_PLAIN = {"string": "…", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def sample(schema: Node, models: Mapping[str, Node]) -> Any:
    """The schema's own example, else one put together of its fields' examples."""
    if "example" in schema:
        return schema["example"]
    if examples := schema.get("examples"):
        return examples[0]
    if name := name_of(schema):
        return sample(models[name], models)
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return sample(alternatives[0], models)
    return _made(schema, models)


def _made(schema: Node, models: Mapping[str, Node]) -> Any:
    match schema:
        case {"const": value}:
            return value
        case {"enum": [first, *_]}:
            return first
        case {"type": "array"}:
            return [sample(schema.get("items", {}), models)]
        case {"type": "object"}:
            wanted = [name for name in schema.get("properties", {}) if name in schema.get("required", ())]
            return {name: sample(schema["properties"][name], models) for name in wanted}
        case _:
            return _PLAIN.get(str(schema.get("type")), "…")
