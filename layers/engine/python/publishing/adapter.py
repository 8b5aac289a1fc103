"""What a platform's adapter is: a translation, without any I/O of its own.

Each step is a generator that yields an `httpx.Request` and receives its `httpx.Response`; `publishing.conversation`
holds the conversation. The one request that makes the post visible is marked with `extensions=PUBLISHES`. A request
to an AWS service is marked with `extensions={"aws": "<signing name>"}`, and is signed with the function's own role.
Where only the status of an answer counts, `STATUS_ONLY` keeps a long or slow body from being waited for; `FETCHES` lets
one be longer than a platform's answers are: a picture that must be handed over.

What an adapter can beyond `publish`, `check` and `verify` is told by the methods it has: see `Finds`, `Foretells`,
`Resumes`, `Rehearses`. Registration is the file's presence in `functions/platforms`; its module ends with
`ADAPTER = …`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

import httpx

from publishing.model import Channel, Identity, Outcome, Pending, Post, Problem, Receipt

T = TypeVar("T")
Conversation = Generator[httpx.Request, httpx.Response, T]

PUBLISHES = {"publishes": True}
STATUS_ONLY = {"status_only": True}
FETCHES = {"answer_bytes": 20_000_000}  # the most a picture may have


class Resource(StrEnum):
    """An AWS resource an adapter may declare to use; infra grants it and `Channel.aws` brings its address."""

    FEEDS = "feeds"  # the feed bucket: its base URL under `feeds`; the public base URL of feeds under `feeds_public`
    MAIL = "mail"  # SES v2: its base URL under `mail`; the configuration set's name under `mail_configuration_set`


class Kind(StrEnum):
    """What a credential field holds, and so how it is checked when a channel is connected."""

    TEXT = "text"
    URL = "url"  # https only; where the adapter declares `hosts`, one of them
    EMAIL = "email"
    EMAILS = "emails"  # addresses separated by commas or line ends
    JSON = "json"  # an object of text values


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a person must supply to connect a channel. Secret fields are encrypted and never shown again.

    `sample` is what a value looks like where its kind does not tell; it stands for a secret that nobody may see.
    """

    name: str
    kind: Kind = Kind.TEXT
    label: str = ""
    secret: bool = False
    required: bool = True
    help: str = ""
    hosts: tuple[str, ...] = ()
    max_chars: int = 2_000
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The fields that connect a channel."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` posts in any window of `per_s` seconds, in one channel."""

    requests: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform takes, and how it may be asked.

    `text_chars`, `title_chars`, `tags`, `media`: the most it takes, counted as the platform counts; 0 means none.
    `timeout_s`: the longest one conversation may last. `in_flight`: how many batches of ten run at once (at least
    2); urgent ones have half as many of their own.
    `attempts`: how often a delivery is tried before it fails. `lag_s`: how long a post may stay invisible to `find`.
    `rate`: how fast one channel may be published to; None: as fast as it goes. `own_hosts`: channels lead to hosts of
    their owners' choice, so that one that is down says nothing about the others. `repeat_s`: within so long the same
    content in one channel is taken for a repetition, which a dry run warns of: a day, where nobody says otherwise.
    """

    text_chars: int
    title_chars: int = 0
    tags: int = 0
    media: int = 0
    timeout_s: float = 20.0
    in_flight: int = 5
    attempts: int = 6
    lag_s: float = 30.0
    rate: Rate | None = None
    own_hosts: bool = False
    repeat_s: float = 86_400.0


class Adapter(Protocol):
    """What every platform's adapter has."""

    name: str  # the module's name, "discord"
    title: str  # as the vendor writes it, "Discord"
    limits: Limits
    credentials: Credentials
    uses: frozenset[Resource]
    idempotent: bool  # the platform itself absorbs a second sending of one `post.id`: re-sending is then the probe

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here, before anything is queued."""

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Publish it."""

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask, without publishing anything, whether the credentials are good and whose they are."""


@runtime_checkable
class Finds(Protocol):
    """An adapter whose platform can be read: it can look for what may already be out."""

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post` if it is out, looking at what was published after `since`; read only."""


@runtime_checkable
class Foretells(Protocol):
    """An adapter whose platform says in its answers when nothing more is allowed for now; it declares a rate, too."""

    def pause_s(self, reply: httpx.Response) -> float:
        """For how many seconds the channel must not be published to after this answer; 0 where it says nothing."""


@runtime_checkable
class Resumes(Protocol):
    """An adapter whose platform works on after it has answered."""

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Continue; once the publishing request went through this must never publish again."""


@runtime_checkable
class Rehearses(Protocol):
    """An adapter that asks something before it publishes, and whose publishing can be rehearsed nevertheless."""

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """What the platform might answer a request that comes before the publishing one."""
