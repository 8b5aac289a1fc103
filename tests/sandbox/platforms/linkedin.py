"""LinkedIn's posts and images, as its versioned API takes them, and whose a token is.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api and the pages beside it on
images, several images and "little text" (read 2026-11-21, stored copies)
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

VERSIONS = frozenset({"202601", "202602", "202603", "202604", "202605", "202606", "202607"})
REQUIRED = frozenset({"author", "commentary", "visibility", "distribution", "lifecycleState"})
KNOWN = REQUIRED | {"content", "isReshareDisabledByAuthor", "adContext"}
CONTENTS = {"article": {"source", "title"}, "media": {"id"}, "multiImage": {"images"}}
MENTION = re.compile(r"@\[[^\[\]]+\]\(urn:li:(?:person|organization):[\w-]+\)")
HASHTAG = re.compile(r"\{hashtag\|\\[#\uff03]\|[^{}|\\]+\}")
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[|{}@\[\]()<>#*_~]")


class LinkedIn:
    """Organizations' pages; an account whose name begins with `member` is a member, whose posts may not be read."""

    name = "linkedin"
    rules = (
        Rule("/rest/posts", methods=["POST"], endpoint="create"),
        Rule("/rest/posts", methods=["GET"], endpoint="by_author"),
        Rule("/rest/posts/<urn>", methods=["GET"], endpoint="show"),
        Rule("/rest/images", methods=["POST"], endpoint="begin_upload"),
        Rule("/dms-uploads/<image>", methods=["PUT"], endpoint="upload"),
        Rule("/v2/userinfo", methods=["GET"], endpoint="me"),
        Rule("/feed/update/<urn>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"page"})
    hosts = ("api.linkedin.com", "www.linkedin.com")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._tokens: dict[str, str] = {}
        self._authors: dict[str, str] = {}
        self._images: dict[str, str] = {}  # whose they are, once they have arrived

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A page or a member of that name, with a new token."""
        _ = origin
        kind, key = ("person", secrets.token_hex(5)) if name.startswith("member") else ("organization", _number(8))
        author = self._authors.setdefault(name, f"urn:li:{kind}:{key}")
        token = secrets.token_urlsafe(60)
        self._tokens[token] = name
        return {"access_token": token, "author": author}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """Whose token the request carries; what is versioned must name a version that lives."""
        _ = arguments
        account = self._tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if account is None:
            raise Answer(_trouble(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600))
        if request.path.startswith("/rest/"):
            _insist_on_version(request)
        return account

    def create(self, request: Request, account: str) -> Response:
        """Create a post: 201, an empty body, and its URN in a header."""
        post = json_object(request)
        if post is None:
            return _trouble(400, "", "Could not parse the entity")
        if post.get("author") != self._authors[account]:
            return _trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.CREATE.20260701", 100)
        complaint = next(self._complaints(post, account), None)
        if complaint:
            return _trouble(422, "INVALID_VALUE_FOR_FIELD", f"ERROR :: {complaint}")
        twin = self._twin(post, account)
        if twin:
            return _duplicate(twin)
        notice = self._wall.hang(self.name, account, f"urn:li:share:{_number(19)}", post)
        return Response(status=201, headers={"x-restli-id": notice.id, "x-linkedin-id": notice.id})

    def by_author(self, request: Request, account: str) -> Response:
        """A page's own posts, newest first."""
        if request.args.get("q") != "author" or request.args.get("author") != self._authors[account]:
            return _trouble(400, "", "Invalid query parameters passed to request")
        if account.startswith("member"):
            return _trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.FINDER-author.20260701", 100)
        start, count = request.args.get("start", 0, int), min(request.args.get("count", 10, int), 100)
        newest = self._wall.notices(self.name, account)[::-1][start : start + count]
        return as_json({"elements": [_shown(notice) for notice in newest], "paging": {"start": start, "count": count}})

    def show(self, _request: Request, account: str, urn: str) -> Response:
        """One post of a page."""
        for notice in self._wall.notices(self.name, account):
            if notice.id == urn and not account.startswith("member"):
                return as_json(_shown(notice))
        return _trouble(404, "NOT_FOUND", "Not Found")

    def begin_upload(self, request: Request, account: str) -> Response:
        """A place to put an image."""
        asked = (json_object(request) or {}).get("initializeUploadRequest")
        if request.args.get("action") != "initializeUpload" or asked != {"owner": self._authors[account]}:
            return _trouble(400, "", "initializeUploadRequest.owner is required and must be the author")
        image = f"urn:li:image:{secrets.token_hex(8)}"
        self._images[image] = ""
        url = f"https://www.linkedin.com/dms-uploads/{image.rpartition(':')[2]}"
        return as_json({"value": {"uploadUrlExpiresAt": 4102444800000, "uploadUrl": url, "image": image}})

    def upload(self, request: Request, account: str, image: str) -> Response:
        """Take the bytes of an image."""
        urn = f"urn:li:image:{image}"
        if urn not in self._images or not request.get_data():
            return _trouble(400, "", "Nothing to upload, or nowhere")
        self._images[urn] = account
        return Response(status=201)

    def me(self, _request: Request, account: str) -> Response:
        """Whose token it is."""
        return as_json({"sub": self._authors[account].rpartition(":")[2], "name": account.title()})

    def page(self, _request: Request, urn: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == urn:
                return as_page(f"{notice.account} on LinkedIn", notice.document)
        return Response("This post cannot be displayed", 404)

    def throttled(self, wait_s: float) -> Response:
        """429."""
        message = "Resource level throttle APPLICATION_AND_MEMBER MINUTE limit for calls to this resource is reached."
        return _trouble(429, "TOO_MANY_REQUESTS", message, 101, Retry_After=str(round(wait_s)))

    def refused(self) -> Response:
        """422."""
        return _trouble(422, "INVALID_VALUE_FOR_FIELD", "ERROR :: /content :: the content is not allowed")

    def expired(self) -> Response:
        """401."""
        return _trouble(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65600)

    def _complaints(self, post: Mapping[str, Any], account: str) -> Iterator[str]:
        yield from (f"/{field} :: field is required but not found" for field in sorted(REQUIRED - post.keys()))
        yield from (f"/{field} :: unrecognized field found but not allowed" for field in sorted(post.keys() - KNOWN))
        if post["visibility"] not in {"PUBLIC", "CONNECTIONS"} or post["lifecycleState"] != "PUBLISHED":
            yield "/visibility :: not an enum symbol"
        if post["distribution"].get("feedDistribution") not in {"MAIN_FEED", "NONE"}:
            yield "/distribution/feedDistribution :: not an enum symbol"
        yield from _text_complaints(post["commentary"], post.get("content"))
        yield from self._content_complaints(post.get("content") or {}, account)

    def _content_complaints(self, content: Mapping[str, Any], account: str) -> Iterator[str]:
        if len(content) > 1 or not content.keys() <= CONTENTS.keys():
            yield "/content :: exactly one kind of content is allowed"
        for kind, shown in content.items():
            if not CONTENTS[kind] <= shown.keys():
                yield f"/content/{kind} :: {sorted(CONTENTS[kind])} required"
        images = content["multiImage"]["images"] if "multiImage" in content else []
        if "multiImage" in content and not 2 <= len(images) <= 20:
            yield "/content/multiImage/images :: 2 to 20 images are allowed"
        for image in [*images, *([content["media"]] if "media" in content else [])]:
            if self._images.get(image["id"]) != account or not image.keys() <= {"id", "altText", "title"}:
                yield f"/content :: {image['id']} is not the author's, or has not arrived"

    def _twin(self, post: Mapping[str, Any], account: str) -> str:
        """The author's post of the very same words."""
        same = (notice for notice in self._wall.notices(self.name, account) if _words(notice.document) == _words(post))
        return next((notice.id for notice in same), "")


def _insist_on_version(request: Request) -> None:
    version = request.headers.get("LinkedIn-Version", "")
    if version not in VERSIONS:
        raise Answer(_trouble(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active"))
    if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
        raise Answer(_trouble(400, "ILLEGAL_ARGUMENT", "Invalid query parameters: protocol version 2.0.0 is required"))


def _text_complaints(text: object, content: object) -> Iterator[str]:
    """LinkedIn cuts a text off without a word at what is not escaped; here it is refused, lest nobody notice."""
    if not isinstance(text, str) or not (text.strip() or content):
        yield "/commentary :: a text is required where there is no content"
        return
    if len(text) > 3_000:
        yield "/commentary :: length is beyond 3000"
    if UNESCAPED.search(HASHTAG.sub("", MENTION.sub("", text))):
        yield "/commentary :: a reserved character is not escaped"


def _words(post: Mapping[str, Any]) -> tuple[str, str]:
    article = (post.get("content") or {}).get("article") or {}
    return post["commentary"], article.get("source", "")


def _shown(notice: Notice) -> dict[str, Any]:
    at = round(datetime.fromisoformat(notice.at).timestamp() * 1000)
    return {**notice.document, "id": notice.id, "createdAt": at, "publishedAt": at, "lastModifiedAt": at}


def _duplicate(urn: str) -> Response:
    message = f"com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {urn}"
    inputs = [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]
    kind = "com.linkedin.common.error.BadRequest"
    told = {"errorDetailType": kind, "message": message, "errorDetails": {"inputErrors": inputs}, "status": 422}
    return as_json(told, 422)


def _trouble(status: int, code: str, message: str, service_code: int | None = None, **headers: str) -> Response:
    told: dict[str, object] = {"message": message, "status": status}
    told |= {"code": code} if code else {}
    return as_json(told if service_code is None else {**told, "serviceErrorCode": service_code}, status, **headers)


def _number(digits: int) -> str:
    return str(random.randrange(10 ** (digits - 1), 10**digits))  # noqa: S311 - an identifier, no secret


STAND_IN = LinkedIn
