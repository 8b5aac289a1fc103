"""Posts on a Facebook Page.

Source: https://developers.facebook.com/docs/pages-api/posts, …/docs/graph-api/reference/page/photos and
…/docs/graph-api/reference/v25.0/page/feed (read 2026-11-21). Contract by documentation: never run against Facebook
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import httpx

from functions.platforms._captions import caption, hashtag_problems, picture_problems
from functions.platforms._checks import insist, problems
from functions.platforms._meta import VERSION, Graph, Node
from functions.platforms._recent import seen
from publishing.adapter import Adapter, Conversation, Credentials, Field, Limits, Resource
from publishing.errors import Unauthorized
from publishing.model import Channel, Identity, Media, Post, Problem, Receipt
from publishing.replies import Reply, parsed

BASE = f"https://graph.facebook.com/{VERSION}"
FIELDS = "id,message,permalink_url,created_time"


class Facebook:
    """Publishes posts of text with a link or with photos."""

    name = "facebook"
    title = "Facebook"
    # That messages are counted in code points is a guess; the rate depends on how many people a Page reaches.
    limits = Limits(text_chars=63_206, title_chars=63_206, tags=30, media=10, timeout_s=60.0, in_flight=3, lag_s=60.0)
    credentials = Credentials(
        (
            Field(
                "access_token",
                label="Page access token",
                secret=True,
                help="The Page's own token, as /me/accounts tells it, with pages_manage_posts, pages_read_engagement.",
            ),
            Field(
                "page_id",
                label="Page id",
                help="A number: Page → About → Page transparency.",
                max_chars=40,
                sample="100000000000000",
            ),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda _text: len(_words(post)))
        return [*found, *picture_problems(post), *hashtag_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Upload its photos where nobody sees them, then post."""
        insist(self.check(post))
        graph, page = _graph(channel), _page(channel)
        photos = []
        for media in post.content.media:
            reply = yield graph.post(f"{page}/photos", _photo(media))
            photos.append(parsed(Node, graph.taken(reply)).id)
        reply = yield graph.post(f"{page}/feed", _post(post, photos), visible=True)
        identifier = parsed(Node, graph.taken(reply)).id
        return Receipt(identifier, f"https://www.facebook.com/{identifier}")

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its message, among what the Page published after `since`."""
        edge = f"{_page(channel)}/published_posts"
        return (yield from seen(_graph(channel), edge, FIELDS, _words(post), since))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A photo that nobody sees yet."""
        return httpx.Response(200, json={"id": "0"}, request=request)

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
    return Graph(Facebook.title, BASE, channel)


def _page(channel: Channel) -> str:
    page = channel.settings["page_id"].strip()
    if not (page.isascii() and page.isdigit()):
        raise Unauthorized("The Page id of this channel is not a number.")
    return page


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
