"""Videos handed over to Bilibili in pieces, of which nobody holds any; and their covers.

Source: https://open.bilibili.com/doc/4/0c532c6a-e6fb-0aff-8021-905ae2409095 (the beginning),
…/doc/4/733a520a-c50f-7bb4-17cb-35338ba20500 (pieces), …/doc/4/0828e499-38d8-9e58-2a70-a7eaebf9dd64 (the end) and
…/doc/4/8243399e-50e3-4058-7f01-1ebe4c632cf8 (covers), as contracts/publishing/bilibili-open-api.v1.json of
github.com/masterAventador/automation-tool has them (read 2026-11-21).
Small videos may be handed over in one; in pieces they may be as well, so that is the one way gone here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

import httpx
from pydantic import Field as Reads

from functions.platforms._arcopen import signed, taken
from functions.platforms._media import measured, part, pieces
from functions.platforms._pictures import fetched
from functions.platforms._turns import AGAIN_S, next_turn
from publishing.adapter import Conversation
from publishing.errors import Refused
from publishing.model import Channel, Media, Outcome, Pending
from publishing.replies import Reply, parsed

BYTES = "https://openupos.bilivideo.com/video/v2/part/upload"
PIECE_BYTES, PIECES = 8 * 2**20, 8  # of what is advised; and so many in one step
VIDEO_BYTES, COVER_BYTES = 512 * PIECE_BYTES, 5 * 2**20
ROUNDS = 3  # so often a video may be uploaded


class _Upload(Reply):
    upload_token: str = Reads(min_length=1)


class _Begun(Reply):
    data: _Upload


class _Cover(Reply):
    url: str = Reads(min_length=1)


class _Covered(Reply):
    data: _Cover


def begun(video: Media, channel: Channel, number: int) -> Conversation[Outcome]:
    """An upload, the `number`th of this video, and its first step."""
    video = yield from measured(video)
    if video.size_bytes > VIDEO_BYTES:
        raise Refused(f"The video has {video.size_bytes / 1e6:,.0f} MB; the most here is {VIDEO_BYTES / 1e6:,.0f} MB.")
    name = "video.flv" if "flv" in video.type or video.url.endswith(".flv") else "video.mp4"
    reply = yield signed("POST", "archive/video/init", channel, body={"name": name, "utype": "0"})
    upload = parsed(_Begun, taken(reply, channel)).data.upload_token
    state = {"upload": upload, "size": str(video.size_bytes), "at": "0", "round": str(number)}
    return (yield from sent(video, channel, state))


def sent(video: Media, channel: Channel, state: Mapping[str, str]) -> Conversation[Outcome]:
    """The next pieces; nobody tells what has come, so that one may come twice, under the same number."""
    upload, at = state["upload"], int(state["at"])
    video = replace(video, size_bytes=int(state["size"]))
    for begin, length in islice(pieces(video.size_bytes, PIECE_BYTES, at), PIECES):
        query = {"upload_token": upload, "part_number": str(begin // PIECE_BYTES + 1)}
        headers = {"content-type": "application/octet-stream"}
        piped = part(video, begin, length)
        reply = yield httpx.Request("POST", BYTES, params=query, headers=headers, extensions=piped)
        taken(reply, channel)
        at = begin + length
    if at < video.size_bytes:
        return Pending({**state, "at": str(at)}, 0.0)
    reply = yield signed("POST", "archive/video/complete", channel, upload_token=upload)
    taken(reply, channel)
    return next_turn({"whole": upload, "round": state["round"]})


def covered(media: Media, channel: Channel) -> Conversation[str]:
    """Hand a picture over; its address, as a submission names it."""
    picture = yield from fetched(media, most_bytes=COVER_BYTES)
    file = {"file": (picture.file_name, picture.data, picture.content_type)}
    reply = yield signed("POST", "archive/cover/upload", channel, files=file)
    return parsed(_Covered, taken(reply, channel)).data.url


def anew(state: Mapping[str, str]) -> Pending:
    """To be uploaded again; not at once, for if it was submitted nevertheless, that must be seen before."""
    number = int(state.get("round", "1"))
    if number >= ROUNDS:
        raise Refused(f"Bilibili could not use what was uploaded, {number} times.")
    return Pending({"round": str(number + 1)}, AGAIN_S)
