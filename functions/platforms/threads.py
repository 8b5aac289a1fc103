"""Posts on Threads.

Source: https://developers.facebook.com/documentation/threads/posts, …/reference/publishing, …/troubleshooting,
…/overview and …/create-posts/text-attachments (read 2026-11-21). Contract by documentation: never run against Threads
itself. That it takes JSON and a bearer token is other clients' practice; its pages show parameters only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx

from functions.platforms._captions import caption, picture_problems
from functions.platforms._checks import insist, problems
from functions.platforms._containers import Containers, Draft, Names, stand_in
from functions.platforms._meta import Graph
from publishing.adapter import Adapter, Conversation, Credentials, Field, Limits, Resource
from publishing.model import Channel, Identity, Media, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

BASE = "https://graph.threads.net/v1.0"
NAMES = Names(
    creates="threads",
    publishes="threads_publish",
    quota="threads_publishing_limit",
    posts="threads",
    fields="id,text,permalink,timestamp",
    status="status",
    reason="error_message",
)
LINKS = 5
TOPIC = re.compile(r"[^.&\s]([^.&]{0,48}[^.&\s])?")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()<>]+", re.IGNORECASE)
JOINERS = "\u200d\ufe0f\u20e3"


class Threads:
    """Publishes posts of text, or of text and images."""

    name = "threads"
    title = "Threads"
    # 250 posts in a moving day are the quota, which is asked for; a rate would spread them over the day. To begin
    # with twenty pictures takes 21 requests, of which 20 have Threads fetch one.
    limits = Limits(text_chars=500, title_chars=500, tags=1, media=20, timeout_s=90.0, in_flight=3, lag_s=60.0)
    credentials = Credentials(
        (
            Field(
                "access_token",
                label="Access token",
                secret=True,
                help="A long-lived user token with threads_basic and threads_content_publish. It lasts 60 days.",
            ),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda _text: _length(_words(post)))
        return [*found, *picture_problems(post), *_topic_problems(post), *_link_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Make its container, which is published by `resume` once it is written down."""
        insist(self.check(post))
        return (yield from _containers(channel).begin(_draft(post)))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Publish the container once it is ready; then tell its link."""
        return (yield from _containers(channel).resume(pending.state, _draft(post)))

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its text, among what was published after `since`."""
        return (yield from _containers(channel).find(_words(post), since))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A container."""
        return stand_in(request)

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


def _draft(post: Post) -> Draft:
    content, words = post.content, _words(post)
    said = {"text": words, "topic_tag": "".join(content.tags)}
    if len(content.media) > 1:
        parts = tuple(_picture(media) | {"is_carousel_item": True} for media in content.media)
        return Draft(words, post.at, _given({"media_type": "CAROUSEL", **said}), parts)
    if content.media:
        return Draft(words, post.at, _given(_picture(content.media[0]) | said))
    return Draft(words, post.at, _given({"media_type": "TEXT", **said, "link_attachment": _attached(post)}))


def _picture(media: Media) -> dict[str, object]:
    return _given({"media_type": "IMAGE", "image_url": media.url, "alt_text": media.alt})


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value}


def _words(post: Post) -> str:
    """The text as it is shown; a link has a place of its own, but beside pictures or alone it stands in the text."""
    return caption(post.content, link=not _attached(post), hashtags=False)


def _attached(post: Post) -> str:
    content = post.content
    alone = not content.title.strip() and not content.text.strip()
    return "" if content.media or alone else content.link


def _length(text: str) -> int:
    """Characters, of which emoji count as many as they have bytes."""
    return sum(
        len(character.encode()) if _is_emoji(character) else 1 for character in text.encode(errors="replace").decode()
    )


def _is_emoji(character: str) -> bool:
    """Whether it is one, or joins or dresses one; what Threads takes for emoji is not said more exactly."""
    pictographic = character >= "\u2600" and unicodedata.category(character) in {"So", "Sk"}
    return pictographic or character in JOINERS


def _topic_problems(post: Post) -> list[Problem]:
    message = "A topic on Threads has 1 to 50 characters, without full stops and ampersands."
    return [
        Problem(f"content.tags[{place}]", message, "Override the tags for this channel.")
        for place, tag in enumerate(post.content.tags)
        if not TOPIC.fullmatch(tag)
    ]


def _link_problems(post: Post) -> list[Problem]:
    links = {*ADDRESS.findall(_words(post)), _attached(post)} - {""}
    if len(links) <= LINKS:
        return []
    message = f"There are {len(links)} links; the most here is {LINKS}."
    return [Problem("content.text", message, "Remove some, or override the text for this channel.")]


ADAPTER: Adapter = Threads()
