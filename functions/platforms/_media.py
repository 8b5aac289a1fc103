"""Images and videos that are handed over in pieces or as they are, and that nobody holds whole on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

import httpx

from publishing.adapter import STATUS_ONLY, Conversation, Piped
from publishing.errors import Refused, Unavailable
from publishing.model import Media
from publishing.replies import may_have_acted


def measured(media: Media) -> Conversation[Media]:
    """The media with its length in bytes and its type: as they were found when it was uploaded, or as its server says.

    Raises:
        Refused: it is not there, or its server gives no parts of it. Unavailable: its server has trouble.
    """
    if media.size_bytes:
        return media
    reply = yield httpx.Request("GET", media.url, headers={"range": "bytes=0-0"}, extensions=STATUS_ONLY)
    if not reply.is_success:
        if may_have_acted(reply) or reply.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Unavailable(f"The server of the media answered {reply.status_code}.", status=reply.status_code)
        raise Refused(f"The media cannot be fetched: its server answered {reply.status_code}.", code="content.media")
    told = reply.headers.get("content-range", "").rpartition("/")[2]
    if not told.isdecimal() or not int(told):
        raise Refused("The server of the media gives no parts of it: upload it instead.", code="content.media")
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return replace(media, size_bytes=int(told), type=media.type or kind)


def pieces(size_bytes: int, piece_bytes: int, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where each piece begins and how long it is, from `start` to the end."""
    for begin in range(start, size_bytes, piece_bytes):
        yield begin, min(piece_bytes, size_bytes - begin)


def part(media: Media, start: int = 0, size_bytes: int = 0) -> dict[str, Piped]:
    """The extensions of a request whose body is that part of the media; all of it where no size is given."""
    return {"piped": Piped(media.url, start, size_bytes or media.size_bytes - start)}


def form(fields: Mapping[str, str], name: str, media: Media, file_name: str) -> tuple[dict[str, str], dict[str, Piped]]:
    """The headers and extensions of a request that hands all of the media over in a multipart form, as its last field.

    The same again for the same again: its boundary is made from what stands in it.
    """
    boundary = hashlib.sha256(repr((sorted(fields.items()), media.url)).encode()).hexdigest()
    start = f"--{boundary}\r\nContent-Disposition: form-data; name="
    lines = [f'{start}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    file = f'{start}"{name}"; filename="{file_name}"\r\n'
    before = "".join([*lines, file, f"Content-Type: {media.type or 'application/octet-stream'}\r\n\r\n"])
    piped = Piped(media.url, 0, media.size_bytes, before.encode(), f"\r\n--{boundary}--\r\n".encode())
    return {"content-type": f"multipart/form-data; boundary={boundary}"}, {"piped": piped}
