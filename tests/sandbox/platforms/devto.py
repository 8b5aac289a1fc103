"""DEV's articles and users, as Forem's API v1 answers them.

Source: https://developers.forem.com/api/v1 and github.com/forem/forem: app/models/article.rb,
app/controllers/concerns/api/articles_controller.rb, config/locales/models/en.yml (read 2026-11-20)
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

SAME_TITLE = timedelta(minutes=5)
PER_PAGE, MOST_PER_PAGE = 30, 1_000


class DevTo:
    """One Forem site; an account's name is its user's."""

    name = "devto"
    demonstrated = True
    rules: Sequence[Rule] = (
        Rule("/api/articles", methods=["POST"], endpoint="create"),
        Rule("/api/articles/<int:article>", methods=["GET"], endpoint="show"),
        Rule("/api/articles/<int:article>", methods=["PUT"], endpoint="update"),
        Rule("/api/articles/me", methods=["GET"], endpoint="mine"),
        Rule("/api/articles/me/<any(published, all):status>", methods=["GET"], endpoint="mine"),
        Rule("/api/users/me", methods=["GET"], endpoint="me"),
        Rule("/<user>/<slug>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"page"})
    hosts: Sequence[str] = ()

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._users: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A user of that name with a new API key."""
        key = secrets.token_urlsafe(18)
        self._users[key] = name
        return {"api_key": key, "base_url": origin}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user whose key the request carries; without a User-Agent nobody is listened to."""
        _ = arguments
        if not request.headers.get("User-Agent"):
            raise Answer(Response("Forbidden Bots", 403, mimetype="text/plain"))
        user = self._users.get(request.headers.get("api-key", ""))
        if user is None:
            raise Answer(self.expired())
        return user

    def create(self, request: Request, account: str) -> Response:
        """Create an article, unless it breaks a rule of Forem's."""
        article = (json_object(request) or {}).get("article")
        if not isinstance(article, dict):
            return _unprocessable("param is missing or the value is empty: article")
        complaint = next(self._complaints(article, account), None)
        if complaint:
            return _unprocessable(complaint)
        notice = self._wall.hang(self.name, account, str(next(self._numbers)), article)
        return as_json(_shown(notice, request), 201, Location=_url(notice, request))

    def show(self, request: Request, _account: str, article: int) -> Response:
        """One article."""
        for notice in self._wall.notices(self.name):
            if notice.id == str(article):
                return as_json(_shown(notice, request))
        return as_json({"error": "not found", "status": 404}, 404)

    def update(self, request: Request, account: str, article: int) -> Response:
        """Change an article of one's own; here, it can be unpublished and nothing else."""
        if (json_object(request) or {}).get("article") != {"published": False}:
            return _unprocessable("param is missing or the value is empty: article")
        for notice in self._wall.notices(self.name, account):
            if notice.id == str(article) and self._wall.take_down(self.name, account, notice.id):
                return as_json({**_shown(notice, request), "published": False, "published_at": None})
        return as_json({"error": "not found", "status": 404}, 404)

    def mine(self, request: Request, account: str, status: str = "") -> Response:
        """The user's own articles, newest first; what is unpublished is forgotten here."""
        _ = status
        size = min(request.args.get("per_page", PER_PAGE, int), MOST_PER_PAGE)
        start = (request.args.get("page", 1, int) - 1) * size
        newest = self._wall.notices(self.name, account)[::-1]
        return as_json([_shown(notice, request) for notice in newest[start : start + size]])

    def me(self, _request: Request, account: str) -> Response:
        """The user."""
        return as_json({"type_of": "user", "id": 1, "username": account, "name": account.title()})

    def page(self, request: Request, user: str, slug: str) -> Response:
        """An article as people see it."""
        for notice in self._wall.notices(self.name, user):
            if _url(notice, request).endswith(f"/{slug}"):
                return as_page(notice.document["title"], notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with Retry-After."""
        body = {"error": "Rate limit reached, try again later", "status": 429}
        return as_json(body, 429, Retry_After=str(round(wait_s)))

    def refused(self) -> Response:
        """422 with a sentence."""
        return _unprocessable("Tag list exceed the maximum of 4 tags")

    def expired(self) -> Response:
        """401."""
        return as_json({"error": "unauthorized", "status": 401}, 401)

    def _complaints(self, article: Mapping[str, Any], account: str) -> Iterator[str]:
        title, tags = str(article.get("title") or ""), article.get("tags") or []
        if not title:
            yield "Title can't be blank"
        if len(title) > 128:
            yield "Title is too long (maximum is 128 characters)"
        if not article.get("body_markdown"):
            yield "Body markdown can't be blank"
        if len(tags) > 4:
            yield "Tag list exceed the maximum of 4 tags"
        for tag in tags:
            if not str(tag).isalnum():
                yield f'Tag "{tag}" contains non-alphanumeric or prohibited unicode characters'
        yield from self._duplicates(article, account)

    def _duplicates(self, article: Mapping[str, Any], account: str) -> Iterator[str]:
        canonical = article.get("canonical_url")
        everybodys = self._wall.notices(self.name)
        if canonical and any(notice.document.get("canonical_url") == canonical for notice in everybodys):
            yield "Canonical url has already been taken. Email yo@dev.to for further details."
        since = datetime.now(UTC) - SAME_TITLE
        recent = [notice for notice in everybodys if notice.account == account and _moment(notice) > since]
        if any(notice.document.get("title") == article.get("title") for notice in recent):
            yield "Title has already been used in the last five minutes"


def _shown(notice: Notice, request: Request) -> dict[str, Any]:
    article, url = notice.document, _url(notice, request)
    return {
        "type_of": "article",
        "id": int(notice.id),
        "title": article["title"],
        "description": article.get("description", ""),
        "slug": url.rpartition("/")[2],
        "path": "/" + url.split("/", 3)[3],
        "url": url,
        "canonical_url": article.get("canonical_url") or url,
        "body_markdown": article["body_markdown"],
        "tag_list": ", ".join(article.get("tags") or []),
        "published": True,
        "published_at": notice.at,
        "published_timestamp": notice.at,
        "cover_image": article.get("main_image"),
        "comments_count": 0,
        "public_reactions_count": 0,
        "page_views_count": 0,
        "user": {"username": notice.account},
    }


def _url(notice: Notice, request: Request) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", str(notice.document["title"]).lower()).strip("-")
    return f"{request.host_url}{notice.account}/{slug}-{int(notice.id):x}"


def _moment(notice: Notice) -> datetime:
    return datetime.fromisoformat(notice.at)


def _unprocessable(message: str) -> Response:
    return as_json({"error": message, "status": 422}, 422)


STAND_IN = DevTo
