"""Answers as they came: documents, with what the headers say of them beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class Answer(dict[str, Any]):
    """A document that was answered, with the answer's headers."""

    def __init__(self, document: Mapping[str, Any], headers: httpx.Headers) -> None:
        super().__init__(document)
        self.headers = headers


def etag_of(answer: Mapping[str, object]) -> str:
    """The ETag of an answer, to be sent as `if_match` of a change that is to be made only if nobody made another.

    Raises:
        ValueError: it is no answer of an operation that tells one.
    """
    if isinstance(answer, Answer) and "ETag" in answer.headers:
        return str(answer.headers["ETag"])
    raise ValueError("This carries no ETag: it must be the very answer of an operation that takes if_match or reads.")


def correlation_id_of(answer: Mapping[str, object]) -> str:
    """What names the request in Postroom's logs; empty where it is not known."""
    return str(answer.headers.get("X-Correlation-Id", "")) if isinstance(answer, Answer) else ""
