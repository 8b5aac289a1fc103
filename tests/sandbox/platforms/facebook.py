"""The feed and the photos of Facebook Pages.

Source: https://developers.facebook.com/docs/pages-api/posts and …/docs/graph-api/reference/page/photos
(read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.graph import Accounts, moment_of, number, parameters, trouble, unfetchable, unknown
from tests.sandbox.stand_in import as_json, as_page
from tests.sandbox.wall import Notice, Wall


class Facebook(Accounts):
    """Pages; an account's name is its Page's."""

    name = "facebook"
    rules = (
        Rule("/v25.0/<user>/photos", methods=["POST"], endpoint="upload"),
        Rule("/v25.0/<user>/feed", methods=["POST"], endpoint="publish"),
        Rule("/v25.0/<user>/published_posts", methods=["GET"], endpoint="posts"),
        Rule("/v25.0/me", methods=["GET"], endpoint="me"),
        Rule("/<post>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"publish"})
    public = frozenset({"page"})
    hosts = ("graph.facebook.com",)

    def __init__(self, wall: Wall) -> None:
        super().__init__(wall)
        self._photos: dict[str, Mapping[str, Any]] = {}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A Page of that name with a new token of its own."""
        identifier, token = self.opened(name, origin)
        return {"access_token": token, "page_id": identifier}

    def me(self, _request: Request, account: str) -> Response:
        """The Page."""
        return as_json({"id": self._numbers[account], "name": account})

    def upload(self, request: Request, account: str, user: str) -> Response:
        """Keep a photo that nobody sees yet."""
        _ = user
        photo = parameters(request)
        complaints = [*unknown(photo, "url", "published", "alt_text_custom"), *unfetchable(photo, "url")]
        if photo.get("published") is not False:
            complaints.append(trouble(100, 0, "This stand-in only takes photos that are not published at once."))
        if complaints:
            return complaints[0]
        identifier = number()
        self._photos[identifier] = {**photo, "account": account}
        return as_json({"id": identifier})

    def publish(self, request: Request, account: str, user: str) -> Response:
        """Publish a post."""
        _ = user
        document = parameters(request)
        complaint = next(self._complaints(document, account), None)
        if complaint:
            return complaint
        identifier = f"{self._numbers[account]}_{number()}"
        return as_json({"id": self._wall.hang(self.name, account, identifier, document).id})

    def posts(self, request: Request, account: str, user: str) -> Response:
        """What the Page published, newest first."""
        _ = user
        return as_json({"data": [self._shown(notice) for notice in self.newest(account, request)], "paging": {}})

    def page(self, _request: Request, post: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == post:
                return as_page(notice.account, notice.document)
        return Response("Not found", 404)

    def _shown(self, notice: Notice) -> dict[str, Any]:
        message = {"message": notice.document["message"]} if "message" in notice.document else {}
        link = f"{self._origins[notice.account]}/{notice.id}"
        return {"id": notice.id, "permalink_url": link, "created_time": moment_of(notice), **message}

    def _complaints(self, document: Mapping[str, Any], account: str) -> Iterator[Response]:
        yield from unknown(document, "message", "link", "attached_media")
        photos = [self._photos.get(str(each.get("media_fbid"))) for each in document.get("attached_media", [])]
        if not document:
            yield trouble(100, 0, "(#100) The post is empty: it needs a message, a link or media.")
        if len(str(document.get("message", ""))) > 63_206:
            yield trouble(100, 0, "(#100) The status you are trying to publish is too long.")
        if "link" in document and not str(document["link"]).startswith(("https://", "http://")):
            yield trouble(100, 2061006, "(#100) The link is no address.")
        if any(photo is None or photo["account"] != account for photo in photos):
            yield trouble(100, 2069019, "(#100) A photo is unknown.")


STAND_IN = Facebook
