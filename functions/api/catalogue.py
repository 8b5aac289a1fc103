"""Platforms: what can be published to, from the adapters' own declarations."""

from __future__ import annotations

from functools import partial

from functions import platforms
from publishing import breaker
from publishing.adapter import Adapter, Field, Finds, Resumes
from publishing.operations import Operations
from web import contract
from web.request import Answer, Request
from web.router import Router
from web.schemas import platforms as shown
from web.schemas.base import Nothing


def serve(router: Router, operations: Operations) -> None:
    """Have `router` lead here what is about platforms; their breakers' states are among the operations."""
    router.serve(contract.LIST_PLATFORMS, partial(listed, operations))


def listed(operations: Operations, _: Request[Nothing]) -> Answer[shown.Platforms]:
    """Every platform, in alphabetical order."""
    states = breaker.states(operations, platforms.names())
    return Answer(shown.Platforms(items=[_view(platforms.load(name), state) for name, state in states.items()]))


def _view(adapter: Adapter, state: breaker.State) -> shown.Platform:
    limits = adapter.limits
    return shown.Platform(
        name=adapter.name,
        title=adapter.title,
        limits=shown.PlatformLimits(
            text_chars=limits.text_chars, title_chars=limits.title_chars, tags=limits.tags, media=limits.media
        ),
        credentials=[_field(field) for field in adapter.credentials.fields],
        abilities=shown.Abilities(
            finds=isinstance(adapter, Finds), resumes=isinstance(adapter, Resumes), idempotent=adapter.idempotent
        ),
        breaker=state,
    )


def _field(field: Field) -> shown.CredentialField:
    return shown.CredentialField(
        name=field.name,
        kind=field.kind,
        label=field.label or field.name,
        help=field.help,
        secret=field.secret,
        required=field.required,
        hosts=list(field.hosts),
        max_chars=field.max_chars,
    )
