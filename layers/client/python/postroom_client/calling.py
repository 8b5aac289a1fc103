"""What all operations stand on: an address, a key, and how an answer is read."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self, Unpack
from urllib.parse import quote

import httpx

from postroom_client.answers import Answer
from postroom_client.asking import Asking, Call, Settings
from postroom_client.errors import Unanswered

_HERE = ("localhost", "127.0.0.1", "::1")


class Caller:
    """Asks with one key at one address; `http` holds the connections.

    Raises:
        ValueError: the key would travel in the clear.
    """

    def __init__(
        self, url: str, key: str = "", *, http: httpx.Client | None = None, **settings: Unpack[Settings]
    ) -> None:
        _insist_on_tls(httpx.URL(url))
        self._asking = Asking(url.rstrip("/"), key, http or httpx.Client(), **settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._asking.http.close()

    def _document(self, call: Call) -> Any:
        answer = self._answer(call)
        try:
            document = answer.json()
        except ValueError:
            message = f"{call.method} {call.path} was answered {answer.status_code} with what is no JSON."
            raise Unanswered(message, idempotency_key=call.idempotency_key or "") from None
        return Answer(document, answer.headers) if isinstance(document, dict) else document

    def _items(self, call: Call) -> Iterator[Any]:
        while True:
            page = self._document(call)
            yield from page["items"]
            if not page["next"]:
                return
            call = replace(call, query={**call.query, "cursor": page["next"]})

    def _bytes(self, call: Call) -> bytes:
        return self._answer(call).content

    def _address(self, call: Call) -> str:
        return self._answer(call).headers["Location"]

    def _nothing(self, call: Call) -> None:
        self._asking.heard(call)

    def _answer(self, call: Call) -> httpx.Response:
        answer = self._asking.heard(call)
        if answer is None:
            message = f"{call.method} {call.path} is done; its answer was lost."
            raise Unanswered(message)
        return answer


def path(template: str, *parts: str) -> str:
    """An address with these parts in it; whatever they hold, each stays one part."""
    for part in parts:
        if part in {"", ".", ".."}:
            raise ValueError(f"{part!r} is no part of an address.")
    return template.format(*(quote(part, safe="") for part in parts))


def new_key() -> str:
    """An Idempotency-Key nobody else has."""
    return secrets.token_urlsafe(24)


def _insist_on_tls(url: httpx.URL) -> None:
    here = url.host in _HERE or url.host.endswith(".localhost")
    if url.scheme != "https" and not (url.scheme == "http" and here):
        raise ValueError("The address must begin with https://: the key would travel in the clear.")
