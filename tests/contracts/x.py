"""X: its own SDK, made of its OpenAPI document (PyPI xdk, MIT): addresses, parameters and the models of bodies."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from pydantic import BaseModel, ValidationError

from tests.contracts import places
from tests.contracts.asked import Asked, fits
from tests.contracts.python_source import functions, parsed, words

FAMILIES = ("posts", "media", "users")

FIELDS = "https://docs.x.com/x-api/fundamentals/fields"
KNOWN = {"no parameter tweet.fields": f"{FIELDS} has it (read 2026-11-21); the SDK says post.fields"}


@dataclass(frozen=True)
class Operation:
    """One of the SDK's methods: `body` is the name of its model, if it has one."""

    verb: str
    path: str
    names: frozenset[str]
    body: str = ""


def covers(asked: Asked) -> bool:
    return asked.host == "api.x.com" and "oauth2" not in asked.path


def violations(asked: Sequence[Asked]) -> list[str]:
    return [f"{each}: {told}" for each in asked for told in _of(each)]


def _of(asked: Asked) -> Iterator[str]:
    mine = next((each for each in _operations() if each.verb == asked.method and fits(asked.path, each.path)), None)
    if mine is None:
        yield "there is no such operation"
        return
    yield from (f"no parameter {name}" for name, _ in asked.query if name not in mine.names)
    said = asked.body if asked.body is not None else {**asked.form, **dict.fromkeys(asked.files, "")}
    if mine.body and said:
        yield from _mismatches(mine.body, said)
    elif said:
        yield "there is no body"


def _mismatches(model: str, said: object) -> Iterator[str]:
    try:
        yield from _strangers(getattr(_schemas(), model).model_validate(said), model)
    except ValidationError as error:
        yield from (f"{model}.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())


def _strangers(value: object, where: str) -> Iterator[str]:
    """The names no model knows; the SDK itself would send them."""
    if isinstance(value, BaseModel):
        yield from (f"no field {where}.{name}" for name in value.model_extra or ())
        for name in value.model_fields_set & set(type(value).model_fields):
            yield from _strangers(getattr(value, name), f"{where}.{name}")


@cache
def _operations() -> tuple[Operation, ...]:
    return tuple(each for family in FAMILIES for each in _in(family))


def _in(family: str) -> Iterator[Operation]:
    models = {
        node.targets[0].id: node.value.attr
        for node in parsed(places.of_python("xdk", family, "models.py")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Attribute)
    }
    for function in functions(parsed(places.of_python("xdk", family, "client.py"))):
        path = next((text for text in words(function) if text.startswith("/2/")), None)
        if path:
            yield Operation(_verb(function), path, words(function), models.get(_body(function), ""))


def _verb(function: ast.FunctionDef) -> str:
    """The method of the session that is called; a dictionary has a `get`, too."""
    called = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    methods = (each.attr for each in called if isinstance(each, ast.Attribute) and "session" in ast.unparse(each.value))
    return next(each.upper() for each in methods if each in {"get", "post", "put", "delete", "patch"})


def _body(function: ast.FunctionDef) -> str:
    kinds = [ast.unparse(each.annotation) for each in function.args.args if each.arg == "body" and each.annotation]
    return kinds[0].removeprefix("Optional[").removesuffix("]") if kinds else ""


@cache
def _schemas() -> ModuleType:
    """The SDK's module of models, alone: importing the SDK would need all that it sends with."""
    spec = spec_from_file_location("xdk_schemas", places.of_python("xdk", "schemas.py"))
    if spec is None or spec.loader is None:
        raise LookupError("xdk has no schemas.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
