"""A server on loopback that does to its connections what a test wants, byte by byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Manner = Callable[[socket.socket], None]


@dataclass
class Server:
    """Treats every connection in its `manner`, in a thread for each."""

    manner: Manner
    listener: socket.socket
    accepted: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def run(self) -> None:
        while not self.stopped.is_set():
            with suppress(TimeoutError, OSError):
                connection, _ = self.listener.accept()
                self.accepted += 1
                threading.Thread(target=self._treat, args=(connection,), daemon=True).start()

    def _treat(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(5)
            self.manner(connection)


@contextmanager
def serving(manner: Manner) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        server = Server(manner, listener)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            thread.join(2)


def read_request(connection: socket.socket) -> bytes:
    """A request's head; a body is left unread."""
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65_536)
        if not received:
            break
        head += received
    return head


def answering(answer: bytes) -> Manner:
    """Answers every request of a connection with the same bytes, as long as requests come."""

    def manner(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(answer)

    return manner


def dripping(start: bytes, drop: bytes) -> Manner:
    """Answers with `start`, then a `drop` every 30 ms for five seconds: never long silent, never at an end."""

    def manner(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(start)
        pause = threading.Event()
        for _ in range(166):
            pause.wait(0.03)
            connection.sendall(drop)

    return manner


def silent(connection: socket.socket) -> None:
    """Takes the request, and never says a word."""
    read_request(connection)
    connection.recv(1)


def deaf(_connection: socket.socket) -> None:
    """Does not even take the request."""
    threading.Event().wait(3)


def sipping(connection: socket.socket) -> None:
    """Takes a little of the request at a time, for five seconds."""
    pause = threading.Event()
    for _ in range(166):
        pause.wait(0.03)
        connection.recv(262_144)


def resetting(connection: socket.socket) -> None:
    """Takes the request, then breaks the connection off."""
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hanging_up(connection: socket.socket) -> None:
    """Takes the request, then closes the connection properly."""
    read_request(connection)


def encrypted(context: ssl.SSLContext) -> Manner:
    """Speaks TLS, and answers 200 to whoever trusts its certificate."""

    def manner(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            read_request(tls)
            tls.sendall(answer(b""))

    return manner


def answer(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), headers, body)
