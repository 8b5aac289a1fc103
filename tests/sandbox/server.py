"""The sandbox: every stand-in listening at an address of its own on loopback, as platforms have hosts of their own."""

from __future__ import annotations

import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Self

from PIL import Image
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.media.films import film
from tests.sandbox import platforms
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.wall import Wall

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
MEDIA = "images.example.com"  # where the demonstration's picture is said to be: every path there is one of these,
KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".mp4": "video/mp4"}  # by how it ends
SIDE = 1_080
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
        self._medium = _server(_medium)

    @property
    def addresses(self) -> dict[str, str]:
        """The base URL of each stand-in."""
        return {name: _address(server) for name, server in self._servers.items()}

    @property
    def hosts(self) -> dict[str, str]:
        """The base URL for each host that somebody stands in for: the vendors' own, and one of pictures."""
        addresses, media = self.addresses, {MEDIA: _address(self._medium)}
        return media | {host: addresses[each.name] for each in self._stand_ins for host in each.hosts}

    @property
    def demonstrated(self) -> list[str]:
        """The platforms whose stand-ins say that they are good to begin with."""
        return [each.name for each in self._stand_ins if getattr(each, "demonstrated", False)]

    @property
    def _all(self) -> list[BaseWSGIServer]:
        return [*self._servers.values(), self._medium]

    def __enter__(self) -> Self:
        for server in self._all:
            threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        with ThreadPoolExecutor() as threads:  # each takes a moment to notice
            list(threads.map(_closed, self._all))


@Request.application
def _medium(request: Request) -> Response:
    """A part of it, where one is asked for, as any web server gives."""
    content, kind = _media(request.path[-4:])
    answer = Response(content, mimetype=kind)
    return answer.make_conditional(request, accept_ranges=True, complete_length=len(content))


@cache
def _media(ending: str) -> tuple[bytes, str]:
    kind = KINDS.get(ending, "image/png")
    if kind == "video/mp4":
        return film(seconds=12.0), kind
    out = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), "teal").save(out, kind.rpartition("/")[2])
    return out.getvalue(), kind


def _closed(server: BaseWSGIServer) -> None:
    server.shutdown()
    server.server_close()


def _address(server: BaseWSGIServer) -> str:
    return f"http://{HOST}:{server.port}"


def _server(application: WSGIApplication) -> BaseWSGIServer:
    return make_server(HOST, 0, application, threaded=True, request_handler=_Handler)
