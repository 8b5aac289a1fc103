"""What a stand-in is: a platform's documented routes, credentials and refusals, publishing on a wall."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

Arguments = Mapping[str, Any]


class StandIn(Protocol):
    """One platform's stand-in. A rule's endpoint is the name of the method that answers it.

    It may have `demonstrated = True`: it shows well in a first demonstration, which not all can be part of.
    """

    name: str  # as the adapter's
    rules: Sequence[Rule]
    publishing: frozenset[str]  # the endpoints that make something visible
    public: frozenset[str]  # the endpoints anybody may look at, without credentials
    hosts: Sequence[str]  # the vendor's hosts whose requests come here on stage local; none where channels name theirs

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """Open an account, or give it new credentials; answers the fields that connect a channel to it."""

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The account whose credentials the request carries.

        Raises:
            Answer: the platform's answer to credentials it does not accept.
        """

    def throttled(self, wait_s: float) -> Response:
        """How the platform says that it is asked too often."""

    def refused(self) -> Response:
        """How the platform says that it does not take a post."""

    def expired(self) -> Response:
        """How the platform says that credentials are no longer good."""


class Answer(HTTPException):
    """An answer that ends the handling of a request."""

    def __init__(self, response: Response) -> None:
        """`response` is what is answered."""
        super().__init__(response=response)


def as_json(document: object, status: int = 200, **headers: str) -> Response:
    """A JSON answer; underscores in header names stand for hyphens."""
    answer = Response(json.dumps(document), status, mimetype="application/json")
    answer.headers.extend({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


def as_page(title: str, document: object) -> Response:
    """What was published, for a person who follows its link."""
    shown = html.escape(json.dumps(document, indent=2, ensure_ascii=False))
    page = f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title><p>A stand-in.<pre>{shown}</pre>"
    return Response(page, mimetype="text/html")


def json_object(request: Request) -> dict[str, Any] | None:
    """The request's body, where it is a JSON object."""
    document = request.get_json(silent=True, force=True)
    return document if isinstance(document, dict) else None
