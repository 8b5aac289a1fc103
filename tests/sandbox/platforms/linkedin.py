"""LinkedIn's posts and images, as its versioned API takes them, and whose a token is.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api and the pages beside it on
images, videos, several images and statistics (read 2026-11-21, stored copies)
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, NewApp
from tests.sandbox.linkedin_answers import (
    duplicate,
    insist_on_version,
    number,
    shown,
    text_complaints,
    trouble,
    words,
)
from tests.sandbox.linkedin_videos import Videos
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Wall

REQUIRED = frozenset({"author", "commentary", "visibility", "distribution", "lifecycleState"})
KNOWN = REQUIRED | {"content", "isReshareDisabledByAuthor", "adContext"}
CONTENTS = {"article": {"source", "title"}, "media": {"id"}, "multiImage": {"images"}}


class LinkedIn:
    """Organizations' pages; an account whose name begins with `member` is a member, whose posts may not be read."""

    name = "linkedin"
    rules = (
        Rule("/rest/posts", methods=["POST"], endpoint="create"),
        Rule("/rest/posts", methods=["GET"], endpoint="by_author"),
        Rule("/rest/posts/<urn>", methods=["GET"], endpoint="show"),
        Rule("/rest/posts/<urn>", methods=["DELETE"], endpoint="delete"),
        Rule("/rest/organizationalEntityShareStatistics", methods=["GET"], endpoint="statistics"),
        Rule("/rest/socialActions/<urn>", methods=["GET"], endpoint="actions"),
        Rule("/rest/videos", methods=["POST"], endpoint="video"),
        Rule("/rest/videos/<urn>", methods=["GET"], endpoint="progress"),
        Rule("/dms-uploads/<video>/<int:part>", methods=["PUT"], endpoint="upload_part"),
        Rule("/oauth/v2/accessToken", methods=["POST"], endpoint="renew"),
        Rule("/oauth/v2/authorization", methods=["GET"], endpoint="authorize"),
        Rule("/rest/organizationAcls", methods=["GET"], endpoint="roles"),
        Rule("/rest/organizationsLookup", methods=["GET"], endpoint="organizations"),
        Rule("/rest/images", methods=["POST"], endpoint="begin_upload"),
        Rule("/dms-uploads/<image>", methods=["PUT"], endpoint="upload"),
        Rule("/v2/userinfo", methods=["GET"], endpoint="me"),
        Rule("/feed/update/<urn>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"page", "upload_part", "renew", "authorize"})
    hosts = ("api.linkedin.com", "www.linkedin.com")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._tokens: dict[str, str] = {}
        self._authors: dict[str, str] = {}
        self._images: dict[str, str] = {}  # whose they are, once they have arrived
        self._videos = Videos()
        self._apps = Apps(pkce=False, proof="form")
        self._roles: dict[str, list[str]] = {}  # the pages each member administers
        self._refreshing: dict[str, tuple[str, str]] = {}  # whose refresh tokens are, with their apps' secrets

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A page or a member of that name, with a new token."""
        _ = origin
        kind, key = ("person", secrets.token_hex(5)) if name.startswith("member") else ("organization", number(8))
        author = self._authors.setdefault(name, f"urn:li:{kind}:{key}")
        app, renewal = {"client_id": "77abc", "client_secret": secrets.token_hex(8)}, secrets.token_urlsafe(60)
        self._refreshing[renewal] = (name, app["client_secret"])
        return {"access_token": self._granted(name), "author": author, "refresh_token": renewal, **app}

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app, and a member of the first name who administers pages of the others."""
        for name in asked.accounts:
            self.open_account(name, origin)
        app = self._apps.open(asked)
        self._roles[asked.accounts[0]] = list(asked.accounts[1:])
        return {"client_id": app.id, "client_secret": app.secret}

    def authorize(self, request: Request) -> Response:
        """The consent page."""
        return self._apps.authorize(request)

    def roles(self, request: Request, account: str) -> Response:
        """What a member administers."""
        if request.args.get("q") != "roleAssignee":
            return trouble(400, "", "Invalid query parameters passed to request")
        owned = [self._authors[name] for name in self._roles.get(account, [])]
        told = [{"organization": urn, "role": "ADMINISTRATOR", "state": "APPROVED"} for urn in owned]
        return as_json({"elements": told, "paging": {"start": 0, "count": 50}})

    def organizations(self, request: Request, _account: str) -> Response:
        """What pages are called."""
        listed = request.args.get("ids", "").removeprefix("List(").removesuffix(")").split(",")
        names = {urn.rpartition(":")[2]: name for name, urn in self._authors.items()}
        return as_json({"results": {key: {"localizedName": names[key].title()} for key in listed if key in names}})

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """Whose token the request carries; what is versioned must name a version that lives."""
        _ = arguments
        account = self._tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if account is None:
            raise Answer(trouble(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600))
        if request.path.startswith("/rest/"):
            insist_on_version(request)
        return self._acting(request, account)

    def _acting(self, request: Request, member: str) -> str:
        """Whom the request names of those whose pages the member administers; else the member."""
        said = unquote(request.query_string.decode()) + request.get_data(as_text=True)
        return next((name for name in self._roles.get(member, []) if self._authors[name] in said), member)

    def create(self, request: Request, account: str) -> Response:
        """Create a post: 201, an empty body, and its URN in a header."""
        post = json_object(request)
        if post is None:
            return trouble(400, "", "Could not parse the entity")
        if post.get("author") != self._authors[account]:
            return trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.CREATE.20260701", 100)
        complaint = next(self._complaints(post, account), None)
        if complaint:
            return trouble(422, "INVALID_VALUE_FOR_FIELD", f"ERROR :: {complaint}")
        twin = self._twin(post, account)
        if twin:
            return duplicate(twin)
        notice = self._wall.hang(self.name, account, f"urn:li:share:{number(19)}", post)
        return Response(status=201, headers={"x-restli-id": notice.id, "x-linkedin-id": notice.id})

    def by_author(self, request: Request, account: str) -> Response:
        """A page's own posts, newest first."""
        if request.args.get("q") != "author" or request.args.get("author") != self._authors[account]:
            return trouble(400, "", "Invalid query parameters passed to request")
        if account.startswith("member"):
            return trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.FINDER-author.20260701", 100)
        start, count = request.args.get("start", 0, int), min(request.args.get("count", 10, int), 100)
        newest = self._wall.notices(self.name, account)[::-1][start : start + count]
        return as_json({"elements": [shown(notice) for notice in newest], "paging": {"start": start, "count": count}})

    def show(self, _request: Request, account: str, urn: str) -> Response:
        """One post of a page."""
        for notice in self._wall.notices(self.name, account):
            if notice.id == urn and not account.startswith("member"):
                return as_json(shown(notice))
        return trouble(404, "NOT_FOUND", "Not Found")

    def delete(self, _request: Request, account: str, urn: str) -> Response:
        """Delete a post; one that is gone is no error."""
        self._wall.take_down(self.name, account, urn)
        return Response(status=204)

    def statistics(self, request: Request, account: str) -> Response:
        """How a page's post does."""
        listed = re.fullmatch(r"List\((urn:li:share:\d+)\)", request.args.get("shares", ""))
        if request.args.get("organizationalEntity") != self._authors[account] or not listed:
            return trouble(400, "", "Invalid query parameters passed to request")
        there = [each for each in self._wall.notices(self.name, account) if each.id == listed[1]]
        counts = {"impressionCount": 20, "likeCount": 3, "shareCount": 0, "clickCount": 2, "engagement": 0.25}
        return as_json({"elements": [{"share": each.id, "totalShareStatistics": counts} for each in there]})

    def actions(self, _request: Request, account: str, urn: str) -> Response:
        """Likes and comments; of a member's they may not be read."""
        if account.startswith("member"):
            return trouble(403, "ACCESS_DENIED", "Not enough permissions to access: socialActions.GET", 100)
        return as_json(
            {"likesSummary": {"totalLikes": 3}, "commentsSummary": {"aggregatedTotalComments": 1}, "$URN": urn}
        )

    def video(self, request: Request, account: str) -> Response:
        """A place for each part of a video; then, that all of them arrived."""
        asked = json_object(request) or {}
        if request.args.get("action") == "finalizeUpload":
            return self._videos.finish(asked.get("finalizeUploadRequest") or {}, account)
        return self._videos.begin(asked.get("initializeUploadRequest") or {}, account, self._authors[account])

    def upload_part(self, request: Request, video: str, part: int) -> Response:
        """Take a part of a video."""
        return self._videos.take(video, part, request.get_data())

    def progress(self, _request: Request, account: str, urn: str) -> Response:
        """How far a video is."""
        return self._videos.progress(urn, account)

    def renew(self, request: Request) -> Response:
        """Tokens for a code; or another access token for a refresh token, which stays good."""
        form = request.form
        if form.get("grant_type") == "authorization_code":
            code = self._apps.exchanged(request)
            renewal = secrets.token_urlsafe(60)
            self._refreshing[renewal] = (code.app.accounts[0], code.app.secret)
            told = {"expires_in": 5_184_000, "refresh_token": renewal, "scope": ",".join(code.scopes)}
            return as_json({"access_token": self._granted(code.app.accounts[0]), **told})
        account, secret = self._refreshing.get(form.get("refresh_token", ""), ("", ""))
        if form.get("grant_type") != "refresh_token" or not account or form.get("client_secret") != secret:
            return as_json({"error": "invalid_request", "error_description": "The refresh token is not valid"}, 400)
        lasts = {"expires_in": 5_184_000, "refresh_token_expires_in": 31_536_000}
        return as_json({"access_token": self._granted(account), "refresh_token": form["refresh_token"], **lasts})

    def begin_upload(self, request: Request, account: str) -> Response:
        """A place to put an image."""
        asked = (json_object(request) or {}).get("initializeUploadRequest")
        if request.args.get("action") != "initializeUpload" or asked != {"owner": self._authors[account]}:
            return trouble(400, "", "initializeUploadRequest.owner is required and must be the author")
        image = f"urn:li:image:{secrets.token_hex(8)}"
        self._images[image] = ""
        url = f"https://www.linkedin.com/dms-uploads/{image.rpartition(':')[2]}"
        return as_json({"value": {"uploadUrlExpiresAt": 4102444800000, "uploadUrl": url, "image": image}})

    def upload(self, request: Request, account: str, image: str) -> Response:
        """Take the bytes of an image."""
        urn = f"urn:li:image:{image}"
        if urn not in self._images or not request.get_data():
            return trouble(400, "", "Nothing to upload, or nowhere")
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
        return trouble(429, "TOO_MANY_REQUESTS", message, 101, Retry_After=str(round(wait_s)))

    def refused(self) -> Response:
        """422."""
        return trouble(422, "INVALID_VALUE_FOR_FIELD", "ERROR :: /content :: the content is not allowed")

    def expired(self) -> Response:
        """401."""
        return trouble(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65600)

    def _complaints(self, post: Mapping[str, Any], account: str) -> Iterator[str]:
        yield from (f"/{field} :: field is required but not found" for field in sorted(REQUIRED - post.keys()))
        yield from (f"/{field} :: unrecognized field found but not allowed" for field in sorted(post.keys() - KNOWN))
        if post["visibility"] not in {"PUBLIC", "CONNECTIONS"} or post["lifecycleState"] != "PUBLISHED":
            yield "/visibility :: not an enum symbol"
        if post["distribution"].get("feedDistribution") not in {"MAIN_FEED", "NONE"}:
            yield "/distribution/feedDistribution :: not an enum symbol"
        yield from text_complaints(post["commentary"], post.get("content"))
        yield from self._content_complaints(post.get("content") or {}, account)

    def _content_complaints(self, content: Mapping[str, Any], account: str) -> Iterator[str]:
        if len(content) > 1 or not content.keys() <= CONTENTS.keys():
            yield "/content :: exactly one kind of content is allowed"
        for kind, held in content.items():
            if not CONTENTS[kind] <= held.keys():
                yield f"/content/{kind} :: {sorted(CONTENTS[kind])} required"
        if self._videos.has(content.get("media", {}).get("id", ""), account):
            return
        images = content["multiImage"]["images"] if "multiImage" in content else []
        if "multiImage" in content and not 2 <= len(images) <= 20:
            yield "/content/multiImage/images :: 2 to 20 images are allowed"
        for image in [*images, *([content["media"]] if "media" in content else [])]:
            if self._images.get(image["id"]) != account or not image.keys() <= {"id", "altText", "title"}:
                yield f"/content :: {image['id']} is not the author's, or has not arrived"

    def _granted(self, account: str) -> str:
        token = secrets.token_urlsafe(60)
        self._tokens[token] = account
        return token

    def _twin(self, post: Mapping[str, Any], account: str) -> str:
        """The author's post of the very same words."""
        same = (notice for notice in self._wall.notices(self.name, account) if words(notice.document) == words(post))
        return next((notice.id for notice in same), "")


STAND_IN = LinkedIn
