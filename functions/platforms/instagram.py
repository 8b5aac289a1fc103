"""Posts of images and videos on Instagram, in a professional account.

Source: https://developers.facebook.com/documentation/instagram-platform/content-publishing,
…/instagram-graph-api/reference/ig-container, …/ig-user/media, …/ig-media, …/ig-user/content_publishing_limit and
…/error-codes (read 2026-11-21). Contract by documentation: never run against Instagram itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import httpx

from functions.platforms._captions import alt_problems, caption, hashtag_problems
from functions.platforms._checks import insist, problems
from functions.platforms._containers import Containers, Draft, Names, stand_in
from functions.platforms._instagram_consent import FACEBOOKS, INSTAGRAMS, accounts_of, is_facebooks
from functions.platforms._meta import VERSION_FIELD, VERSIONS, Graph, version_of
from functions.platforms._meta_hooks import HOOK_FIELDS, heard, nothing_heard
from functions.platforms._meta_posts import counted, removed
from functions.platforms._meta_tokens import LIFE, renewed
from publishing.adapter import Adapter, Conversation, Credentials, Field, Kind, Life, Limits, Resource, Takes
from publishing.consent import Account, Consent, Grant
from publishing.errors import Refused, Unauthorized
from publishing.inbound import Call, Heard
from publishing.model import Channel, Fresh, Identity, Media, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

HOSTS = ("graph.instagram.com", "graph.facebook.com")
NAMES = Names(
    creates="media",
    publishes="media_publish",
    quota="content_publishing_limit",
    posts="media",
    fields="id,caption,permalink,timestamp",
    status="status_code",
    reason="status",
)
METRICS = {
    "views": Metric.VIEWS,
    "reach": Metric.REACH,
    "likes": Metric.LIKES,
    "comments": Metric.COMMENTS,
    "shares": Metric.SHARES,
    "saved": Metric.SAVES,
}
HASHTAGS, MENTIONS = 30, 20
HASHTAG = re.compile(r"(?<![\w#&])#(?=\d*[^\W\d])\w+")
MENTION = re.compile(r"(?<![\w@])@\w+")


class Instagram:
    """Publishes one image or video, or up to ten, with a caption; a video alone is a reel."""

    name = "instagram"
    title = "Instagram"
    # That captions are counted in code points is a guess. How many posts a day brings is asked for; a rate would
    # spread them over the day. To begin with ten pictures takes 11 requests, of which 10 have Instagram fetch one.
    # Images wider than 1440 and narrower than 320 pixels it scales itself. Of videos its pages say 100 MB to 1 GB.
    limits = Limits(
        text_chars=2200,
        title_chars=2200,
        tags=30,
        media=10,
        timeout_s=90.0,
        in_flight=3,
        lag_s=60.0,
        image=Takes(("image/jpeg",), 8_000_000, ratio=(0.8, 1.91)),
        video=Takes(
            ("video/mp4", "video/quicktime"),
            300_000_000,
            seconds=(3.0, 900.0),
            width=(0, 1920),
            ratio=(0.01, 10.0),
            codecs=("AVC", "HEVC"),
        ),
    )
    credentials = Credentials(
        (
            Field(
                "access_token",
                label="Access token",
                secret=True,
                help="A long-lived user token with instagram_business_content_publish, and for the counts "
                "instagram_business_manage_insights. It lasts 60 days and is renewed.",
            ),
            Field(
                "account_id",
                label="Account id",
                help="The number of the professional account, as user_id tells it at graph.instagram.com/me.",
                max_chars=40,
                sample="17841400000000000",
            ),
            Field(
                "api",
                Kind.URL,
                "API",
                required=False,
                hosts=HOSTS,
                help="https://graph.facebook.com for a token of Facebook Login, which removes posts, too, if it has "
                "instagram_manage_contents; none for one of Instagram Login.",
            ),
            VERSION_FIELD,
            *HOOK_FIELDS,
        )
    )
    consent = INSTAGRAMS
    uses: frozenset[Resource] = frozenset()
    idempotent = False
    versions = VERSIONS

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        words = caption(post.content)
        found = problems(post, self.limits, count=lambda _text: len(words))
        return [*found, *_bare(post), *alt_problems(post), *hashtag_problems(post), *_crowded(words)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Make its container, which is published by `resume` once it is written down."""
        insist(self.check(post))
        return (yield from _containers(channel).begin(_draft(post)))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Publish the container once it is ready; then tell its link."""
        return (yield from _containers(channel).resume(pending.state, _draft(post)))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its caption, among what was published after `since`."""
        return (yield from _containers(channel).find(caption(post.content), since))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A container."""
        return stand_in(request)

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """That of a token of Instagram Login; one of Facebook Login a person must renew."""
        return LIFE if _host(supplied) == HOSTS[0] else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """A new token for one of Instagram Login; one of Facebook Login a person must renew."""
        if _host(channel.settings) != HOSTS[0]:
            raise Unauthorized("A token of Facebook Login is not renewed by itself: connect the channel again.")
        return (yield from renewed(Graph(self.title, f"https://{HOSTS[0]}", channel), "ig_refresh_token"))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Take it back, which needs instagram_manage_contents; Instagram has no such right for its own login."""
        if _host(channel.settings) == HOSTS[0]:
            raise Refused("Instagram lets only tokens of Facebook Login take a post back: remove it in its app.")
        yield from removed(_graph(channel), receipt.id)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts, which come up to two days late."""
        return (yield from counted(_graph(channel), f"{receipt.id}/insights", METRICS))

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:  # noqa: ARG002 - no time is told
        """The answer to Meta's question; of posts its news say nothing."""
        return heard(call, channel, nothing_heard)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The account of whoever consented, or those behind that one's Pages."""
        return (yield from accounts_of(grant))

    def consent_for(self, settings: Mapping[str, str]) -> Consent:
        """By Facebook's login where that is asked for."""
        return FACEBOOKS if is_facebooks(settings) else INSTAGRAMS

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask for the account's name."""
        graph = _graph(channel)
        reply = yield graph.get(_account(channel), fields="id,username")
        profile = parsed(_Profile, graph.taken(reply))
        return Identity(_account(channel), profile.username, f"https://www.instagram.com/{profile.username}/")


