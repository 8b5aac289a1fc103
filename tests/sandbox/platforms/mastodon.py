"""Mastodon's posts, media and accounts, as one instance answers them.

Source: https://docs.joinmastodon.org/methods/statuses/, https://docs.joinmastodon.org/methods/media/ and
github.com/mastodon/mastodon: app/services/post_status_service.rb, app/validators/status_length_validator.rb,
config/locales/en.yml (read 2026-11-21)
"""

from __future__ import annotations

import html
import itertools
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, NewApp
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

MAX_CHARS, MAX_MEDIA, PAGE, MOST_PER_PAGE = 500, 4, 20, 40
URL = re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?)\]]")
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
WORKED_ON = {b"GIF8": "gifv", b"ftyp": "video", b"\x1a\x45\xdf\xa3": "video"}
INVISIBLE = "\u200c\u200d"
COUNTS = {"favourites_count": 3, "reblogs_count": 2, "replies_count": 1}


class Mastodon:
    """One instance; an account's name is its user's. Animated pictures and videos are ready when asked about once."""

    name = "mastodon"
    rules: Sequence[Rule] = (
        Rule("/api/v1/statuses", methods=["POST"], endpoint="create"),
        Rule("/api/v1/statuses/<status>", methods=["GET"], endpoint="status"),
        Rule("/api/v1/statuses/<status>", methods=["DELETE"], endpoint="delete"),
        Rule("/api/v2/media", methods=["POST"], endpoint="upload"),
        Rule("/api/v1/media/<picture>", methods=["GET"], endpoint="media"),
        Rule("/api/v1/accounts/verify_credentials", methods=["GET"], endpoint="me"),
        Rule("/api/v1/accounts/<identifier>/statuses", methods=["GET"], endpoint="statuses"),
        Rule("/api/v1/apps", methods=["POST"], endpoint="register"),
        Rule("/oauth/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/oauth/token", methods=["POST"], endpoint="exchange"),
        Rule("/@<user>/<status>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"page", "register", "authorize", "exchange"})
    hosts: Sequence[str] = ()

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._users: dict[str, str] = {}
        self._apps, self._next = Apps(proof="form"), NewApp(accounts=("everybody",))
        self._media: dict[str, dict[str, Any]] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A user of that name with a new access token."""
        token = secrets.token_urlsafe(32)
        self._users[token] = name
        return {"base_url": origin, "access_token": token}

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """Nothing is opened: whoever registers next gets this consent."""
        _ = origin
        self._next = asked
        return {}

    def register(self, request: Request) -> Response:
        """An app, for whoever asks."""
        form = request.form
        if not (form.get("client_name") and form.get("redirect_uris")):
            return _trouble("Validation failed: Application name can't be blank", 422)
        app = self._apps.open(self._next)
        told = {"id": "1", "name": form["client_name"], "redirect_uris": [form["redirect_uris"]]}
        return as_json({**told, "client_id": app.id, "client_secret": app.secret, "client_secret_expires_at": 0})

    def authorize(self, request: Request) -> Response:
        """The consent page."""
        return self._apps.authorize(request)

    def exchange(self, request: Request) -> Response:
        """A token for a code, without an end."""
        code, token = self._apps.exchanged(request), secrets.token_urlsafe(32)
        self._users[token] = code.app.accounts[0]
        told = {"token_type": "Bearer", "scope": " ".join(code.scopes), "created_at": 1_795_000_000}
        return as_json({"access_token": token, **told})

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user whose token the request carries."""
        _ = arguments
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        user = self._users.get(token)
        if scheme.lower() != "bearer" or user is None:
            raise Answer(_trouble("The access token is invalid", 401))
        return user

    def create(self, request: Request, account: str) -> Response:
        """Create a post, unless its key was used before or it breaks a rule of Mastodon's."""
        form = json_object(request) or request.form.to_dict()
        key = account, request.headers.get("Idempotency-Key", "")
        with self._lock:
            if key[1] and key in self._keys:
                self._wall.again(self.name, account, self._keys[key])
            else:
                complaint = next(self._complaints(form, account), None)
                if complaint:
                    return _trouble(complaint, 422)
                self._keys[key] = self._created(form, account)
            made = self._posted(self._keys[key])
            return as_json(self._shown(made, request)) if made else _trouble("Record not found", 404)

    def upload(self, request: Request, account: str) -> Response:
        """Take a picture, or a video: 202 for what moves."""
        head = {name: file.stream.read(8) for name, file in request.files.items()}.get("file")
        description = request.form.get("description") or None
        request.close()
        if head is None:
            return _trouble("Validation failed: File can't be blank", 422)
        kind = next((kind for mark, kind in WORKED_ON.items() if mark in head), "image")
        if kind == "image" and not head.startswith(PICTURES):
            return _trouble("File type of uploaded media could not be verified", 422)
        picture = {
            "id": str(len(self._media) + 1),
            "type": kind,
            "url": None,
            "description": description,
        }
        ready = picture["type"] == "image"
        self._media[str(picture["id"])] = {**picture, "owner": account, "ready": ready, "used": False}
        return as_json(picture, 200 if ready else 202)

    def media(self, _request: Request, account: str, picture: str) -> Response:
        """A picture of the user's that is part of no post yet: 206 while it is worked on."""
        found = self._free(picture, account)
        if found is None:
            return _trouble("Record not found", 404)
        was_ready, found["ready"] = found["ready"], True
        return as_json(_attachment(found), 200 if was_ready else 206)

    def status(self, request: Request, _account: str, status: str) -> Response:
        """A post, with its counts."""
        found = self._posted(status)
        return as_json(self._shown(found, request)) if found else _trouble("Record not found", 404)

    def delete(self, request: Request, account: str, status: str) -> Response:
        """Delete a post of the user's; what it was is answered."""
        found = self._posted(status)
        if found is None or not self._wall.take_down(self.name, account, status):
            return _trouble("Record not found", 404)
        return as_json(self._shown(found, request))

    def me(self, request: Request, account: str) -> Response:
        """The user."""
        return as_json(_account(account, request))

    def statuses(self, request: Request, _account: str, identifier: str) -> Response:
        """What an account posted, newest first."""
        size = min(request.args.get("limit", PAGE, int), MOST_PER_PAGE)
        newest = [each for each in self._wall.notices(self.name)[::-1] if _number(each.account) == identifier]
        before = request.args.get("max_id", 10**9, int)
        return as_json([self._shown(each, request) for each in newest if int(each.id) < before][:size])

    def page(self, _request: Request, user: str, status: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name, user):
            if notice.id == status:
                return as_page(f"@{user}", notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with the moment it ends."""
        reset = (datetime.now(UTC) + timedelta(seconds=wait_s)).isoformat().replace("+00:00", "Z")
        return as_json({"error": "Too many requests"}, 429, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)

    def refused(self) -> Response:
        """422 with a sentence."""
        return _trouble("Validation failed: Text contains a blocked word", 422)

    def expired(self) -> Response:
        """401."""
        return _trouble("The access token was revoked", 401)

    def _created(self, form: Mapping[str, Any], account: str) -> str:
        pictures = [self._media[str(each)] for each in form.get("media_ids") or []]
        for picture in pictures:
            picture["used"] = True
        document = {
            "text": form.get("status") or "",
            "visibility": form.get("visibility") or "public",
            "language": form.get("language") or "en",
            "in_reply_to_id": form.get("in_reply_to_id"),
            "media_attachments": [_attachment(picture) for picture in pictures],
        }
        return self._wall.hang(self.name, account, str(next(self._numbers)), document).id

    def _posted(self, identifier: str) -> Notice | None:
        return next((each for each in self._wall.notices(self.name) if each.id == identifier), None)

    def _free(self, picture: str, account: str) -> dict[str, Any] | None:
        found = self._media.get(picture)
        return found if found and found["owner"] == account and not found["used"] else None

    def _complaints(self, form: Mapping[str, Any], account: str) -> Iterator[str]:
        text, ids = str(form.get("status") or ""), [str(each) for each in form.get("media_ids") or []]
        pictures = [self._free(each, account) for each in ids]
        if len(ids) > MAX_MEDIA:
            yield f"Cannot attach more than {MAX_MEDIA} files"
        if len(ids) > 1 and any(picture and picture["type"] == "video" for picture in pictures):
            yield "Cannot attach a video to a post that already contains images"
        if form.get("in_reply_to_id") and not self._posted(form["in_reply_to_id"]):
            yield "The post you are trying to reply to does not appear to exist."
        if None in pictures:
            yield f"Media {', '.join(ids)} not found or already attached to another post"
        if not all(picture and picture["ready"] for picture in pictures):
            yield "Cannot attach files that have not finished processing. Try again in a moment!"
        if not text.strip() and not ids:
            yield "Validation failed: Text can't be blank"
        if _length(text) > MAX_CHARS:
            yield f"Validation failed: Text character limit of {MAX_CHARS} exceeded"
        if form.get("visibility", "public") not in {"public", "unlisted", "private", "direct"}:
            yield "Validation failed: Visibility is not included in the list"

    def _shown(self, notice: Notice, request: Request) -> dict[str, Any]:
        document, url = notice.document, f"{request.host_url}@{notice.account}/{notice.id}"
        return {
            "id": notice.id,
            "created_at": notice.at,
            "url": url,
            "uri": url,
            "content": _html(document["text"]),
            "visibility": document["visibility"],
            "language": document["language"],
            "in_reply_to_id": document["in_reply_to_id"],
            **COUNTS,
            "media_attachments": document["media_attachments"],
            "account": _account(notice.account, request),
        }


def _account(name: str, request: Request) -> dict[str, Any]:
    return {"id": _number(name), "username": name, "acct": name, "url": f"{request.host_url}@{name}"}


def _number(name: str) -> str:
    return str(int.from_bytes(name.encode()) % 10**12)


def _attachment(picture: Mapping[str, Any]) -> dict[str, Any]:
    return {name: picture[name] for name in ("id", "type", "url", "description")}


def _length(text: str) -> int:
    """Code points but for marks and joiners, an address 23: never more than Mastodon counts."""
    seen = unicodedata.normalize("NFC", URL.sub("x" * 23, text))
    return sum(unicodedata.category(each)[0] not in "MS" and each not in INVISIBLE for each in seen)


def _html(text: str) -> str:
    """The text as Mastodon shows it, with the parts of an address that it hides."""
    linked = URL.sub(_anchor, html.escape(text, quote=False))
    return f"<p>{linked}</p>".replace("\n\n", "</p><p>").replace("\n", "<br />")


def _anchor(found: re.Match[str]) -> str:
    scheme, _, rest = found[0].partition("://")
    return f'<a href="{found[0]}"><span class="invisible">{scheme}://</span><span class="">{rest}</span></a>'


def _trouble(error: str, status: int) -> Response:
    return as_json({"error": error}, status)


STAND_IN = Mastodon
