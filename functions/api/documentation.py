"""The API's own description: the OpenAPI document as it lies beside this file, and as a page to read."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from web import contract
from web.request import Answer, Request
from web.router import Router
from web.schemas.base import Whatever

OPENAPI = Path(__file__).with_name("openapi.json")
STYLE = Path(__file__).with_name("page.css")
PAGE_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def serve(router: Router) -> None:
    """Have `router` lead here what is about the API itself."""
    router.serve(contract.READ_OPENAPI, read)
    router.serve(contract.READ_PAGE, show)


def read(_: Request[Whatever]) -> Answer[bytes]:
    """The document."""
    return Answer(_document())


def show(_: Request[Whatever]) -> Answer[bytes]:
    """The page."""
    content, policy = _page()
    headers = {**PAGE_HEADERS, "Content-Security-Policy": policy}
    return Answer(content, headers=headers, content_type="text/html; charset=utf-8")


@cache
def _document() -> bytes:
    return OPENAPI.read_bytes()


@cache
def _page() -> tuple[bytes, str]:
    """Made when it is first asked for: in fifty milliseconds, with a parser of Markdown nothing else here needs."""
    from web.page import page  # noqa: PLC0415

    style = STYLE.read_text()
    return page.page(json.loads(_document()), style).encode(), page.policy(style)
