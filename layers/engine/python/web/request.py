"""A request that was read and found in order, and the answer to it: all that an operation's function sees of HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

from identity.model import Principal
from publishing.model import Problem
from web import etag
from web.problems import MALFORMED, UNAUTHENTICATED, Refusal, changed

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - input
O = TypeVar("O", bound="BaseModel | bytes | None")  # noqa: E741 - output
T = TypeVar("T")

IDEMPOTENCY_KEY = '[A-Za-z0-9_-]{8,255}|"[A-Za-z0-9_-]{8,255}"'


@dataclass(frozen=True, slots=True)
class Request(Generic[I]):
    """A caller's request. `path` holds the parts of the address that vary, well-formed; header names are lower case.

    `person`: what stands for the person whose token was shown, a member or not; empty where a key was.
    """

    input: I
    caller: Principal | None
    path: Mapping[str, str]
    headers: Mapping[str, str]
    correlation_id: str
    person: str = ""

    @property
    def principal(self) -> Principal:
        """The caller; only public operations have none.

        Raises:
            Refusal: there is none.
        """
        if self.caller is None:
            raise Refusal(UNAUTHENTICATED, "This needs an API key or a token.")
        return self.caller

    @property
    def idempotency_key(self) -> str:
        """The Idempotency-Key, bare or as a structured-field string; empty where none was sent.

        Raises:
            Refusal: 400, it is malformed.
        """
        header = self.headers.get("idempotency-key")
        if header is None:
            return ""
        if not re.fullmatch(IDEMPOTENCY_KEY, header.strip()):
            problem = Problem("Idempotency-Key", "It is malformed.", "Send 8 to 255 of the characters A-Z a-z 0-9 _ -.")
            raise Refusal(MALFORMED, f"{problem.field}: {problem.message} {problem.remedy}", errors=[problem])
        return header.strip().strip('"')

    def insist_on(self, current: BaseModel) -> None:
        """Go on only if the caller's If-Match, where one was sent, names what is there now.

        Raises:
            Refusal: 412, it has changed since the caller read it.
        """
        wanted = self.headers.get("if-match")
        if wanted is not None and not etag.matches(wanted, etag.of(content(current))):
            raise changed()

    def named(self, current: T) -> T | None:
        """What is there now, where If-Match names it: then to that alone may it be done. `*` names nothing."""
        wanted = self.headers.get("if-match")
        return None if wanted is None or etag.is_anything(wanted) else current


@dataclass(frozen=True, slots=True)
class Answer(Generic[O]):
    """What is answered; without a status of its own the operation's."""

    body: O
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def content(body: BaseModel | bytes | None) -> bytes:
    """A body as it is sent."""
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode()
    return body or b""
