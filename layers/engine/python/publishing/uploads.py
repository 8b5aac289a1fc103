"""Media that were uploaded, as publications name them: by id, with what was found when they were looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from publishing import records
from publishing.model import Content, Media, Problem, Target
from publishing.publication import Publication, overridden
from publishing.submission import Unfit

Find = Callable[[str, Iterable[str]], Mapping[str, Media]]  # a workspace's media that are ready, by id

REMEDY = "Upload it (POST /v1/media), complete it, and name the id you were given."


def none_ready(_workspace: str, _ids: Iterable[str]) -> Mapping[str, Media]:
    """Where nothing can be uploaded."""
    return {}


def described(publication: Publication, find: Find) -> Publication:
    """The publication with what is known of the media it names by id.

    Raises:
        Unfit: the workspace has no such media, or they are not ready.
    """
    places = dict(_named(publication))
    if not places:
        return publication
    found = find(publication.workspace, {media.id for media in places.values()})
    missing = [_missing(place, media) for place, media in places.items() if media.id not in found]
    if missing:
        raise Unfit(missing)
    content = replace(publication.content, media=_known(publication.content.media, found))
    targets = tuple(_target(target, found) for target in publication.targets)
    return replace(publication, content=content, targets=targets)


def _named(publication: Publication) -> Iterator[tuple[str, Media]]:
    for place, media in enumerate(publication.content.media):
        if media.id:
            yield f"content.media[{place}].id", media
    for number, target in enumerate(publication.targets):
        for place, media in enumerate(_of(target)):
            if media.id:
                yield f"targets[{number}].overrides.media[{place}].id", media


def _of(target: Target) -> Sequence[Media]:
    return overridden(Content(), {"media": target.overrides.get("media")}).media


def _missing(place: str, media: Media) -> Problem:
    return Problem(place, f"There is no media {media.id} in this workspace that is ready to be published.", REMEDY)


def _known(named: Iterable[Media], found: Mapping[str, Media]) -> tuple[Media, ...]:
    return tuple(replace(found[each.id], id=each.id, alt=each.alt) if each.id else each for each in named)


def _target(target: Target, found: Mapping[str, Media]) -> Target:
    media = _of(target)
    if not any(each.id for each in media):
        return target
    documents: list[Any] = [records.plain(each) for each in _known(media, found)]
    return replace(target, overrides={**target.overrides, "media": documents})
