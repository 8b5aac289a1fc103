"""Whether an image or video is what a platform takes, by what is known of it; and what would help where it is not."""

from __future__ import annotations

from collections.abc import Iterator

from publishing.adapter import Limits, Takes
from publishing.model import Media, Problem

FIT = "Have a fitting copy made (POST /v1/media/{id}/fit), or override the media for this channel."
CUT = "Override the media for this channel with one that fits."


def problems(field: str, media: Media, limits: Limits) -> Iterator[Problem]:
    """Everything about `media` that keeps it from being published under `limits`; what is not known is no problem."""
    takes = limits.video if media.is_video else limits.image
    if takes is None:
        what, other = ("Videos", "an image") if media.is_video else ("Images", "a video")
        yield Problem(
            field, f"{what} are not published here.", f"Give {other}, or override the media for this channel."
        )
        return
    remedy = CUT if media.is_video else FIT
    for message in _complaints(media, takes):
        yield Problem(field, message, remedy)


def _complaints(media: Media, takes: Takes) -> Iterator[str]:
    if media.type and takes.types and media.type not in takes.types:
        yield f"It is {media.type}; taken here: {', '.join(takes.types)}."
    if media.codec and takes.codecs and media.codec not in takes.codecs:
        yield f"Its codec is {media.codec}; taken here: {', '.join(takes.codecs)}."
    if takes.size_bytes and media.size_bytes > takes.size_bytes:
        yield f"It has {_megabytes(media.size_bytes)} MB; the most here is {_megabytes(takes.size_bytes)} MB."
    ratio = media.width / media.height if media.height else 0.0
    yield from _outside("lasts", media.seconds, takes.seconds, " s")
    yield from _outside("is wide", media.width, takes.width, " pixels")
    yield from _outside("is high", media.height, takes.height, " pixels")
    yield from _outside("has a width to height of", ratio, takes.ratio, "")


def _outside(what: str, value: float, bounds: tuple[float, float], unit: str) -> Iterator[str]:
    least, most = bounds
    if value and least and value < least * 0.999:
        yield f"It {what} {value:.5g}{unit}; the least here is {least:.5g}{unit}."
    if value and most and value > most * 1.001:
        yield f"It {what} {value:.5g}{unit}; the most here is {most:.5g}{unit}."


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f}"
