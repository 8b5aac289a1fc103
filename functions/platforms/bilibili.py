"""Videos on Bilibili, submitted through its open platform and shown once they are reviewed.

Source: https://open.bilibili.com/doc/4/1c4302da-8171-d036-5400-ca0dec077045 (submitting), as
contracts/publishing/bilibili-open-api.v1.json of github.com/masterAventador/automation-tool has it; counts and the
account: github.com/yikart/AiToEarn; deleting: https://bilibili.apifox.cn, a mirror (read 2026-11-21). Contract by
documentation: never run against Bilibili itself. Whether a cover may be left out, as AiToEarn does, is told nowhere;
nor what an article's text may be, so that articles (`article/add`) are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import httpx

from functions.platforms._archives import Account as Member
from functions.platforms._archives import (
    Added,
    Listed,
    Measured,
    Viewed,
    archive_of,
    description,
    heard,
    reviewed_later,
    tags_of,
)
from functions.platforms._arcopen import (
    GONE,
    OF_THE_APP,
    REPEATED,
    SPENT,
    Stale,
    code_of,
    insist_on_signature,
    renewed,
    signed,
    taken,
)
from functions.platforms._bilibili_consent import CONSENT, accounts_of
from functions.platforms._checks import insist, problems
from functions.platforms._grants import judged
from functions.platforms._turns import left_s, missed, next_turn, put_off
from functions.platforms._upos import COVER_BYTES, VIDEO_BYTES, anew, begun, covered, sent
from publishing.adapter import Adapter, Conversation, Credentials, Field, Life, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import QuotaSpent, Throttled, Unavailable
from publishing.inbound import Call, Heard
from publishing.model import Channel, Fresh, Identity, Media, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import parsed

TAGS_CHARS = 199  # with the commas between them; "less than 200"
EARLIER = timedelta(minutes=5)  # clocks differ


class Bilibili:
    """Submits one video with its title, description and tags, and a cover where there is a picture."""

    name = "bilibili"
    title = "Bilibili"
    # Where the documents say "less than 80" characters, an error says "more than 80" is too much: 79 is safe either
    # way. Two submissions must be 30 seconds apart, which an error tells; a rate so slow would make others wait.
    limits = Limits(
        text_chars=249,
        title_chars=79,
        tags=100,
        media=2,
        timeout_s=240.0,
        in_flight=2,
        lag_s=60.0,
        image=Takes(types=("image/jpeg", "image/png"), size_bytes=COVER_BYTES, width=(960, 0), height=(600, 0)),
        video=Takes(
            types=("video/mp4", "video/x-flv"),
            size_bytes=VIDEO_BYTES,
            seconds=(0.0, 18_000.0),
            width=(0, 4096),
            height=(0, 4096),
        ),
    )
    credentials = Credentials(
        (
            Field("client_id", label="Client id", help="Of your organization's app at open.bilibili.com."),
            Field("client_secret", label="Client secret", secret=True, help="Of the same app; it signs, too."),
            Field("access_token", label="Access token", secret=True, required=False, help="With the scope ARC_BASE."),
            Field("refresh_token", label="Refresh token", secret=True, help="It comes with the access token."),
            Field("tid", label="Category", help="A number of archive/type/list (tid), 21 for one.", sample="21"),
            Field("copyright", label="Copyright", required=False, help="1: yours (if empty). 2: it is from the link."),
            Field("no_reprint", label="No reprints", required=False, help="1: nobody may reprint it. 0: (if empty)."),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        length = len(description(post))
        found = problems(post, self.limits, count=lambda _text: length, unit="characters (link included)")
        return [*found, *_objections(post), *_objections_to_tags(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Upload the beginning of the video; `resume` goes on, and submits it when it is whole."""
        insist(self.check(post))
        archive_of(post, channel)  # what the channel lacks for the end is told before the beginning
        return (yield from begun(_video(post), channel, 1))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Go on from what was written down: the upload, the submission (see `_turns`) or the review."""
        state = pending.state
        try:
            return (yield from self._resumed(state, post, channel))
        except Stale:
            return anew(state)
        except Throttled as error:
            return Pending(state, error.retry_after_s, state.get("resource", ""))
        except QuotaSpent as error:
            return Pending(state, left_s(error.until))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | Pending | None]:
        """What became of `post`, by its title and text, if it was submitted after `since`."""
        reply = yield signed("GET", "archive/viewlist", channel, pn="1", ps="50", status="all")
        found = parsed(Listed, taken(reply, channel)).of(post.content.title, description(post), since)
        return found.standing() if found else None

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """About thirty days."""
        return Life(2_592_000.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Renew both tokens; a refresh token is good for one time."""
        return (yield from judged(renewed(channel), of_the_app=OF_THE_APP))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the video, which cannot be undone."""
        reply = yield signed("POST", "archive/delete", channel, body={"resource_id": receipt.id})
        if code_of(reply) not in GONE:
            taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """How often it was seen, liked, answered, shared and kept; the app needs the scope ARC_DATA."""
        reply = yield signed("GET", "data/arc/stat", channel, resource_id=receipt.id)
        return parsed(Measured, taken(reply, channel)).told()

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:
        """That a video is shown or was returned; or the number by which Bilibili tries an address out."""
        insist_on_signature(call, channel, now)
        return heard(call.body)

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """The length of a video, an upload that may begin, then that its parts have come."""
        headers = {"content-range": "bytes 0-0/1"}
        return httpx.Response(200, json={"code": 0, "data": {"upload_token": "0"}}, headers=headers, request=request)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """Whose consent it is."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is."""
        reply = yield signed("GET", "user/account/info", channel)
        user = parsed(Member, taken(reply, channel)).data
        return Identity(user.openid, user.name)

    def _resumed(self, state: Mapping[str, str], post: Post, channel: Channel) -> Conversation[Outcome]:
        if "resource" in state:
            reply = yield signed("GET", "archive/view", channel, resource_id=state["resource"])
            return parsed(Viewed, taken(reply, channel)).data.outcome(int(state.get("looks", "0")))
        if "upload" in state:
            return (yield from sent(_video(post), channel, state))
        out = yield from self.find(post, channel, post.at - EARLIER)  # a worker may have died after it submitted
        if out:
            return out
        if "whole" not in state:
            return (yield from begun(_video(post), channel, int(state["round"])))
        if "signed" in state:
            return (yield from self._submitted(state, post, channel))
        return missed(state) if "missed" in state else next_turn(state)

    def _submitted(self, state: Mapping[str, str], post: Post, channel: Channel) -> Conversation[Outcome]:
        body, cover, token = archive_of(post, channel), "", state["whole"]
        for media in _pictures(post):
            cover = yield from covered(media, channel)
        body |= {"cover": cover} if cover else {}
        turn = f"{token}.{state['turn']}", int(state["signed"])
        reply = yield signed("POST", "archive/add-by-utoken", channel, body=body, turn=turn, upload_token=token)
        if code_of(reply) in SPENT:
            return missed(state)
        if code_of(reply) == REPEATED:
            found = yield from self.find(post, channel, post.at - EARLIER)
            if found:
                return found
        return _submission(reply, state, channel)


