"""Videos for Pinterest: registered, handed over to its store as a form, and processed before they can be pinned.

Source: https://developers.pinterest.com/docs/api-features/creating-boards-and-pins/#creating-video-pins and the OpenAPI
description 5.23.0 in github.com/pinterest/api-description (read 2026-11-21)

Nobody sees a video before it is pinned, so one that is given up does no harm: a new one is registered instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import httpx
from pydantic import Field as Reads

from functions.platforms._checks import insist
from functions.platforms._media import form, measured
from functions.platforms._pinterest import request, taken
from publishing import fitting
from publishing.adapter import Conversation, Limits
from publishing.errors import OutcomeUnknown, Refused, Unavailable
from publishing.model import Channel, Media, Pending
from publishing.replies import Reply, parsed

FIRST_LOOK_S, LONGEST_LOOK_S = 10.0, 300.0
LOOKS = 40  # three hours


class _Place(Reply):
    media_id: str = Reads(pattern="^[0-9]+$")
    upload_url: str = Reads(pattern=r"^https://\S+$")
    upload_parameters: dict[str, str]


class _Progress(Reply):
    status: str


def handed_over(video: Media, limits: Limits, channel: Channel) -> Conversation[Pending]:
    """Register a video and hand it over; what is written down is the number it is pinned by.

    Raises:
        Refused: it is not there, or not what Pinterest takes. Unavailable: it did not arrive.
    """
    found = yield from measured(video)
    video = found if found.is_video else replace(found, type=video.type)  # servers do not always know it
    insist(fitting.problems("content.media", video, limits))
    reply = yield request("POST", "media", channel, json={"media_type": "video"})
    place = parsed(_Place, taken(reply, channel))
    headers, extensions = form(place.upload_parameters, "file", video, "video")
    reply = yield httpx.Request("POST", place.upload_url, headers=headers, extensions=extensions)
    if not reply.is_success:  # an address that has expired among others: the next attempt is given another one
        raise Unavailable(f"Pinterest's store of videos answered {reply.status_code}.", status=reply.status_code)
    return Pending({"media": place.media_id}, FIRST_LOOK_S)


def still_processing(state: Mapping[str, str], channel: Channel) -> Conversation[Pending | None]:
    """When to look again; None once the video can be pinned.

    Raises:
        Refused: Pinterest could not process it. OutcomeUnknown: nobody knows any more which one it was.
    """
    if "media" not in state:
        raise OutcomeUnknown("What was written down of its video is lost.")
    reply = yield request("GET", f"media/{state['media']}", channel)
    status = parsed(_Progress, taken(reply, channel)).status
    if status == "succeeded":
        return None
    looks = int(state.get("looks", "0"))
    if status == "failed" or looks >= LOOKS:
        raise Refused("Pinterest could not process the video.", code=f"media {status}")
    return Pending({**state, "looks": str(looks + 1)}, min(LONGEST_LOOK_S, FIRST_LOOK_S * 2 ** min(looks, 10)))
