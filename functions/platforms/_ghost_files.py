"""Uploads handed over to a Ghost site: what the engine gives as their address ends after some hours, a post does not.

Source: https://docs.ghost.org/admin-api/images/uploading-an-image and github.com/TryGhost/Ghost:
core/server/api/endpoints/{images,media}.js. Unsure: that integrations may hand over videos on every version.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import AliasChoices
from pydantic import Field as Reads

from functions.platforms._blog import file_name
from functions.platforms._ghost import request, taken
from functions.platforms._media import form
from publishing.adapter import Conversation
from publishing.model import Channel, Content, Media
from publishing.replies import Reply, parsed


class _File(Reply):
    url: str = Reads(pattern=r"^https?://\S+$")


class _Files(Reply):
    files: tuple[_File] = Reads(validation_alias=AliasChoices("images", "media"))


def housed(content: Content, channel: Channel) -> Conversation[Content]:
    """The content with its uploads at addresses of the site's own; another attempt hands them over again."""
    media: list[Media] = []
    for each in content.media:
        media.append((yield from _housed(each, channel)) if each.id else each)  # noqa: PERF401 - it cannot yield there
    return replace(content, media=tuple(media))


def _housed(media: Media, channel: Channel) -> Conversation[Media]:
    place, fields = ("media", {}) if media.is_video else ("images", {"purpose": "image"})
    asked = request("POST", f"{place}/upload/", channel)
    headers, extensions = form(fields, "file", media, file_name(media))
    asked.headers.update(headers)
    asked.extensions = {**asked.extensions, **extensions}
    (file,) = parsed(_Files, taken((yield asked), channel)).files
    return replace(media, url=file.url)
