"""Pictures and videos on their way to Douyin: whole, or in parts over several steps.

Source: https://open.douyin.com/platform/resource/docs/openapi/video-management/douyin/create/upload/ (read 2026-11-21):
more than 50 MB better in parts, of 20 MB, the last of no less than 5. An upload that was begun lasts two hours.
What is uploaded is seen by nobody before it is made a work, so that uploading it again does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from pydantic import Field as Reads

from functions.platforms._douyin_api import of_user, taken
from functions.platforms._media import form, measured, pieces
from functions.platforms._pictures import fetched
from publishing.adapter import Conversation
from publishing.model import Channel, Media, Post
from publishing.replies import Reply, parsed

PICTURE_BYTES = 20 * 2**20
WHOLE_BYTES = 50_000_000
PART_BYTES, LAST_BYTES = 20 * 2**20, 5 * 2**20
PARTS_A_STEP, PICTURES_A_STEP = 3, 3  # no more than some 60 MB a step
UPLOAD_S = 7_000.0

State = Mapping[str, str]


class _Video(Reply):
    video_id: str = Reads(min_length=1)


class _VideoData(Reply):
    video: _Video


class _VideoThere(Reply):
    data: _VideoData


class _Image(Reply):
    image_id: str = Reads(pattern=r"^\S+$")


class _ImageData(Reply):
    image: _Image


class _ImageThere(Reply):
    data: _ImageData


class _Begun(Reply):
    upload_id: str = Reads(min_length=1)


class _Upload(Reply):
    data: _Begun


def begun(post: Post, channel: Channel) -> Conversation[State]:
    """The media that is uploaded, or how far that has come: then `at` says where to go on."""
    media = post.content.media[0]
    if not media.is_video:
        return (yield from _pictures({"images": "", "at": "0"}, post, channel))
    video = _as_video((yield from measured(media)))
    if video.size_bytes <= WHOLE_BYTES:
        return (yield from _whole(video, channel))
    reply = yield of_user("init_video_part_upload", channel)
    upload = parsed(_Upload, taken(reply, channel)).data.upload_id
    told = {"size": str(video.size_bytes), "type": video.type, "begun": str(int(time.time()))}
    return {"upload": upload, "at": "0", **told}


def gone_on(state: State, post: Post, channel: Channel) -> Conversation[State]:
    """The same, one step later."""
    if "images" in state:
        return (yield from _pictures(state, post, channel))
    if time.time() - float(state["begun"]) > UPLOAD_S:
        return (yield from begun(post, channel))
    return (yield from _parts(state, post.content.media[0], channel))


def parts(size_bytes: int) -> list[tuple[int, int]]:
    """Where each part begins and how long it is; a rest that is too small is added to the part before it."""
    found = list(pieces(size_bytes, PART_BYTES))
    if len(found) > 1 and found[-1][1] < LAST_BYTES:
        (start, size), (_, rest) = found[-2:]
        found[-2:] = [(start, size + rest)]
    return found


def _as_video(media: Media) -> Media:
    """The part's own type must begin so: Douyin judges by it."""
    return media if media.type.startswith("video/") else replace(media, type="video/mp4")


def _whole(video: Media, channel: Channel) -> Conversation[State]:
    headers, extensions = form({}, "video", video, "video.mp4")
    reply = yield of_user("upload_video", channel, headers=headers, extensions=extensions)
    return {"video": parsed(_VideoThere, taken(reply, channel)).data.video.video_id}


def _parts(state: State, media: Media, channel: Channel) -> Conversation[State]:
    size, first = int(state["size"]), int(state["at"])
    video, every = replace(media, size_bytes=size, type=state["type"]), parts(size)
    for number, (start, length) in list(enumerate(every, 1))[first : first + PARTS_A_STEP]:
        headers, extensions = form({}, "video", replace(video, size_bytes=length), "video.mp4")
        piped = {"piped": replace(extensions["piped"], start=start)}
        query = {"upload_id": state["upload"], "part_number": str(number)}
        reply = yield of_user("upload_video_part", channel, params=query, headers=headers, extensions=piped)
        taken(reply, channel)
    if first + PARTS_A_STEP < len(every):
        return {**state, "at": str(first + PARTS_A_STEP)}
    reply = yield of_user("complete_video_part_upload", channel, params={"upload_id": state["upload"]})
    return {"video": parsed(_VideoThere, taken(reply, channel)).data.video.video_id}


def _pictures(state: State, post: Post, channel: Channel) -> Conversation[State]:
    ids, first = state["images"].split(), int(state["at"])
    for media in post.content.media[first : first + PICTURES_A_STEP]:
        picture = yield from fetched(media, most_bytes=PICTURE_BYTES)
        files = {"image": (picture.file_name, picture.data, picture.content_type)}
        reply = yield of_user("upload_image", channel, files=files)
        ids.append(parsed(_ImageThere, taken(reply, channel)).data.image.image_id)
    done = {"images": " ".join(ids)}
    return done if len(ids) == len(post.content.media) else {**done, "at": str(len(ids))}
