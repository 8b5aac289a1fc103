"""Posts of images on Instagram, in a professional account.

Source: https://developers.facebook.com/documentation/instagram-platform/content-publishing,
…/instagram-graph-api/reference/ig-container, …/ig-user/media, …/ig-user/content_publishing_limit and …/error-codes
(read 2026-11-21). Contract by documentation: never run against Instagram itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import httpx

from functions.platforms._captions import caption, hashtag_problems, picture_problems
from functions.platforms._checks import insist, problems
from functions.platforms._containers import Containers, Draft, Names, stand_in
from functions.platforms._meta import VERSION, Graph
from publishing.adapter import Adapter, Conversation, Credentials, Field, Kind, Limits, Resource
from publishing.errors import Unauthorized
from publishing.model import Channel, Identity, Media, Outcome, Pending, Post, Problem, Receipt
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
HASHTAGS, MENTIONS = 30, 20
HASHTAG = re.compile(r"(?<![\w#&])#(?=\d*[^\W\d])\w+")
MENTION = re.compile(r"(?<![\w@])@\w+")


class Instagram:
    """Publishes one image, or up to ten, with a caption."""

    name = "instagram"
    title = "Instagram"
    # That captions are counted in code points is a guess. How many posts a day brings is asked for; a rate would
    # spread them over the day. To begin with ten pictures takes 11 requests, of which 10 have Instagram fetch one.
    limits = Limits(text_chars=2200, title_chars=2200, tags=30, media=10, timeout_s=90.0, in_flight=3, lag_s=60.0)
    credentials = Credentials(
        (
            Field(
                "access_token",
                label="Access token",
                secret=True,
                help="A long-lived user token with instagram_business_content_publish. It lasts 60 days.",
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
                help="https://graph.facebook.com for a token of Facebook Login; none for one of Instagram Login.",
            ),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda _text: len(caption(post.content)))
        return [*found, *_imageless(post), *picture_problems(post), *hashtag_problems(post), *_crowded(post)]

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

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask for the account's name."""
        graph = _graph(channel)
        reply = yield graph.get(_account(channel), fields="id,username")
        profile = parsed(_Profile, graph.taken(reply))
        return Identity(_account(channel), profile.username, f"https://www.instagram.com/{profile.username}/")


class _Profile(Reply):
    username: str


def _graph(channel: Channel) -> Graph:
    given = httpx.URL(channel.settings.get("api") or f"https://{HOSTS[0]}")
    base = given.copy_with(path=f"/{VERSION}", query=None, fragment=None, userinfo=b"")
    return Graph(Instagram.title, str(base), channel)


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
        parts = tuple(_picture(media) | {"is_carousel_item": True} for media in content.media)
        return Draft(words, post.at, _given({"media_type": "CAROUSEL", "caption": words}), parts)
    return Draft(words, post.at, _given({**_picture(content.media[0]), "caption": words}))


def _picture(media: Media) -> dict[str, object]:
    return _given({"image_url": media.url, "alt_text": media.alt})  # of JPEG; what else it takes is Instagram's to say


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value}


def _imageless(post: Post) -> list[Problem]:
    if post.content.media:
        return []
    return [Problem("content.media", "A post on Instagram needs an image.", "Give it one, or leave this channel out.")]


def _crowded(post: Post) -> Iterator[Problem]:
    words = caption(post.content)
    for what, pattern, most in (("hashtags", HASHTAG, HASHTAGS), ("mentions", MENTION, MENTIONS)):
        number = len(pattern.findall(words))
        if number > most:
            message = f"There are {number} {what}; the most here is {most}: {number - most} too many."
            yield Problem("content.text", message, "Remove some, or override text and tags for this channel.")


ADAPTER: Adapter = Instagram()
