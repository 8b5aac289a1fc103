"""A customer's receiver on loopback: it keeps what it is sent, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook as Reference

BUSY, BUSY_S = 429, 1_000  # it asks for more time than a queue's delay bridges


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """What names the event in every attempt."""
        return self.headers["webhook-id"]

    @property
    def document(self) -> Any:
        """What it says."""
        return json.loads(self.body)

    def verified(self, secret: str) -> Any:
        """What it says, if the reference library finds it signed with the secret."""
        return Reference(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """What came in, by path, and what is answered there: the next of `answers`, or else 204."""

    address: str
    received: list[Received] = field(default_factory=list)
    answers: dict[str, deque[int]] = field(default_factory=dict)

    def at(self, path: str) -> list[Received]:
        """The requests to a path, in their order."""
        return [each for each in list(self.received) if each.path == path]

    def answer(self, path: str) -> int:
        """The status of the next answer."""
        waiting = self.answers.get(path)
        return waiting.popleft() if waiting else 204


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            status = receiver.answer(self.path)
            self.send_response(status)
            if status == BUSY:
                self.send_header("Retry-After", str(BUSY_S))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
