"""What a platform's adapter is: a translation, without any I/O of its own.

Each step is a generator that yields an `httpx.Request` and receives its `httpx.Response`; `publishing.conversation`
holds the conversation. The one request that makes the post visible is marked with `extensions=PUBLISHES`. A request
to an AWS service is marked with `extensions={"aws": "<signing name>"}`, and is signed with the function's own role.
Where only the status of an answer counts, `STATUS_ONLY` keeps a long or slow body from being waited for; `FETCHES` lets
one be longer than a platform's answers are: a picture that must be handed over.

A body that is too long to be held is named instead: see `Piped`.

What an adapter can beyond `publish`, `check` and `verify` is told by the methods it has: see `publishing.abilities`.
Registration is the file's presence in `functions/platforms`; its module ends with `ADAPTER = …`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

import httpx

from publishing.model import Channel, Identity, Outcome, Post, Problem

T = TypeVar("T")
Conversation = Generator[httpx.Request, httpx.Response, T]

PUBLISHES = {"publishes": True}
STATUS_ONLY = {"status_only": True}
FETCHES = {"answer_bytes": 20_000_000}  # the most a picture may have


@dataclass(frozen=True, slots=True)
class Piped:
    """A body read from elsewhere while it is sent, so that nobody holds it: so many bytes of what is at `url`.

    It stands in a request's extensions under `piped`; `before` and `after` go around it (a form's parts). The request's
    `content-length` is set from it.
    """

    url: str
    start: int
    size_bytes: int
    before: bytes = b""
    after: bytes = b""

    def __len__(self) -> int:
        """The length of the whole body."""
        return len(self.before) + self.size_bytes + len(self.after)


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
    `granted`: only values that the operator granted to the workspace, by themselves or by what follows their `@`.
    `unless`: another field whose being given spares this one.
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
    granted: bool = False
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The fields that connect a channel."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """How long renewed credentials last where the platform does not say, and when it renews them.

    `least_age_s`: it refuses to renew younger ones. `after_end`: it renews what has ended, too. Where it is not to be
    done `ahead`, because what was made with the old ones ends with them, they are renewed when they are refused alone.
    """

    lasts_s: float
    least_age_s: float = 0.0
    after_end: bool = True
    ahead: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` posts in any window of `per_s` seconds, in one channel, and these one by one.

    A channel waits up to per_s / requests for its turn, urgent posts up to three times that: what a platform allows in
    hours or a day is not said so, but by its answers (`publishing.abilities.Foretells`) or its refusal.
    """

    requests: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Takes:
    """What the platform takes of one kind of media; what is 0 or empty has no limit that we know.

    `types`: media types, `video/mp4`. `size_bytes`: the most of one. `seconds`, `width`, `height` (pixels), `ratio`
    (width by height): least and most. `codecs`: of a video's pictures, as MediaInfo names them (`AVC`, `HEVC`).
    """

    types: tuple[str, ...] = ()
    size_bytes: int = 0
    seconds: tuple[float, float] = (0.0, 0.0)
    width: tuple[int, int] = (0, 0)
    height: tuple[int, int] = (0, 0)
    ratio: tuple[float, float] = (0.0, 0.0)
    codecs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One of the versions of its API that a platform's adapter speaks; `ends`: the vendor's last day for it."""

    name: str
    ends: date | None = None


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
    `image`, `video`: what it takes of each; None: none. `threads`: a text that is too long may become several posts.
    `embeds`: what is out names media by their addresses, so these must last as long as it does.
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
    image: Takes | None = Takes()
    video: Takes | None = None
    threads: bool = False
    embeds: bool = False


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
