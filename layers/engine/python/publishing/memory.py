"""What a warm function remembers for a while: values by key, bounded in age, in number and in uses."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Values kept `keep_s` seconds at the longest and `most` at a time; the oldest goes first. Safe between threads.

    With `uses`, each is recalled so many times and then asked anew.
    """

    def __init__(
        self, *, keep_s: float, most: int, uses: float = math.inf, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep_s = keep_s
        self._most = most
        self._uses = uses
        self._now_s = now_s
        self._kept: dict[K, tuple[float, float, V]] = {}
        self._lock = threading.Lock()

    def recall(self, key: K) -> V | None:
        """The value of `key` where it is remembered and fresh."""
        with self._lock:
            until_s, uses, value = self._kept.get(key, (0.0, 0.0, None))
            if value is None or not uses or self._now_s() >= until_s:
                return None
            self._kept[key] = (until_s, uses - 1, value)
            return value

    def keep(self, key: K, value: V) -> V:
        """Remember `value` from now on, and give it back."""
        with self._lock:
            self._kept.pop(key, None)
            while len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (self._now_s() + self._keep_s, self._uses, value)
        return value

    def forget(self, key: K) -> None:
        """Let go of `key`, so that it is asked anew."""
        with self._lock:
            self._kept.pop(key, None)
