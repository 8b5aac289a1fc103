"""Pictures for platforms that want them handed over: fetched from their address, and known by their first bytes."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from publishing.adapter import FETCHES, Conversation
from publishing.errors import Refused, Unavailable
from publishing.model import Media
from publishing.replies import may_have_acted

_TYPES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is handed over; `content_type` is what its bytes say, whatever its address or server says."""

    data: bytes
    content_type: str
    alt: str

    @property
    def file_name(self) -> str:
        """A name that says nothing but the type."""
        return f"picture.{self.content_type.rpartition('/')[2]}"


def fetched(media: Media, *, most_bytes: int) -> Conversation[Picture]:
    """Fetch what stands at the media's address; `most_bytes` is what the platform takes of one picture.

    Raises:
        Refused: it is not there, no PNG, JPEG, GIF or WebP, or too large. Unavailable: its server has trouble.
    """
    reply = yield httpx.Request("GET", media.url, extensions=FETCHES)
    if not reply.is_success:
        if may_have_acted(reply) or reply.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Unavailable(f"The picture's server answered {reply.status_code}.", status=reply.status_code)
        raise Refused(f"The picture cannot be fetched: its server answered {reply.status_code}.", code="content.media")
    if len(reply.content) > most_bytes:
        said = f"{len(reply.content) / 1e6:.1f} MB; the most here is {most_bytes / 1e6:.1f} MB"
        raise Refused(f"The picture has {said}.", code="content.media")
    return Picture(reply.content, _type_of(reply.content), media.alt)


def _type_of(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for start, content_type in _TYPES.items():
        if data.startswith(start):
            return content_type
    raise Refused("The media is no PNG, JPEG, GIF or WebP picture.", code="content.media")
