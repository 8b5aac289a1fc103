"""A channel's videos as YouTube's API shows them to their owner: found, followed until they are processed, counted.

Source: https://developers.google.com/youtube/v3/docs/videos, …/playlistItems/list and …/channels/list (read 2026-11-21,
stored copies). That uploads are listed with the last one first is how the list is seen to be; it is not promised there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import httpx
from pydantic import AliasPath, AwareDatetime
from pydantic import Field as Reads

from functions.platforms import _google
from functions.platforms._recent import essence
from functions.platforms._youtube_sessions import State, Video, later, number
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, Refused, Unauthorized
from publishing.model import Channel, Metric, Pending, Receipt, utc_text
from publishing.replies import Reply, parsed, quoted

API, SITE = "https://www.googleapis.com/youtube/v3/", "https://www.youtube.com/"
PAGE, PAGES = 50, 4
LOOKS = 60  # at a video that is processed: half a day; it is out all that time
COUNTED = {"viewCount": Metric.VIEWS, "likeCount": Metric.LIKES, "commentCount": Metric.COMMENTS}


class _Channel(Reply):
    id: str = Reads(pattern=r"^[\w-]{1,64}$")
    title: str = Reads("", validation_alias=AliasPath("snippet", "title"))
    uploads: str = Reads("", validation_alias=AliasPath("contentDetails", "relatedPlaylists", "uploads"))


class _Channels(Reply):
    items: tuple[_Channel, ...] = ()


class _Upload(Reply):
    video: str = Reads(pattern=r"^[\w-]{1,32}$", validation_alias=AliasPath("snippet", "resourceId", "videoId"))
    title: str = Reads("", validation_alias=AliasPath("snippet", "title"))
    description: str = Reads("", validation_alias=AliasPath("snippet", "description"))
    at: AwareDatetime = Reads(validation_alias=AliasPath("snippet", "publishedAt"))


class _Uploads(Reply):
    items: tuple[_Upload, ...] = ()
    next: str = Reads("", alias="nextPageToken")


class _Status(Reply):
    uploadStatus: str = ""  # noqa: N815 - the vendor's names
    failureReason: str = ""  # noqa: N815
    rejectionReason: str = ""  # noqa: N815


class _Video(Video):
    status: _Status = _Status()
    statistics: Mapping[str, int] = {}
    at: str = Reads("", validation_alias=AliasPath("snippet", "publishedAt"))

    def counts(self) -> dict[Metric, int]:
        """What is told of how it does."""
        return {metric: self.statistics[name] for name, metric in COUNTED.items() if name in self.statistics}


class _Videos(Reply):
    items: tuple[_Video, ...] = ()


def mine(part: str, channel: Channel) -> Conversation[_Channel | None]:
    """The channel of whoever connected it; None where that account has none."""
    reply = yield _google.request("GET", f"{API}channels", channel, params={"part": part, "mine": "true"})
    items = parsed(_Channels, _google.taken(reply, channel)).items
    return items[0] if items else None


def shown(part: str, video: str, channel: Channel) -> Conversation[_Video | None]:
    """The video, as far as `part` shows it; None where there is none."""
    reply = yield _google.request("GET", f"{API}videos", channel, params={"part": part, "id": video})
    items = parsed(_Videos, _google.taken(reply, channel)).items
    return items[0] if items else None


def seen(title: str, description: str, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
    """The upload with exactly these words among those after `since`; private ones are listed, too.

    Raises:
        OutcomeUnknown: the token may not read the channel; or there are too many.
    """
    asked = {"part": "snippet", "playlistId": (yield from _uploads(channel)), "maxResults": str(PAGE)}
    words = essence(title), essence(description)
    for _ in range(PAGES):
        reply = yield _google.request("GET", f"{API}playlistItems", channel, params=asked)
        if reply.status_code == httpx.codes.NOT_FOUND:  # as for a channel that has none yet
            return None
        page = parsed(_Uploads, _google.taken(reply, channel))
        recent = [upload for upload in page.items if upload.at >= since]
        found = next((each for each in recent if (essence(each.title), essence(each.description)) == words), None)
        if found or len(recent) < len(page.items) or not page.next:
            return receipt(found.video, utc_text(found.at)) if found else None
        asked["pageToken"] = page.next
    raise OutcomeUnknown(f"It is not among the last {PAGE * PAGES} uploads, and there are more.")


def _uploads(channel: Channel) -> Conversation[str]:
    try:
        own = yield from mine("contentDetails", channel)
    except Unauthorized as error:
        if error.status != httpx.codes.FORBIDDEN:
            raise
        raise OutcomeUnknown("This access token may not read what its channel has.", code=error.code) from error
    if not own or not own.uploads:
        raise OutcomeUnknown("YouTube does not tell where the channel's uploads are listed.")
    return own.uploads


def processed(state: State, channel: Channel) -> Conversation[Pending | Receipt]:
    """The receipt of a video that is made, once it can be watched; nothing here publishes anything.

    Raises:
        Refused: YouTube could not process it, or does not want it.
    """
    out = receipt(state["video"])
    try:
        video = yield from shown("snippet,status", out.id, channel)
    except Unauthorized as error:
        if error.status != httpx.codes.FORBIDDEN:
            raise
        return out  # it may upload only, so nothing more will ever be known
    status = video.status if video else _Status()
    if status.uploadStatus in {"failed", "rejected"}:
        why = status.rejectionReason or status.failureReason
        raise Refused(f"YouTube {status.uploadStatus} the video: {quoted(why, channel)}.", code=why)
    if status.uploadStatus in {"processed", "deleted"} or number(state, "looks") >= LOOKS:
        return receipt(out.id, video.at if video else "")
    return later(state)


def receipt(video: str, published_at: str = "") -> Receipt:
    """That a video is out."""
    return Receipt(video, f"{SITE}watch?v={video}", published_at)
