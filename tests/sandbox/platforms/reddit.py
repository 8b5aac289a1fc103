"""Reddit's submissions, listings, media and tokens, as its API answers them.

Source: https://www.reddit.com/dev/api, github.com/reddit-archive/reddit/wiki/API and github.com/praw-dev/praw:
praw/models/media.py, praw/models/reddit/subreddit/subreddit.py (read 2026-11-21)
"""

from __future__ import annotations

import base64
import re
import secrets
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, NewApp
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

SUBREDDIT = "rivers"  # the only one, beside everybody's own profile
STORAGE = "reddit-uploaded-media.s3-accelerate.amazonaws.com"
KINDS = {"self", "link", "image", "video", "videogif"}
AGENT = re.compile(r"[\w.-]+:[\w.-]+:v[\w.]+ \(by /u/[\w-]+\)")
PROCESSED_S = 0.5  # what media take until they are seen
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Reddit:
    """All users of Reddit, and one subreddit; posts with media are seen a moment after they were taken."""

    name = "reddit"
    rules: Sequence[Rule] = (
        Rule("/api/submit", methods=["POST"], endpoint="submit"),
        Rule("/api/submit_gallery_post.json", methods=["POST"], endpoint="submit_gallery"),
        Rule("/api/media/asset.json", methods=["POST"], endpoint="lease"),
        Rule("/api/del", methods=["POST"], endpoint="delete"),
        Rule("/api/info", methods=["GET"], endpoint="info"),
        Rule("/api/v1/me", methods=["GET"], endpoint="me"),
        Rule("/user/<user>/submitted", methods=["GET"], endpoint="submitted"),
        Rule("/api/v1/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/api/v1/access_token", methods=["POST"], endpoint="token"),
        Rule("/", methods=["POST"], endpoint="store"),
        Rule("/r/<subreddit>/comments/<post>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"submit", "submit_gallery"})
    public = frozenset({"token", "store", "page", "authorize"})
    hosts: Sequence[str] = ("oauth.reddit.com", "www.reddit.com", STORAGE)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._apps = Apps(pkce=False)
        self._access: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._assets: dict[str, bool] = {}  # by key: whether something is there
        self._seen_s: dict[str, float] = {}  # from when a post with media is seen
        self._number = 36**5
        self._lock = threading.Lock()

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A user of that name, who has allowed a new app for good."""
        app, refresh = self.open_app(NewApp(accounts=(name,)), origin), secrets.token_urlsafe(24)
        self._refresh[refresh] = name
        return {**app, "refresh_token": refresh, **self._granted(name), "username": name, "subreddit": SUBREDDIT}

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app."""
        _ = origin
        app = self._apps.open(asked)
        return {"client_id": app.id, "client_secret": app.secret}

    def authorize(self, request: Request) -> Response:
        """The consent page; what is asked for good brings a refresh token."""
        if request.args.get("duration") != "permanent":
            return Response("This stand-in knows programs alone that go on while nobody is there.", 400)
        return self._apps.authorize(request)

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user whose token the request carries; who does not say what it is, is not listened to."""
        _ = arguments
        if not AGENT.fullmatch(request.headers.get("User-Agent", "")):
            raise Answer(as_json({"message": "Too Many Requests", "error": 429}, 429))
        user = self._access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            raise Answer(self.expired())
        return user

    def token(self, request: Request) -> Response:
        """Tokens for a code; or another access token for a refresh token."""
        if request.form.get("grant_type") == "authorization_code":
            code, refresh = self._apps.exchanged(request), secrets.token_urlsafe(24)
            self._refresh[refresh] = code.app.accounts[0]
            told = {"token_type": "bearer", "expires_in": 86_400, "scope": " ".join(code.scopes)}
            return as_json({**self._granted(code.app.accounts[0]), "refresh_token": refresh, **told})
        given = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        client, _, secret = given.partition(":")
        if client not in self._apps.known or self._apps.known[client].secret != secret:
            return self.expired()
        user = self._refresh.get(request.form.get("refresh_token", ""))
        if user is None or request.form.get("grant_type") != "refresh_token":
            return as_json({"message": "Bad Request", "error": 400}, 400)
        return as_json({**self._granted(user), "token_type": "bearer", "expires_in": 86_400, "scope": "submit"})

    def submit(self, request: Request, account: str) -> Response:
        """Submit something that is no gallery."""
        form = request.form.to_dict()
        return self._taken(form, account) or as_json(self._made(form, account))

    def submit_gallery(self, request: Request, account: str) -> Response:
        """Submit a gallery."""
        form = {**(json_object(request) or {}), "kind": "gallery"}
        return self._taken(form, account) or as_json(self._made(form, account))

    def lease(self, request: Request, _account: str) -> Response:
        """A place in the storage."""
        kind = request.form.get("mimetype", "")
        if not request.form.get("filepath") or kind.partition("/")[0] not in {"image", "video"}:
            return as_json({"message": "Bad Request", "error": 400}, 400)
        asset = secrets.token_hex(6)
        self._assets[f"rte_{asset}"] = False
        fields = [{"name": "acl", "value": "private"}, {"name": "key", "value": f"rte_{asset}"}]
        args = {"action": f"//{STORAGE}", "fields": [*fields, {"name": "success_action_status", "value": "201"}]}
        return as_json({"args": args, "asset": {"asset_id": asset, "processing_state": "incomplete"}})

    def store(self, request: Request) -> Response:
        """Put a file into the place that was leased; the storage's own words are XML."""
        file = {name: part.stream.read() for name, part in request.files.items()}.get("file", b"")
        key = request.form.get("key", "")
        request.close()
        if key not in self._assets or not file:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, mimetype="application/xml")
        self._assets[key] = True
        return Response(f"<PostResponse><Key>{key}</Key></PostResponse>", 201, mimetype="application/xml")

    def delete(self, request: Request, account: str) -> Response:
        """Delete one of the user's posts; nothing is said of what is not there."""
        self._wall.take_down(self.name, account, request.form.get("id", ""))
        return as_json({})

    def info(self, request: Request, _account: str) -> Response:
        """Posts by their names."""
        wanted = request.args.get("id", "").split(",")
        return as_json(_listing([each for each in self._wall.notices(self.name) if each.id in wanted]))

    def me(self, _request: Request, account: str) -> Response:
        """The user."""
        return as_json({"id": f"{zlib.crc32(account.encode()):x}", "name": account, "over_18": False})

    def submitted(self, request: Request, _account: str, user: str) -> Response:
        """What a user submitted, newest first, as far as it is seen."""
        size = min(request.args.get("limit", 25, int), 100)
        posts = [each for each in self._wall.notices(self.name, user)[::-1] if self._is_seen(each)]
        return as_json(_listing(posts[:size]))

    def page(self, _request: Request, subreddit: str, post: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if (notice.document["sr"], notice.id) == (subreddit, f"t3_{post}"):
                return as_page(str(notice.document["title"]), notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """An error inside a 200, in minutes and words; the seconds stand beside it."""
        said = ["RATELIMIT", "Looks like you've been doing that a lot. Take a break for 1 minute.", "ratelimit"]
        return as_json({"json": {"ratelimit": wait_s, "errors": [said]}})

    def refused(self) -> Response:
        """An error inside a 200."""
        return _objection("SUBREDDIT_NOTALLOWED", "You aren't allowed to post there.", "sr")

    def expired(self) -> Response:
        """401."""
        return as_json({"message": "Unauthorized", "error": 401}, 401)

    def _granted(self, user: str) -> dict[str, str]:
        access = secrets.token_urlsafe(48)
        self._access[access] = user
        return {"access_token": access}

    def _taken(self, form: Mapping[str, Any], account: str) -> Response | None:
        return next(self._complaints(form, account), None)

    def _complaints(self, form: Mapping[str, Any], account: str) -> Iterator[Response]:
        title, kind, url = str(form.get("title", "")), form.get("kind"), str(form.get("url", ""))
        if form.get("sr") not in {SUBREDDIT, f"u_{account}"}:
            yield _objection("SUBREDDIT_NOEXIST", "Hmm, that community doesn't exist. Try checking the spelling.", "sr")
        if not title.strip():
            yield _objection("NO_TEXT", "we need something here", "title")
        if len(title) > 300:
            yield _objection("TOO_LONG", "this is too long (max: 300)", "title")
        if kind not in {*KINDS, "gallery"} or form.get("api_type") != "json":
            yield _objection("INVALID_OPTION", "that option is not valid", "kind")
        if len(str(form.get("text", ""))) > 40_000:
            yield _objection("TOO_LONG", "this is too long (max: 40000)", "text")
        if kind == "link" and not url.startswith(("https://", "http://")):
            yield _objection("BAD_URL", "you should check that url", "url")
        if kind == "link" and str(form.get("resubmit")) != "true" and self._is_there(url, form["sr"]):
            yield _objection("ALREADY_SUB", "that link has already been submitted", "url")
        if not all(self._assets.get(key) for key in _keys(form)):
            yield _objection("BAD_URL", "you should check that url", "url")

    def _is_there(self, url: str, subreddit: str) -> bool:
        posts = (each.document for each in self._wall.notices(self.name))
        return any((each.get("url"), each["sr"]) == (url, subreddit) for each in posts)

    def _made(self, form: Mapping[str, Any], account: str) -> dict[str, Any]:
        with self._lock:
            self._number += 1
            number, identifier = self._number, ""
        while number:
            number, digit = divmod(number, 36)
            identifier = DIGITS[digit] + identifier
        notice = self._wall.hang(self.name, account, f"t3_{identifier}", dict(form))
        if form["kind"] in {"image", "video", "videogif"}:
            self._seen_s[notice.id] = time.monotonic() + PROCESSED_S
            page = f"https://www.reddit.com/user/{account}/submitted/"
            return {"json": {"errors": [], "data": {"user_submitted_page": page, "websocket_url": "wss://x.invalid"}}}
        own = {"id": notice.id} if form["kind"] == "gallery" else {"id": identifier, "name": notice.id}
        return {"json": {"errors": [], "data": {"url": f"https://www.reddit.com{_path(notice)}", **own}}}

    def _is_seen(self, notice: Notice) -> bool:
        return time.monotonic() >= self._seen_s.get(notice.id, 0.0)


def _keys(form: Mapping[str, Any]) -> list[str]:
    """Where what is submitted would stand in the storage."""
    if form.get("kind") == "gallery":
        return [f"rte_{item.get('media_id')}" for item in form.get("items", [])] or [""]
    wanted = {"image": ("url",), "video": ("url", "video_poster_url"), "videogif": ("url", "video_poster_url")}
    return [str(form.get(name, "")).rpartition("/")[2] for name in wanted.get(str(form.get("kind")), ())]


def _listing(notices: Sequence[Notice]) -> dict[str, Any]:
    children = [{"kind": "t3", "data": _shown(each)} for each in notices]
    return {"kind": "Listing", "data": {"children": children, "after": None, "dist": len(children)}}


def _shown(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id.removeprefix("t3_"),
        "name": notice.id,
        "title": notice.document["title"],
        "subreddit": notice.document["sr"],
        "selftext": notice.document.get("text", ""),
        "permalink": _path(notice),
        "url": notice.document.get("url", f"https://www.reddit.com{_path(notice)}"),
        "created_utc": datetime.fromisoformat(notice.at).astimezone(UTC).timestamp(),
        "score": 1,
        "upvote_ratio": 1.0,
        "num_comments": 0,
        "num_crossposts": 0,
    }


def _path(notice: Notice) -> str:
    return f"/r/{notice.document['sr']}/comments/{notice.id.removeprefix('t3_')}/"


def _objection(code: str, told: str, field: str) -> Response:
    return as_json({"json": {"errors": [[code, told, field]]}})


STAND_IN = Reddit
