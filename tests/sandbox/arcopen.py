"""Who may ask Bilibili's open platform: apps, their members' tokens, and the signatures of their requests.

Source: https://open.bilibili.com/doc/4/8673959e-f7bb-56e6-6e68-d225f971b81b and
…/doc/4/eaf0e2b5-bde9-b9a0-9be1-019bb455701c, as contracts/publishing/bilibili-open-api.v1.json of
github.com/masterAventador/automation-tool has them (read 2026-11-21)
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, as_json

SKEW_S, MONTH_S = 600, 2_592_000
NOTHING = hashlib.md5(b"").hexdigest()  # noqa: S324 - Bilibili's choice


@dataclass(frozen=True)
class App:
    """One member's app and tokens."""

    client_id: str
    client_secret: str
    access_token: str
    refresh_token: str


class Apps:
    """The apps of all members, one each."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self._nonces: set[str] = set()
        self._lock = threading.Lock()

    def opened(self, name: str) -> App:
        """An app and tokens, all new."""
        self._apps[name] = App(*(secrets.token_hex(16) for _ in range(4)))
        return self._apps[name]

    def granted(self, name: str, client_id: str, client_secret: str) -> App:
        """Tokens for an app there is, all new."""
        self._apps[name] = App(client_id, client_secret, secrets.token_hex(16), secrets.token_hex(16))
        return self._apps[name]

    def signing(self, request: Request) -> str:
        """The member whose app signed the request."""
        found = self._named(request.headers.get("x-bili-accesskeyid", ""), 127004)
        code = next(self._complaints(request, self._apps[found]), 0)
        if code:
            raise Answer(said(code, "签名或令牌异常"))
        return found

    def renewing(self, request: Request) -> str:
        """The member whose refresh token the request carries."""
        found = self._named(request.form.get("client_id", ""), 122000)
        app = self._apps[found]
        if request.form.get("client_secret") != app.client_secret:
            raise Answer(said(122001, "client_secret 错误"))
        if (request.form.get("grant_type"), request.form.get("refresh_token")) != ("refresh_token", app.refresh_token):
            raise Answer(said(122007, "refreshToken不合法"))
        return found

    def renewed(self, name: str) -> Mapping[str, Any]:
        """New tokens; the old ones are good for nothing more."""
        app = self._apps[name]
        tokens = {"access_token": secrets.token_hex(16), "refresh_token": secrets.token_hex(16)}
        self._apps[name] = App(app.client_id, app.client_secret, **tokens)
        return {**tokens, "expires_in": int(time.time()) + MONTH_S}

    def _named(self, client_id: str, code: int) -> str:
        for name, app in self._apps.items():
            if app.client_id == client_id:
                return name
        raise Answer(said(code, "client_id错误"))

    def _complaints(self, request: Request, app: App) -> Iterator[int]:
        given = {name.lower(): value for name, value in request.headers if name.lower().startswith("x-bili-")}
        lines = "\n".join(f"{name}:{value}" for name, value in sorted(given.items()))
        is_form = request.mimetype == "multipart/form-data"
        digest = NOTHING if is_form else hashlib.md5(request.get_data()).hexdigest()  # noqa: S324 - Bilibili's choice
        if request.headers.get("accept") != "application/json":
            yield 4009
        if not is_form and request.mimetype != "application/json":
            yield 4007
        if given.get("x-bili-signature-method") != "HMAC-SHA256":
            yield 4005
        if given.get("x-bili-signature-version") != "2.0":
            yield 4006
        if abs(time.time() - int(given.get("x-bili-timestamp", "0"))) > SKEW_S:
            yield 4003
        if given.get("x-bili-content-md5") != digest:
            yield 4008
        proof = hmac.new(app.client_secret.encode(), lines.encode(), "sha256").hexdigest()
        if request.headers.get("authorization") != proof:
            yield 4002
        if self._is_repeated(given.get("x-bili-signature-nonce", "")):
            yield 4004
        if request.headers.get("access-token") != app.access_token:
            yield 127001

    def _is_repeated(self, nonce: str) -> bool:
        with self._lock:
            seen = not nonce or nonce in self._nonces
            self._nonces.add(nonce)
            return seen


def said(code: int, message: str = "0", data: Mapping[str, Any] | None = None) -> Response:
    """An answer, in the envelope all of them are in; nearly always with status 200."""
    document = {"code": code, "message": message, "ttl": 1, "request_id": "a-stand-in"}
    return as_json({**document, **({"data": dict(data)} if data is not None else {})})
