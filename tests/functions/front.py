"""The API as a WSGI application: what API Gateway makes of requests and answers, around the functions in moto."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from functions.api import handler as api
from functions.health import handler as health
from functions.media import handler as media
from functions.submit import handler as submit
from identity.model import Principal, Role
from tests.web import gateway

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@dataclass
class Front:
    """Every caller who sends a key is an admin of this workspace."""

    workspace: str

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request as WSGI has it."""
        answer = self._answered(environ)
        content = gateway.content(answer)
        status = answer["statusCode"]
        start(f"{status} {HTTPStatus(status).phrase}", list(answer["headers"].items()))
        return [content]

    def _answered(self, environ: WSGIEnvironment) -> dict[str, Any]:
        method, path = (
            environ["REQUEST_METHOD"],
            unquote(environ["PATH_INFO"].encode("latin-1").decode(errors="replace")),
        )
        event = gateway.event(method, path, raw=self._body(environ), query=self._query(environ))
        event["headers"] |= self._headers(environ)
        known = Principal(self.workspace, "tester", Role.ADMIN).context() if "HTTP_AUTHORIZATION" in environ else None
        event["requestContext"]["authorizer"] = {"lambda": known}
        handler: Any = media if path.startswith(("/v1/media", "/v1/files")) else api
        handler = health if path == "/v1/health/deep" else handler
        handler = submit if (method, path) == ("POST", "/v1/publications") else handler
        answered: dict[str, Any] = json.loads(json.dumps(handler.handle(event, None)))
        return answered

    @staticmethod
    def _body(environ: WSGIEnvironment) -> bytes | None:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return environ["wsgi.input"].read(length) if length else None

    @staticmethod
    def _query(environ: WSGIEnvironment) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True):
            found[name] = f"{found[name]},{value}" if name in found else value
        return found

    @staticmethod
    def _headers(environ: WSGIEnvironment) -> dict[str, str]:
        sent = {name.removeprefix("HTTP_"): value for name, value in environ.items() if name.startswith("HTTP_")}
        sent |= {"CONTENT_TYPE": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
        return {name.replace("_", "-").lower(): value for name, value in sent.items()}
