"""What a schema of the document says, for a reader: its type in a few words, its limits, its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from web.page.html import Html, code, phrase, table, tag, text

Node = Mapping[str, Any]

_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "minimum": "from {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "to {}",
    "pattern": "like {}",
}


def name_of(schema: Node) -> str:
    """The name of the model a schema refers to; empty where it refers to none."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def anchor(model: str) -> str:
    """Where on the page a model is described."""
    return f"model-{model}"


def kind(schema: Node) -> Html:
    """The type in a few words, with links to the models in it."""
    if name := name_of(schema):
        return tag("a", text(name), href=f"#{anchor(name)}")
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return Html(" or ".join(kind(each) for each in alternatives))
    if values := [schema["const"]] if "const" in schema else schema.get("enum"):
        return Html(", ".join(code(str(each)) for each in values))
    return _shape(schema)


def _shape(schema: Node) -> Html:
    match schema:
        case {"type": "array"}:
            return Html(f"list of {kind(schema.get('items', {}))}")
        case {"additionalProperties": Mapping() as values}:
            return Html(f"object of {kind(values)}")
        case _:
            return text(str(schema.get("type", "anything")))


def limits(schema: Node) -> Iterator[str]:
    """What a value must keep to, beyond its type."""
    yield from (says.format(schema[limit]) for limit, says in _LIMITS.items() if limit in schema)
    for each in schema.get("anyOf", ()):
        yield from limits(each)


def fields(schema: Node) -> Html:
    """The fields of an object as a table."""
    required = set(schema.get("required", ()))
    rows = [
        (code(name), kind(field), _need(name in required, field), _said(field))
        for name, field in schema.get("properties", {}).items()
    ]
    return table(("Field", "Type", "", "What it is"), rows)


def _need(required: bool, field: Node) -> Html:  # noqa: FBT001 - one fact of the row it makes
    if required:
        return text("required")
    default = field.get("default")
    return Html("") if default in (None, "", [], {}) else Html(f"else {code(_plain(default))}")


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _said(field: Node) -> Html:
    kept, kinds = list(limits(field)), [field, *field.get("anyOf", ())]
    description = next((str(each["description"]) for each in kinds if "description" in each), "")
    examples = [str(example) for each in kinds for example in each.get("examples", ())][:1]
    parts = [phrase(description)] if description else []
    parts += [tag("small", text(f"{'; '.join(kept)}."))] if kept else []
    parts += [tag("small", text("As in "), code(example)) for example in examples]
    return Html(" ".join(parts))
