"""Asks many at the same time and waits no longer than a deadline; who did not answer by then is passed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from publishing.failures import told
from publishing.telemetry import logger

T = TypeVar("T")


def answers(asks: Mapping[str, Callable[[], T]], *, within_s: float) -> dict[str, T | None]:
    """What each answered; None where it failed, or did not in time. Those that go on are not waited for."""
    if not asks:
        return {}
    pool = ThreadPoolExecutor(len(asks))
    try:
        asked = {name: pool.submit(ask) for name, ask in asks.items()}
        wait(asked.values(), timeout=within_s)
        return {name: _answer(name, future) for name, future in asked.items()}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _answer(name: str, future: Future[T]) -> T | None:
    if not future.done():
        logger.warning("A part of the system did not answer in time", extra={"part": name})
        return None
    error = future.exception()
    if isinstance(error, Exception):
        logger.warning("A part of the system cannot be looked at", extra={"part": name, **told(error)})
        return None
    return future.result()
