"""A video that is handed over in one go: that it is what the platform takes, and what it is called on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from functions.platforms._checks import insist
from functions.platforms._media import measured
from publishing import fitting
from publishing.adapter import Conversation, Limits
from publishing.model import Media, Post, Problem

_ENDINGS = {"video/quicktime": "mov", "video/webm": "webm", "video/ogg": "ogv"}


def fit(media: Media, limits: Limits) -> Conversation[Media]:
    """The video with its length in bytes and its type, which may be known only now.

    Raises:
        Refused: it is not there, its length cannot be told, or the platform does not take it.
        Unavailable: its server has trouble.
    """
    found = yield from measured(media)
    video = found if found.is_video else replace(found, type="video/mp4")  # a server may not know what it serves
    insist(fitting.problems("content.media", video, limits))
    return video


def file_name(video: Media, stem: str = "video") -> str:
    """What the file is called."""
    return f"{stem}.{_ENDINGS.get(video.type, 'mp4')}"


def mixed_problems(post: Post) -> Iterator[Problem]:
    """A video beside anything else, where it stands alone."""
    media = post.content.media
    if len(media) > 1 and any(each.is_video for each in media):
        message = "A post here has one video or else images."
        yield Problem("content.media", message, "Leave the others out, or override the media for this channel.")
