"""Pictures and videos for LinkedIn: handed over before a post names them, videos in parts over several steps.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api and …/shares/videos-api
(read 2026-11-21, stored copies)

Nobody sees what no post names, so what is given up does no harm. Of a video is written down what LinkedIn asked for:
the addresses of the parts to come and the marks (ETags) of those that arrived, a hundred of each at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from urllib.parse import quote

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._checks import insist
from functions.platforms._linkedin import author_of, request, taken
from functions.platforms._media import measured, part, pieces
from functions.platforms._pictures import fetched
from publishing import fitting
from publishing.adapter import Conversation, Limits
from publishing.errors import OutcomeUnknown, Refused, Throttled, Unavailable
from publishing.model import Channel, Media, Pending
from publishing.replies import Reply, may_have_acted, parsed, retry_after_s

State = Mapping[str, str]

PARTS = 16  # of 4 MB, in one step
FIRST_LOOK_S, LONGEST_LOOK_S = 5.0, 300.0
LOOKS = 40  # three hours
TOLD_ALREADY = frozenset({400, 409, 422})  # unsure: what is answered to that is not documented


class _Slot(Reply):  # the token goes to its address, which is LinkedIn's own for that
    url: str = Reads(validation_alias=AliasPath("value", "uploadUrl"), pattern=r"^https://(www|api)\.linkedin\.com/")
    image: str = Reads(validation_alias=AliasPath("value", "image"), pattern=r"^urn:li:image:[\w-]+$")


class _Part(Reply):
    url: str = Reads(validation_alias="uploadUrl", pattern=r"^https://\S+$")
    first: int = Reads(validation_alias="firstByte")
    last: int = Reads(validation_alias="lastByte", ge=0)


class _Begun(Reply):
    video: str = Reads(validation_alias=AliasPath("value", "video"), pattern=r"^urn:li:video:[\w-]+$")
    token: str = Reads("", validation_alias=AliasPath("value", "uploadToken"))
    parts: tuple[_Part, ...] = Reads(validation_alias=AliasPath("value", "uploadInstructions"), min_length=1)


class _Progress(Reply):
    status: str


def picture(media: Media, most_bytes: int, channel: Channel) -> Conversation[dict[str, str]]:
    """Hand a picture over; what a post names it by, with its alternative text."""
    shown = yield from fetched(media, most_bytes=most_bytes)
    if shown.content_type == "image/webp":
        raise Refused("LinkedIn takes PNG, JPEG and GIF pictures, but no WebP.", code="content.media")
    owner = {"initializeUploadRequest": {"owner": author_of(channel)[0]}}
    reply = yield request("POST", "rest/images?action=initializeUpload", channel, json=owner)
    slot = parsed(_Slot, taken(reply, channel))
    taken((yield request("PUT", slot.url, channel, content=shown.data)), channel)
    return {"id": slot.image} | ({"altText": shown.alt} if shown.alt else {})


def begin(video: Media, limits: Limits, channel: Channel) -> Conversation[Pending]:
    """Ask where a video's parts are to go.

    Raises:
        Refused: it is not there, or not what LinkedIn takes.
    """
    found = yield from measured(video)
    video = found if found.is_video else replace(found, type=video.type)  # servers do not always know it
    insist(fitting.problems("content.media", video, limits))
    asked = {"owner": author_of(channel)[0], "fileSizeBytes": video.size_bytes}
    body = {"initializeUploadRequest": {**asked, "uploadCaptions": False, "uploadThumbnail": False}}
    reply = yield request("POST", "rest/videos?action=initializeUpload", channel, json=body)
    begun = parsed(_Begun, taken(reply, channel))
    part_bytes = begun.parts[0].last + 1
    if [(each.first, each.last + 1 - each.first) for each in begun.parts] != list(pieces(video.size_bytes, part_bytes)):
        raise Unavailable("LinkedIn asks for other parts of a video than it documents.")
    sizes = {"size": str(video.size_bytes), "part": str(part_bytes)}
    urls = " ".join(each.url for each in begun.parts)
    return Pending({"video": begun.video, "token": begun.token, **sizes, "urls": urls, "marks": ""}, 0.0)


def go_on(state: State, video: Media, channel: Channel) -> Conversation[Pending | None]:
    """The next step with a video; None once a post may name it.

    Raises:
        Refused: LinkedIn could not process it. OutcomeUnknown: nobody knows any more which one it was.
    """
    if "video" not in state:
        raise OutcomeUnknown("What was written down of its video is lost.")
    if state.get("urls"):
        return (yield from _sent(state, video, channel))
    if "marks" in state:
        return (yield from _finished(state, channel))
    return (yield from _looked(state, channel))


def _sent(state: State, video: Media, channel: Channel) -> Conversation[Pending]:
    urls, marks = state["urls"].split(), state["marks"].split()
    size_bytes, part_bytes = int(state["size"]), int(state["part"])
    for begins, length in islice(pieces(size_bytes, part_bytes, len(marks) * part_bytes), PARTS):
        headers = {"content-type": "application/octet-stream"}
        reply = yield httpx.Request("PUT", urls.pop(0), headers=headers, extensions=part(video, begins, length))
        marks.append(_mark(reply, channel))
    return Pending({**state, "urls": " ".join(urls), "marks": " ".join(marks)}, 0.0)


def _mark(reply: httpx.Response, channel: Channel) -> str:
    status = reply.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise Throttled("LinkedIn takes no more parts of a video for now.", retry_after_s=retry_after_s(reply))
    if reply.is_client_error and not may_have_acted(reply):
        raise Refused(f"LinkedIn did not take a part of the video: it answered {status}.", status=status)
    mark = re.fullmatch(r"\"?([^\s\"]+)\"?", taken(reply, channel).headers.get("etag", ""))
    if not mark:
        raise Unavailable("LinkedIn did not say that a part of the video arrived.", status=status)
    return mark[1]


def _finished(state: State, channel: Channel) -> Conversation[Pending]:
    """Say that all parts are there; where that was said already, the video is no longer waiting for them."""
    told = {"video": state["video"], "uploadToken": state["token"], "uploadedPartIds": state["marks"].split()}
    body = {"finalizeUploadRequest": told}
    reply = yield request("POST", "rest/videos?action=finalizeUpload", channel, json=body)
    already = reply.status_code in TOLD_ALREADY and (yield from _status(state["video"], channel)) != "WAITING_UPLOAD"
    if not already:
        taken(reply, channel)
    return Pending({"video": state["video"]}, FIRST_LOOK_S)


def _looked(state: State, channel: Channel) -> Conversation[Pending | None]:
    status, looks = (yield from _status(state["video"], channel)), int(state.get("looks", "0"))
    if status == "AVAILABLE":
        return None
    if status == "PROCESSING_FAILED" or looks >= LOOKS:
        raise Refused("LinkedIn could not process the video.", code=status)
    return Pending({**state, "looks": str(looks + 1)}, min(LONGEST_LOOK_S, FIRST_LOOK_S * 2 ** min(looks, 10)))


def _status(video: str, channel: Channel) -> Conversation[str]:
    reply = yield request("GET", f"rest/videos/{quote(video, safe='')}", channel)
    return parsed(_Progress, taken(reply, channel)).status
