"""What the stand-ins of Meta's platforms share: tokens, Graph's errors, and containers that are published once.

Source: https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/documentation/threads/troubleshooting and
https://developers.facebook.com/documentation/instagram-platform/content-publishing (read 2026-11-21)
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

READY_S = 0.5  # how long what is made of several pictures takes
DAY = timedelta(days=1)
VIDEOS = (".mp4", ".mov", ".webm")


class Accounts:
    """Accounts with a number and a token each, known to Graph."""

    name = ""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._names: dict[str, str] = {}  # by token
        self._numbers: dict[str, str] = {}  # by name
        self._origins: dict[str, str] = {}  # by name

    def opened(self, name: str, origin: str) -> tuple[str, str]:
        """The number and a new token of the account of that name."""
        token = secrets.token_urlsafe(48)
        self._names[token] = name
        self._origins[name] = origin
        return self._numbers.setdefault(name, number()), token

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The account whose token the request carries, if the address names that account or `me`."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        account = self._names.get(token or request.values.get("access_token", ""))
        if account is None:
            raise Answer(self.expired())
        if arguments.get("user", "me") not in {"me", self._numbers[account]}:
            raise Answer(trouble(100, 33, "Unsupported request. The object does not exist or you have no permission."))
        return account

    def throttled(self, wait_s: float) -> Response:
        """A code of its own, and the wait among the usage headers, in minutes."""
        usage = f'{{"1": [{{"type": "{self.name}", "estimated_time_to_regain_access": {wait_s / 60}}}]}}'
        answer = trouble(80002, 0, "There have been too many calls to this account.")
        answer.headers["X-Business-Use-Case-Usage"] = usage
        return answer

    def refused(self) -> Response:
        """What it is told of content that is against the rules."""
        return trouble(100, 1404102, "This content goes against our Community Standards.")

    def expired(self) -> Response:
        """The token is no longer good."""
        return trouble(190, 463, "Error validating access token: Session has expired.", status=401)

    def newest(self, account: str, request: Request) -> list[Notice]:
        """What the account published, newest first, as many as a page is asked to have."""
        return self._wall.notices(self.name, account)[::-1][: request.args.get("limit", 25, int)]


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
        return "FINISHED" if age_s > READY_S or not self.children else "IN_PROGRESS"


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

    def node(self, _request: Request, account: str, node: int) -> Response:
        """A container, or what is out."""
        container = self._containers.get(str(node))
        if container and container.account == account:
            return as_json({**self.told(container), "id": str(node)})
        for notice in self._wall.notices(self.name, account):
            if notice.id == str(node):
                return as_json(self.shown(notice))
        return trouble(100, 33, "Unsupported get request. Object does not exist.")

    def limit(self, _request: Request, account: str, user: str) -> Response:
        """How much of the quota is used."""
        _ = user
        config = {"quota_total": self.quota, "quota_duration": int(DAY.total_seconds())}
        return as_json({"data": [{"quota_usage": len(self._of_today(account)), "config": config}]})

    def posts(self, request: Request, account: str, user: str) -> Response:
        """What the account published, newest first."""
        _ = user
        return as_json({"data": [self.shown(notice) for notice in self.newest(account, request)], "paging": {}})

    def page(self, _request: Request, post: str, **_names: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == post:
                return as_page(notice.account, notice.document)
        return Response("Not found", 404)

    def _of_today(self, account: str) -> list[Notice]:
        since = datetime.now(UTC) - DAY
        return [notice for notice in self._wall.notices(self.name, account) if _moment(notice) > since]


def parameters(request: Request) -> dict[str, Any]:
    """What a request gives: Graph takes parameters as JSON, as a form or in the address."""
    given = {**request.args, **request.form, **(json_object(request) or {})}
    return {name: value for name, value in given.items() if name != "access_token"}


def unknown(document: Mapping[str, Any], *known: str) -> Iterator[Response]:
    """Complaints of names nobody knows; Graph itself ignores some of them."""
    for name in document:
        if name not in known:
            yield trouble(100, 0, f"(#100) Unknown parameter: {name}")


def unfetchable(document: Mapping[str, Any], name: str) -> Iterator[Response]:
    """Complaints of a picture that is none, or nowhere."""
    url = str(document.get(name, ""))
    if not url.startswith(("https://", "http://")) or url.lower().endswith(VIDEOS):
        yield trouble(9004, 2207052, "Only photo or video can be accepted as media type.")


def moment_of(notice: Notice) -> str:
    """When it was published, as Graph writes it."""
    return _moment(notice).strftime("%Y-%m-%dT%H:%M:%S%z")


def trouble(code: int, subcode: int, message: str, *, status: int = 400) -> Response:
    """An error as Graph tells it."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AStandIn"}
    return as_json({"error": {**error, "error_subcode": subcode} if subcode else error}, status)


def number() -> str:
    """A new number, as Graph's nodes have."""
    return str(random.randrange(10**16, 10**17))  # noqa: S311 - an identifier, no secret


def _moment(notice: Notice) -> datetime:
    return datetime.fromisoformat(notice.at)
