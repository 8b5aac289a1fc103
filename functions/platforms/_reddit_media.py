"""Pictures and videos handed over to Reddit: it leases a place in its storage, which takes a form.

Source: github.com/praw-dev/praw: praw/models/media.py and praw/models/reddit/subreddit/subreddit.py (read 2026-11-21);
Reddit documents none of it.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

import httpx
from pydantic import Field as Reads

from functions.platforms._media import form, measured
from functions.platforms._pictures import Picture, fetched
from functions.platforms._reddit import request, taken
from publishing.adapter import Conversation
from publishing.errors import Refused, Unavailable
from publishing.model import Channel, Media
from publishing.replies import Reply, may_have_acted, parsed

PICTURE_BYTES = 20_000_000
CODE = re.compile(r"<Code>(\w{1,60})</Code>")


class _Item(Reply):
    name: str
    value: str


class _Args(Reply):
    action: str = Reads(pattern=r"^//[a-z0-9.-]+\.amazonaws\.com/?$")
    fields: tuple[_Item, ...]


class _Asset(Reply):
    asset_id: str = Reads(pattern=r"^[\w-]{1,60}$")


class _Lease(Reply):
    args: _Args
    asset: _Asset


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was put: `asset` for galleries, `url` for everything else; `fields` go before the file."""

    asset: str
    url: str
    storage: str
    fields: dict[str, str]

    def __str__(self) -> str:
        """What is written down of it."""
        return f"{self.asset},{self.url}"


def handed_over(media: Media, channel: Channel) -> Conversation[Place]:
    """Put a picture or video into Reddit's storage."""
    if media.is_video:
        media = yield from measured(media)
        place = yield from _leased(f"video.{media.type.rpartition('/')[2]}", media.type, channel)
        headers, piped = form(place.fields, "file", media, "video")
        _stored((yield httpx.Request("POST", place.storage, headers=headers, extensions=piped)))
        return place
    return (yield from put((yield from fetched(media, most_bytes=PICTURE_BYTES)), channel))


def put(picture: Picture, channel: Channel) -> Conversation[Place]:
    """Put a picture there that is at hand."""
    place = yield from _leased(picture.file_name, picture.content_type, channel)
    file = {"file": (picture.file_name, picture.data, picture.content_type)}
    _stored((yield httpx.Request("POST", place.storage, data=place.fields, files=file)))
    return place


def poster() -> Picture:
    """A plain grey picture for a video that has none: Reddit wants one, and shows it until the video plays."""
    width, height = 640, 360
    rows = zlib.compress((b"\0" + b"\x80" * width) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", rows), _chunk(b"IEND", b""))
    return Picture(b"\x89PNG\r\n\x1a\n" + b"".join(chunks), "image/png", "")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _leased(file_name: str, kind: str, channel: Channel) -> Conversation[Place]:
    asked = {"filepath": file_name, "mimetype": kind}
    lease = parsed(_Lease, taken((yield request("POST", "api/media/asset.json", channel, data=asked)), channel))
    storage = f"https:{lease.args.action}".rstrip("/")
    fields = {item.name: item.value for item in lease.args.fields}
    return Place(lease.asset.asset_id, f"{storage}/{fields.get('key', '')}", storage, fields)


def _stored(reply: httpx.Response) -> None:
    if reply.is_success:
        return
    if may_have_acted(reply):
        raise Unavailable(f"Reddit's storage answered {reply.status_code}.", status=reply.status_code)
    code = CODE.search(reply.text)
    told = code[1] if code else str(reply.status_code)
    raise Refused(f"Reddit's storage did not take it: {told}.", code="content.media", status=reply.status_code)
