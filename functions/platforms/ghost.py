"""Posts on any site that runs Ghost, by its Admin API.

Source: https://docs.ghost.org/admin-api, the package @tryghost/admin-api-schema 4.7.5, and github.com/TryGhost/Ghost:
core/server/data/schema/schema.js, api/endpoints/posts.js, services/auth/api-key/admin.js (read 2026-11-21). Contract
by documentation: never run against Ghost itself. No newsletter is named, so nobody is sent an e-mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import httpx
from pydantic import Field as Reads

from functions.platforms._blog import HANDED_OVER_BYTES, PLAYED, feature, figures, slug
from functions.platforms._checks import insist, problems
from functions.platforms._ghost import Trouble, request, taken
from functions.platforms._ghost_files import housed
from functions.platforms._markdown import to_html
from publishing.adapter import Adapter, Conversation, Credentials, Field, Kind, Limits, Resource, Takes
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.replies import Reply, parsed, read_if_readable

KEY_HELP = "Beside the API URL: Admin API key, two parts with a colon between them."
EXCERPT_CHARS, ALT_CHARS, TAG_CHARS, ADDRESS_CHARS = 300, 191, 191, 2_000
SPEAKABLE = f"Tags here have {TAG_CHARS} characters at most and begin with neither a comma nor # (an internal tag)."


class Ghost:
    """Publishes posts, with the content's own address as canonical URL and its first picture as feature image."""

    name = "ghost"
    title = "Ghost"
    # 255 characters: a validation of Ghost's schema. Text, tags and pictures have no bound there: these are ours.
    limits = Limits(
        text_chars=100_000,
        title_chars=255,
        tags=50,
        media=20,
        timeout_s=300.0,
        own_hosts=True,
        video=Takes(types=PLAYED, size_bytes=HANDED_OVER_BYTES),
    )
    credentials = Credentials(
        (
            Field("admin_url", Kind.URL, "API URL", help="Settings → Integrations → Add custom integration: API URL."),
            Field("admin_key", label="Admin API key", secret=True, help=KEY_HELP, sample=f"{'0' * 24}:{'0' * 64}"),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # a slug that is taken gets a number: the second post would be another

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return [*problems(post, self.limits), *_objections(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Create the post, published at once; what was uploaded to us is handed over before."""
        insist(self.check(post))
        post = replace(post, content=(yield from housed(post.content, channel)))
        reply = yield request("POST", "posts/?source=html", channel, json={"posts": [_article(post)]}, publishes=True)
        (article,) = parsed(_Created, taken(reply, channel)).posts
        return article.receipt()

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A file that was handed over."""
        return httpx.Response(201, json={"media": [{"url": str(request.url.join("/x"))}]}, request=request)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:  # noqa: ARG002
        """The receipt of `post`, by its slug; that is its own, whatever `since`.

        Whole posts are asked for: with some fields alone, not every version of Ghost comes to the right address.
        """
        wanted = f"slug:'{slug(post)}'+status:[published,sent]"
        query = httpx.QueryParams(filter=wanted, limit=1)
        reply = yield request("GET", f"posts/?{query}", channel)
        return next((article.receipt() for article in parsed(_Posts, taken(reply, channel)).posts), None)

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the post; Ghost keeps nothing of it."""
        reply = yield request("DELETE", f"posts/{receipt.id}/", channel)
        if not any(each.type == "NotFoundError" for each in read_if_readable(Trouble, reply).errors):
            taken(reply, channel)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask for posts, which takes the key, and then for the site's own description, which is public."""
        taken((yield request("GET", "posts/?fields=id&limit=1", channel)), channel)
        reply = yield request("GET", "site/", channel)
        site = parsed(_About, taken(reply, channel)).site
        return Identity(site.url, site.title, site.url)


class _Article(Reply):
    id: str = Reads(pattern="^[0-9a-f]{24}$")
    url: str = Reads(default="", pattern=r"^(https?://\S+)?$")
    published_at: str | None = None

    def receipt(self) -> Receipt:
        return Receipt(self.id, self.url, self.published_at or "")


class _Created(Reply):
    posts: tuple[_Article]


class _Posts(Reply):
    posts: tuple[_Article, ...]


class _Site(Reply):
    title: str = ""
    url: str = Reads(min_length=1)


class _About(Reply):
    site: _Site


def _article(post: Post) -> dict[str, object]:
    content = post.content
    first = feature(content)
    picture = Media() if first is None else content.media[first]
    optional = {
        "custom_excerpt": content.summary,
        "canonical_url": str(httpx.URL(content.link)),  # Ghost takes ASCII addresses alone
        "feature_image": str(httpx.URL(picture.url)),
        "feature_image_alt": picture.alt,
    }
    required: dict[str, object] = {"title": content.title, "slug": slug(post), "html": _html(post)}
    required |= {"status": "published", "tags": [{"name": tag} for tag in content.tags]}
    return required | {name: text for name, text in optional.items() if text}


def _html(post: Post) -> str:
    """The text, the further pictures and the videos.

    Ghost makes its editor's cards of it: by Koenig's parsers, a picture anywhere gets one of its own, as does a table.
    A video keeps its player only in a card of HTML, which is taken over as it is.
    """
    return to_html(post.content.text) + figures(post.content, _card)


def _card(shown: str) -> str:
    return f"<!--kg-card-begin: html-->\n{shown}<!--kg-card-end: html-->\n"


def _objections(post: Post) -> Iterator[Problem]:
    content = post.content
    if not content.title.strip():
        yield Problem("content.title", "A post on Ghost needs a title.", "Give it a title.")
    for field, text, most in _bounded(content):
        if len(text) > most:
            yield Problem(f"content.{field}", f"It has {len(text)} characters; the most here is {most}.", "Shorten it.")
    for place, tag in enumerate(content.tags):
        if not tag.strip() or len(tag) > TAG_CHARS or tag.strip().startswith((",", "#")):
            yield Problem(f"content.tags[{place}]", SPEAKABLE, "Override the tags for this channel.")


def _bounded(content: Content) -> Iterator[tuple[str, str, int]]:
    yield "summary", content.summary, EXCERPT_CHARS
    yield "link", content.link, ADDRESS_CHARS
    first = feature(content)
    if first is not None:
        yield f"media[{first}].url", content.media[first].url, ADDRESS_CHARS
        yield f"media[{first}].alt", content.media[first].alt, ALT_CHARS


ADAPTER: Adapter = Ghost()
