"""Containers as the stand-ins of Instagram and Threads have them: ready after a moment, and published once.

Source: https://developers.facebook.com/documentation/threads/troubleshooting and
https://developers.facebook.com/documentation/instagram-platform/content-publishing (read 2026-11-21)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox.graph import DAY, READY_S, Accounts, happened_at, number, parameters, trouble
from tests.sandbox.stand_in import as_json, as_page
from tests.sandbox.wall import Notice, Wall


@dataclass
class Container:
    """What is to be published by one account."""

    account: str
    document: Mapping[str, Any]
    children: Sequence[Mapping[str, Any]] = ()
    made_s: float = field(default_factory=time.monotonic)
    published: bool = False

    @property
    def status(self) -> str:
        """How far it is."""
        if self.published:
            return "PUBLISHED"
        age_s = time.monotonic() - self.made_s
        if age_s > DAY.total_seconds():
            return "EXPIRED"
        takes_long = self.children or "video_url" in self.document
        return "FINISHED" if age_s > READY_S or not takes_long else "IN_PROGRESS"


class ContainerAccounts(Accounts):
    """Accounts that publish containers; a subclass says what a container may be and what things are called."""

    most = 0  # children, and
    quota = 0  # posts in a day
    missing = 0  # the subcode of a container that cannot be published

    def __init__(self, wall: Wall) -> None:
        super().__init__(wall)
        self._containers: dict[str, Container] = {}
        self._lock = threading.Lock()

    def complaints(self, document: Mapping[str, Any]) -> Iterator[Response]:
        """What the platform has against a container."""
        raise NotImplementedError

    def told(self, container: Container) -> dict[str, Any]:
        """How far a container is, in the platform's words."""
        raise NotImplementedError

    def shown(self, notice: Notice) -> dict[str, Any]:
        """What is out, in the platform's words."""
        raise NotImplementedError

    def create(self, request: Request, account: str, user: str) -> Response:
        """Make a container."""
        _ = user
        document = parameters(request)
        complaint = next(self.complaints(document), None)
        if complaint:
            return complaint
        children = [self._containers.get(child) for child in str(document.get("children", "")).split(",") if child]
        if document.get("media_type") == "CAROUSEL" and not self._fit(children, account):
            return trouble(100, 2207028, "Your carousel could not be published: its items are not ready or too few.")
        made = Container(account, document, [child.document for child in children if child])
        identifier = number()
        self._containers[identifier] = made
        return as_json({"id": identifier})

    def _fit(self, children: Sequence[Container | None], account: str) -> bool:
        ready = [child for child in children if child and child.account == account and child.status == "FINISHED"]
        items = all(child.document.get("is_carousel_item") for child in ready)
        return items and len(ready) == len(children) and 2 <= len(children) <= self.most

    def publish(self, request: Request, account: str, user: str) -> Response:
        """Publish a container, once."""
        _ = user
        if len(self._of_today(account)) >= self.quota:
            return trouble(9, 2207042, "You reached the maximum number of posts allowed by Content Publishing API.")
        identifier = str(parameters(request).get("creation_id", ""))
        with self._lock:
            container = self._containers.get(identifier)
            single = container is not None and not container.document.get("is_carousel_item")
            if container is None or not single or container.account != account or container.status != "FINISHED":
                return trouble(24, self.missing, f"The media with id {identifier} cannot be found.")
            container.published = True
        document = {**container.document, **({"children": list(container.children)} if container.children else {})}
        return as_json({"id": self._wall.hang(self.name, account, number(), document).id})

    def node(self, _request: Request, account: str, node: str) -> Response:
        """A container, or what is out."""
        container = self._containers.get(node)
        if container and container.account == account:
            return as_json({**self.told(container), "id": node})
        for notice in self._wall.notices(self.name, account):
            if notice.id == node:
                return as_json(self.shown(notice))
        return trouble(100, 33, "Unsupported get request. Object does not exist.")

    def limit(self, _request: Request, account: str, user: str) -> Response:
        """How much of the quota is used."""
        _ = user
        config = {"quota_total": self.quota, "quota_duration": int(DAY.total_seconds())}
        return as_json({"data": [{"quota_usage": len(self._of_today(account)), "config": config}]})

    def posts(self, request: Request, account: str, user: str) -> Response:
        """What the account published, newest first, without what answers something."""
        return self._listed(request, account, user, answers=False)

    def replies(self, request: Request, account: str, user: str) -> Response:
        """What the account answered, newest first."""
        return self._listed(request, account, user, answers=True)

    def _listed(self, request: Request, account: str, _user: str, *, answers: bool) -> Response:
        newest = [notice for notice in self.newest(account, request) if ("reply_to_id" in notice.document) is answers]
        return as_json({"data": [self.shown(notice) for notice in newest], "paging": {}})

    def page(self, _request: Request, post: str, **_names: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == post:
                return as_page(notice.account, notice.document)
        return Response("Not found", 404)

    def _of_today(self, account: str) -> list[Notice]:
        since = datetime.now(UTC) - DAY
        return [notice for notice in self._wall.notices(self.name, account) if happened_at(notice) > since]
