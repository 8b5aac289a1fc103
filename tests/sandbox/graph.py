"""What the stand-ins of Meta's platforms share: tokens, posts and Graph's errors.

Source: https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/documentation/threads/get-started/long-lived-tokens and …/threads/insights
(read 2026-11-21)
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, Code, NewApp
from tests.sandbox.stand_in import Answer, Arguments, as_json, json_object
from tests.sandbox.wall import Notice, Wall

READY_S = 0.5  # how long what is made of a video or of several pictures takes
DAY = timedelta(days=1)
VIDEOS, PICTURES = (".mp4", ".mov", ".webm"), (".jpg", ".jpeg", ".png", ".gif", ".webp")
VERSIONS = ("v25.0", "v24.0")


def versioned(*routes: tuple[str, str, str]) -> tuple[Rule, ...]:
    """Rules of these methods, paths and endpoints, in every version that Graph answers."""
    return tuple(
        Rule(f"/{version}{path}", methods=[method], endpoint=endpoint)
        for version in VERSIONS
        for method, path, endpoint in routes
    )


class Accounts:
    """Accounts with a number and a token each, known to Graph; `counts` are what insights tell of every post."""

    name = ""
    grant = ""
    lengthens = ""
    app_names: tuple[str, str] = ("", "")
    counts: Mapping[str, object] = {}

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._names: dict[str, str] = {}  # by token
        self._numbers: dict[str, str] = {}  # by name
        self._origins: dict[str, str] = {}  # by name
        self._apps = Apps(pkce=False, proof="form")
        self._short: dict[str, Code] = {}

    def opened(self, name: str, origin: str) -> tuple[str, str]:
        """The number and a new token of the account of that name."""
        token = secrets.token_urlsafe(48)
        self._names[token] = name
        self._origins[name] = origin
        return self._numbers.setdefault(name, number()), token

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The account whose token the request carries, if the address names that account or `me`."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").removeprefix("OAuth ")
        account = self._names.get(token or request.values.get("access_token", ""))
        if account is None:
            raise Answer(self.expired())
        if arguments.get("user", "me") not in {"me", self._numbers[account]}:
            raise Answer(trouble(100, 33, "Unsupported request. The object does not exist or you have no permission."))
        return account

    # Consent

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app."""
        app = self._apps.open(asked)
        for name in asked.accounts:
            self._origins[name] = origin
        return dict(zip(self.app_names, (app.id, app.secret), strict=True))

    def authorize(self, request: Request) -> Response:
        """The consent page."""
        return self._apps.authorize(request)

    def exchange(self, request: Request) -> Response:
        """A token of an hour for a code; it is good for nothing but another, here."""
        try:
            code = self._apps.exchanged(request)
        except Answer as objection:
            told = objection.get_response().get_json()
            error = {"error_type": "OAuthException", "code": 400, "error_message": told["error_description"]}
            return as_json(error, 400)
        token = secrets.token_urlsafe(48)
        self._short[token] = code
        return as_json(self.issued(token, code))

    def issued(self, token: str, code: Code) -> dict[str, object]:
        """A short token, as the token endpoint tells it."""
        _ = code
        return {"access_token": token, "user_id": 1}

    def lengthen(self, request: Request) -> Response:
        """A token of sixty days for one of an hour."""
        asked = request.args
        code = self._short.get(asked.get("access_token", ""))
        if code is None or asked.get("grant_type") != self.lengthens or asked.get("client_secret") != code.app.secret:
            return trouble(190, 0, "Error validating access token.")
        name = code.app.accounts[0]
        _, token = self.opened(name, self._origins[name])
        return as_json({"access_token": token, "token_type": "bearer", "expires_in": 5_184_000})

    def throttled(self, wait_s: float) -> Response:
        """A code of its own, and the wait among the usage headers, in minutes."""
        usage = f'{{"1": [{{"type": "{self.name}", "estimated_time_to_regain_access": {wait_s / 60}}}]}}'
        answer = trouble(80002, 0, "There have been too many calls to this account.")
        answer.headers["X-Business-Use-Case-Usage"] = usage
        return answer

    def refused(self) -> Response:
        """What it is told of content that is against the rules."""
        return trouble(100, 1404102, "This content goes against our Community Standards.")

    def expired(self) -> Response:
        """The token is no longer good."""
        return trouble(190, 463, "Error validating access token: Session has expired.", status=401)

    def renew(self, request: Request, account: str) -> Response:
        """Another token; the old one goes on."""
        if request.args.get("grant_type") != self.grant:
            return trouble(100, 0, f"(#100) Param grant_type must be {self.grant}")
        _, token = self.opened(account, self._origins[account])
        return as_json({"access_token": token, "token_type": "bearer", "expires_in": 5_184_000})

    def remove(self, _request: Request, account: str, node: str) -> Response:
        """Take something back."""
        if not self._wall.take_down(self.name, account, node):
            return trouble(100, 33, "Unsupported delete request. Object does not exist.")
        return as_json({"success": True})

    def insights(self, request: Request, account: str, node: str) -> Response:
        """What is counted of a post."""
        asked = request.args.get("metric", "").split(",")
        if node not in {notice.id for notice in self._wall.notices(self.name, account)}:
            return trouble(100, 33, "Unsupported get request. Object does not exist.")
        if not set(asked) <= self.counts.keys():
            return trouble(100, 0, f"(#100) metric must be one of the following values: {', '.join(self.counts)}")
        told = [{"name": name, "period": "lifetime", "values": [{"value": self.counts[name]}]} for name in asked]
        return as_json({"data": told})

    def newest(self, account: str, request: Request) -> list[Notice]:
        """What the account published, newest first, as many as a page is asked to have."""
        return self._wall.notices(self.name, account)[::-1][: request.args.get("limit", 25, int)]


def parameters(request: Request) -> dict[str, Any]:
    """What a request gives: Graph takes parameters as JSON, as a form or in the address."""
    given = {**request.args, **request.form, **(json_object(request) or {})}
    return {name: value for name, value in given.items() if name != "access_token"}


def unknown(document: Mapping[str, Any], *known: str) -> Iterator[Response]:
    """Complaints of names nobody knows; Graph itself ignores some of them."""
    for name in document:
        if name not in known:
            yield trouble(100, 0, f"(#100) Unknown parameter: {name}")


def unfetchable(document: Mapping[str, Any], name: str) -> Iterator[Response]:
    """Complaints of a picture, or a video, that is none by its name, or nowhere."""
    url = str(document.get(name, ""))
    others = PICTURES if name == "video_url" else VIDEOS
    if not url.startswith(("https://", "http://")) or url.partition("?")[0].lower().endswith(others):
        yield trouble(9004, 2207052, "Only photo or video can be accepted as media type.")


def moment_of(notice: Notice) -> str:
    """When it was published, as Graph writes it."""
    return happened_at(notice).strftime("%Y-%m-%dT%H:%M:%S%z")


def trouble(code: int, subcode: int, message: str, *, status: int = 400) -> Response:
    """An error as Graph tells it."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AStandIn"}
    return as_json({"error": {**error, "error_subcode": subcode} if subcode else error}, status)


def number() -> str:
    """A new number, as Graph's nodes have."""
    return str(random.randrange(10**16, 10**17))  # noqa: S311 - an identifier, no secret


def happened_at(notice: Notice) -> datetime:
    """When it was published."""
    return datetime.fromisoformat(notice.at)
