"""Posts and reels on a Facebook Page.

Source: https://developers.facebook.com/docs/pages-api/posts, …/docs/graph-api/reference/page/photos,
…/docs/graph-api/reference/v25.0/page/feed and …/reference/v25.0/insights (read 2026-11-21). Contract by documentation:
never run against Facebook itself. A Page's own token does not end, so there is nothing to renew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx

from functions.platforms._captions import alt_problems, caption, hashtag_problems
from functions.platforms._checks import insist, problems
from functions.platforms._facebook_consent import CONSENT, accounts_of
from functions.platforms._meta import VERSION_FIELD, VERSIONS, Graph, Node, version_of
from functions.platforms._meta_hooks import HOOK_FIELDS, heard, videos_heard
from functions.platforms._meta_posts import counted, removed, talked
from functions.platforms._recent import seen
from functions.platforms._reels import Reels
from publishing.adapter import Adapter, Conversation, Credentials, Field, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import Unauthorized
from publishing.inbound import Call, Heard
from publishing.model import Channel, Identity, Media, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, parsed

FIELDS, REEL_FIELDS = "id,message,permalink_url,created_time", "id,description,permalink_url,created_time"
METRICS = {
    "post_media_view": Metric.VIEWS,
    "post_reactions_by_type_total": Metric.LIKES,
    "post_clicks": Metric.CLICKS,
}
REEL_METRICS = {"fb_reels_total_plays": Metric.VIEWS, "post_video_likes_by_reaction_type": Metric.LIKES}


class Facebook:
    """Publishes posts of text with a link or with photos, and reels."""

    name = "facebook"
    title = "Facebook"
    # That messages are counted in code points is a guess; the rate depends on how many people a Page reaches. Of a
    # reel's rules its size is told nowhere; 30 in a day are taken, which Facebook counts itself.
    limits = Limits(
        text_chars=63_206,
        title_chars=63_206,
        tags=30,
        media=10,
        timeout_s=60.0,
        in_flight=3,
        lag_s=60.0,
        image=Takes(("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"), 10_000_000),
        video=Takes(
            ("video/mp4", "video/quicktime"),
            seconds=(3.0, 90.0),
            width=(540, 0),
            height=(960, 0),
            ratio=(0.555, 0.57),
            codecs=("AVC", "HEVC", "VP9", "AV1"),
        ),
    )
    credentials = Credentials(
        (
            Field(
                "access_token",
                label="Page access token",
                secret=True,
                help="The Page's own token, as /me/accounts tells it, with pages_manage_posts, pages_read_engagement "
                "and, for the counts, read_insights.",
            ),
            Field(
                "page_id",
                label="Page id",
                help="A number: Page → About → Page transparency.",
                max_chars=40,
                sample="100000000000000",
            ),
            VERSION_FIELD,
            *HOOK_FIELDS,
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False
    versions = VERSIONS

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda _text: len(_words(post)))
        return [*found, *alt_problems(post), *hashtag_problems(post), *_mixed(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Upload its photos where nobody sees them, then post; or its video, which `resume` publishes."""
        insist(self.check(post))
        graph, page = _graph(channel), _page(channel)
        if _is_reel(post):
            return (yield from Reels(graph, page).begin(post.content.media[0]))
        photos = []
        for media in post.content.media:
            reply = yield graph.post(f"{page}/photos", _photo(media))
            photos.append(parsed(Node, graph.taken(reply)).id)
        reply = yield graph.post(f"{page}/feed", _post(post, photos), visible=True)
        identifier = parsed(Node, graph.taken(reply)).id
        return Receipt(identifier, f"https://www.facebook.com/{identifier}")

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its message, among what the Page published after `since`."""
        edge, fields = ("video_reels", REEL_FIELDS) if _is_reel(post) else ("published_posts", FIELDS)
        return (yield from seen(_graph(channel), f"{_page(channel)}/{edge}", fields, _words(post), since))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Publish the reel once Facebook has it; then tell its link."""
        return (yield from Reels(_graph(channel), _page(channel)).resume(pending.state, _words(post)))

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Take it back."""
        yield from removed(_graph(channel), receipt.id)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts; of a reel, whose id has no Page in it, other insights tell them."""
        graph, fields = _graph(channel), "comments.summary(true).limit(0)"
        if "_" in receipt.id:
            told = yield from counted(graph, f"{receipt.id}/insights", METRICS)
            return told | (yield from talked(graph, receipt.id, f"{fields},shares"))
        told = yield from counted(graph, f"{receipt.id}/video_insights", REEL_METRICS)
        return told | (yield from talked(graph, receipt.id, fields))

    def hear(self, call: Call, channel: Channel, now: datetime) -> str | Sequence[Heard]:  # noqa: ARG002 - no time is told
        """The answer to Meta's question, or which videos joined the Page's feed."""
        return heard(call, channel, videos_heard)

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A photo that nobody sees yet, or a video."""
        return httpx.Response(200, json={"id": "0", "video_id": "0", "success": True}, request=request)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The Pages of whoever consented."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is: a person's own reads the Page, but does not publish as it."""
        graph = _graph(channel)
        reply = yield graph.get("me", fields="id,name")
        owner = parsed(_Owner, graph.taken(reply))
        if owner.id != _page(channel):
            raise Unauthorized("This token is not the Page's own: take the one /me/accounts tells for this Page.")
        return Identity(owner.id, owner.name, f"https://www.facebook.com/{owner.id}")


class _Owner(Reply):
    id: str
    name: str = ""


def _graph(channel: Channel) -> Graph:
    return Graph(Facebook.title, f"https://graph.facebook.com/{version_of(channel)}", channel)


def _page(channel: Channel) -> str:
    page = channel.settings["page_id"].strip()
    if not (page.isascii() and page.isdigit()):
        raise Unauthorized("The Page id of this channel is not a number.")
    return page


def _is_reel(post: Post) -> bool:
    return any(media.is_video for media in post.content.media)


def _mixed(post: Post) -> list[Problem]:
    if not _is_reel(post) or len(post.content.media) == 1:
        return []
    return [Problem("content.media", "A reel is one video, without others and without photos.", "Remove the others.")]


def _photo(media: Media) -> dict[str, object]:
    described = {"alt_text_custom": media.alt} if media.alt else {}
    return {"url": media.url, "published": False, **described}


def _post(post: Post, photos: Sequence[str]) -> dict[str, object]:
    attached = [{"media_fbid": photo} for photo in photos]
    link = "" if photos else post.content.link
    fields = {"message": _words(post), "link": link, "attached_media": attached}
    return {name: value for name, value in fields.items() if value}


def _words(post: Post) -> str:
    """The message; beside photos, which leave no place for it, the link stands there, too."""
    return caption(post.content, link=bool(post.content.media))


ADAPTER: Adapter = Facebook()
