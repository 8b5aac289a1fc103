"""Platforms as callers see them: what their adapters declare."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from publishing.adapter import Kind
from publishing.breaker import State
from web.schemas.base import Given


class CredentialField(Given):
    """One thing to supply when a channel is connected."""

    name: str
    kind: Annotated[Kind, Field(description="How it is checked.")]
    label: str
    help: str
    secret: Annotated[bool, Field(description="Encrypted, and never shown again.")]
    required: bool
    hosts: Annotated[list[str], Field(description="Where not empty, the hosts a URL may lead to.")]
    max_chars: int


class PlatformLimits(Given):
    """What the platform takes, counted as it counts. 0: it has no place for this, which is then left out."""

    text_chars: int
    title_chars: int
    tags: int
    media: int


class Abilities(Given):
    """What the platform makes possible beyond publishing."""

    finds: Annotated[bool, Field(description="What may be out can be looked for.")]
    resumes: Annotated[bool, Field(description="It may work on for a while after it has answered.")]
    idempotent: Annotated[bool, Field(description="It absorbs a second sending by itself.")]


class Platform(Given):
    """A kind of destination."""

    name: Annotated[str, Field(examples=["discord"])]
    title: Annotated[str, Field(description="As the vendor writes it.")]
    limits: PlatformLimits
    credentials: list[CredentialField]
    abilities: Abilities
    breaker: Annotated[
        State,
        Field(description="open: it failed five times in a row and is not asked; half-open: a probe will tell."),
    ]


class Platforms(Given):
    """Everything that can be published to."""

    items: list[Platform]
