"""A video as a file in Slack: uploaded to the address Slack tells for it, then shared in the channel.

Source: https://docs.slack.dev/reference/methods/files.getUploadURLExternal, …/files.completeUploadExternal and
https://docs.slack.dev/messaging/working-with-files (read 2026-11-21). Until it is shared nobody but the app sees it.
Sharing goes on after it is answered: the message is known later. That image blocks may stand beside the file is not
said anywhere; blocks of text may.
"""

from __future__ import annotations

from typing import Literal

import httpx
from pydantic import Field as Reads

from functions.platforms._media import part
from functions.platforms._mrkdwn import message
from functions.platforms._slack import channel_id, request, taken
from functions.platforms._whole_video import file_name
from publishing.adapter import PUBLISHES, Conversation
from publishing.model import Channel, Media, Pending, Post
from publishing.replies import Reply, accepted, parsed

FIRST_LOOK_S = 3.0


class _Place(Reply):
    ok: Literal[True]
    upload_url: str = Reads(pattern=r"^https://\S+$")
    file_id: str = Reads(pattern=r"^F[A-Z0-9]+$")


class _Shared(Reply):
    ok: Literal[True]


def shared(post: Post, video: Media, channel: Channel) -> Conversation[Pending]:
    """Upload the video and share it with the post's text; which message that made is to be looked for."""
    told = {"filename": file_name(video, post.id), "length": str(video.size_bytes)}
    told |= {"alt_txt": video.alt} if video.alt else {}
    reply = yield request("POST", "files.getUploadURLExternal", channel, data=told)
    place = parsed(_Place, taken(reply, channel))
    kind = {"content-type": "application/octet-stream"}
    accepted((yield httpx.Request("POST", place.upload_url, headers=kind, extensions=part(video))))
    blocks = message(post.content)["blocks"]
    body = {
        "files": [{"id": place.file_id, "title": post.content.title or video.alt or "Video"}],
        "channel_id": channel_id(channel),
        **({"blocks": blocks} if blocks else {}),
    }
    reply = yield request("POST", "files.completeUploadExternal", channel, json=body, extensions=PUBLISHES)
    parsed(_Shared, taken(reply, channel))
    return Pending({"file": place.file_id}, FIRST_LOOK_S, reference=place.file_id)
