"""Reddit: the requests its Python client makes (PyPI praw, BSD-2-Clause): addresses and names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache

from tests.contracts import places
from tests.contracts.asked import Asked, fits
from tests.contracts.python_source import functions, parsed, words

MODULES = ("models/reddit/subreddit/subreddit.py", "models/reddit/mixins/editable.py", "models/media.py", "reddit.py")
LISTING = "/submitted"
PAGES = {"limit", "after", "before", "sort", "t", "raw_json"}


def covers(asked: Asked) -> bool:
    return asked.host == "oauth.reddit.com"


def violations(asked: Sequence[Asked]) -> list[str]:
    return [f"{each}: {told}" for each in asked for told in _of(each)]


def _of(asked: Asked) -> Iterator[str]:
    path = asked.path.strip("/").removesuffix(LISTING)  # praw adds a listing's name to its owner's address
    ends = [end for end, known in _endpoints().items() if fits(path, known.strip("/"))]
    if not ends:
        yield "there is no such address"
        return
    known = frozenset[str]().union(PAGES, *(_names(end) for end in ends))
    yield from (f"no parameter {name}" for name in asked.said if name not in known)


@cache
def _endpoints() -> dict[str, str]:
    (table,) = [
        node.value
        for node in parsed(places.of_python("praw", "endpoints.py")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    ]
    found: dict[str, str] = ast.literal_eval(table)
    return found


@cache
def _names(end: str) -> frozenset[str]:
    """What is said by the functions that use an endpoint, and by those of the same module that call them."""
    found = frozenset[str]()
    for module in MODULES:
        tree = parsed(places.of_python("praw", *module.split("/")))
        if _uses(tree, end):
            users = {each.name for each in functions(tree) if _uses(each, end)}
            found = found.union(*(words(each) for each in functions(tree) if each.name in users or _calls(each, users)))
            found |= _words_of_module(tree) if not users else frozenset()
    return found


def _words_of_module(tree: ast.Module) -> frozenset[str]:
    """All words of a module that names its endpoint outside of functions."""
    return frozenset[str]().union(*map(words, functions(tree)))


def _uses(tree: ast.AST, end: str) -> bool:
    subscripts = (node for node in ast.walk(tree) if isinstance(node, ast.Subscript))
    return any(
        isinstance(node.value, ast.Name)
        and node.value.id == "API_PATH"
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == end
        for node in subscripts
    )


def _calls(function: ast.FunctionDef, names: set[str]) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in names for node in ast.walk(function))
