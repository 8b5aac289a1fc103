"""Ghost's posts, as its Admin API answers integrations.

Source: https://docs.ghost.org/admin-api, the schemas in the package @tryghost/admin-api-schema 4.7.5, and
github.com/TryGhost/Ghost: core/server/services/auth/api-key/admin.js, data/schema/schema.js (read 2026-11-21)
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jwt
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

LONGEST = {
    "title": 255,
    "slug": 191,
    "html": 1_000_000_000,
    "custom_excerpt": 300,
    "feature_image": 2_000,
    "feature_image_alt": 191,
    "canonical_url": 2_000,
}
FIELDS = frozenset({*LONGEST, "status", "tags", "authors", "visibility", "featured", "published_at", "lexical"})
FILES = {
    "images": {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"},
    "media": {"mp4": "video/mp4", "webm": "video/webm", "ogv": "video/ogg"},
}
STATUSES = ("published", "draft", "scheduled", "sent")
SLUG = re.compile(r"slug:'?([a-z0-9-]+)'?")
ADDRESS = re.compile(r"[\x21-\x7e]*")  # of the format uri-reference, that it is ASCII


class Ghost:
    """One Ghost site; an account is an integration with an Admin API key."""

    name = "ghost"
    demonstrated = True
    rules: Sequence[Rule] = (
        Rule("/ghost/api/admin/posts/", methods=["POST"], endpoint="create"),
        Rule("/ghost/api/admin/posts/", methods=["GET"], endpoint="browse"),
        Rule("/ghost/api/admin/posts/<post>/", methods=["DELETE"], endpoint="delete"),
        Rule("/ghost/api/admin/<any(images, media):kind>/upload/", methods=["POST"], endpoint="upload"),
        Rule("/ghost/api/admin/site/", methods=["GET"], endpoint="site"),
        Rule("/<slug>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"site", "page"})
    hosts: Sequence[str] = ()

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._keys: dict[str, tuple[str, str]] = {}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An integration of that name."""
        key, secret = secrets.token_hex(12), secrets.token_hex(32)
        self._keys[key] = (name, secret)
        return {"admin_url": origin, "admin_key": f"{key}:{secret}"}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The integration whose key signed the request's token, which is good for five minutes at most."""
        _ = arguments
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            raise Answer(_trouble(403, "NoPermissionError", "Authorization failed"))
        if scheme.lower() != "ghost" or not token:
            raise Answer(_trouble(401, "UnauthorizedError", "Authorization header format", "INVALID_AUTH_HEADER"))
        name, secret = self._keys.get(_key_of(token), ("", ""))
        if not name:
            raise Answer(_trouble(401, "UnauthorizedError", "Unknown Admin API Key", "UNKNOWN_ADMIN_API_KEY"))
        if not _good(token, secret):
            raise Answer(self.expired())
        return name

    def create(self, request: Request, account: str) -> Response:
        """Create a post, unless it breaks a rule of Ghost's."""
        posts = (json_object(request) or {}).get("posts")
        if not isinstance(posts, list) or len(posts) != 1 or not isinstance(posts[0], dict):
            return _invalid("Validation (MinItems) failed for posts")
        complaint = next(_complaints(posts[0]), None)
        if complaint:
            return _invalid(complaint)
        html = posts[0].get("html", "") if request.args.get("source") == "html" else ""
        post = {**posts[0], "slug": self._free(str(posts[0].get("slug") or "untitled")), "html": html}
        if post.get("status") != "published":  # a draft: nobody sees it
            return as_json({"posts": [{**post, "id": secrets.token_hex(12), "url": f"{request.host_url}p/"}]}, 201)
        notice = self._wall.hang(self.name, account, secrets.token_hex(12), post)
        return as_json({"posts": [_shown(notice, request)]}, 201)

    def browse(self, request: Request, _account: str) -> Response:
        """The site's posts, newest first: those of a slug where the filter names one, with the fields asked for."""
        wanted, limit = SLUG.search(request.args.get("filter", "")), request.args.get("limit", 15, int)
        found = [_shown(notice, request) for notice in self._wall.notices(self.name)[::-1]]
        posts = [post for post in found if not wanted or post["slug"] == wanted[1]][:limit]
        fields = request.args.get("fields")
        only = fields.split(",") if fields else list(FIELDS | {"id", "url"})
        shown = [{name: post[name] for name in only if name in post} for post in posts]
        return as_json({"posts": shown, "meta": {"pagination": {"page": 1, "limit": limit, "total": len(shown)}}})

    def delete(self, _request: Request, account: str, post: str) -> Response:
        """Delete a post for good."""
        if self._wall.take_down(self.name, account, post):
            return Response(status=204)
        return _trouble(
            404, "NotFoundError", "Resource not found error, cannot delete post.", context="Post not found."
        )

    def upload(self, request: Request, _account: str, kind: str) -> Response:
        """Take a picture or a video, known by its name's ending and its type."""
        file = request.files.get("file")
        if file is None:
            return _trouble(422, "ValidationError", "Please select a file.")
        with file.stream:
            data, ending = file.stream.read(), (file.filename or "").rpartition(".")[2]
        if not data or FILES[kind].get(ending) != file.mimetype:
            return _trouble(415, "UnsupportedMediaTypeError", "Please select a valid file.")
        return as_json({kind: [{"url": f"{request.host_url}content/{kind}/{secrets.token_hex(4)}.{ending}"}]}, 201)

    def site(self, request: Request) -> Response:
        """The site's own description, which anybody may read."""
        return as_json({"site": {"title": "A stand-in", "url": request.host_url, "version": "6.10"}})

    def page(self, _request: Request, slug: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.document["slug"] == slug:
                return as_page(notice.document["title"], notice.document)
        return Response("Page not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with Retry-After."""
        answer = _trouble(429, "TooManyRequestsError", "Too many requests")
        answer.headers["Retry-After"] = str(round(wait_s))
        return answer

    def refused(self) -> Response:
        """422 with a sentence."""
        return _invalid("Validation (MaxLength) failed for title")

    def expired(self) -> Response:
        """401: the token's signature or its time is not good."""
        return _trouble(401, "UnauthorizedError", "Invalid token: jwt expired", "INVALID_JWT")

    def _free(self, slug: str) -> str:
        taken = {notice.document["slug"] for notice in self._wall.notices(self.name)}
        numbered = (slug if number == 1 else f"{slug}-{number}" for number in range(1, len(taken) + 2))
        return next(each for each in numbered if each not in taken)


def _key_of(token: str) -> str:
    try:
        return str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.InvalidTokenError:
        return ""


def _good(token: str, secret: str) -> bool:
    try:
        claims = jwt.decode(token, bytes.fromhex(secret), algorithms=["HS256"], audience="/admin/")
    except jwt.InvalidTokenError:
        return False
    return bool(claims["exp"] - claims.get("iat", 0) <= 300)


def _complaints(post: Mapping[str, Any]) -> Iterator[str]:
    for name in set(post) - FIELDS:
        yield f"Validation (AdditionalProperties) failed for {name}"
    if not isinstance(post.get("title"), str) or not post["title"].strip():
        yield "Validation (IsEmpty) failed for title"
    for name, most in LONGEST.items():
        if not isinstance(post.get(name, ""), str) or len(post.get(name, "")) > most:
            yield f"Validation (MaxLength) failed for {name}"
    for name in ("feature_image", "canonical_url"):
        if not ADDRESS.fullmatch(post.get(name, "")):
            yield f"Validation (Format) failed for {name}"
    if post.get("status", "draft") not in STATUSES:
        yield "Validation (Enum) failed for status"
    for tag in post.get("tags", []):
        named = tag.get("name") if isinstance(tag, dict) else tag
        if not isinstance(named, str) or not 0 < len(named) <= 191 or named.startswith(","):
            yield "Validation (AnyOf) failed for tags"


def _shown(notice: Notice, request: Request) -> dict[str, Any]:
    address = f"{request.host_url}{notice.document['slug']}/"
    return {**notice.document, "id": notice.id, "url": address, "published_at": notice.at}


def _invalid(context: str) -> Response:
    return _trouble(422, "ValidationError", "Validation error, cannot save post.", context=context)


def _trouble(status: int, kind: str, message: str, code: str | None = None, context: str | None = None) -> Response:
    told = {"message": message, "context": context, "type": kind, "details": None, "code": code, "id": "x"}
    return as_json({"errors": [told]}, status)


STAND_IN = Ghost
