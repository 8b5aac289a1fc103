"""Douyin: the vendor's own SDK (npm @open-dy/open_api_sdk, Apache-2.0): addresses, and what goes where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from tests.contracts import places
from tests.contracts.asked import Asked

SDK = ("@open-dy", "open_api_sdk", "dist", "client.js")
CALL = re.compile(
    r'request_\.method = "(?P<verb>\w+)";\s+request_\.pathname = "(?P<path>[^"]+)";(?P<rest>.*?)doAction', re.DOTALL
)
PARAMETERS = re.compile(r"let (?P<kind>body|query|form)Param = \{(?P<names>.*?)\};", re.DOTALL)
NAME = re.compile(r"^\s+\"?(\w+)\"?: ", re.MULTILINE)

DOCS = "https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/openapi/account-permission/"
KNOWN = {
    "/oauth/userinfo/: no field access_token": f"{DOCS}get-account-open-info has it in the body",
    "/oauth/stable_client_token/: there is no such call": f"{DOCS} lists it; it is younger than the SDK",
    "GET /open/getticket/: there is no such call": "the SDK has /js/getticket/ alone, whose ticket is another",
}


def covers(asked: Asked) -> bool:
    return asked.host == "open.douyin.com"


def violations(asked: Sequence[Asked]) -> list[str]:
    return [f"{each}: {told}" for each in asked for told in _of(each)]


def _of(asked: Asked) -> Iterator[str]:
    known = _calls().get((asked.method, asked.path))
    if known is None:
        yield "there is no such call"
        return
    query, said = known
    body = asked.body if isinstance(asked.body, dict) else asked.form
    yield from (f"no parameter {name}" for name, _ in asked.query if name not in query)
    yield from (f"no field {name}" for name in [*body, *asked.files] if name not in said)


@cache
def _calls() -> dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]]:
    """By method and path the names in the query and those in the body."""
    source = places.of_node(*SDK).read_text(encoding="utf-8")
    return {(call["verb"], call["path"]): _names(call["rest"]) for call in CALL.finditer(source)}


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    found = {"query": frozenset[str](), "said": frozenset[str]()}
    for each in PARAMETERS.finditer(source):
        kind = "query" if each["kind"] == "query" else "said"
        found[kind] |= frozenset(NAME.findall(each["names"]))
    return found["query"], found["said"]
