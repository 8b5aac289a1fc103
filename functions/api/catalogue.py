"""Platforms: what can be published to, from the adapters' own declarations."""

from __future__ import annotations

from functools import partial

from functions import platforms
from functions.api.grants import asked_of, scopes_of
from publishing import breaker
from publishing.abilities import Authorizes, Finds, Hears, Measures, Refreshes, Rehearses, Removes, Resumes
from publishing.adapter import Adapter, Field, Limits, Takes
from publishing.operations import Operations
from publishing.versions import versions_of
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
    return shown.Platform(
        name=adapter.name,
        title=adapter.title,
        limits=_limits(adapter.limits),
        credentials=[_field(field) for field in adapter.credentials.fields],
        consent=_consent(adapter),
        abilities=_abilities(adapter),
        versions=[shown.ApiVersion(name=each.name, ends=each.ends) for each in versions_of(adapter)],
        breaker=state,
    )


def _consent(adapter: Adapter) -> shown.Consent | None:
    if not isinstance(adapter, Authorizes):
        return None
    return shown.Consent(scopes=scopes_of(adapter.consent), asks=[field.name for field in asked_of(adapter)])


def _limits(limits: Limits) -> shown.PlatformLimits:
    return shown.PlatformLimits(
        text_chars=limits.text_chars,
        title_chars=limits.title_chars,
        tags=limits.tags,
        media=limits.media,
        image=_rules(limits.image) if limits.media else None,
        video=_rules(limits.video) if limits.media else None,
        rate=shown.PostRate(posts=limits.rate.requests, per_s=limits.rate.per_s) if limits.rate else None,
    )


def _rules(takes: Takes | None) -> shown.MediaRules | None:
    if takes is None:
        return None
    return shown.MediaRules(
        types=list(takes.types),
        size_bytes=takes.size_bytes or None,
        seconds=_bounds(takes.seconds),
        width=_bounds(takes.width),
        height=_bounds(takes.height),
        ratio=_bounds(takes.ratio),
        codecs=list(takes.codecs),
    )


def _bounds(bounds: tuple[float, float]) -> shown.Bounds:
    return shown.Bounds(least=bounds[0] or None, most=bounds[1] or None)


def _abilities(adapter: Adapter) -> shown.Abilities:
    return shown.Abilities(
        finds=isinstance(adapter, Finds),
        resumes=isinstance(adapter, Resumes),
        idempotent=adapter.idempotent,
        refreshes=isinstance(adapter, Refreshes),
        removes=isinstance(adapter, Removes),
        measures=isinstance(adapter, Measures),
        hears=isinstance(adapter, Hears),
        threads=adapter.limits.threads,
        rehearses=isinstance(adapter, Rehearses),
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
        granted=field.granted,
        max_chars=field.max_chars,
    )
