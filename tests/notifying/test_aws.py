from __future__ import annotations

import io
import json
from typing import Any

import pytest

from notifying.aws import CallFailed, Calling


class Lambda:
    """The function that calls, and what it answers. It is its own factory."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    def __call__(self) -> Any:
        return self

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:  # noqa: N803 - AWS's
        """Answer."""
        self.asked.append((FunctionName, json.loads(Payload)))
        return self.answer


def test_another_function_makes_the_call() -> None:
    result = {"status": 503, "ms": 12, "why": "status", "excerpt": "Later.", "retry_after_s": 3.0}
    client = Lambda(Payload=io.BytesIO(json.dumps(result).encode()))
    answered = Calling("call", client)("https://example.org", {"a": "b"}, "{}")
    assert (answered.status, answered.excerpt, answered.retry_after_s) == (503, "Later.", 3.0)
    assert client.asked == [("call", {"url": "https://example.org", "headers": {"a": "b"}, "body": "{}"})]


def test_what_that_function_fails_at_is_not_the_receivers_failure() -> None:
    client = Lambda(Payload=io.BytesIO(b"{}"), FunctionError="Unhandled")
    with pytest.raises(CallFailed):
        Calling("call", client)("https://example.org", {}, "{}")
