"""Hashnode's publications: articles published, looked up by slug and listed, by its GraphQL schema.

Source: https://github.com/Hashnode/gql-skill, skills/gql-api/references: schema.graphql, mutations.md and
errors-and-limits.md (read 2026-11-21). Every request has the same route, so faults of publishing hit questions, too.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLError, graphql_sync
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.hashnode_schema import SCHEMA
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

REQUEST_BYTES = 102_400
MOST_TAGS, MOST_LISTED = 15, 100
STORE = "hashnode-pictures.s3.amazonaws.com"  # a stand-in's invention: the true one is told with every place


class Hashnode:
    """One publication to an account, on the Pro plan; its articles have their pages here."""

    name = "hashnode"
    rules = (
        Rule("/", methods=["POST"], endpoint="ask"),
        Rule("/upload", methods=["POST"], endpoint="upload"),
        Rule("/<slug>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"ask"})
    public = frozenset({"page", "upload"})
    hosts = ("gql-beta.hashnode.com", STORE)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._tokens: dict[str, str] = {}
        self._publications: dict[str, str] = {}  # accounts by ids
        self._places: dict[str, str] = {}  # types by keys

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A user of that name with a new token, and their publication."""
        _ = origin
        token, own = secrets.token_hex(18), [key for key, owner in self._publications.items() if owner == name]
        publication = own[0] if own else secrets.token_hex(12)
        self._tokens[token], self._publications[publication] = name, name
        return {"token": token, "publication": publication}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user whose token the request carries, `Bearer` or not."""
        _ = arguments
        token = re.sub("^bearer +", "", request.headers.get("Authorization", ""), flags=re.IGNORECASE)
        if token not in self._tokens:
            raise Answer(self.expired())
        return self._tokens[token]

    def ask(self, request: Request, account: str) -> Response:
        """Carry out a GraphQL document; 200 with errors where it began, 400 where it could not even begin."""
        if len(request.get_data()) > REQUEST_BYTES:
            return Response("request entity too large", 413)
        asked = json_object(request) or {}
        answers = {
            "me": {"id": secrets.token_hex(12), "username": account, "name": account.title()},
            "publication": lambda _info, **wanted: self._publication(request, wanted),
            "post": lambda _info, id: self._post(request, id),  # noqa: A006 - named so in the schema
            "createImageUploadURL": lambda _info, **given: self._place(given["input"]["contentType"]),
            "publishPost": lambda _info, **given: self._publish(request, account, given["input"]),
        }
        result = graphql_sync(SCHEMA, str(asked.get("query", "")), answers, variable_values=asked.get("variables"))
        errors = [_told(error) for error in result.errors or []]
        if not errors:
            return as_json({"data": result.data})
        begun = all("path" in error for error in errors)
        return as_json({"errors": errors, "data": result.data}) if begun else as_json({"errors": errors}, 400)

    def upload(self, request: Request) -> Response:
        """Take a picture as the store does: as the file of a form that has all that was given, too."""
        file = request.files.get("file")
        if file is None:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, mimetype="application/xml")
        with file.stream:
            known = self._places.get(request.form.get("key", "")) == file.mimetype
        return Response(status=204 if known else 403)

    def page(self, request: Request, slug: str) -> Response:
        """An article as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.document["slug"] == slug:
                return as_page(_shown(notice, request)["title"], notice.document)
        return Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """429 from the network before Hashnode, which itself enforces no rate."""
        return Response("Too many requests", 429, {"Retry-After": str(round(wait_s))})

    def refused(self) -> Response:
        """BAD_USER_INPUT, with status 200."""
        return _trouble("BAD_USER_INPUT", "Tags can't be more than 15")

    def expired(self) -> Response:
        """UNAUTHENTICATED, with status 200."""
        return _trouble("UNAUTHENTICATED", "You must be authenticated.")

    def _publish(self, request: Request, account: str, article: dict[str, Any]) -> dict[str, Any]:
        owner = self._publications.get(article["publicationId"])
        if owner is None:
            raise _refusal("NOT_FOUND", "Publication not found")
        if owner != account:
            raise _refusal("FORBIDDEN", "You don't have permission to publish in this publication.")
        for complaint in _complaints(article):
            raise _refusal("BAD_USER_INPUT", complaint)
        notice = self._wall.hang(self.name, account, secrets.token_hex(12), {**article, "slug": self._slug(article)})
        return {"post": _shown(notice, request)}

    def _slug(self, article: Mapping[str, Any]) -> str:
        """The wanted slug, or one of the title; with a number behind it where it is taken."""
        wanted = article.get("slug") or re.sub(r"[^a-z0-9]+", "-", article["title"].lower()).strip("-")
        taken = {notice.document["slug"] for notice in self._wall.notices(self.name)}
        numbered = (f"{wanted}-{number}" for number in itertools.count(1))
        return next(slug for slug in itertools.chain([wanted], numbered) if slug not in taken)

    def _place(self, kind: str) -> dict[str, Any]:
        if not kind.startswith("image/") or "svg" in kind:
            raise _refusal("BAD_USER_INPUT", "contentType must be that of an image")
        key = f"res/hashnode/image/upload/{secrets.token_hex(6)}"
        self._places[key] = kind
        return {"presignedPost": {"url": f"https://{STORE}/upload", "fields": {"key": key, "Policy": "x"}}}

    def _post(self, request: Request, identifier: str) -> dict[str, Any] | None:
        notices = self._wall.notices(self.name)
        return next((_shown(notice, request) for notice in notices if notice.id == identifier), None)

    def _publication(self, request: Request, asked: Mapping[str, str]) -> dict[str, Any] | None:
        hosts = {f"{owner}.hashnode.dev": key for key, owner in self._publications.items()}
        identifier = asked.get("id") or hosts.get(asked.get("host", ""), "")
        owner = self._publications.get(identifier)
        if owner is None:
            return None
        seen = [_shown(notice, request) for notice in self._wall.notices(self.name, owner)[::-1]]
        return {
            "id": identifier,
            "title": f"{owner} writes",
            "url": request.host_url.rstrip("/"),
            "post": lambda _info, slug: next((each for each in seen if each["slug"] == slug), None),
            "posts": lambda _info, first, after=None: _listed(seen, first, after),
        }


