"""Xiaohongshu's tokens for sharing, and the app that a share opens.

Source: github.com/yikart/AiToEarn, demo/xhs and .../platforms/rednote/offline-qr (read 2026-11-21)
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Wall

MOST_TITLE, MOST_TEXT, MOST_IMAGES, MOST_NONCE = 20, 1000, 18, 32
FRESH_S, DAY_S = 600, 86_400


class Xiaohongshu:
    """Apps; what their signed shares open is published at once, as if a person had tapped."""

    name = "xiaohongshu"
    rules: Sequence[Rule] = (
        Rule("/api/sns/v1/ext/access/token", methods=["POST"], endpoint="token"),
        Rule("/share", methods=["GET"], endpoint="page"),
        Rule("/app", methods=["POST"], endpoint="app"),
    )
    publishing = frozenset({"token"})
    public = frozenset({"page", "app"})
    hosts: Sequence[str] = ("edith.xiaohongshu.com",)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._apps: dict[str, tuple[str, str]] = {}
        self._tokens: dict[str, str] = {}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An app, and a page that shares."""
        key, secret = f"red.{secrets.token_urlsafe(12)}", secrets.token_hex(16)
        self._apps[key] = (name, secret)
        return {"app_key": key, "app_secret": secret, "page": f"{origin}/share"}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """Whose app signed it."""
        _ = arguments
        body = json_object(request) or {}
        name, secret = self._apps.get(str(body.get("app_key")), ("", ""))
        asked = {**body, "appKey": body.get("app_key")}
        if not name or not _is_signed(asked, secret):
            raise Answer(_trouble("invalid signature"))
        return name

    def token(self, request: Request, _account: str) -> Response:
        """A token for a day."""
        token = secrets.token_hex(16)
        self._tokens[token] = str((json_object(request) or {})["app_key"])
        ends_ms = int((time.time() + DAY_S) * 1000)
        return as_json(
            {"success": True, "code": 0, "msg": "ok", "data": {"access_token": token, "expires_in": ends_ms}}
        )

    def page(self, _request: Request) -> Response:
        """The page of the channel's owner, without the script that reads what stands behind `#`."""
        return as_page("Share", {})

    def app(self, request: Request) -> Response:
        """What the app makes of what the SDK hands it."""
        body = json_object(request) or {}
        config, note = body.get("verifyConfig") or {}, body.get("shareInfo") or {}
        tokens = [token for token, key in self._tokens.items() if key == config.get("appKey")]
        if not any(_is_signed(config, token) for token in tokens):
            return _trouble("invalid signature")
        fits = len(note.get("title", "")) <= MOST_TITLE and len(note.get("content", "")) <= MOST_TEXT
        media = [note.get("video")] if note.get("type") == "video" else note.get("images") or []
        if not fits or not media or not all(media) or len(media) > MOST_IMAGES:
            return _trouble("invalid note")
        name, _ = self._apps[config["appKey"]]
        return as_json({"success": True, "id": self._wall.hang(self.name, name, secrets.token_hex(12), note).id})

    def throttled(self, wait_s: float) -> Response:
        """By its status: no code is known."""
        return as_json({"success": False, "msg": "too many requests"}, 429, Retry_After=str(wait_s))

    def refused(self) -> Response:
        """A code and a sentence."""
        return _trouble("app is not allowed to share")

    def expired(self) -> Response:
        """The same."""
        return _trouble("invalid signature")


def _is_signed(asked: Mapping[str, object], secret: str) -> bool:
    nonce, timestamp = str(asked.get("nonce")), str(asked.get("timestamp"))
    words = f"appKey={asked.get('appKey')}&nonce={nonce}&timeStamp={timestamp}{secret}"
    now = timestamp.isdecimal() and abs(int(timestamp) / 1000 - time.time()) < FRESH_S
    return now and len(nonce) <= MOST_NONCE and asked.get("signature") == hashlib.sha256(words.encode()).hexdigest()


def _trouble(message: str) -> Response:
    return as_json({"success": False, "code": -1, "msg": message, "data": {}})


STAND_IN = Xiaohongshu