class _Profile(Reply):
    username: str


def _graph(channel: Channel) -> Graph:
    return Graph(Instagram.title, f"https://{_host(channel.settings)}/{version_of(channel)}", channel)


def _host(settings: Mapping[str, str]) -> str:
    return httpx.URL(settings.get("api") or f"https://{HOSTS[0]}").host


def _account(channel: Channel) -> str:
    account = channel.settings["account_id"].strip()
    if not (account.isascii() and account.isdigit()):
        raise Unauthorized("The account id of this channel is not a number.")
    return account


def _containers(channel: Channel) -> Containers:
    return Containers(_graph(channel), _account(channel), NAMES)


def _draft(post: Post) -> Draft:
    content, words = post.content, caption(post.content)
    if len(content.media) > 1:
        parts = tuple(_file(media, "VIDEO") | {"is_carousel_item": True} for media in content.media)
        return Draft(words, post.at, _given({"media_type": "CAROUSEL", "caption": words}), parts)
    return Draft(words, post.at, _given({**_file(content.media[0], "REELS"), "caption": words}))


def _file(media: Media, video: str) -> dict[str, object]:
    if media.is_video:
        return {"media_type": video, "video_url": media.url}  # videos have no alternative text
    return _given({"image_url": media.url, "alt_text": media.alt})


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value}


def _bare(post: Post) -> list[Problem]:
    if post.content.media:
        return []
    return [Problem("content.media", "A post on Instagram needs an image or a video.", "Give it one.")]


def _crowded(words: str) -> Iterator[Problem]:
    for what, pattern, most in (("hashtags", HASHTAG, HASHTAGS), ("mentions", MENTION, MENTIONS)):
        number = len(pattern.findall(words))
        if number > most:
            message = f"There are {number} {what}; the most here is {most}: {number - most} too many."
            yield Problem("content.text", message, "Remove some, or override text and tags for this channel.")


ADAPTER: Adapter = Instagram()
