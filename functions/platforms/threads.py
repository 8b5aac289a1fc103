"""Posts on Threads.

Source: https://developers.facebook.com/documentation/threads/posts, …/reference/publishing, …/troubleshooting,
…/overview, …/retrieve-and-manage-replies and …/insights (read 2026-11-21). Contract by documentation: never run against
Threads itself. That it takes JSON and a bearer token is other clients' practice; its pages show parameters only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx

from functions.platforms._captions import alt_problems
from functions.platforms._chain import Chain, ids_of
from functions.platforms._checks import insist, problems
from functions.platforms._containers import Containers, Draft, Names, stand_in
from functions.platforms._meta import Graph
from functions.platforms._meta_hooks import HOOK_FIELDS, heard, nothing_heard
from functions.platforms._meta_posts import counted, removed
from functions.platforms._meta_tokens import LIFE, renewed
from functions.platforms._thread_words import TEXT_CHARS, attached, length, parts_of, post_problems, topic_problems
from functions.platforms._threads_consent import CONSENT, accounts_of
from publishing.adapter import Adapter, Conversation, Credentials, Field, Life, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.inbound import Call, Heard
from publishing.model import Channel, Fresh, Identity, Media, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

HOST = "https://graph.threads.net"
BASE = f"{HOST}/v1.0"
NAMES = Names(
    creates="threads",
    publishes="threads_publish",
    quota="threads_publishing_limit",
    posts="threads",
    fields="id,text,permalink,timestamp",
    status="status",
    reason="error_message",
)
METRICS = {
    "views": Metric.VIEWS,
    "likes": Metric.LIKES,
    "replies": Metric.COMMENTS,
    "reposts": Metric.SHARES,
    "quotes": Metric.SHARES,
    "shares": Metric.SHARES,
}
SCOPES = (
    "threads_basic and threads_content_publish; for threads of posts also threads_manage_replies and "
    "threads_read_replies, to remove them threads_delete, for the counts threads_manage_insights."
)


class Threads:
    """Publishes posts of text, or of text with images and videos; long texts as a thread."""

    name = "threads"
    title = "Threads"
    # 250 posts in a moving day are the quota, which is asked for; a rate would spread them over the day. To begin
    # with twenty pictures takes 21 requests, of which 20 have Threads fetch one. Images narrower than 320 or wider than
    # 1440 pixels it scales itself.
    limits = Limits(
        text_chars=TEXT_CHARS,
        title_chars=500,
        tags=1,
        media=20,
        timeout_s=90.0,
        in_flight=3,
        lag_s=60.0,
        image=Takes(("image/jpeg", "image/png"), 8_000_000, ratio=(0.1, 10.0)),
        video=Takes(
            ("video/mp4", "video/quicktime"),
            1_000_000_000,
            seconds=(0.0, 300.0),
            width=(0, 1920),
            ratio=(0.01, 10.0),
            codecs=("AVC", "HEVC"),
        ),
        threads=True,
    )
    credentials = Credentials(
        (
            Field(
                "access_token",
                label="Access token",
                secret=True,
                help=f"A long-lived user token with {SCOPES} It lasts 60 days and is renewed.",
            ),
            *HOOK_FIELDS,
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        parts = parts_of(post)
        longest = max(map(length, parts), default=0)
        found = problems(post, self.limits, count=lambda _text: longest)
        return [*found, *alt_problems(post), *topic_problems(post), *post_problems(post, parts)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Make its container, which is published by `resume` once it is written down."""
        insist(self.check(post))
        return (yield from _containers(channel).begin(_drafts(post)[0]))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Publish the container once it is ready, and so each that answers it; then tell the first one's link."""
        return (yield from Chain(_containers(channel), _drafts(post)).resume(pending.state))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | Pending | None]:
        """The receipt of `post`, by its text, among what was published after `since`."""
        return (yield from Chain(_containers(channel), _drafts(post)).find(since))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A container."""
        return stand_in(request)

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """Sixty days, and nothing after."""
        return LIFE if "access_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """A new token while the old one lasts."""
        return (yield from renewed(Graph(self.title, HOST, channel), "th_refresh_token"))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Take it back, a thread from its end; Threads allows 100 in a day."""
        for each in reversed(ids_of(receipt.id)):
            yield from removed(_graph(channel), each)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts; a thread's are those of all its posts together."""
        sums: Counter[Metric] = Counter()
        for each in ids_of(receipt.id):
            sums.update((yield from counted(_graph(channel), f"{each}/insights", METRICS)))
        return dict(sums)

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:  # noqa: ARG002 - no time is told
        """The answer to Meta's question; of posts its news say nothing."""
        return heard(call, channel, nothing_heard)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The profile of whoever consented."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is."""
        graph = _graph(channel)
        reply = yield graph.get("me", fields="id,username")
        profile = parsed(_Profile, graph.taken(reply))
        return Identity(profile.id, profile.username, f"https://www.threads.com/@{profile.username}")


class _Profile(Reply):
    id: str
    username: str


def _graph(channel: Channel) -> Graph:
    return Graph(Threads.title, BASE, channel)


def _containers(channel: Channel) -> Containers:
    return Containers(_graph(channel), "me", NAMES)


def _drafts(post: Post) -> tuple[Draft, ...]:
    """One for each post of the thread; what the first alone has are the media, the link and the topic."""
    first, *others = parts_of(post) or ("",)
    answers = (Draft(words, post.at, {"media_type": "TEXT", "text": words}) for words in others)
    return _first(post, first), *answers


def _first(post: Post, words: str) -> Draft:
    content = post.content
    said = {"text": words, "topic_tag": "".join(content.tags)}
    if len(content.media) > 1:
        parts = tuple(_file(media) | {"is_carousel_item": True} for media in content.media)
        return Draft(words, post.at, _given({"media_type": "CAROUSEL", **said}), parts)
    if content.media:
        return Draft(words, post.at, _given(_file(content.media[0]) | said))
    return Draft(words, post.at, _given({"media_type": "TEXT", **said, "link_attachment": attached(post)}))


def _file(media: Media) -> dict[str, object]:
    kind = "video" if media.is_video else "image"
    return _given({"media_type": kind.upper(), f"{kind}_url": media.url, "alt_text": media.alt})


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value}


ADAPTER: Adapter = Threads()
