"""Actors that run in threads of their own and write to the tables only when it is their turn: races, step by step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from publishing import aws

WAIT_S = 10.0


class Actor:
    """One who does something over several calls to DynamoDB; `step` lets the next one through and waits for it."""

    def __init__(self, does: Callable[[Actor], object], *, calls: Sequence[str]) -> None:
        """`does` gets the actor, whose `client` it must use; `calls` are those that wait for their turn."""
        self._calls = frozenset(calls)
        self._ready, self._turn = threading.Semaphore(0), threading.Semaphore(0)
        self._done = False
        self._thread = threading.Thread(target=self._run, args=(does,), daemon=True)
        self._thread.start()
        self._await_ready()

    def client(self) -> Any:
        """DynamoDB, every call of which is a step."""
        return _Gate(self._pass, self._calls)

    def step(self) -> None:
        """Let the actor do its next call, and all it does until the one after; nothing where it is done."""
        if not self._done:
            self._turn.release()
            self._await_ready()

    def finish(self) -> None:
        """Let it do all the rest."""
        while not self._done:
            self.step()

    def _pass(self) -> None:
        self._ready.release()
        assert self._turn.acquire(timeout=WAIT_S)

    def _run(self, does: Callable[[Actor], object]) -> None:
        try:
            does(self)
        finally:
            self._done = True
            self._ready.release()

    def _await_ready(self) -> None:
        assert self._ready.acquire(timeout=WAIT_S)


class _Gate:
    """A client that waits for its turn."""

    def __init__(self, wait: Callable[[], None], calls: frozenset[str]) -> None:
        self._wait, self._calls = wait, calls

    def __getattr__(self, name: str) -> Any:
        real = getattr(aws.dynamodb(), name)
        if name not in self._calls:
            return real

        def call(**request: Any) -> Any:
            self._wait()
            return real(**request)

        return call


def orders(steps: dict[str, int]) -> Iterator[tuple[str, ...]]:
    """Every order in which these actors can take so many steps each."""
    if not steps:
        yield ()
    for name, count in steps.items():
        rest = {**steps, name: count - 1}
        yield from ((name, *after) for after in orders({each: left for each, left in rest.items() if left}))
