"""Videos and pictures on Douyin: published for an account that granted it, or else handed off to a person with the app.

Source: https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/openapi/ (account-permission, status-code) and
https://open.douyin.com/platform/resource/docs/openapi/video-management/ (read 2026-11-21). Contract by documentation:
never run against Douyin. Its pages of creating and listing works were read in third-party copies.

Only few apps are given `video.create.bind`, which publishes. Without an open id a post becomes a link to be opened in
Douyin. What was published goes through a review whose outcome Douyin does not tell any more (since 2024-12-13): a work
that is listed is out. Deleting was withdrawn with `video.create`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx

from functions.platforms._captions import caption, hashtag_problems
from functions.platforms._checks import insist, problems
from functions.platforms._douyin_api import HOST, INVALID, OF_THE_APP, UNGRANTED, renewed, taken, user_token
from functions.platforms._douyin_consent import CONSENT, account_of, as_granted
from functions.platforms._douyin_share import client_token, fresh_ticket, handed_off, heard
from functions.platforms._douyin_uploads import PICTURE_BYTES, State, begun, gone_on
from functions.platforms._douyin_works import made, reviewed, seen, shown
from functions.platforms._grants import judged
from publishing.adapter import Adapter, Conversation, Credentials, Field, Life, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown, QuotaSpent, Refused, Throttled, Unauthorized
from publishing.inbound import Call, Heard
from publishing.model import Channel, Fresh, Identity, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

OPEN_ID = "The account's in this app, given with its tokens. Empty: posts are handed off, as links to open in Douyin."
TICKET = "Leave it empty: it is fetched, and renewed every two hours, where posts are handed off."
TICKET_LIFE = Life(7_200.0, ahead=False)  # with a ticket that is renewed the links end that it signed
EARLIER = timedelta(minutes=5)  # clocks differ
METRICS = {
    Metric.VIEWS: "play_count",
    Metric.LIKES: "digg_count",
    Metric.COMMENTS: "comment_count",
    Metric.SHARES: "share_count",
}


class Douyin:
    """Publishes a video, or up to thirty pictures, with a text and hashtags."""

    name = "douyin"
    title = "Douyin"
    # Text and hashtags are one field of 1000 characters; five hashtags, by AiToEarn. No pace is published.
    limits = Limits(
        text_chars=1000,
        title_chars=1000,
        tags=5,
        media=30,
        timeout_s=240.0,
        in_flight=2,
        lag_s=60.0,
        image=Takes(types=("image/jpeg", "image/png"), size_bytes=PICTURE_BYTES),
        video=Takes(types=("video/mp4", "video/webm", "video/quicktime"), size_bytes=4 * 2**30, seconds=(0.0, 900.0)),
    )
    credentials = Credentials(
        (
            Field("client_key", label="Client key", help="The app's, at developer.open-douyin.com.", max_chars=100),
            Field("client_secret", label="Client secret", secret=True, help="The app's, beside its key."),
            Field("open_id", label="Open id", required=False, help=OPEN_ID, max_chars=100),
            Field("access_token", label="Access token", secret=True, required=False, help="With video.create.bind."),
            Field("refresh_token", label="Refresh token", secret=True, required=False, help="Given with the other."),
            Field("ticket", label="Ticket", secret=True, required=False, help=TICKET, sample="4102444800 @aGlkZGVu"),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda _text: len(caption(post.content)))
        return [*found, *hashtag_problems(post), *_unfit(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Upload its media, which `resume` makes a work; or hand it off."""
        insist(self.check(post))
        if not _granted(channel):
            return (yield from handed_off(post.content, channel))
        return Pending((yield from begun(post, channel)), 0.0)

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Upload the next part; make it a work, unless it is one; then wait until that is listed."""
        state = pending.state
        if "item" in state:
            return (yield from reviewed(state, channel))
        if "at" in state:
            return Pending((yield from gone_on(state, post, channel)), 0.0)
        try:
            return (yield from _created(state, post, channel))
        except Throttled as error:  # what was uploaded stands
            return Pending(state, error.retry_after_s)
        except QuotaSpent as error:
            return Pending(state, max(0.0, (error.until - datetime.now(UTC)).total_seconds()))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its words, among what was published after `since`; nothing that is handed off."""
        if not _granted(channel):
            return None  # whatever was begun, nobody was told its link
        return (yield from seen(caption(post.content), channel, since))

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """How often it was played, liked, commented on and shared; nothing is told of what was handed off."""
        work = (yield from shown(receipt.id, channel)) if _granted(channel) else None
        counts = work.statistics if work else {}
        return {metric: number for metric, name in METRICS.items() if (number := counts.get(name)) is not None}

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """Fifteen days."""
        if "open_id" not in supplied:
            return TICKET_LIFE
        return Life(1_296_000.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """A new access token; for what is handed off, a new ticket."""
        renewal = renewed(channel) if _granted(channel) else fresh_ticket(channel)
        return (yield from judged(renewal, of_the_app=OF_THE_APP))

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:
        """Answer the challenge; learn that what was handed off is published. Douyin's calls bear no time."""
        _ = now
        return heard(call, channel.secrets.get("client_secret", "").strip())

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Media of eight bytes; or the name of what was uploaded, or of what is handed off."""
        if request.url.host != httpx.URL(HOST).host:
            headers = {"content-range": "bytes 0-7/8"}
            return httpx.Response(206, content=b"\x89PNG\r\n\x1a\n", headers=headers, request=request)
        told = {
            "video": {"video_id": "0"},
            "image": {"image_id": "0"},
            "upload_id": "0",
            "access_token": "0",
            "share_id": "0",
        }
        return httpx.Response(200, json={"data": told}, request=request)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """Whose consent it is."""
        return [account_of(grant, (yield from self.verify(as_granted(grant))))]

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose grant this is; for what is handed off, whether the app's key and secret are good."""
        if not _granted(channel):
            yield from client_token(channel)
            return Identity(channel.settings["client_key"])
        token = user_token(channel)
        body = {"open_id": channel.settings["open_id"].strip(), "access_token": token}
        reply = yield httpx.Request("POST", f"{HOST}/oauth/userinfo/", json=body, headers={"access-token": token})
        user = parsed(_UserThere, taken(reply, channel)).data
        return Identity(user.open_id, user.nickname)


class _User(Reply):
    open_id: str
    nickname: str = ""


class _UserThere(Reply):
    data: _User


def _granted(channel: Channel) -> bool:
    return bool(channel.settings.get("open_id", "").strip())


def _created(state: State, post: Post, channel: Channel) -> Conversation[Outcome]:
    """The work; looked for before, since a worker may have died after it made it."""
    found, looked = yield from _looked(post, channel)
    if found:
        return found
    try:
        return (yield from made(state, post.content, channel))
    except Refused as error:
        if looked or error.code not in INVALID:
            raise
        # What is uploaded can be used once: so would a second time be refused, if there had been a first.
        raise OutcomeUnknown(f"{error} So it would if it were out already.", code=error.code) from error


def _looked(post: Post, channel: Channel) -> Conversation[tuple[Receipt | None, bool]]:
    """What was found, and whether it could be looked for: that takes a scope of its own, and some luck."""
    try:
        return (yield from seen(caption(post.content), channel, post.at - EARLIER)), True
    except OutcomeUnknown:
        return None, False
    except Unauthorized as error:
        if error.code not in UNGRANTED:
            raise
        return None, False


def _unfit(post: Post) -> Iterator[Problem]:
    media = post.content.media
    if not media:
        yield Problem("content.media", "A work on Douyin needs a video or pictures.", "Add some, or leave Douyin out.")
    if len(media) > 1 and any(each.is_video for each in media):
        yield Problem("content.media", "A work is one video, or pictures alone.", "Override media for this channel.")


ADAPTER: Adapter = Douyin()
