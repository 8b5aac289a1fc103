"""The sandbox: every stand-in listening at an address of its own on loopback, as platforms have hosts of their own."""

from __future__ import annotations

import base64
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from tests.sandbox import platforms
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.wall import Wall

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
PICTURES = "images.example.com"  # where the demonstration's picture is said to be; every path there is this picture:
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII="
)
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
        self._stand_ins = list(platforms.every(self.wall))
        self._servers = {each.name: _server(Application(each, self.wall, self.faults)) for each in self._stand_ins}
        self._pictures = _server(Response(PICTURE, mimetype="image/png"))

    @property
    def addresses(self) -> dict[str, str]:
        """The base URL of each stand-in."""
        return {name: _address(server) for name, server in self._servers.items()}

    @property
    def hosts(self) -> dict[str, str]:
        """The base URL for each host that somebody stands in for: the vendors' own, and one of pictures."""
        addresses, pictures = self.addresses, {PICTURES: _address(self._pictures)}
        return pictures | {host: addresses[each.name] for each in self._stand_ins for host in each.hosts}

    @property
    def _all(self) -> list[BaseWSGIServer]:
        return [*self._servers.values(), self._pictures]

    def __enter__(self) -> Self:
        for server in self._all:
            threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        with ThreadPoolExecutor() as threads:  # each takes a moment to notice
            list(threads.map(_closed, self._all))


def _closed(server: BaseWSGIServer) -> None:
    server.shutdown()
    server.server_close()


def _address(server: BaseWSGIServer) -> str:
    return f"http://{HOST}:{server.port}"


def _server(application: WSGIApplication) -> BaseWSGIServer:
    return make_server(HOST, 0, application, threaded=True, request_handler=_Handler)
