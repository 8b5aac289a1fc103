"""Instagram's containers, images and videos.

Source: https://developers.facebook.com/documentation/instagram-platform/content-publishing and
…/instagram-graph-api/reference/error-codes (read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Code
from tests.sandbox.containers import Container, ContainerAccounts
from tests.sandbox.graph import moment_of, trouble, unfetchable, unknown, versioned
from tests.sandbox.stand_in import as_json
from tests.sandbox.wall import Notice

KNOWN = ("media_type", "image_url", "video_url", "alt_text", "caption", "is_carousel_item", "children")


class Instagram(ContainerAccounts):
    """Professional accounts; an account's name is its user's."""

    name = "instagram"
    rules: Sequence[Rule] = (
        *versioned(
            ("POST", "/<user>/media", "create"),
            ("GET", "/<user>/media", "posts"),
            ("POST", "/<user>/media_publish", "publish"),
            ("GET", "/<user>/content_publishing_limit", "limit"),
            ("GET", "/<node>", "node"),
            ("DELETE", "/<node>", "remove"),  # by tokens of Facebook Login, which are not told apart here
            ("GET", "/<node>/insights", "insights"),
        ),
        *versioned(("GET", "/me", "me")),
        Rule("/oauth/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/oauth/access_token", methods=["POST"], endpoint="exchange"),
        Rule("/access_token", methods=["GET"], endpoint="lengthen"),
        Rule("/refresh_access_token", methods=["GET"], endpoint="renew"),
        Rule("/p/<post>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"publish"})
    public = frozenset({"page", "authorize", "exchange", "lengthen"})
    hosts: Sequence[str] = ("graph.instagram.com", "api.instagram.com", "www.instagram.com")
    most, quota, missing = 10, 100, 2207006
    grant = "ig_refresh_token"
    lengthens = "ig_exchange_token"
    app_names = ("client_id", "client_secret")
    counts: Mapping[str, object] = {"views": 30, "reach": 20, "likes": 5, "comments": 4, "shares": 3, "saved": 2}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An account of that name with a new token."""
        identifier, token = self.opened(name, origin)
        return {"access_token": token, "account_id": identifier}

    def me(self, _request: Request, account: str) -> Response:
        """The account by the number that publishing knows it by."""
        return as_json({"user_id": self._numbers[account], "username": account, "id": "1"})

    def issued(self, token: str, code: Code) -> dict[str, object]:
        """As Business Login has it: in a list of one."""
        return {"data": [{"access_token": token, "user_id": "1", "permissions": ",".join(code.scopes)}]}

    def node(self, request: Request, account: str, node: str) -> Response:
        """The account itself, a container, or what is out."""
        if node == self._numbers[account]:
            return as_json({"id": node, "username": account})
        return super().node(request, account, node)

    def told(self, container: Container) -> dict[str, Any]:
        """Its status, as a code and as words."""
        return {"status_code": container.status, "status": f"{container.status.title()}: as it stands."}

    def shown(self, notice: Notice) -> dict[str, Any]:
        """The image, at an address of this stand-in's own."""
        document = {"caption": notice.document["caption"]} if "caption" in notice.document else {}
        link = f"{self._origins[notice.account]}/p/{notice.id}/"
        return {"id": notice.id, "permalink": link, "timestamp": moment_of(notice), **document}

    def complaints(self, document: Mapping[str, Any]) -> Iterator[Response]:
        """What Instagram has against a container."""
        caption = str(document.get("caption", ""))
        yield from unknown(document, *KNOWN)
        kind = document.get("media_type")  # none for an image
        if kind not in {None, "CAROUSEL", "VIDEO" if document.get("is_carousel_item") else "REELS"}:
            yield trouble(100, 2207023, "The media type is unknown.")
        if kind != "CAROUSEL":
            yield from unfetchable(document, "video_url" if kind else "image_url")
        if len(caption) > 2200 or caption.count("#") > 30:
            yield trouble(100, 2207010, "The caption was too long.")
        if document.get("is_carousel_item") and caption:
            yield trouble(100, 2207028, "Items of a carousel have no caption.")


STAND_IN = Instagram
