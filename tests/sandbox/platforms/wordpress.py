"""A WordPress site's posts, tags and media, as its REST API answers who logs in with an application password.

The same as one of WordPress.com's sites, to who brings a token (see `tests.sandbox.wordpress_com`).

Source: https://developer.wordpress.org/rest-api/reference/ and github.com/WordPress/wordpress-develop:
src/wp-includes/rest-api/endpoints/class-wp-rest-{posts,attachments,terms}-controller.php, user.php (read 2026-11-21)
"""

from __future__ import annotations

import html
import itertools
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall
from tests.sandbox.wordpress_com import Sites

APIS = ("/wp-json/wp/v2", "/wp/v2/sites/<int:site>")
TEXTS = ("title", "content", "excerpt", "slug", "status")
STATUSES = ("publish", "future", "draft", "pending", "private")
FILES = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
    "video/mp4": b"\0\0\0",
}
FILE_BYTES = 2_000_000  # PHP's own upload_max_filesize


class WordPress(Sites):
    """One WordPress site; an account is an author with an application password."""

    name = "wordpress"
    rules: Sequence[Rule] = (
        *(
            Rule(f"{api}/{path}", methods=[method], endpoint=endpoint)
            for api in APIS
            for method, path, endpoint in (
                ("POST", "posts", "create"),
                ("GET", "posts", "posts"),
                ("DELETE", "posts/<int:post>", "trash"),
                ("POST", "tags", "create_tag"),
                ("GET", "tags", "tags"),
                ("POST", "media", "upload"),
                ("GET", "media", "media"),
                ("GET", "users/me", "me"),
            )
        ),
        Rule("/oauth2/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/oauth2/token", methods=["POST"], endpoint="exchange"),
        Rule("/<slug>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create"})
    public = frozenset({"page", "authorize", "exchange"})
    hosts: Sequence[str] = ("public-api.wordpress.com",)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        super().__init__()
        self._passwords: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._trash: set[int] = set()
        self._tags: list[dict[str, Any]] = []
        self._media: list[dict[str, Any]] = []

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An author of that name with a new application password, shown in groups."""
        self._passwords[name] = password = secrets.token_hex(12)
        shown = " ".join(re.findall("....", password))
        return {"site_url": origin, "username": name, "application_password": shown}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user who logs in; of an application password letters and digits count."""
        if "site" in arguments:
            return self.owner_of(request, arguments["site"])
        login = request.authorization
        if login is None or login.type != "basic" or not login.username:
            raise Answer(_trouble(401, "rest_not_logged_in", "You are not currently logged in."))
        password = self._passwords.get(login.username)
        if password is None:
            raise Answer(_trouble(401, "invalid_username", "<strong>Error</strong>: Unknown username."))
        if re.sub("[^A-Za-z0-9]", "", login.password or "") != password:
            raise Answer(self.expired())
        return login.username

    def create(self, request: Request, account: str, **_site: int) -> Response:
        """Create a post, unless it breaks a rule of WordPress's."""
        post = json_object(request)
        if post is None:
            return _trouble(400, "rest_invalid_json", "Invalid JSON body passed.")
        complaint = next(_complaints(post), None)
        if complaint:
            return _trouble(400, "rest_invalid_param", f"Invalid parameter(s): {complaint}")
        if not any(post.get(name) for name in ("title", "content", "excerpt")):
            return _trouble(400, "empty_content", "Content, title, and excerpt are empty.")
        post = {**post, "slug": self._free(post.get("slug") or _slug(post.get("title", "")))}
        number = str(next(self._numbers))
        if post.get("status", "draft") != "publish":  # nobody but its author sees it
            return as_json(_only({**post, "id": int(number) + 9_000, "link": request.host_url}, request), 201)
        notice = self._wall.hang(self.name, account, number, self._dressed(post))
        return as_json(_only(_shown(notice, request), request), 201)

    def posts(self, request: Request, _account: str, **_site: int) -> Response:
        """What is published, newest first; of one slug where it is named."""
        found = [_shown(notice, request) for notice in self._wall.notices(self.name)[::-1]]
        return _listed(found, request)

    def trash(self, request: Request, account: str, post: int, **_site: int) -> Response:
        """Move a post to the trash, once."""
        if post in self._trash:
            return _trouble(410, "rest_already_trashed", "The post has already been deleted.")
        if not self._wall.take_down(self.name, account, str(post)):
            return _trouble(404, "rest_post_invalid_id", "Invalid post ID.")
        self._trash.add(post)
        return as_json(_only({"id": post, "status": "trash"}, request))

    def create_tag(self, request: Request, _account: str, **_site: int) -> Response:
        """Create a tag; 400 with its number where there is one of that name."""
        name = _cleaned(str((json_object(request) or {}).get("name", "")))
        if not name:
            return _trouble(400, "empty_term_name", "A name is required for this term.")
        for tag in self._tags:
            if tag["name"].casefold() == html.escape(name).casefold():
                message = "A term with the name provided already exists in this taxonomy."
                return _trouble(400, "term_exists", message, term_id=tag["id"])
        tag = {"id": len(self._tags) + 1, "name": html.escape(name), "slug": _slug(name)}
        self._tags.append(tag)
        return as_json(_only(tag, request), 201)

    def tags(self, request: Request, _account: str, **_site: int) -> Response:
        """The tags; of some slugs where they are named."""
        return _listed(self._tags, request)

    def upload(self, request: Request, _account: str, **_site: int) -> Response:
        """Take a picture or a video as a form's file."""
        file = request.files.get("file")
        if file is None:
            return _trouble(400, "rest_upload_no_data", "No data supplied.")
        with file.stream:
            data, kind = file.read(), file.mimetype
        if len(data) > FILE_BYTES:
            return _trouble(400, "rest_upload_file_too_big", "This file is too big.")
        if not (file.filename or "").endswith(kind.rpartition("/")[2]) or not data.startswith(FILES.get(kind, b"?")):
            message = "Sorry, you are not allowed to upload this file type."
            return _trouble(500, "rest_upload_sideload_error", message)
        number = len(self._media) + 1
        media = {"id": number, "slug": request.form.get("slug"), "alt_text": request.form.get("alt_text", "")}
        media["source_url"] = f"{request.host_url}wp-content/uploads/{number}/{file.filename}"
        self._media.append(media)
        return as_json(_only(media, request), 201)

    def media(self, request: Request, _account: str, **_site: int) -> Response:
        """The library; of one slug where it is named."""
        return _listed(self._media, request)

    def me(self, request: Request, account: str, **_site: int) -> Response:
        """The user; with capabilities in the context of editing alone."""
        link = f"{request.host_url}author/{account}/"
        user: dict[str, Any] = {"id": 1, "name": account, "link": link}
        if request.args.get("context") == "edit":
            user["capabilities"] = {"publish_posts": True, "upload_files": True, "author": True}
        return as_json(_only(user, request))

    def page(self, _request: Request, slug: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.document["slug"] == slug:
                return as_page(html.unescape(notice.document.get("title", "")), notice.document)
        return Response("Page not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 with Retry-After, as of a host or a plugin: WordPress itself has no limit."""
        answer = _trouble(429, "too_many_requests", "Too many requests.")
        answer.headers["Retry-After"] = str(round(wait_s))
        return answer

    def refused(self) -> Response:
        """400 with a sentence."""
        return _trouble(400, "rest_invalid_param", "Invalid parameter(s): title")

    def expired(self) -> Response:
        """401: the password was revoked."""
        message = "The provided password is an invalid application password."
        return _trouble(401, "incorrect_password", message)

    def _free(self, slug: str) -> str:
        taken = {notice.document["slug"] for notice in self._wall.notices(self.name)}
        numbered = (slug if number == 1 else f"{slug}-{number}" for number in range(1, len(taken) + 2))
        return next(each for each in numbered if each not in taken)

    def _dressed(self, post: Mapping[str, Any]) -> dict[str, Any]:
        """The post with its tags' names and its picture, as people see them."""
        names = [html.unescape(tag["name"]) for tag in self._tags if tag["id"] in post.get("tags", [])]
        pictures = [media for media in self._media if media["id"] == post.get("featured_media")]
        return {**post, "tag_names": names, "pictures": pictures}


def _complaints(post: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name in TEXTS if not isinstance(post.get(name, ""), str))
    if post.get("status", "draft") not in STATUSES:
        yield "status"
    tags = post.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, int) for tag in tags):
        yield "tags"
    if not isinstance(post.get("featured_media", 0), int):
        yield "featured_media"


