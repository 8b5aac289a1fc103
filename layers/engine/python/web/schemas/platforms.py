"""Platforms as callers see them: what their adapters declare."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from publishing.adapter import Kind
from publishing.breaker import State
from web.schemas.base import Given
from web.schemas.grants import ConsentScope


class CredentialField(Given):
    """One thing to supply when a channel is connected."""

    name: str
    kind: Annotated[Kind, Field(description="How it is checked.")]
    label: str
    help: str
    secret: Annotated[bool, Field(description="Encrypted, and never shown again.")]
    required: bool
    hosts: Annotated[list[str], Field(description="Where not empty, the hosts a URL may lead to.")]
    granted: Annotated[
        bool, Field(description="Whether only what the workspace was granted is taken: `granted` there.")
    ]
    max_chars: int


class Bounds(Given):
    """The least and the most; null: no limit that is known."""

    least: float | None
    most: float | None


class MediaRules(Given):
    """What is taken of one kind of media; empty or null: no limit that is known."""

    types: Annotated[list[str], Field(description="Media types.", examples=[["video/mp4"]])]
    size_bytes: int | None
    seconds: Bounds
    width: Annotated[Bounds, Field(description="Pixels.")]
    height: Annotated[Bounds, Field(description="Pixels.")]
    ratio: Annotated[Bounds, Field(description="Width by height.")]
    codecs: Annotated[list[str], Field(description="Of a video's pictures.", examples=[["AVC", "HEVC"]])]


class PostRate(Given):
    """So many posts in any window of so many seconds, one by one."""

    posts: int
    per_s: float


class PlatformLimits(Given):
    """What the platform takes, counted as it counts. 0: it has no place for this, which is then left out."""

    text_chars: int
    title_chars: int
    tags: int
    media: int
    image: Annotated[MediaRules | None, Field(description="Of each image. Null: none are taken.")]
    video: Annotated[MediaRules | None, Field(description="Of each video. Null: none are taken.")]
    rate: Annotated[PostRate | None, Field(description="How fast one channel is published to. Null: at once.")]


class Abilities(Given):
    """What the platform makes possible beyond publishing; what is false it does not, or not for us."""

    finds: Annotated[bool, Field(description="What may be out can be looked for.")]
    resumes: Annotated[bool, Field(description="It may work on for a while after it has answered.")]
    idempotent: Annotated[bool, Field(description="It absorbs a second sending by itself.")]
    refreshes: Annotated[bool, Field(description="Credentials that end are renewed without a person.")]
    removes: Annotated[bool, Field(description="What is out can be taken back.")]
    measures: Annotated[bool, Field(description="It tells how a post does: views, likes and the like.")]
    hears: Annotated[bool, Field(description="It calls back, at POST /v1/inbound/{platform}.")]
    threads: Annotated[bool, Field(description="A text that is too long may become several posts.")]
    rehearses: Annotated[bool, Field(description="A dry run shows the publishing request itself.")]


class ApiVersion(Given):
    """A version of the platform's API; a channel's field `api_version` pins one."""

    name: str
    ends: Annotated[date | None, Field(description="The vendor's last day for it; null: none is known.")]


class Consent(Given):
    """What connecting by consent takes: POST /v1/grants."""

    scopes: Annotated[list[ConsentScope], Field(description="What the person is asked to allow.")]
    asks: Annotated[list[str], Field(description="Which of the fields are to be given at the beginning, if at all.")]


class Platform(Given):
    """A kind of destination."""

    name: Annotated[str, Field(examples=["discord"])]
    title: Annotated[str, Field(description="As the vendor writes it.")]
    limits: PlatformLimits
    credentials: list[CredentialField]
    consent: Annotated[Consent | None, Field(description="How a person's consent connects it; null: it cannot.")]
    abilities: Abilities
    versions: Annotated[list[ApiVersion], Field(description="The first is used where a channel pins none.")]
    breaker: Annotated[
        State,
        Field(description="open: it failed five times in a row and is not asked; half-open: a probe will tell."),
    ]


class Platforms(Given):
    """Everything that can be published to."""

    items: list[Platform]
