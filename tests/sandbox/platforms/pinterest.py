"""Pinterest's boards and Pins, as its API v5 takes and lists them.

Source: the OpenAPI description 5.23.0 in github.com/pinterest/api-description (read 2026-11-21)
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, NewApp
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

LONGEST = {"title": 100, "description": 800, "alt_text": 500, "link": 2_048}
IDS = ("board_id", "board_section_id", "parent_pin_id", "sponsor_id")
KNOWN = frozenset({*LONGEST, *IDS, "dominant_color", "media_source"})
SOURCES = {
    "image_url": {"source_type", "url"},
    "multiple_image_urls": {"source_type", "items"},
    "video_id": {"source_type", "media_id"},
}
COVERS = frozenset({"cover_image_url", "cover_image_key_frame_time", "cover_image_data", "cover_image_content_type"})
STORE = "pinterest-media-upload.s3-accelerate.amazonaws.com"
PROCESSING_S = 0.2
ITEM = frozenset({"title", "description", "link", "url"})
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tiff")
PER_PAGE, MOST_PER_PAGE = 25, 250
TRIAL = "Apps with Trial access may not create Pins in production - use API Sandbox instead."


class Pinterest:
    """Accounts with one board each; one whose name begins with `trial` came through an app with trial access."""

    name = "pinterest"
    rules = (
        Rule("/v5/pins", methods=["POST"], endpoint="create"),
        Rule("/v5/pins/<pin>", methods=["GET"], endpoint="show"),
        Rule("/v5/pins/<pin>", methods=["DELETE"], endpoint="delete"),
        Rule("/v5/media", methods=["POST"], endpoint="register"),
        Rule("/v5/media/<media>", methods=["GET"], endpoint="progress"),
        Rule("/v5/oauth/token", methods=["POST"], endpoint="renew"),
        Rule("/upload/<media>", methods=["POST"], endpoint="upload"),
        Rule("/oauth/", methods=["GET"], endpoint="authorize"),
        Rule("/v5/boards", methods=["GET"], endpoint="boards"),
        Rule("/v5/boards/<board>", methods=["GET"], endpoint="board"),
        Rule("/v5/boards/<board>/pins", methods=["GET"], endpoint="on_board"),
        Rule("/v5/boards/<board>/sections/<section>/pins", methods=["GET"], endpoint="on_board"),
        Rule("/v5/user_account", methods=["GET"], endpoint="me"),
        Rule("/pin/<pin>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"page", "upload", "renew", "authorize"})
    hosts = ("api.pinterest.com", "api-sandbox.pinterest.com", "www.pinterest.com", STORE)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._tokens: dict[str, str] = {}
        self._boards: dict[str, str] = {}
        self._apps = Apps(pkce=False)
        self._refreshing: dict[str, tuple[str, str]] = {}  # whose refresh tokens are, with their apps' secrets
        self._videos: dict[str, tuple[str, float]] = {}  # whose they are, and since when there; 0: not yet

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An account of that name with a board, and a new token."""
        _ = origin
        app = {"client_id": "1503", "client_secret": secrets.token_hex(20)}
        board = self._boards.setdefault(name, _number())
        return {**self._granted(name, app["client_secret"]), **app, "board_id": board}

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app."""
        for name in asked.accounts:
            self.open_account(name, origin)
        app = self._apps.open(asked)
        return {"client_id": app.id, "client_secret": app.secret}

    def authorize(self, request: Request) -> Response:
        """The consent page."""
        return self._apps.authorize(request)

    def boards(self, _request: Request, account: str) -> Response:
        """The account's boards: one."""
        board = {"id": self._boards[account], "name": f"{account}'s board", "owner": {"username": account}}
        return as_json({"items": [board], "bookmark": None})

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """Whose token the request carries."""
        _ = arguments
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            raise Answer(self.expired())
        return self._tokens[token]

    def create(self, request: Request, account: str) -> Response:
        """Create a Pin."""
        pin = json_object(request)
        if account.startswith("trial"):
            return _trouble(403, 29, TRIAL)
        if pin is None:
            return _trouble(400, 1, "Invalid request: the body is no object")
        if pin.get("board_id") != self._boards[account]:
            return _trouble(404, 40, "Board not found.")
        complaint = next(_complaints(pin), None) or next(_source_complaints(pin.get("media_source")), None)
        if complaint:
            return _trouble(400, *complaint)
        if "media_id" in pin["media_source"] and self._status(pin["media_source"]["media_id"]) != "succeeded":
            return _trouble(400, 1, "Invalid request: the video is not there, or not processed")
        notice = self._wall.hang(self.name, account, _number(), pin)
        headers = {"x_ratelimit_limit": "100", "x_ratelimit_remaining": "99", "x_ratelimit_reset": "1"}
        return as_json(_shown(notice), 201, **headers)

    def delete(self, _request: Request, account: str, pin: str) -> Response:
        """Delete a Pin of the account's own."""
        gone = self._wall.take_down(self.name, account, pin)
        return Response(status=204) if gone else _trouble(404, 50, "Pin not found.")

    def register(self, request: Request, account: str) -> Response:
        """A place to put a video."""
        if json_object(request) != {"media_type": "video"}:
            return _trouble(400, 1, "Invalid request: 'media_type' is required")
        media = _number()
        self._videos[media] = (account, 0.0)
        given = {"key": f"uploads/{media}", "policy": secrets.token_urlsafe(9), "Content-Type": "multipart/form-data"}
        place = {"media_type": "video", "upload_url": f"https://{STORE}/upload/{media}", "upload_parameters": given}
        return as_json({"media_id": media, **place}, 201)

    def upload(self, request: Request, media: str) -> Response:
        """Take a video as the store does: as the file of a form that has all that was given, too."""
        form, came = request.form, b""
        if "file" in request.files:
            with request.files["file"].stream as stream:
                came = stream.read(1)
        if media not in self._videos or form.get("key") != f"uploads/{media}" or not (form.get("policy") and came):
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, mimetype="application/xml")
        self._videos[media] = (self._videos[media][0], time.monotonic())
        return Response(status=204)

    def progress(self, _request: Request, account: str, media: str) -> Response:
        """How far a video of the account's own is."""
        if self._videos.get(media, ("",))[0] != account:
            return _trouble(404, 404, "Media not found.")
        return as_json({"media_id": media, "media_type": "video", "status": self._status(media)})

    def renew(self, request: Request) -> Response:
        """Tokens for a code; or others for a refresh token, which is good no longer then."""
        if request.form.get("grant_type") == "authorization_code":
            code = self._apps.exchanged(request)
            told = {"expires_in": 2_592_000, "token_type": "bearer", "scope": " ".join(code.scopes)}
            return as_json({**self._granted(code.app.accounts[0], code.app.secret), **told})
        login, form = request.authorization, request.form
        account, secret = self._refreshing.get(form.get("refresh_token", ""), ("", ""))
        if form.get("grant_type") != "refresh_token" or login is None or login.password != secret or not account:
            return _trouble(400, 283, "Invalid refresh token.")
        del self._refreshing[form["refresh_token"]]
        lasts = {"expires_in": 2_592_000, "refresh_token_expires_in": 5_184_000, "token_type": "bearer"}
        return as_json({**self._granted(account, secret), **lasts, "scope": "pins:write"})

    def show(self, _request: Request, account: str, pin: str) -> Response:
        """One Pin of the account's own."""
        for notice in self._wall.notices(self.name, account):
            if notice.id == pin:
                return as_json(_shown(notice))
        return _trouble(404, 50, "Pin not found.")

    def board(self, _request: Request, account: str, board: str) -> Response:
        """The account's board."""
        if board != self._boards[account]:
            return _trouble(404, 40, "Board not found.")
        owner = {"username": account}
        return as_json({"id": board, "name": f"{account}'s board", "owner": owner, "privacy": "PUBLIC"})

    def on_board(self, request: Request, account: str, board: str, section: str = "") -> Response:
        """The Pins of the board or of a section, newest first, with a bookmark where there are more."""
        size = request.args.get("page_size", PER_PAGE, int)
        if not 1 <= size <= MOST_PER_PAGE:
            return _trouble(400, 1, f"{size} is not between 1 and {MOST_PER_PAGE}")
        if board != self._boards[account]:
            return _trouble(404, 404, "Board not found.")
        newest = [_shown(notice) for notice in self._wall.notices(self.name, account)[::-1]]
        there = [pin for pin in newest if not section or pin["board_section_id"] == section]
        start = int((request.args.get("bookmark") or "page-0").removeprefix("page-"))
        more = f"page-{start + size}" if start + size < len(there) else None
        return as_json({"items": there[start : start + size], "bookmark": more})

    def me(self, _request: Request, account: str) -> Response:
        """The account."""
        return as_json({"id": "2783136121146311751", "username": account, "account_type": "BUSINESS"})

    def page(self, _request: Request, pin: str) -> Response:
        """A Pin as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == pin:
                return as_page(str(notice.document.get("title", "Pin")), notice.document)
        return Response("That Pin isn't there", 404)

    def throttled(self, wait_s: float) -> Response:
        """429, with the wait in the rate headers as well."""
        wait = str(round(wait_s))
        spent = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": wait, "Retry_After": wait}
        return _trouble(429, 8, "You have exceeded your rate limit. Try again later.", **spent)

    def refused(self) -> Response:
        """The picture cannot be fetched."""
        return _trouble(400, 235, "Sorry, we could not fetch the image.")

    def expired(self) -> Response:
        """401."""
        return _trouble(401, 2, "Authentication failed.")

    def _granted(self, account: str, app_secret: str) -> dict[str, str]:
        token, renewal = f"pina_{secrets.token_hex(24).upper()}", f"pinr_{secrets.token_hex(24).upper()}"
        self._tokens[token], self._refreshing[renewal] = account, (account, app_secret)
        return {"access_token": token, "refresh_token": renewal}

    def _status(self, media: str) -> str:
        since = self._videos.get(media, ("", 0.0))[1]
        ready = time.monotonic() - since > PROCESSING_S
        return "registered" if not since else "succeeded" if ready else "processing"


def _complaints(pin: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for name in sorted(pin.keys() - KNOWN):
        yield 1, f"Invalid request: '{name}' was unexpected"
    for name, most in LONGEST.items():
        if len(pin.get(name) or "") > most:
            yield 1, f"Invalid request: '{name}' is too long (at most {most})"
    for name in IDS:
        if not str(pin.get(name) or "0").isdigit():
            yield 1, f"Invalid request: '{name}' does not match ^\\d+$"
    if not str(pin.get("link") or "https://").startswith(("http://", "https://")):
        yield 1, "Invalid request: 'link' is no URL"


def _source_complaints(source: object) -> Iterator[tuple[int, str]]:
    if not isinstance(source, dict) or source.get("source_type") not in SOURCES:
        yield 1, "Invalid request: 'media_source' is required, with a known 'source_type'"
        return
    if source.keys() - COVERS - {"is_standard", "index"} != SOURCES[source["source_type"]]:
        yield 1, f"Invalid request: {sorted(SOURCES[source['source_type']])} are required in 'media_source'"
        return
    if "media_id" in source and len(source.keys() & COVERS) != 1:
        yield 1, "Invalid request: a cover is required"
    items = source.get("items", [source] if "url" in source else [])
    if "items" in source and not (2 <= len(items) <= 5 and all(item.keys() <= ITEM for item in items)):
        yield 1, "Invalid request: 'items' must be 2 to 5 known objects"
    for item in items:
        if not str(item.get("url", "")).partition("?")[0].lower().endswith(PICTURES):
            yield 235, "Sorry, we could not fetch the image."


def _shown(notice: Notice) -> dict[str, Any]:
    pin = {name: notice.document.get(name) for name in (*LONGEST, *IDS)}
    metrics = {"90d": {}, "lifetime_metrics": {"impression": 20, "save": 1, "clickthrough": 2}}
    images = {"media_type": "image", "images": {}}
    created_at = notice.at.partition(".")[0]
    return {**pin, "id": notice.id, "created_at": created_at, "media": images, "pin_metrics": metrics}


def _trouble(status: int, code: int, message: str, **headers: str) -> Response:
    return as_json({"code": code, "message": message}, status, **headers)


def _number() -> str:
    return str(random.randrange(10**17, 10**18))  # noqa: S311 - an identifier, no secret


STAND_IN = Pinterest
