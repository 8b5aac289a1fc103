"""A creator's public videos, as an app with the scope video.list may see them.

Source: https://developers.tiktok.com/doc/tiktok-api-v2-video-list, …-video-query and …-video-object (read 2026-11-21,
stored copies). What is private, or not moderated yet, is not among them; unsure is whether photos are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._tiktok_api import SCOPELESS, read, request
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, Refused, Unauthorized
from publishing.model import Channel, Metric, Receipt, utc_text
from publishing.replies import Reply

PAGE, PAGES = 20, 5
TOLD_CHARS = 140  # of a description the list tells 150, in whatever units
COUNTED = {
    "view_count": Metric.VIEWS,
    "like_count": Metric.LIKES,
    "comment_count": Metric.COMMENTS,
    "share_count": Metric.SHARES,
}


class _Video(Reply):
    id: str = Reads(pattern=r"^\d{1,30}$")
    created: int = Reads(0, alias="create_time")
    url: str = Reads("", alias="share_url")
    description: str = Reads("", alias="video_description")
    view_count: int | None = None
    like_count: int | None = None
    comment_count: int | None = None
    share_count: int | None = None

    def receipt(self) -> Receipt:
        at = utc_text(datetime.fromtimestamp(self.created, UTC)) if self.created else ""
        return Receipt(self.id, self.url.partition("?")[0], at)

    def is_called(self, words: str) -> bool:
        told = " ".join(self.description.split())
        whole = " ".join(words.split())
        return bool(told) and (told == whole or (len(told) >= TOLD_CHARS and whole.startswith(told)))


class _Videos(Reply):
    videos: tuple[_Video, ...] = Reads(validation_alias=AliasPath("data", "videos"))
    cursor: int = Reads(0, validation_alias=AliasPath("data", "cursor"))
    more: bool = Reads(default=False, validation_alias=AliasPath("data", "has_more"))


def seen(words: str, channel: Channel, since: datetime) -> Conversation[Receipt]:
    """The video with this caption among those after `since`, the last one first.

    Raises:
        OutcomeUnknown: it is not to be seen. That says nothing: it may be private, or moderated for hours yet.
    """
    asked = {"max_count": PAGE}
    for _ in range(PAGES):
        reply = yield _ask("video/list/", channel, "id,create_time,share_url,video_description", asked)
        try:
            page = read(_Videos, reply, channel)
        except Unauthorized as error:
            if error.code in SCOPELESS:
                raise OutcomeUnknown("This access token may not read the creator's videos.", code=error.code) from error
            raise
        recent = [video for video in page.videos if video.created >= since.timestamp()]
        found = next((video for video in recent if video.is_called(words)), None)
        if found:
            return found.receipt()
        if len(recent) < len(page.videos) or not page.more:
            break
        asked["cursor"] = page.cursor
    raise OutcomeUnknown("It is not among the creator's public videos; it may be private, or be moderated yet.")


def counted(receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
    """Its counts; none where TikTok never told which video it is."""
    if not receipt.id.isdecimal():
        return {}
    reply = yield _ask("video/query/", channel, f"id,{','.join(COUNTED)}", {"filters": {"video_ids": [receipt.id]}})
    videos = read(_Videos, reply, channel).videos
    if not videos:
        raise Refused("TikTok shows no such video, or no longer.")
    counts = {metric: getattr(videos[0], name) for name, metric in COUNTED.items()}
    return {metric: count for metric, count in counts.items() if count is not None}


def _ask(path: str, channel: Channel, fields: str, asked: Mapping[str, object]) -> httpx.Request:
    return request("POST", path, channel, params={"fields": fields}, json={**asked})
