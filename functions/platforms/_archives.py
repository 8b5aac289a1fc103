"""Archives, as Bilibili calls videos with all that belongs to them: what a post is as one, and what is told of them.

Source: https://open.bilibili.com/doc/4/d9554788-dcef-f139-6217-b487d41c3826 (one),
…/doc/4/a24030b7-6b8f-b36c-32d8-a4aae67fcc35 (all) and …/doc/4/5f4b3ac2-a6b8-cc32-f13b-48e548f5a8ce (callbacks), as
contracts/publishing/bilibili-open-api.v1.json of github.com/masterAventador/automation-tool has them (read 2026-11-21)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from pydantic import Field as Reads
from pydantic import ValidationError

from functions.platforms._arcopen import BEIJING
from functions.platforms._markdown import to_plain
from publishing.errors import OutcomeUnknown, Refused, Unauthorized
from publishing.inbound import Heard
from publishing.model import Channel, Metric, Outcome, Pending, Post, Receipt, utc_text
from publishing.replies import Reply

NUMBER = r"^BV[0-9A-Za-z]{10}$"
# Only 0 and -2 are told by the open platform; the others are those of bilibili.com (bilibili-API-collect,
# docs/video/attribute_data.md): what is locked, broken or deleted. Everything else is still looked at.
OPEN = frozenset({0, 1})
ENDED = frozenset({-2, -3, -4, -5, -11, -12, -16, -100})
FIRST_LOOK_S, LONGEST_LOOK_S = 60.0, 3_600.0


def link_of(resource: str) -> str:
    """Where a video is seen."""
    return f"https://www.bilibili.com/video/{resource}"


def archive_of(post: Post, channel: Channel) -> dict[str, object]:
    """What is submitted, but for the cover.

    Raises:
        Unauthorized: the channel's settings are none. Refused: it is a reprint of nothing.
    """
    content, settings = post.content, channel.settings
    tid, kind, closed = settings["tid"].strip(), settings.get("copyright") or "1", settings.get("no_reprint") or "0"
    if not (tid.isascii() and tid.isdigit() and kind in {"1", "2"} and closed in {"0", "1"}):
        raise Unauthorized("The category of this channel is no number, or its copyright or reprints are unknown.")
    if kind == "2" and not content.link:
        raise Refused("A reprint needs the link to where it is from.", code="content.link")
    body: dict[str, object] = {
        "title": content.title.strip(),
        "desc": description(post),
        "tag": ",".join(tags_of(post)),
    }
    body |= {"tid": int(tid), "copyright": int(kind), "no_reprint": int(closed)}
    return body | ({"source": content.link} if kind == "2" else {})


def description(post: Post) -> str:
    """The text, and the link where it does not stand in it."""
    text, link = to_plain(post.content.text).strip(), post.content.link
    return "\n\n".join(part for part in (text, "" if link in text else link) if part)


def tags_of(post: Post) -> list[str]:
    """The tags, as they are joined."""
    return [tag.strip() for tag in post.content.tags]


class _User(Reply):
    openid: str = Reads(min_length=1)
    name: str = ""


class Account(Reply):
    """Whose a token is."""

    data: _User


class _Resource(Reply):
    resource_id: str = Reads(pattern=NUMBER)


class Added(Reply):
    """What was submitted."""

    data: _Resource


class _Review(Reply):
    state: int
    state_desc: str = ""
    reject_reason: str = ""


class Archive(Reply):
    """A video, and how far its review is."""

    resource_id: str = Reads(pattern=NUMBER)
    title: str = ""
    desc: str = ""
    ctime: int = 0
    ptime: int = 0
    addit_info: _Review

    def has(self, title: str, text: str, since: datetime) -> bool:
        """Whether it is of this title and text, and was submitted after `since`; Bilibili tells whole seconds."""
        same = self.title.strip() == title.strip() and self.desc.split() == text.split()
        return same and self.ctime >= int(since.timestamp())

    def outcome(self, looks: int) -> Outcome:
        """What there is to tell after it was looked at so often.

        Raises:
            Refused: it is not shown, and will not be.
        """
        review = self.addit_info
        if review.state in ENDED:
            reason = review.reject_reason or review.state_desc
            raise Refused(f"Bilibili's review says: {reason}" if reason else "", code=str(review.state))
        return self.standing(looks)

    def standing(self, looks: int = 0) -> Receipt | Pending:
        """Its receipt where it is shown, else what `resume` needs to look again."""
        if self.addit_info.state not in OPEN:
            return reviewed_later(self.resource_id, looks)
        moment = datetime.fromtimestamp(self.ptime or self.ctime, UTC)
        return Receipt(self.resource_id, link_of(self.resource_id), utc_text(moment))


def reviewed_later(resource: str, looks: int = 0) -> Pending:
    """To be looked at less and less often."""
    wait_s = min(LONGEST_LOOK_S, FIRST_LOOK_S * 2 ** min(looks, 10))
    return Pending({"resource": resource, "looks": str(looks + 1)}, wait_s, resource)


class Viewed(Reply):
    """One video."""

    data: Archive


class _Page(Reply):
    total: int = 0


class _Archives(Reply):
    items: tuple[Archive, ...] | None = Reads(None, alias="list")
    page: _Page = _Page()


class Listed(Reply):
    """The newest videos."""

    data: _Archives

    def of(self, title: str, text: str, since: datetime) -> Archive | None:
        """The one of that title and text.

        Raises:
            OutcomeUnknown: there may be more of them than were told.
        """
        archives = self.data.items or ()
        found = next((archive for archive in archives if archive.has(title, text, since)), None)
        recent = [archive for archive in archives if archive.ctime >= int(since.timestamp())]
        if found is None and archives and len(recent) == len(archives) < self.data.page.total:
            raise OutcomeUnknown(f"It is not among the last {len(archives)} videos, and there are more.")
        return found


class _Stat(Reply):
    view: int | None = None
    like: int | None = None
    reply: int | None = None
    share: int | None = None
    favorite: int | None = None


class Measured(Reply):
    """How a video does; coins and bullet comments have no words with us."""

    data: _Stat

    def told(self) -> Mapping[Metric, int]:
        """What of that is told."""
        stat = self.data
        found = {
            Metric.VIEWS: stat.view,
            Metric.LIKES: stat.like,
            Metric.COMMENTS: stat.reply,
            Metric.SHARES: stat.share,
            Metric.SAVES: stat.favorite,
        }
        return {metric: number for metric, number in found.items() if number is not None}


class _Told(Reply):
    data: int | str | None = None
    resource_id: str = Reads("", pattern=f"^$|{NUMBER}")
    state_desc: str = ""


class _Event(Reply):
    event: str
    content: _Told = _Told()
    timestamp: str = ""


def heard(body: bytes) -> str | Sequence[Heard]:
    """What a genuine call says: nothing, where it is about something else."""
    try:
        event = _Event.model_validate_json(body)
    except ValidationError:
        return ()
    told, resource = event.content, event.content.resource_id
    if event.event == "verify_webhooks":
        return json.dumps({"data": told.data})
    name = f"{event.event}:{resource}:{event.timestamp}"
    if resource and event.event == "video_open":
        return (Heard(resource, name, Receipt(resource, link_of(resource), _moment(event.timestamp))),)
    if resource and event.event == "video_fail":
        return (Heard(resource, name, refused=f"Bilibili's review says: {told.state_desc or 'no'}"),)
    return ()


def _moment(text: str) -> str:
    """The UTC text of what is told in Beijing's time; empty where it cannot be read."""
    with suppress(ValueError):
        return utc_text(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING))
    return ""
