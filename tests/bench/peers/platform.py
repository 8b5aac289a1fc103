"""A third party on loopback: every post it is asked for becomes visible, and some of its answers are lost."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER_S = (0.02, 0.06)  # before the effect, and once more before the answer


class Platform(ThreadingHTTPServer):
    """Keeps what became visible, in its order; the connection is dropped before or after that with a likelihood."""

    daemon_threads = True

    def __init__(self, seed: int, *, lost_before: float, lost_after: float) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.effects: list[str] = []
        self.lost_before, self.lost_after = lost_before, lost_after
        self._rng, self._lock = random.Random(seed), threading.Lock()  # noqa: S311 - a run is to be repeatable

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.server_port}/posts"

    def drawn(self) -> tuple[float, float]:
        """A number for what is lost, and how long each half takes."""
        with self._lock:
            return self._rng.random(), self._rng.uniform(*ANSWER_S)

    def handle_error(self, *_: Any) -> None:
        """Whoever asked was killed meanwhile."""


class _Answer(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        number, half_s = self.server.drawn()
        time.sleep(half_s)
        if number < self.server.lost_before:
            return
        self.server.effects.append(said["id"])
        time.sleep(half_s)
        if number < self.server.lost_before + self.server.lost_after:
            return
        body = b'{"id":"p-1"}'
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@contextmanager
def opened(seed: int, *, lost_before: float, lost_after: float) -> Iterator[Platform]:
    """A platform that is there as long as this context."""
    with Platform(seed, lost_before=lost_before, lost_after=lost_after) as platform:
        threading.Thread(target=platform.serve_forever, daemon=True).start()
        try:
            yield platform
        finally:
            with suppress(OSError):
                platform.shutdown()
