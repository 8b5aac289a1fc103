"""The sandbox: every stand-in listening at an address of its own on loopback, as platforms have hosts of their own."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.sandbox import platforms
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.wall import Wall

HOST = "127.0.0.1"
POLL_S = 0.02  # how soon a server notices that it shall stop

logger = logging.getLogger("sandbox")


class _Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        _ = size
        logger.info("%s %s %s", self.command, self.path.partition("?")[0], code)


class Sandbox:
    """All stand-ins, running while the context lasts; `addresses` tells where, by platform."""

    def __init__(self) -> None:
        self.wall = Wall()
        self.faults = Faults()
        self._servers = {
            stand_in.name: _server(Application(stand_in, self.wall, self.faults))
            for stand_in in platforms.every(self.wall)
        }

    @property
    def addresses(self) -> dict[str, str]:
        """The base URL of each stand-in."""
        return {name: f"http://{HOST}:{server.port}" for name, server in self._servers.items()}

    def __enter__(self) -> Self:
        for name, server in self._servers.items():
            threading.Thread(target=server.serve_forever, args=(POLL_S,), name=name, daemon=True).start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        with ThreadPoolExecutor() as threads:  # each takes a moment to notice
            list(threads.map(_closed, self._servers.values()))


def _closed(server: BaseWSGIServer) -> None:
    server.shutdown()
    server.server_close()


def _server(application: Application) -> BaseWSGIServer:
    return make_server(HOST, 0, application, threaded=True, request_handler=_Handler)
