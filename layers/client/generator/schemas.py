"""Writes the models as TypedDicts: what is sent and answered is JSON as it is, and mypy knows its shape."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable, Iterator, Mapping

from layers.client.generator.document import SHARED, Document, Node, names_in
from layers.client.generator.text import comment, docstring, indented

PACKAGE = "postroom_client.schemas"
_WIDTH = 116  # of what stands in a class
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def annotation(node: Node) -> str:
    """The type of what fits a schema.

    Raises:
        ValueError: it is of a kind that is not understood; better no client than one that is wrong.
    """
    if "$ref" in node:
        return str(node["$ref"]).rpartition("/")[2]
    if either := node.get("anyOf") or node.get("oneOf"):
        return " | ".join(dict.fromkeys(map(annotation, either)))
    if "enum" in node or "const" in node:
        return f"Literal[{', '.join(map(repr, node.get('enum') or [node['const']]))}]"
    if "type" not in node and not node.keys() & {"allOf", "not", "if"}:
        return "Any"
    return _typed(node)


def _typed(node: Node) -> str:
    kind = node.get("type")
    if kind == "array":
        return f"list[{annotation(node['items'])}]"
    if kind == "object" and "properties" not in node:
        values = node.get("additionalProperties", True)
        return f"dict[str, {'Any' if isinstance(values, bool) else annotation(values)}]"
    if kind in _PLAIN:
        return _PLAIN[kind]
    raise ValueError(f"What type is {dict(node)}?")


def modules(document: Document) -> Iterator[tuple[str, str]]:
    """The package, file by file."""
    homes = document.homes
    for module in sorted(set(homes.values())):
        own = sorted(name for name in homes if homes[name] == module)
        yield module, "\n\n\n".join([_head(document, module, own), *(_model(name, document) for name in own)])
    yield "__init__", _init(homes)


def _init(homes: Mapping[str, str]) -> str:
    imports = "".join(f"from {PACKAGE}.{homes[name]} import {name}\n" for name in sorted(homes))
    says = '"""What Postroom is sent and answers. Generated: `make client`."""'
    return f"{says}\n\n{imports}\n__all__ = {sorted(homes)!r}\n"


def _head(document: Document, module: str, own: Iterable[str]) -> str:
    of = "that several parts of the API share" if module == SHARED else f"of /v1/{module.replace('_', '-')}"
    shared = {name for each in own for name in names_in(document.schemas[each])} - set(own)
    imports = "".join(f"from {PACKAGE}.{SHARED} import {name}\n" for name in sorted(shared))
    return (
        f'"""The models {of}. Generated: `make client`."""\n\nfrom __future__ import annotations\n\n'
        f"from typing import Any, Literal, NotRequired, TypedDict\n\n{imports}"
    )


def _model(name: str, document: Document) -> str:
    node = document.schemas[name]
    if "properties" not in node:
        return "\n".join([*comment(str(node.get("description", name)), 120), f"{name} = {annotation(node)}"])
    required = node.get("required", ())
    fields = [line for field, inner in node["properties"].items() for line in _field(field, inner, required)]
    return f"class {name}(TypedDict):\n" + indented(
        [*docstring(str(node.get("description", name)), _WIDTH), "", *fields]
    )


def _field(name: str, node: Node, required: Collection[str]) -> list[str]:
    """One field, with what is said of it behind it, or above it where there is no room."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{name} cannot be a field here.")
    typed = annotation(node)
    written = f"{name}: {typed if name in required else f'NotRequired[{typed}]'}"
    said = " ".join(str(node.get("description", "")).split())
    behind = f"{written}  # {said}"
    return [behind if said else written] if len(behind) <= _WIDTH else [*comment(said, _WIDTH), written]
