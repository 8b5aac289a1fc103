"""Mastodon: the requests its Python client makes (PyPI Mastodon.py, MIT): addresses, methods and names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache

from tests.contracts import places
from tests.contracts.asked import Asked, fits
from tests.contracts.python_source import functions, parsed, template, words

MODULES = ("statuses", "media", "accounts")


def covers(asked: Asked) -> bool:
    return asked.path.startswith("/api/")


def violations(asked: Sequence[Asked]) -> list[str]:
    return [f"{each}: {told}" for each in asked for told in _of(each)]


def _of(asked: Asked) -> Iterator[str]:
    known = [names for verb, path, names in _calls() if verb == asked.method and fits(asked.path, path)]
    if not known:
        yield "there is no such method"
        return
    names = frozenset[str]().union(*known)
    yield from (f"no parameter {name}" for name in [*asked.said, *asked.files] if name.removesuffix("[]") not in names)


@cache
def _calls() -> tuple[tuple[str, str, frozenset[str]], ...]:
    trees = [parsed(places.of_python("mastodon", f"{name}.py")) for name in MODULES]
    return tuple(call for tree in trees for function in functions(tree) for call in _in(function))


def _in(function: ast.FunctionDef) -> Iterator[tuple[str, str, frozenset[str]]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) > 1:
            verb, path = template(node.args[0]), template(node.args[1])
            if node.func.attr == "__api_request" and path:
                yield verb, path, words(function)
