"""The models of /v1/platforms. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, TypedDict


class Abilities(TypedDict):
    """What the platform makes possible beyond publishing; what is false it does not, or not for us."""

    finds: bool  # What may be out can be looked for.
    resumes: bool  # It may work on for a while after it has answered.
    idempotent: bool  # It absorbs a second sending by itself.
    refreshes: bool  # Credentials that end are renewed without a person.
    removes: bool  # What is out can be taken back.
    measures: bool  # It tells how a post does: views, likes and the like.
    hears: bool  # It calls back, at POST /v1/inbound/{platform}.
    threads: bool  # A text that is too long may become several posts.
    rehearses: bool  # A dry run shows the publishing request itself.


class ApiVersion(TypedDict):
    """A version of the platform's API; a channel's field `api_version` pins one."""

    name: str
    ends: str | None  # The vendor's last day for it; null: none is known.


class Bounds(TypedDict):
    """The least and the most; null: no limit that is known."""

    least: float | None
    most: float | None


class CredentialField(TypedDict):
    """One thing to supply when a channel is connected."""

    name: str
    kind: Kind  # How it is checked.
    label: str
    help: str
    secret: bool  # Encrypted, and never shown again.
    required: bool
    hosts: list[str]  # Where not empty, the hosts a URL may lead to.
    max_chars: int


# What a credential field holds, and so how it is checked when a channel is connected.
Kind = Literal["text", "url", "email", "emails", "json"]


class MediaRules(TypedDict):
    """What is taken of one kind of media; empty or null: no limit that is known."""

    types: list[str]  # Media types.
    size_bytes: int | None
    seconds: Bounds
    width: Bounds  # Pixels.
    height: Bounds  # Pixels.
    ratio: Bounds  # Width by height.
    codecs: list[str]  # Of a video's pictures.


class Platform(TypedDict):
    """A kind of destination."""

    name: str
    title: str  # As the vendor writes it.
    limits: PlatformLimits
    credentials: list[CredentialField]
    abilities: Abilities
    versions: list[ApiVersion]  # The first is used where a channel pins none.
    breaker: State  # open: it failed five times in a row and is not asked; half-open: a probe will tell.


class PlatformLimits(TypedDict):
    """What the platform takes, counted as it counts. 0: it has no place for this, which is then left out."""

    text_chars: int
    title_chars: int
    tags: int
    media: int
    image: MediaRules | None  # Of each image. Null: none are taken.
    video: MediaRules | None  # Of each video. Null: none are taken.
    rate: PostRate | None  # How fast one channel is published to. Null: at once.


class Platforms(TypedDict):
    """Everything that can be published to."""

    items: list[Platform]


class PostRate(TypedDict):
    """So many posts in any window of so many seconds, one by one."""

    posts: int
    per_s: float


# Whether a platform is asked: always, never, or only to see whether it is back.
State = Literal["closed", "open", "half-open"]
