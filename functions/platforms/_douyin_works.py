"""Works on Douyin: made of what was uploaded, listed, and looked at until they are shown.

Source: github.com/strangebank/douyin-open-php src/docs and github.com/yikart/AiToEarn .../platforms/douyin (read
2026-11-21); that the review's outcome is no longer told: developer.open-douyin.com/forum, bulletin of 2024-11-15
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import Field as Reads

from functions.platforms._captions import caption
from functions.platforms._douyin_api import UNGRANTED, of_user, taken
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, Refused, Unauthorized
from publishing.model import Channel, Content, Outcome, Pending, Receipt, utc_text
from publishing.replies import Reply, parsed

FIRST_LOOK_S, LONGEST_LOOK_S, LOOKS = 60.0, 3_600.0, 24  # for most of a day
PAGE, PAGES = 20, 3
NOT_PUBLIC, IN_REVIEW = 2, 4  # of `video_status`, should it be told


class Item(Reply):
    """A work as it is listed; `video_status` is told no more since December 2024."""

    item_id: str
    title: str = ""
    share_url: str = Reads("", pattern=r"^(?:https?://\S+)?$")
    create_time: int = 0
    video_status: int | None = None
    statistics: Mapping[str, int | None] = Reads(default_factory=dict)

    def receipt(self) -> Receipt:
        """Its id, the link as it is now, and when it was made."""
        made = utc_text(datetime.fromtimestamp(self.create_time, UTC)) if self.create_time else ""
        return Receipt(self.item_id, self.share_url, made)


class _Page(Reply):
    list: tuple[Item, ...] | None = None
    cursor: int | str = 0
    has_more: bool = False

    def works(self) -> Sequence[Item]:
        return self.list or ()


class _Paged(Reply):
    data: _Page


class _Work(Reply):
    item_id: str = Reads(min_length=1)


class _Made(Reply):
    data: _Work


def made(uploaded: Mapping[str, str], content: Content, channel: Channel) -> Conversation[Pending]:
    """The request that publishes; what it makes of the media is visible once it is reviewed."""
    text = {"text": caption(content)}
    if "video" in uploaded:
        request = of_user("create_video", channel, visible=True, json={"video_id": uploaded["video"], **text})
    else:
        images = uploaded["images"].split()
        request = of_user("create_image_text", channel, visible=True, json={"image_list": images, **text})
    reply = yield request
    return Pending({"item": parsed(_Made, taken(reply, channel)).data.item_id}, FIRST_LOOK_S)


def seen(words: str, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
    """The receipt of the work with these words, among the account's own since then; needs `video.list.bind`."""
    cursor = "0"
    for _ in range(PAGES):
        query = {"cursor": cursor, "count": str(PAGE)}
        reply = yield of_user("video_list", channel, method="GET", params=query)
        page = parsed(_Paged, taken(reply, channel)).data
        recent = [item for item in page.works() if item.create_time >= since.timestamp()]
        found = next((item for item in recent if _essence(item.title) == _essence(words)), None)
        if found or len(recent) < len(page.works()) or not page.has_more:
            return found.receipt() if found else None
        cursor = str(page.cursor)
    raise OutcomeUnknown(f"It is not among the last {PAGE * PAGES} works, and there are more.")


def shown(item: str, channel: Channel) -> Conversation[Item | None]:
    """The work as it is now, if it is shown; needs `video.data.bind`."""
    reply = yield of_user("video_data", channel, json={"item_ids": [item]})
    page = parsed(_Paged, taken(reply, channel)).data
    return next((each for each in page.works() if each.item_id == item), None)


def reviewed(state: Mapping[str, str], channel: Channel) -> Conversation[Outcome]:
    """The receipt of a work once it is shown; of one that cannot be looked at, at once: Douyin did take it.

    Raises:
        Refused: it did not pass its review. OutcomeUnknown: after most of a day it is still not shown.
    """
    item, looks = state["item"], int(state.get("looks", "0"))
    try:
        work = yield from shown(item, channel)
    except Unauthorized as error:
        if error.code not in UNGRANTED:
            raise
        return Receipt(item)
    except Refused:  # of the looking, that is
        work = None
    if work and work.video_status == NOT_PUBLIC:
        raise Refused("Douyin's review did not let it become public.")
    if work and work.video_status != IN_REVIEW:
        return work.receipt()
    if looks >= LOOKS:
        raise OutcomeUnknown("Douyin took it and does not show it: it is under review still, or did not pass.")
    return Pending({"item": item, "looks": str(looks + 1)}, min(LONGEST_LOOK_S, FIRST_LOOK_S * 2**looks))


def _essence(text: str) -> str:
    return "".join(text.split())
