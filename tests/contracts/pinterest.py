"""Pinterest: the client generated of its OpenAPI document 5.14 (PyPI Pinterest-Generated-Client, MIT)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.contracts import places
from tests.contracts.asked import Asked, fits
from tests.contracts.python_source import parsed

PACKAGE = ("openapi_generated", "pinterest_client")
FAMILIES = ("pins", "boards", "media")
BODIES = {"/pins": "pin_create", "/media": "media_upload_request"}


@dataclass(frozen=True)
class Model:
    """What one of the generated models knows: the names it has, those only the server sets, and their bounds."""

    names: frozenset[str]
    read_only: frozenset[str]
    bounds: dict[str, dict[str, Any]]
    allowed: dict[str, set[str]]


def covers(asked: Asked) -> bool:
    return asked.path.startswith("/v5/") and "oauth" not in asked.path


def violations(asked: Sequence[Asked]) -> list[str]:
    return [f"{each}: {told}" for each in asked for told in _of(each)]


def _of(asked: Asked) -> Iterator[str]:
    path = asked.path.removeprefix("/v5")
    mine = [names for verb, known, names in _endpoints() if verb == asked.method and fits(path, known)]
    if not mine:
        yield "there is no such endpoint"
        return
    yield from (f"no parameter {name}" for name, _ in asked.query if name not in mine[0])
    if isinstance(asked.body, dict):
        yield from _objections(_model(BODIES[path]), asked.body)
        if "media_source" in asked.body:
            yield from _of_source(asked.body["media_source"])


def _of_source(source: dict[str, Any]) -> Iterator[str]:
    """What the mildest of the models of this kind of source has against it."""
    kinds = [each for each in _sources() if source["source_type"] in each.allowed["source_type"]]
    yield from min((list(_objections(each, source)) for each in kinds), key=len, default=["no such media_source"])


def _objections(model: Model, said: dict[str, Any]) -> Iterator[str]:
    for name, value in said.items():
        bounds = model.bounds.get(name, {})
        if name not in model.names or name in model.read_only:
            yield f"no field {name}"
        elif name in model.allowed and value not in model.allowed[name]:
            yield f"{name} cannot be {value}"
        elif len(str(value)) > bounds.get("max_length", len(str(value))):
            yield f"{name} has more than {bounds['max_length']} characters"
        elif "regex" in bounds and not re.search(bounds["regex"]["pattern"], value):
            yield f"{name} does not match"


@cache
def _endpoints() -> tuple[tuple[str, str, frozenset[str]], ...]:
    trees = [parsed(places.of_python(*PACKAGE, "api", f"{family}_api.py")) for family in FAMILIES]
    return tuple(_endpoint(node) for tree in trees for node in ast.walk(tree) if _is_endpoint(node))


def _is_endpoint(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_Endpoint"


def _endpoint(node: ast.AST) -> tuple[str, str, frozenset[str]]:
    assert isinstance(node, ast.Call)
    told = {each.arg: _entries(each.value) for each in node.keywords}
    path, verb = (ast.literal_eval(told["settings"][name]) for name in ("endpoint_path", "http_method"))
    names = ast.literal_eval(told["root_map"]["attribute_map"]).values()
    return verb, path, frozenset(names)


def _entries(node: ast.expr) -> dict[str, ast.expr]:
    if not isinstance(node, ast.Dict):
        return {}
    return {ast.literal_eval(key): value for key, value in zip(node.keys, node.values, strict=True) if key}


@cache
def _sources() -> tuple[Model, ...]:
    files = places.of_python(*PACKAGE, "model").glob("pin_media_source_*.py")
    models = [_model(file.stem) for file in sorted(files)]
    return tuple(each for each in models if "source_type" in each.allowed)


@cache
def _model(name: str) -> Model:
    told = _assigned(places.of_python(*PACKAGE, "model", f"{name}.py"))
    allowed = {key[0]: set(values.values()) for key, values in told["allowed_values"].items()}
    bounds = {key[0]: values for key, values in told["validations"].items()}
    return Model(frozenset(told["attribute_map"].values()), frozenset(told["read_only_vars"]), bounds, allowed)


def _assigned(file: Path) -> dict[str, Any]:
    """What is written down as a literal in the class of a model; an empty set is written as an empty dictionary."""
    wanted = ("allowed_values", "validations", "attribute_map", "read_only_vars")
    assigned = [node for node in ast.walk(parsed(file)) if isinstance(node, ast.Assign)]
    return {
        target.id: ast.literal_eval(node.value)
        for node in assigned
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in wanted
    }
