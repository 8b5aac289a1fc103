"""Asks Postroom over HTTP, and again where that is safe.

Safe to ask again is what leads to the same however often it is asked: GET, DELETE, and a POST with an Idempotency-Key,
which stays the same over all tries. They are asked again when no answer came, or 429, 502, 503 or 504 did, or 409 with
a time to wait: an earlier try, whose answer was lost, is still being worked on. All else is asked once: a PATCH may
undo what somebody else changed in between, a POST without a key may do it twice.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypedDict

import httpx

from postroom_client.errors import Problem, Unanswered
from postroom_client.waiting import Draw, Patience, told_s

AGENT: Final = "postroom-client/1"
_AGAIN = frozenset({429, 502, 503, 504})
_UNDONE = 429
_NO_ANSWER = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CONFLICT, _GONE = 409, 404
_PATIENCE = Patience()

Come = httpx.Response | httpx.TransportError


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `answers`: the statuses that are no problem; `public`: it is asked without the key."""

    method: str
    path: str
    answers: tuple[int, ...]
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    if_match: str | None = None
    idempotency_key: str | None = None
    public: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether asking again leads to the same."""
        return self.method in {"GET", "DELETE"} or bool(self.idempotency_key)

    @property
    def headers(self) -> dict[str, str]:
        """What it sends beside the key."""
        told = {"If-Match": self.if_match, "Idempotency-Key": self.idempotency_key}
        return {name: value for name, value in told.items() if value}


class Settings(TypedDict, total=False):
    """How it is asked; `clock`, `sleep` and `draw` are time and chance."""

    timeout_s: float  # of one try
    patience: Patience
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    draw: Draw


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks at one address with one key."""

    url: str
    key: str = field(repr=False)
    http: httpx.Client
    timeout_s: float = 30.0  # the first request to a function waits until it has started
    patience: Patience = _PATIENCE
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    draw: Draw = random.random

    def heard(self, call: Call) -> httpx.Response | None:
        """The answer; None where a DELETE was asked for again and is done: what it was about is not there any more.

        Raises:
            Problem: it was refused.
            Unanswered: nothing was heard.
        """
        end_s, lost = self.clock() + self.patience.total_s, False
        for tried in count(1):
            come = self._asked(call, end_s - self.clock())
            if isinstance(come, httpx.Response) and _answers(call, come):
                return come
            if lost and call.method == "DELETE" and _status(come) == _GONE:
                return None
            wait_s = self._wait_s(call, come, tried)
            if wait_s is None or self.clock() + wait_s >= end_s:
                raise _given_up(call, come)
            lost = lost or _may_be_done(come)
            self.sleep(wait_s)
        raise AssertionError

    def _asked(self, call: Call, left_s: float) -> Come:
        headers = {"User-Agent": AGENT, **call.headers}
        if not call.public:
            headers["Authorization"] = f"Bearer {self.key}"
        query = {name: _text(value) for name, value in call.query.items() if value is not None}
        request = self.http.build_request(
            call.method,
            f"{self.url}{call.path}",
            params=query or None,
            json=call.body,
            headers=headers,
            timeout=min(self.timeout_s, left_s),
        )
        try:
            return self.http.send(request, follow_redirects=False)
        except httpx.TransportError as error:
            return error

    def _wait_s(self, call: Call, come: Come, tried: int) -> float | None:
        again = _may_change(come) if isinstance(come, httpx.Response) else isinstance(come, _NO_ANSWER)
        if not (again and call.repeatable and tried < self.patience.tries):
            return None
        told = told_s(come) if isinstance(come, httpx.Response) else None
        return self.patience.wait_s(tried, told, self.draw)


def _answers(call: Call, answer: httpx.Response) -> bool:
    """Whether it is one; a status may be a problem's, too."""
    is_problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    return answer.status_code in call.answers and not is_problem


def _may_change(answer: httpx.Response) -> bool:
    """Whether another try may be answered otherwise."""
    in_progress = answer.status_code == _CONFLICT and "Retry-After" in answer.headers
    return answer.status_code in _AGAIN or in_progress


def _status(come: Come) -> int:
    return come.status_code if isinstance(come, httpx.Response) else 0


def _may_be_done(come: Come) -> bool:
    return _status(come) != _UNDONE and not isinstance(come, _NOT_SENT)


def _given_up(call: Call, come: Come) -> Problem | Unanswered:
    key = call.idempotency_key or ""
    if isinstance(come, httpx.Response):
        return Problem(come, idempotency_key=key)
    failed = Unanswered(
        f"{call.method} {call.path} was not answered: {str(come) or type(come).__name__}.", idempotency_key=key
    )
    failed.__cause__ = come
    return failed


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
