"""Graph, the API of Meta's platforms: how it is asked, what its errors mean, and what it still allows.

Source: https://developers.facebook.com/docs/graph-api/guides/error-handling, …/graph-api/overview/rate-limiting,
…/graph-api/changelog/versions and …/documentation/instagram-platform/instagram-graph-api/reference/error-codes
(read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx
from pydantic import Field as Reads
from pydantic import RootModel

from publishing.adapter import PUBLISHES, Conversation, Field, Version
from publishing.errors import (
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.model import Channel
from publishing.replies import (
    Reply,
    bounded_wait_s,
    error_for,
    publishes,
    quoted,
    read_if_readable,
    retry_after_s,
)

VERSIONS = (Version("v25.0", date(2028, 7, 29)), Version("v24.0", date(2028, 2, 18)))  # by Meta's list of versions
VERSION_FIELD = Field(
    "api_version",
    label="API version",
    required=False,
    help=f"{VERSIONS[0].name}, as where none is given, or {VERSIONS[1].name}, which ends on {VERSIONS[1].ends}.",
    max_chars=8,
    sample=VERSIONS[0].name,
)
NODE = r"^\d{1,40}(_\d{1,40})?$"
SLOWER_S = 300.0  # where neither the answer nor its headers say how long to wait
QUOTA_WAIT = timedelta(hours=1)  # quotas are of a moving day: something may be free again at any time

Sort = type[PublishingError]
# Where nothing of the post can be out yet, though the status is one that leaves it open: the container is not ready
# (9007, 2207027), is unknown (2207006, 2207008, 4279009: Threads) or came of age (2207020).
UNREADY = frozenset({2207027, 2207006, 2207008, 2207020, 4279009})
SUBCODES: dict[int, Sort] = {
    **dict.fromkeys((2207042,), QuotaSpent),
    **dict.fromkeys((1390008,), Throttled),
    **dict.fromkeys((2207050, 2207051, 1404006, 1404112, 4854002, 1404078, 33), Unauthorized),  # restrictions, checks
    **dict.fromkeys((2207004, 2207005, 2207009, 2207010, 2207023, 2207026, 2207028, 2207057, 2207081), Refused),
    **dict.fromkeys((2207035, 2207036, 2207037, 2207040), Refused),  # product tags
    **dict.fromkeys((1366046, 1346003, 1404102, 1609008, 2061006, 1349125, 2069019, 1366051), Refused),  # of Pages
    **dict.fromkeys((2207001, 2207003, 2207032, 2207052, 2207053, 2207082, 1363047, 1609010), Unavailable),
    **dict.fromkeys(UNREADY, Unavailable),
}
CODES: dict[int, Sort] = {
    **dict.fromkeys((9,), QuotaSpent),
    **dict.fromkeys((4, 17, 32, 613, *range(80000, 80015)), Throttled),
    **dict.fromkeys((190, 102, 10, 3, *range(200, 300), 25, 368), Unauthorized),
    **dict.fromkeys((352, 506, 36000, 36001, 36003), Refused),
    **dict.fromkeys((1, 2, -1, -2, 9004, 9007), Unavailable),
}


@dataclass(frozen=True, slots=True)
class Graph:
    """One channel's way to Graph at `base`; `title` is the platform as an author knows it."""

    title: str
    base: str
    channel: Channel

    def get(self, path: str, **parameters: str | int) -> httpx.Request:
        """A request to read something."""
        return httpx.Request("GET", f"{self.base}/{path}", params=parameters, headers=self._headers())

    def post(self, path: str, body: Mapping[str, object], *, visible: bool = False) -> httpx.Request:
        """A request to make something; `visible`: the one that publishes."""
        extensions = PUBLISHES if visible else {}
        return httpx.Request(
            "POST", f"{self.base}/{path}", json=body, headers=self._headers(), extensions=dict(extensions)
        )

    def delete(self, path: str) -> httpx.Request:
        """A request to take something away."""
        return httpx.Request("DELETE", f"{self.base}/{path}", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {token_of(self.channel)}"}

    def taken(self, reply: httpx.Response) -> httpx.Response:
        """The reply, if Graph did what it was asked.

        Raises:
            PublishingError: what its own code says, or else the status.
        """
        if reply.is_success:
            return reply
        raise self.error(reply)

    def error(self, reply: httpx.Response) -> PublishingError:
        """What an unsuccessful reply means, by Graph's own codes first."""
        said = read_if_readable(_Trouble, reply).error
        told = quoted(said.words, self.channel)
        message, code, status = f"{self.title} answered: {told}" if told else "", said.name, reply.status_code
        kind = said.kind
        if kind is Throttled or (kind is None and status == httpx.codes.TOO_MANY_REQUESTS):
            return Throttled(message, retry_after_s=wait_s(reply), code=code, status=status)
        if kind is QuotaSpent:
            return QuotaSpent(message, until=datetime.now(UTC) + QUOTA_WAIT, code=code, status=status)
        if kind is Unavailable and publishes(reply) and not said.unready:
            return OutcomeUnknown(message, code=code, status=status)
        return kind(message, code=code, status=status) if kind else error_for(reply, message, code=code)

    def objection(self, reply: httpx.Response) -> PublishingError:
        """What it means that a mere reading was refused; raised where it is certain, of a token or the pace.

        Since May 2026 a reading may be refused for days as if one had no right to it (100/33, 10), while publishing
        goes on as ever: https://github.com/gitroomhq/postiz-app/issues/1562.
        """
        error = self.error(reply)
        dead = error.status == httpx.codes.UNAUTHORIZED or error.code.partition("/")[0] in {"190", "102"}
        if dead or isinstance(error, Throttled):
            raise error
        return error


def token_of(channel: Channel) -> str:
    """The channel's access token, if it may be one."""
    token = channel.secrets["access_token"].strip()
    if not (token.isascii() and token.isprintable() and token):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    return token


def version_of(channel: Channel) -> str:
    """The version of Graph the channel is pinned to, or else the first we speak."""
    pinned = channel.settings.get("api_version", "").strip() or VERSIONS[0].name
    if pinned not in {version.name for version in VERSIONS}:
        raise Unauthorized("The API version of this channel is not, or no longer, spoken here.")
    return pinned


class _Error(Reply):
    message: str = ""
    code: int = 0
    error_subcode: int | None = None
    is_transient: bool | None = None
    error_user_title: str | None = None
    error_user_msg: str | None = None

    @property
    def words(self) -> str:
        """What is meant for people, or else for developers."""
        return f"{self.error_user_title or ''} {self.error_user_msg}" if self.error_user_msg else self.message

    @property
    def name(self) -> str:
        """The code with its subcode, as `9/2207042`."""
        return "/".join(str(number) for number in (self.code, self.error_subcode) if number)

    @property
    def unready(self) -> bool:
        """Whether it says that a container cannot be published, or not yet."""
        return self.error_subcode in UNREADY or self.code == 9007  # noqa: PLR2004 - Graph's own code

    @property
    def kind(self) -> Sort | None:
        """The error it means; None where its codes are none we know."""
        known = SUBCODES.get(self.error_subcode or 0) or CODES.get(self.code)
        return known or (Unavailable if self.is_transient else None)


class _Trouble(Reply):
    error: _Error = _Error()


class _Use(Reply):
    estimated_time_to_regain_access: float = 0.0  # minutes


class _Uses(RootModel[dict[str, list[_Use]]]):
    pass


def wait_s(reply: httpx.Response) -> float:
    """How long to wait, by `Retry-After` or else by the usage headers; never nothing."""
    try:
        uses = _Uses.model_validate_json(reply.headers.get("x-business-use-case-usage", ""))
    except ValueError:
        return retry_after_s(reply, SLOWER_S)
    minutes = max((use.estimated_time_to_regain_access for each in uses.root.values() for use in each), default=0.0)
    return retry_after_s(reply, bounded_wait_s(minutes * 60 or None, SLOWER_S))


class Node(Reply):
    """What Graph made, by its id."""

    id: str = Reads(pattern=NODE)


class _Config(Reply):
    quota_total: int = 0


class _Usage(Reply):
    quota_usage: int = 0
    config: _Config = _Config()


class _Usages(Reply):
    data: tuple[_Usage, ...] = ()


def insist_on_quota(graph: Graph, edge: str) -> Conversation[None]:
    """Stop here where an account may publish nothing more for now.

    Raises:
        QuotaSpent: by what Graph itself says is allowed (its pages disagree: 25, 50, 100) and used.
    """
    reply = yield graph.get(edge, fields="config,quota_usage")
    if not reply.is_success:
        graph.objection(reply)  # other trouble with this question says nothing of publishing
    for usage in read_if_readable(_Usages, reply).data:
        if 0 < usage.config.quota_total <= usage.quota_usage:
            message = f"All {usage.config.quota_total} posts {graph.title} allows in a day are used."
            raise QuotaSpent(message, until=datetime.now(UTC) + QUOTA_WAIT)
