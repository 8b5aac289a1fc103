"""Meta's own description of its Graph API (PyPI facebook-business; Meta's licence: free for use with its services)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache

from tests.contracts import places
from tests.contracts.asked import Asked
from tests.contracts.python_source import functions, parsed, template

OF_EVERY_REQUEST = {"access_token", "fields", "limit", "after", "before", "since", "until"}


def violations_of(asked: Asked, nodes: Sequence[str]) -> Iterator[str]:
    """What Meta has against a request to one of the nodes of these kinds."""
    edge = "/" + "/".join(asked.path.split("/")[3:])
    known = [names for node in nodes for verb, path, names in _calls(node) if (verb, path) == (asked.method, edge)]
    if not known:
        yield f"{asked}: there is no {asked.method} of {edge} on {', '.join(nodes)}"
        return
    names = OF_EVERY_REQUEST.union(*known)
    yield from (f"{asked}: no parameter {name}" for name in asked.said if name not in names)


@cache
def _calls(node: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    tree = parsed(places.of_python("facebook_business", "adobjects", f"{node}.py"))
    return tuple(call for function in functions(tree) for call in _in(function))


def _in(function: ast.FunctionDef) -> Iterator[tuple[str, str, frozenset[str]]]:
    names = next((_keys(node) for node in ast.walk(function) if _is_types(node)), frozenset[str]())
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            said = {each.arg: template(each.value) for each in node.keywords}
            if said.get("method") and "endpoint" in said:
                yield said["method"], said["endpoint"], names


def _is_types(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "param_types"


def _keys(node: ast.AST) -> frozenset[str]:
    value = node.value if isinstance(node, ast.Assign) else None
    return frozenset(template(key) for key in value.keys if key) if isinstance(value, ast.Dict) else frozenset()