def _listed(found: list[dict[str, Any]], request: Request) -> Response:
    asked = [_slug(slug) for slug in (*request.args.getlist("slug"), *request.args.getlist("slug[]"))]
    wanted = [thing for thing in found if not asked or thing["slug"] in asked]
    return as_json([_only(thing, request) for thing in wanted[: request.args.get("per_page", 10, int)]])


def _only(thing: Mapping[str, Any], request: Request) -> dict[str, Any]:
    fields = request.args.get("_fields")
    return {name: thing[name] for name in thing if not fields or name in fields.split(",")}


def _shown(notice: Notice, request: Request) -> dict[str, Any]:
    link = f"{request.host_url}{notice.document['slug']}/"
    date = notice.at.partition(".")[0]
    return {**notice.document, "id": int(notice.id), "link": link, "date_gmt": date, "status": "publish"}


def _cleaned(name: str) -> str:
    return re.sub(r"<[^>]*>|%[0-9a-fA-F]{2}", "", name).strip()


def _slug(text: str) -> str:
    return "-".join(re.findall(r"\w+", html.unescape(text).lower()))


def _trouble(status: int, code: str, message: str, **data: object) -> Response:
    return as_json({"code": code, "message": message, "data": {"status": status, **data}}, status)


STAND_IN = WordPress
