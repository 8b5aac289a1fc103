"""Instagram's containers and images, for Instagram Login.

Source: https://developers.facebook.com/documentation/instagram-platform/content-publishing and
…/instagram-graph-api/reference/error-codes (read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.graph import Container, ContainerAccounts, moment_of, trouble, unfetchable, unknown
from tests.sandbox.stand_in import as_json
from tests.sandbox.wall import Notice

KNOWN = ("media_type", "image_url", "alt_text", "caption", "is_carousel_item", "children")


class Instagram(ContainerAccounts):
    """Professional accounts; an account's name is its user's."""

    name = "instagram"
    rules = (
        Rule("/v25.0/<user>/media", methods=["POST"], endpoint="create"),
        Rule("/v25.0/<user>/media", methods=["GET"], endpoint="posts"),
        Rule("/v25.0/<user>/media_publish", methods=["POST"], endpoint="publish"),
        Rule("/v25.0/<user>/content_publishing_limit", methods=["GET"], endpoint="limit"),
        Rule("/v25.0/<int:node>", methods=["GET"], endpoint="node"),
        Rule("/p/<post>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"publish"})
    public = frozenset({"page"})
    hosts = ("graph.instagram.com",)
    most, quota, missing = 10, 100, 2207006

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An account of that name with a new token."""
        identifier, token = self.opened(name, origin)
        return {"access_token": token, "account_id": identifier}

    def node(self, request: Request, account: str, node: int) -> Response:
        """The account itself, a container, or what is out."""
        if str(node) == self._numbers[account]:
            return as_json({"id": str(node), "username": account})
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
        if document.get("media_type", "CAROUSEL") != "CAROUSEL":
            yield trouble(100, 2207023, "The media type is unknown.")
        if "media_type" not in document:
            yield from unfetchable(document, "image_url")
        if len(caption) > 2200 or caption.count("#") > 30:
            yield trouble(100, 2207010, "The caption was too long.")
        if document.get("is_carousel_item") and caption:
            yield trouble(100, 2207028, "Items of a carousel have no caption.")


STAND_IN = Instagram
