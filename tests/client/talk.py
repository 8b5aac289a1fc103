"""A Postroom that answers what a test says, in time that nobody waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from postroom_client import Patience, Postroom

URL, KEY = "https://api.test", "pr_key"
Come = httpx.Response | Exception


@dataclass
class Talk:
    """What was asked, when, and what each was answered in turn; the last answer is given again and again."""

    answers: list[Come]
    asked: list[httpx.Request] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    now_s: float = 0.0
    took_s: float = 0.0
    drawn: float = 1.0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The next answer."""
        self.asked.append(request)
        self.now_s += min(self.took_s, request.extensions["timeout"]["read"])
        come = self.answers.pop(0) if self.answers[1:] else self.answers[0]
        if isinstance(come, Exception):
            raise come
        return come

    def sleep(self, seconds: float) -> None:
        """Have time pass."""
        self.waited_s.append(seconds)
        self.now_s += seconds

    def client(self, **patience: Any) -> Postroom:
        """A client that talks to it."""
        return Postroom(
            URL,
            KEY,
            http=httpx.Client(transport=httpx.MockTransport(self.answer)),
            patience=Patience(**patience),
            clock=lambda: self.now_s,
            sleep=self.sleep,
            draw=lambda: self.drawn,
        )

    @property
    def keys(self) -> list[str]:
        """The Idempotency-Key of each request."""
        return [each.headers["Idempotency-Key"] for each in self.asked]


def talk(*answers: Come | int, **more: Any) -> Talk:
    """One in which these come; a number is a problem of that status."""
    return Talk([problem(come) if isinstance(come, int) else come for come in answers], **more)


def problem(status: int, *, retry_after: str = "", **more: object) -> httpx.Response:
    """A problem as Postroom tells it."""
    document = {
        "type": "urn:postroom:problem:some",
        "title": "Some problem.",
        "status": status,
        "detail": "It is so.",
        "correlation_id": "c-1",
        "errors": [],
        **more,
    }
    headers = {"Content-Type": "application/problem+json"} | ({"Retry-After": retry_after} if retry_after else {})
    return httpx.Response(status, json=document, headers=headers)


def ok(document: object = None, status: int = 200, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """An answer."""
    return httpx.Response(status, json={} if document is None else document, headers=headers)
