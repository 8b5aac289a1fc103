"""A channel's own feed, which readers fetch from us as RSS 2.0, Atom or JSON Feed.

The truth of a feed is one S3 object, changed by conditional writes alone: each is a reading of the document and a
`PutObject` that succeeds only on the very document read, so publications at the same moment lose nothing. An item's
id follows from the delivery's, so a second sending finds the item there and changes nothing.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11-20)
and, for what a deleted feed answers, https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
"""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from functions.platforms import _feeds
from functions.platforms._checks import insist, problems
from functions.platforms._feed_store import DELETED, Stored, read, write, written
from functions.platforms._feeds import Attachment, Author, Document, Item
from functions.platforms._markdown import to_html, to_plain
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Resource, Takes
from publishing.errors import Refused, Unavailable
from publishing.model import Channel, Identity, Media, Post, Problem, Receipt, utc_text

ROUNDS = 12  # in each, one of all concurrent writers gets through: more than the ten deliveries of one batch
PUBLIC_FORM = "rss.xml"


class RSS:
    """Publishes items in a feed of ours."""

    name = "rss"
    title = "RSS, Atom and JSON Feed"
    limits = Limits(text_chars=100_000, title_chars=500, tags=50, media=20, lag_s=0.0, video=Takes(), embeds=True)
    credentials = Credentials(
        (
            Field("title", label="Feed title", max_chars=200),
            Field("home_page_url", Kind.URL, "Website", help="The site this feed belongs to."),
            Field("description", label="Description", required=False),
            Field("language", label="Language", required=False, help="As in en or pt-BR.", max_chars=35),
            Field("author", label="Author", required=False, max_chars=200),
        )
    )
    uses = frozenset({Resource.FEEDS})
    idempotent = True

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return problems(post, self.limits)

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Add the item to the feed, reading again whenever somebody else was faster."""
        insist(self.check(post))
        item = _item(post)
        for _ in range(ROUNDS):
            stored = yield from read(channel)
            if _shows(stored, item.id):
                return _receipt(post, channel)
            if written((yield write(channel, stored, _document(channel, _merged(stored.items, item)), PUBLISHES))):
                return _receipt(post, channel)
        raise Unavailable("Too many publications changed this feed at once.")

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:  # noqa: ARG002
        """The receipt of `post` if the feed shows it; a feed is read whole, whatever `since`."""
        stored = yield from read(channel)
        return _receipt(post, channel) if _shows(stored, _item_id(post)) else None

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Take the item out of the feed; readers that have fetched it may keep it."""
        for _ in range(ROUNDS):
            try:
                stored = yield from read(channel)
            except Refused as error:
                if error.code == DELETED:  # and all its items with it
                    return
                raise
            left = tuple(item for item in stored.items if item.id != receipt.id)
            if len(left) == len(stored.items) or written((yield write(channel, stored, _document(channel, left), {}))):
                return
        raise Unavailable("Too many publications changed this feed at once.")

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """The feed's title and public address, once its place in the store could be read; it may be empty still."""
        yield from read(channel)
        return Identity(channel.id, channel.settings["title"], _public_url(channel))


def _merged(items: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    together = _feeds.merged(items, item)
    if item in together:
        return together
    if not _feeds.merged((), item):
        raise Refused("The text is too long for a feed.", code="content.text")
    raise Refused("This feed already shows as many newer items as it holds, so this one is not shown.", code="too_old")


def _shows(stored: Stored, item_id: str) -> bool:
    return any(item.id == item_id for item in stored.items)


def _document(channel: Channel, items: tuple[Item, ...]) -> Document:
    settings = channel.settings
    author = settings.get("author", "")
    return Document(
        version=_feeds.VERSION,
        title=settings["title"],
        home_page_url=settings["home_page_url"],
        description=settings.get("description", ""),
        language=settings.get("language", ""),
        authors=(Author(name=author),) if author else (),
        _postroom=_feeds.Postroom(id=_urn(f"feed:{channel.id}")),
        items=items,
    )


def _item(post: Post) -> Item:
    content = post.content
    said = (content.text, content.summary, content.title, content.link, *(media.url for media in content.media))
    text = next(filter(str.strip, said), "")
    return Item(
        id=_item_id(post),
        url=content.link,
        title=content.title,
        content_html=to_html(text),
        content_text=to_plain(text),
        summary=content.summary,
        image=next((media.url for media in content.media if not media.is_video), ""),
        tags=content.tags,
        attachments=tuple(
            Attachment(url=media.url, mime_type=_type(media), title=media.alt, size_in_bytes=media.size_bytes)
            for media in content.media
        ),
        date_published=post.at,
    )


def _type(media: Media) -> str:
    return media.type or mimetypes.guess_type(urlsplit(media.url).path, strict=False)[0] or "application/octet-stream"


def _item_id(post: Post) -> str:
    return _urn(f"item:{post.id}")


def _urn(name: str) -> str:
    return uuid.uuid5(_OURS, name).urn


_OURS = uuid.UUID("9c807c31-42a7-42bd-abed-99b66fb99b60")  # ours alone and for ever: ids in readers' hands hang on it


def _receipt(post: Post, channel: Channel) -> Receipt:
    url = post.content.link or f"{_public_url(channel)}#{_item_id(post)}"
    return Receipt(_item_id(post), url, utc_text(post.at))


def _public_url(channel: Channel) -> str:
    return _feeds.address(channel.aws["feeds_public"], channel.id, PUBLIC_FORM)


ADAPTER: Adapter = RSS()
