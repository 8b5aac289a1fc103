"""Pictures and videos handed over to X, to be part of a post within a day.

Source: https://docs.x.com/x-api/media/quickstart/media-upload-chunked and github.com/xdevplatform/docs: openapi.json
(read 2026-11-21). Pieces of more than a megabyte are turned away with 413, whatever is written
(github.com/trypostit/trypost pull request 31). That a piece may be sent again is documented; that X knows it for the
same piece is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

import httpx
from pydantic import Field as Reads

from functions.platforms._media import form, measured, pieces
from functions.platforms._pictures import fetched
from functions.platforms._x import request, taken
from publishing.adapter import Conversation
from publishing.errors import Refused
from publishing.model import Channel, Media, Pending
from publishing.replies import Reply, parsed

State = Mapping[str, str]

PICTURE_BYTES, GIF_BYTES = 5 * 2**20, 15 * 2**20
PIECE_BYTES, PIECES = 1_000_000, 40  # so many at a time
WAIT_S = 5.0
SAID_BEFORE = frozenset({400, 404, 409})  # what may be answered to a second word that these were all; not documented


class _Processing(Reply):
    state: str = ""
    check_after_secs: float = WAIT_S


class _Upload(Reply):
    id: str = Reads(pattern=r"^\d{1,19}$")
    processing_info: _Processing | None = None


class _Uploaded(Reply):
    data: _Upload


def is_gif(media: Media) -> bool:
    """Whether it is a GIF, as far as can be told; X takes it for an animated one, which stands alone."""
    return media.type == "image/gif" if media.type else media.url.lower().partition("?")[0].endswith(".gif")


def pictures(all_media: Sequence[Media], channel: Channel) -> Conversation[str]:
    """The ids of the pictures, each handed over at once."""
    ids = []
    for media in all_media:
        picture = yield from fetched(media, most_bytes=PICTURE_BYTES)
        file = {"media": (picture.file_name, picture.data, picture.content_type)}
        reply = yield request("POST", "media/upload", channel, data={"media_category": "tweet_image"}, files=file)
        ids.append(parsed(_Uploaded, taken(reply, channel)).data.id)
        yield from _described(ids[-1], media, channel)
    return " ".join(ids)


def begin(media: Media, channel: Channel) -> Conversation[Pending]:
    """Announce a video or GIF; `go_on` hands it over."""
    media = yield from measured(media)
    category = "tweet_gif" if is_gif(media) else "tweet_video"
    body = {"media_type": media.type, "total_bytes": media.size_bytes, "media_category": category}
    reply = yield request("POST", "media/upload/initialize", channel, json=body)
    upload = parsed(_Uploaded, taken(reply, channel)).data.id
    return Pending({"upload": upload, "at": "0", "size": str(media.size_bytes), "type": media.type}, 0.0)


def go_on(state: State, media: Media, channel: Channel) -> Conversation[Pending]:
    """Hand over some pieces more, or the word that these were all, or ask whether X is done with it: then `media`."""
    if "at" not in state:
        return (yield from _asked(state, media, channel))
    media = replace(media, size_bytes=int(state["size"]), type=state["type"])
    if int(state["at"]) < media.size_bytes:
        return (yield from _handed_over(state, media, channel))
    reply = yield request("POST", f"media/upload/{state['upload']}/finalize", channel)
    if reply.status_code in SAID_BEFORE:
        return (yield from _asked(state, media, channel, instead=reply))
    return (yield from _processed(taken(reply, channel), media, channel))


def _handed_over(state: State, media: Media, channel: Channel) -> Conversation[Pending]:
    at = int(state["at"])
    for begins, size_bytes in islice(pieces(media.size_bytes, PIECE_BYTES, at), PIECES):
        headers, whole = form({"segment_index": str(begins // PIECE_BYTES)}, "media", media, "piece")
        piece = {"piped": replace(whole["piped"], start=begins, size_bytes=size_bytes)}
        path = f"media/upload/{state['upload']}/append"
        taken((yield request("POST", path, channel, headers=headers, extensions=piece)), channel)
        at = begins + size_bytes
    return Pending({**state, "at": str(at)}, 0.0)


def _asked(
    state: State, media: Media, channel: Channel, *, instead: httpx.Response | None = None
) -> Conversation[Pending]:
    asked = {"command": "STATUS", "media_id": state["upload"]}
    reply = yield request("GET", "media/upload", channel, params=asked)
    answer = instead if instead is not None and reply.is_client_error else reply
    return (yield from _processed(taken(answer, channel), media, channel))


def _processed(reply: httpx.Response, media: Media, channel: Channel) -> Conversation[Pending]:
    upload = parsed(_Uploaded, reply).data
    processing = upload.processing_info
    if processing and processing.state == "failed":
        raise Refused("X could not process the video.", code="content.media")
    if processing and processing.state != "succeeded":
        return Pending({"upload": upload.id}, max(1.0, processing.check_after_secs))
    yield from _described(upload.id, media, channel)
    return Pending({"media": upload.id}, 0.0)


def _described(upload: str, media: Media, channel: Channel) -> Conversation[None]:
    if media.alt and not media.is_video:  # X has no such text for videos
        body = {"id": upload, "metadata": {"alt_text": {"text": media.alt}}}
        taken((yield request("POST", "media/metadata", channel, json=body)), channel)