def _submission(reply: httpx.Response, state: Mapping[str, str], channel: Channel) -> Pending:
    try:
        return reviewed_later(parsed(Added, taken(reply, channel)).data.resource_id)
    except Stale:
        raise
    except (Throttled, QuotaSpent, Unavailable) as error:  # it says itself that nothing was taken
        return put_off(state, error)


def _video(post: Post) -> Media:
    return next(media for media in post.content.media if media.is_video)


def _pictures(post: Post) -> list[Media]:
    return [media for media in post.content.media if not media.is_video]


def _objections(post: Post) -> Iterator[Problem]:
    if not post.content.title.strip():
        yield Problem("content.title", "A video on Bilibili needs a title.", "Give it one.")
    if len(post.content.media) - len(_pictures(post)) != 1:
        yield Problem("content.media", "What is published on Bilibili is one video.", "Give it one, and a cover.")
    if len(_pictures(post)) > 1:
        yield Problem("content.media", "A video has one cover.", "Leave one picture, or none.")


def _objections_to_tags(post: Post) -> Iterator[Problem]:
    tags, length = tags_of(post), len(",".join(tags_of(post)))
    if not tags:
        yield Problem("content.tags", "A video on Bilibili needs a tag.", "Give it one.")
    if any("," in tag or not tag for tag in tags):
        yield Problem("content.tags", "A tag is empty, or has a comma in it.", "Override the tags for this channel.")
    if length > TAGS_CHARS:
        message = f"The tags have {length} characters with their commas; the most here is {TAGS_CHARS}."
        yield Problem("content.tags", message, "Override the tags for this channel.")


ADAPTER: Adapter = Bilibili()
