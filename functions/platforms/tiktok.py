"""Videos and photos on TikTok: posted directly, or handed to a person who finishes them in the app.

Source: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post, …-upload-video, …-photo-post,
…-query-creator-info and https://developers.tiktok.com/doc/content-sharing-guidelines (read 2026-11-21, stored copies).
Contract by documentation: never run against TikTok. What an app that is not audited posts is for its creator alone.
TikTok has no deleting. Where the answer to photos, or to a video it is to fetch, is lost, only a look at what is public
can tell; a video that is handed over is never in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms import _tiktok_api, _tiktok_news, _tiktok_videos
from functions.platforms._captions import hashtag_problems
from functions.platforms._checks import insist, problems
from functions.platforms._grants import app_fields, renewed
from functions.platforms._tiktok_api import read, request
from functions.platforms._tiktok_begin import PRIVACIES, TYPES, begun, is_video, words
from functions.platforms._tiktok_consent import CONSENT, accounts_of
from functions.platforms._tiktok_posts import gone_on
from publishing.adapter import Adapter, Conversation, Credentials, Field, Kind, Life, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import QuotaSpent, Throttled
from publishing.inbound import Call, Heard
from publishing.model import Channel, Content, Fresh, Identity, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply

PHOTO_TITLE, PHOTO_TEXT = 90, 4_000
UNITS = "UTF-16 units"


class TikTok:
    """Posts one video with a caption, or up to 35 photos with a title and a description."""

    name = "tiktok"
    title = "TikTok"
    # How long a video may be is told of each creator; 1080p is taken to mean 1,920 pixels at most, either way. At most
    # 6 posts a minute may be begun: TikTok says when it is too fast.
    limits = Limits(
        text_chars=2_200,
        title_chars=2_200,
        tags=100,
        media=35,
        timeout_s=240.0,
        in_flight=2,
        lag_s=120.0,
        image=Takes(("image/jpeg", "image/webp"), 20_000_000, width=(0, 1_920), height=(0, 1_920)),
        video=Takes(
            TYPES,
            4_000_000_000,
            seconds=(0.0, 600.0),
            width=(360, 4_096),
            height=(360, 4_096),
            codecs=("AVC", "HEVC", "VP8", "VP9"),
        ),
    )
    credentials = Credentials(
        (
            Field("client_key", label="Client key", help="Of an app at developers.tiktok.com."),
            Field(
                "client_secret", label="Client secret", secret=True, help="Of the same app; it signs callbacks, too."
            ),
            Field(
                "refresh_token",
                label="Refresh token",
                secret=True,
                help="Of a creator who allowed video.publish (or video.upload), user.info.basic and video.list.",
            ),
            Field("access_token", label="Access token", secret=True, required=False, help="None is needed."),
            Field("privacy", label="Privacy", help=f"One of {', '.join(PRIVACIES)}.", sample="SELF_ONLY"),
            Field(
                "mode",
                label="Mode",
                required=False,
                help="direct, or inbox: the creator gets a notification in the app, writes the caption and posts.",
            ),
            Field(
                "allow", label="Allow", required=False, help="What others may do: comment, duet, stitch; or nothing."
            ),
            Field("promotes", label="Promotes", required=False, help="own: the creator's business; others: paid for."),
            Field(
                "pull_from",
                Kind.URL,
                "Verified address",
                required=False,
                help="Videos below this address, which the app has verified, are fetched from there.",
            ),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        chars, limits = units(words(post.content)), self.limits
        if not is_video(post.content):
            limits = replace(limits, text_chars=PHOTO_TEXT, title_chars=0)
        found = problems(post, limits, count=lambda _text: chars, unit=f"{UNITS} (link and tags included)")
        return [*found, *hashtag_problems(post), *_objections(post.content)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Begin the post: photos are out then; a video is once `resume` has handed it over."""
        insist(self.check(post))
        return (yield from begun(post, channel, 1))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Hand over what is wanted, then wait until it is out, or with the creator."""
        state, media = pending.state, post.content.media[0]
        try:
            return (yield from gone_on(state, media, channel, lambda number: begun(post, channel, number)))
        except Throttled as error:  # what was handed over stands
            return Pending(state, error.retry_after_s)
        except QuotaSpent as error:
            wait_s = max(0.0, (error.until - datetime.now(UTC)).total_seconds())
            return Pending(state, wait_s)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its caption, among what everybody may see; never that it is not there."""
        return (yield from _tiktok_videos.seen(words(post.content), channel, since))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A creator, and a video of one byte that is begun."""
        address = "https://open-upload.tiktokapis.com/video/"
        data = {"creator_username": "", "privacy_level_options": PRIVACIES, "publish_id": "0", "upload_url": address}
        headers = {"content-range": "bytes 0-0/1"}
        return httpx.Response(206, json={"data": data, "error": {"code": "ok"}}, headers=headers, request=request)

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """A day."""
        return Life(86_400.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Another access token, for a day, and the refresh token to ask with from now on."""
        app = app_fields(channel, "client_key", "client_secret")
        return (yield from renewed(channel, self.title, f"{_tiktok_api.API}oauth/token/", form=app))

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts, where it is public."""
        return (yield from _tiktok_videos.counted(receipt, channel))

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:
        """What became of a post."""
        return _tiktok_news.heard(call, secret=channel.secrets.get("client_secret", "").strip(), now=now)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The creator who consented."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is."""
        reply = yield request("GET", "user/info/", channel, params={"fields": "open_id,display_name"})
        user = read(_User, reply, channel)
        return Identity(user.id, user.name)


class _User(Reply):
    id: str = Reads(min_length=1, validation_alias=AliasPath("data", "user", "open_id"))
    name: str = Reads("", validation_alias=AliasPath("data", "user", "display_name"))


def units(text: str) -> int:
    """As TikTok counts: what UTF-16 takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _objections(content: Content) -> Iterator[Problem]:
    videos = sum(media.is_video for media in content.media)
    if not content.media:
        yield Problem(
            "content.media", "A post on TikTok is a video or photos.", "Give some, or leave this channel out."
        )
    if videos and len(content.media) > 1:
        message = "A post on TikTok is one video, or photos, and not both."
        yield Problem("content.media", message, "Override the media for this channel.")
    excess = units(content.title) - PHOTO_TITLE
    if content.media and not videos and excess > 0:
        message = f"The title is {excess} {UNITS} too long; the most for photos is {PHOTO_TITLE}."
        yield Problem("content.title", message, "Shorten it, or override the title for this channel.")


ADAPTER: Adapter = TikTok()
