"""Requests held by themselves, as conversations of one step."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from publishing.adapter import PUBLISHES, Conversation
from publishing.conversation import Conversations
from publishing.errors import PublishingError


def unsigned(_request: httpx.Request, _service: str) -> None:
    raise AssertionError("nothing is to be signed")


def asks(request: Callable[[], httpx.Request]) -> Conversation[httpx.Response]:
    return (yield request())


def get(url: str) -> Callable[[], httpx.Request]:
    return lambda: httpx.Request("GET", url)


def post(url: str, content: bytes = b"{}", marks: dict[str, bool] = PUBLISHES) -> Callable[[], httpx.Request]:
    return lambda: httpx.Request("POST", url, content=content, extensions=marks)


def outcome_of(conversations: Conversations, request: Callable[[], httpx.Request], within_s: float = 5) -> object:
    try:
        return conversations.hold(asks(request), within_s=within_s)
    except PublishingError as error:
        return error
