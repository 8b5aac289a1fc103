"""Walks over everything the API takes and answers, so that what comes later is asked the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from web.contract import OPERATIONS
from web.operation import Operation

Asked = Operation[Any, Any]
Node = Mapping[str, Any]

OURS_ALONE = [each for each in OPERATIONS if each.least]
OUTSIDERS = [each for each in OURS_ALONE if each.outsiders]
WITH_BODY = [each for each in OPERATIONS if each.has_body]
KEYED = [each for each in OPERATIONS if each.takes_key]
PAGED = [each for each in OURS_ALONE if {"limit", "cursor"} <= each.takes.model_fields.keys()]
ABOUT_A_THING = [each for each in OURS_ALONE if "{" in each.path and "{platform}" not in each.path]


def named(value: object) -> str:
    """How a test's case is called."""
    return value.id if isinstance(value, Operation) else str(value)


@dataclass(frozen=True)
class Part:
    """One place in what is taken or answered: the model it belongs to, its path, and its schema."""

    model: str
    path: str
    node: Node

    @property
    def name(self) -> str:
        """Model and path, as Content.media[].url."""
        return f"{self.model}.{self.path}"


def taken() -> list[type[BaseModel]]:
    """Every model an operation takes, as body or as query."""
    return list({operation.takes: None for operation in OPERATIONS if operation.least})


def given() -> list[type[BaseModel]]:
    """Every model an operation answers with."""
    answers: list[type[Any]] = [answer for each in OPERATIONS for answer in (each.gives, *each.also.values())]
    return list({answer: None for answer in answers if issubclass(answer, BaseModel)})


def parts(models: list[type[BaseModel]], mode: JsonSchemaMode) -> list[Part]:
    """Every place of these models, each model it is made of once."""
    found: dict[tuple[str, str], Part] = {}
    for model in models:
        schema = model.model_json_schema(mode=mode)
        for name, node in {model.__name__: schema, **schema.get("$defs", {})}.items():
            found |= {(part.name, repr(part.node)): part for part in _below(name, "", node)}
    return list(found.values())


def _below(model: str, path: str, node: Node) -> Iterator[Part]:
    yield Part(model, path, node)
    for name, inner in node.get("properties", {}).items():
        yield from _below(model, f"{path}.{name}".lstrip("."), inner)
    for either in node.get("anyOf", node.get("oneOf", ())):
        yield from _below(model, path, either)
    for kind, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(node.get(kind), dict):
            yield from _below(model, f"{path}{mark}", node[kind])


def leaf(part: Part) -> str:
    """The name of the field."""
    return re.sub(r"[\[\]{}]", "", part.path.rpartition(".")[2])