def _listed(seen: list[dict[str, Any]], first: int, after: str | None) -> dict[str, Any]:
    start = int(after or 0)
    page = seen[start : start + min(first, MOST_LISTED)]
    return {"edges": [{"node": each, "cursor": str(start + place)} for place, each in enumerate(page, 1)]}


def _shown(notice: Notice, request: Request) -> dict[str, Any]:
    article = notice.document
    return {
        "id": notice.id,
        "title": article["title"],
        "subtitle": article.get("subtitle"),
        "slug": article["slug"],
        "url": f"{request.host_url}{article['slug']}",
        "publishedAt": notice.at,
        "canonicalUrl": article.get("originalArticleURL"),
        "views": 12,
        "reactionCount": 3,
        "responseCount": 2,
        "replyCount": 1,
    }


def _complaints(article: Mapping[str, Any]) -> Iterator[str]:
    for what in ("title", "contentMarkdown"):
        if not article[what].strip():
            yield f"{what} must not be empty"
    if len(article.get("tags") or []) > MOST_TAGS:
        yield "Tags can't be more than 15"
    for tag in article.get("tags") or []:
        if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", tag["slug"]):
            yield f"Tag slug {tag['slug']} is not valid"
    for what in ("coverImage", "originalArticleURL"):
        if not str(article.get(what) or "https://").startswith(("http://", "https://")):
            yield f"{what} must be a valid URL"


def _told(error: GraphQLError) -> dict[str, Any]:
    told = dict(error.formatted)
    return {**told, "extensions": {"code": (error.extensions or {}).get("code", "BAD_USER_INPUT")}}


def _refusal(code: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})


def _trouble(code: str, message: str) -> Response:
    return as_json({"errors": [{"message": message, "extensions": {"code": code}}], "data": None})


STAND_IN = Hashnode
