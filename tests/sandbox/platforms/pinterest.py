"""Pinterest's boards and Pins, as its API v5 takes and lists them.

Source: the OpenAPI description 5.23.0 in github.com/pinterest/api-description (read 2026-11-21)
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

LONGEST = {"title": 100, "description": 800, "alt_text": 500, "link": 2_048}
IDS = ("board_id", "board_section_id", "parent_pin_id", "sponsor_id")
KNOWN = frozenset({*LONGEST, *IDS, "dominant_color", "media_source"})
SOURCES = {"image_url": {"source_type", "url"}, "multiple_image_urls": {"source_type", "items"}}
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
        Rule("/v5/boards/<board>", methods=["GET"], endpoint="board"),
        Rule("/v5/boards/<board>/pins", methods=["GET"], endpoint="on_board"),
        Rule("/v5/boards/<board>/sections/<section>/pins", methods=["GET"], endpoint="on_board"),
        Rule("/v5/user_account", methods=["GET"], endpoint="me"),
        Rule("/pin/<pin>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"page"})
    hosts = ("api.pinterest.com", "api-sandbox.pinterest.com")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._tokens: dict[str, str] = {}
        self._boards: dict[str, str] = {}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An account of that name with a board, and a new token."""
        _ = origin
        token = f"pina_{secrets.token_hex(24).upper()}"
        self._tokens[token] = name
        return {"access_token": token, "board_id": self._boards.setdefault(name, _number())}

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
        notice = self._wall.hang(self.name, account, _number(), pin)
        headers = {"x_ratelimit_limit": "100", "x_ratelimit_remaining": "99", "x_ratelimit_reset": "1"}
        return as_json(_shown(notice), 201, **headers)

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
    if source.keys() - {"is_standard", "index"} != SOURCES[source["source_type"]]:
        yield 1, f"Invalid request: {sorted(SOURCES[source['source_type']])} are required in 'media_source'"
        return
    items = source.get("items", [source])
    if "items" in source and not (2 <= len(items) <= 5 and all(item.keys() <= ITEM for item in items)):
        yield 1, "Invalid request: 'items' must be 2 to 5 known objects"
    for item in items:
        if not str(item.get("url", "")).partition("?")[0].lower().endswith(PICTURES):
            yield 235, "Sorry, we could not fetch the image."


def _shown(notice: Notice) -> dict[str, Any]:
    pin = {name: notice.document.get(name) for name in (*LONGEST, *IDS)}
    images = {"media_type": "image", "images": {}}
    created_at = notice.at.partition(".")[0]
    return {**pin, "id": notice.id, "created_at": created_at, "media": images, "is_owner": True}


def _trouble(status: int, code: int, message: str, **headers: str) -> Response:
    return as_json({"code": code, "message": message}, status, **headers)


def _number() -> str:
    return str(random.randrange(10**17, 10**18))  # noqa: S311 - an identifier, no secret


STAND_IN = Pinterest
