"""DynamoDB in memory where nothing goes wrong and nothing lags, for tests that ask it thousands of times."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, TypeVar

import boto3
import pytest

from tests.simulation.dynamodb import INDEX_LAG_S, DynamoDB
from tests.simulation.faults import Faults, Wire
from tests.simulation.loop import Loop

T = TypeVar("T")


class Calm(Wire):
    """A way to the service on which nothing happens, for many threads."""

    def __init__(self, loop: Loop, faults: Faults) -> None:
        super().__init__("dynamodb", loop, faults, (0.0, 0.0))
        self._lock = Lock()

    def ask(self, effect: Callable[[], T], about: Iterable[str]) -> T:  # noqa: ARG002 - the way's own signature
        """Bring back the answer, and wait until indexes show it."""
        with self._lock:
            answer = effect()
            self.loop.pause(INDEX_LAG_S[1])
            return answer


class Tables(DynamoDB):
    """The client; it is its own factory, and counts the changes that were asked of it."""

    def __init__(self) -> None:
        rng = random.Random(0)  # noqa: S311 - a test is to be repeatable
        loop, faults = Loop(rng), Faults(rng, scale=0.0)
        super().__init__(loop, faults)
        self._wire = self.operations_wire = Calm(loop, faults)
        self.updates = 0

    def __call__(self) -> Tables:
        return self

    def update_item(self, **request: Any) -> dict[str, Any]:
        """Change one item; counted whether or not its condition holds."""
        self.updates += 1
        return super().update_item(**request)


def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, whoever asks boto3 for DynamoDB is given these tables; all else stays where it is."""
    tables, others = Tables(), boto3.client

    def client(service: str, **options: Any) -> Any:
        return tables if service == "dynamodb" else others(service, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(boto3, "client", client)
