"""What platforms with a GraphQL interface share: how they are asked, and what the errors in their answers mean.

Source: https://graphql.org/learn/response and, for codes and statuses,
https://www.apollographql.com/docs/apollo-server/data/errors (read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import JsonValue

from publishing.adapter import PUBLISHES
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Unauthorized, Unavailable
from publishing.model import Channel
from publishing.replies import Reply, error_for, parsed, publishes, quoted, read_if_readable

M = TypeVar("M", bound=Reply)
Kinds = Mapping[str, type[Refused] | type[Unauthorized]]


@dataclass(frozen=True, slots=True)
class Interface:
    """One platform's GraphQL interface; `kinds` says what its codes mean that plainly say: nothing was done."""

    vendor: str
    url: str
    kinds: Kinds

    def ask(self, document: str, variables: Mapping[str, object], token: str) -> httpx.Request:
        """A request that changes nothing."""
        return self._request(document, variables, token)

    def publish(self, document: str, variables: Mapping[str, object], token: str) -> httpx.Request:
        """The request that makes the post visible: a mutation of one field."""
        request = self._request(document, variables, token)
        request.extensions = PUBLISHES
        return request

    def _request(self, document: str, variables: Mapping[str, object], token: str) -> httpx.Request:
        token = token.strip()
        if not (token.isascii() and token.isprintable()):
            raise Unauthorized("This is no token: it holds characters that none has.")
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Request("POST", self.url, headers=headers, json={"query": document, "variables": dict(variables)})

    def read(self, model: type[M], reply: httpx.Response, channel: Channel) -> M:
        """The answer as `model`, where it holds no errors; its status says little, for most errors come with 200.

        Raises:
            PublishingError: sorted by the code, and where that says nothing by the status. A code without a meaning
                that comes with 200 leaves open what became of the request.
        """
        errors = read_if_readable(_Answer, reply).errors
        if errors:
            raise self._error(errors, reply, channel)
        if reply.is_redirect:  # a POST that is led elsewhere was not taken: the interface itself has moved
            raise Unauthorized(f"{self.vendor}'s interface is no longer where it was.", status=reply.status_code)
        if not reply.is_success:
            raise error_for(reply)
        return parsed(model, reply)

    def _error(self, errors: tuple[_Error, ...], reply: httpx.Response, channel: Channel) -> PublishingError:
        telling = next((error for error in errors if error.code in self.kinds), errors[0])
        code, status = telling.code, reply.status_code
        told = quoted(telling.message, channel)
        message = f"{self.vendor} answered: {told}" if told else ""
        if publishes(reply) and any(error.is_below_the_mutation for error in errors):
            return OutcomeUnknown(message, code=code, status=status)
        if code in self.kinds:
            return self.kinds[code](message, code=code, status=status)
        if not reply.is_success:
            return error_for(reply, message, code=code)
        unsure = OutcomeUnknown if publishes(reply) else Unavailable
        return unsure(message, code=code, status=status)


class _Extensions(Reply):
    code: str = ""


class _Error(Reply):
    message: str = ""
    path: tuple[JsonValue, ...] | None = None
    extensions: _Extensions | None = None

    @property
    def code(self) -> str:
        return self.extensions.code if self.extensions else ""

    @property
    def is_below_the_mutation(self) -> bool:
        """Whether the mutation was carried out and only telling of it failed: its own field has a path of one."""
        return len(self.path or ()) > 1


class _Answer(Reply):
    errors: tuple[_Error, ...] | None = None
