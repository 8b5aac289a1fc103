"""Threads' containers and posts.

Source: https://developers.facebook.com/documentation/threads/posts, …/reference/publishing, …/troubleshooting,
…/retrieve-and-manage-replies and …/insights (read 2026-11-21)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.containers import Container, ContainerAccounts
from tests.sandbox.graph import moment_of, trouble, unfetchable, unknown
from tests.sandbox.stand_in import as_json
from tests.sandbox.wall import Notice

KNOWN = (
    "media_type",
    "text",
    "image_url",
    "video_url",
    "alt_text",
    "is_carousel_item",
    "children",
    "topic_tag",
    "link_attachment",
    "reply_to_id",
)
TOPIC = re.compile(r"[^.&]{1,50}")


class Threads(ContainerAccounts):
    """Profiles; an account's name is its user's."""

    name = "threads"
    rules: Sequence[Rule] = (
        Rule("/v1.0/<user>/threads", methods=["POST"], endpoint="create"),
        Rule("/v1.0/<user>/threads", methods=["GET"], endpoint="posts"),
        Rule("/v1.0/<user>/threads_publish", methods=["POST"], endpoint="publish"),
        Rule("/v1.0/<user>/threads_publishing_limit", methods=["GET"], endpoint="limit"),
        Rule("/v1.0/me", methods=["GET"], endpoint="me"),
        Rule("/v1.0/<user>/replies", methods=["GET"], endpoint="replies"),
        Rule("/v1.0/<node>", methods=["GET"], endpoint="node"),
        Rule("/v1.0/<node>", methods=["DELETE"], endpoint="remove"),
        Rule("/v1.0/<node>/insights", methods=["GET"], endpoint="insights"),
        Rule("/oauth/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/oauth/access_token", methods=["POST"], endpoint="exchange"),
        Rule("/access_token", methods=["GET"], endpoint="lengthen"),
        Rule("/refresh_access_token", methods=["GET"], endpoint="renew"),
        Rule("/@<user>/post/<post>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"publish"})
    public = frozenset({"page", "authorize", "exchange", "lengthen"})
    hosts: Sequence[str] = ("graph.threads.net", "threads.net")
    most, quota, missing = 20, 250, 4279009
    grant = "th_refresh_token"
    lengthens = "th_exchange_token"
    app_names = ("app_id", "app_secret")
    counts: Mapping[str, object] = {"views": 30, "likes": 5, "replies": 4, "reposts": 3, "quotes": 2, "shares": 1}

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A profile of that name with a new token."""
        _, token = self.opened(name, origin)
        return {"access_token": token}

    def me(self, _request: Request, account: str) -> Response:
        """The profile."""
        return as_json({"id": self._numbers[account], "username": account})

    def told(self, container: Container) -> dict[str, Any]:
        """Its status."""
        return {"status": container.status}

    def shown(self, notice: Notice) -> dict[str, Any]:
        """The post, at an address of this stand-in's own."""
        link = f"{self._origins[notice.account]}/@{notice.account}/post/{notice.id}"
        document = {name: notice.document[name] for name in ("text", "media_type") if name in notice.document}
        return {"id": notice.id, "permalink": link, "timestamp": moment_of(notice), **document}

    def complaints(self, document: Mapping[str, Any]) -> Iterator[Response]:
        """What Threads has against a container."""
        kind, text = document.get("media_type"), str(document.get("text", ""))
        yield from unknown(document, *KNOWN)
        if kind not in {"TEXT", "IMAGE", "VIDEO", "CAROUSEL"}:
            yield trouble(100, 0, "(#100) Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}")
        if kind == "TEXT" and not text:
            yield trouble(100, 0, "(#100) The parameter text is required")
        if len(text) > 500:
            yield trouble(100, 0, "(#100) Param text must be at most 500 characters long.")
        if kind in {"IMAGE", "VIDEO"}:
            yield from unfetchable(document, f"{str(kind).lower()}_url")
        answered = str(document.get("reply_to_id", ""))
        if answered and answered not in {notice.id for notice in self._wall.notices(self.name)}:
            yield trouble(24, 4279010, f"The media with id {answered} cannot be found.")
        if "link_attachment" in document and kind != "TEXT":
            yield trouble(100, 0, "(#100) link_attachment is for text-only posts.")
        if not TOPIC.fullmatch(str(document.get("topic_tag", "none"))):
            yield trouble(100, 0, "(#100) Param topic_tag is invalid.")


STAND_IN = Threads
