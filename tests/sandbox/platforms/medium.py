"""Medium's users, publications and stories, as its legacy interface answered them.

Source: https://github.com/Medium/medium-api-docs (archived 2023-03-02; read 2026-11-21). Which codes its errors carry
is not documented but for what users reported; that unknown fields are refused is ours, so that a wrong adapter fails.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

FIELDS = {
    "title": str,
    "contentFormat": str,
    "content": str,
    "tags": list,
    "canonicalUrl": str,
    "publishStatus": str,
    "license": str,
    "notifyFollowers": bool,
}
TITLE_CHARS, TAG_CHARS, TAGS_USED = 100, 25, 3


class Medium:
    """A user to an account, who edits one publication; stories have their pages here."""

    name = "medium"
    rules = (
        Rule("/v1/me", methods=["GET"], endpoint="me"),
        Rule("/v1/users/<user>/publications", methods=["GET"], endpoint="publications"),
        Rule("/v1/users/<user>/posts", methods=["POST"], endpoint="write"),
        Rule("/v1/publications/<publication>/posts", methods=["POST"], endpoint="write_in"),
        Rule("/@<user>/<slug>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"write", "write_in"})
    public = frozenset({"page"})
    hosts = ("api.medium.com",)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._tokens: dict[str, str] = {}
        self._ids: dict[str, str] = {}  # by account; a publication's is the first twelve digits of its editor's

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A user of that name with a new integration token."""
        _ = origin
        token = secrets.token_hex(32)
        self._tokens[token] = name
        self._ids.setdefault(name, secrets.token_hex(32))
        return {"token": token}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user whose token the request carries."""
        _ = arguments
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            raise Answer(_trouble(401, 6000, "An access token is required."))
        if token not in self._tokens:
            raise Answer(self.expired())
        return self._tokens[token]

    def me(self, request: Request, account: str) -> Response:
        """The user."""
        url = f"{request.host_url}@{account}"
        user = {"id": self._ids[account], "username": account, "name": account.title(), "url": url, "imageUrl": ""}
        return as_json({"data": user})

    def publications(self, request: Request, account: str, user: str) -> Response:
        """The publications the user edits: one."""
        if user != self._ids[account]:
            return _trouble(403, 6026, "You may not list publications of another user.")
        own = {
            "id": user[:12],
            "name": f"{account.title()}'s",
            "description": "",
            "url": request.host_url,
            "imageUrl": "",
        }
        return as_json({"data": [own]})

    def write(self, request: Request, account: str, user: str) -> Response:
        """Create a story on the user's profile."""
        if user != self._ids[account]:
            return _trouble(403, 6026, "You may not publish as another user.")
        return self._written(request, account, {})

    def write_in(self, request: Request, account: str, publication: str) -> Response:
        """Create a story in a publication."""
        if publication != self._ids[account][:12]:
            return _trouble(403, 6027, "You may not publish in this publication.")
        return self._written(request, account, {"publicationId": publication})

    def _written(self, request: Request, account: str, more: Mapping[str, str]) -> Response:
        story = json_object(request)
        complaint = "The body is no JSON object." if story is None else next(_complaints(story), "")
        if story is None or complaint:
            return _trouble(400, 2002, complaint)
        notice = self._wall.hang(self.name, account, secrets.token_hex(6), story)
        return as_json({"data": {**_shown(notice, request), "authorId": self._ids[account], **more}}, 201)

    def page(self, request: Request, user: str, slug: str) -> Response:
        """A story as people see it."""
        for notice in self._wall.notices(self.name, user):
            if slug.endswith(f"-{notice.id}"):
                return as_page(_shown(notice, request)["title"], notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 once the day's stories are written; the header is ours, Medium tells no time."""
        spent = _trouble(429, -1, "User has reached the rate limit for publishing today.")
        spent.headers["Retry-After"] = str(round(wait_s))
        return spent

    def refused(self) -> Response:
        """400 with a sentence."""
        return _trouble(400, 2002, "Publish status was invalid.")

    def expired(self) -> Response:
        """401."""
        return _trouble(401, 6003, "Token was invalid.")


def _complaints(story: Mapping[str, Any]) -> Iterator[str]:
    for name, given in story.items():
        if name not in FIELDS or not isinstance(given, FIELDS[name]):
            yield f"Unexpected field ({name}) specified"
    for name in ("title", "contentFormat", "content"):
        if not story.get(name):
            yield f"Field {name} is required."
    if story.get("contentFormat") not in {"html", "markdown"}:
        yield "Content format was invalid."
    if story.get("publishStatus", "public") not in {"public", "draft", "unlisted"}:
        yield "Publish status was invalid."


def _shown(notice: Notice, request: Request) -> dict[str, Any]:
    """A story as answered: a title, tags that are too long and tags beyond the third are ignored without a word."""
    story = notice.document
    title = story["title"] if len(story["title"]) <= TITLE_CHARS else "A title made of the content"
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    used = [tag for tag in story.get("tags", ()) if len(tag) <= TAG_CHARS][:TAGS_USED]
    canonical = {"canonicalUrl": story["canonicalUrl"]} if story.get("canonicalUrl") else {}
    return {
        "id": notice.id,
        "title": title,
        "tags": used,
        "url": f"{request.host_url}@{notice.account}/{slug}-{notice.id}",
        "publishStatus": story.get("publishStatus", "public"),
        "publishedAt": round(datetime.fromisoformat(notice.at).timestamp() * 1000),
        "license": story.get("license", "all-rights-reserved"),
        "licenseUrl": "https://policy.medium.com/medium-terms-of-service-9db0094a1e0f",
        **canonical,
    }


def _trouble(status: int, code: int, message: str) -> Response:
    return as_json({"errors": [{"message": message, "code": code}]}, status)


STAND_IN = Medium
