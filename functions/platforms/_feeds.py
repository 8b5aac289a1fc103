"""A channel's feed as one JSON Feed document, which is what is stored, and its renderings, which are what is served.

RSS 2.0 and Atom are made from the document whenever they are read, so the three forms cannot disagree. A server needs
`key`, `read` and `FORMATS`; a format's name is the last part of its public address.

Sources: https://www.jsonfeed.org/version/1.1/, https://www.rssboard.org/rss-specification, RFC 4287 (read 2026-11-20)
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import accumulate
from textwrap import shorten
from typing import Annotated, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from publishing.model import utc_text

VERSION = "https://jsonfeed.org/version/1.1"
ITEMS = 50  # the most a feed shows
ITEMS_BYTES = 900_000  # all items together, as stored: the whole document stays below what an answer may hold (1 MB)
EXCERPT_CHARS = 300
HEADLINE_CHARS = 80
NEVER = datetime.fromtimestamp(0, UTC)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _legible(value: object) -> object:
    return _NOT_XML.sub("", value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_legible)]  # without the characters XML 1.0 cannot hold, in all three forms alike


class _Part(BaseModel):
    """What a later version of ours puts in an item is no damage, and stays in it."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)


class Author(_Part):
    """Who writes the feed."""

    name: Text


class Attachment(_Part):
    """An image or video of an item."""

    url: Text
    mime_type: Text
    title: Text = ""
    size_in_bytes: int = 0  # where it is known


class Item(_Part):
    """One entry; `id` is a permanent URN, `url` where the piece is found on the web, if it is."""

    id: Text
    content_html: Text
    content_text: Text
    date_published: AwareDatetime
    url: Text = ""
    title: Text = ""
    summary: Text = ""
    image: Text = ""
    tags: tuple[Text, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def headline(self) -> str:
        """The title, or the text's beginning where there is none; one line."""
        return " ".join(self.title.split()) or shorten(self.content_text, HEADLINE_CHARS, placeholder="…")


class Postroom(_Part):
    """Our extension of JSON Feed: the URN that Atom wants, which outlives every change of address."""

    id: Text


class Document(_Part):
    """A feed: its items newest first, at most `ITEMS` of them."""

    version: Literal["https://jsonfeed.org/version/1.1"]
    title: Text
    home_page_url: Text
    postroom: Postroom = Field(alias="_postroom")
    feed_url: Text = ""
    description: Text = ""
    language: Text = ""
    authors: tuple[Author, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def updated(self) -> datetime:
        """When the newest item appeared, in UTC."""
        return max((item.date_published for item in self.items), default=NEVER).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Format:
    """One of the forms a feed is served in; `render` takes the document and the address it is served at."""

    content_type: str
    render: Callable[[Document, str], bytes]


def key(token: str) -> str:
    """The stored document's place in the feed bucket.

    Raises:
        ValueError: no feed can have this token.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("This is no feed's token.")
    return f"feeds/{token}/feed.json"


def address(base: str, token: str, form: str) -> str:
    """The public address of a feed in the form of that name (see `FORMATS`)."""
    return f"{base.rstrip('/')}/{token}/{form}"


def read(stored: bytes) -> Document:
    """The document as stored.

    Raises:
        ValueError: it is no feed document of ours.
    """
    return Document.model_validate_json(stored)


def write(part: _Part) -> bytes:
    """A document, or a part of one, as it is stored."""
    return part.model_dump_json(by_alias=True, exclude_defaults=True).encode()


def merged(items: Iterable[Item], item: Item) -> tuple[Item, ...]:
    """`items` and `item` as a feed shows them: whatever the order of arrival, the newest that find room."""
    newest = sorted([*items, item], key=lambda each: (each.date_published, each.id), reverse=True)[:ITEMS]
    sizes_bytes = accumulate(len(write(each)) for each in newest)
    return tuple(each for each, up_to_it in zip(newest, sizes_bytes, strict=True) if up_to_it <= ITEMS_BYTES)


def json_feed(document: Document, self_url: str) -> bytes:
    """JSON Feed 1.1."""
    return write(document.model_copy(update={"feed_url": self_url}))


def rss(document: Document, self_url: str) -> bytes:
    """RSS 2.0 with the full text of each item."""
    root = Element("rss", {"version": "2.0", **_RSS_NAMESPACES})
    channel = SubElement(root, "channel")
    _add(channel, "title", document.title)
    _add(channel, "link", document.home_page_url)
    _add(channel, "description", html.escape(document.description or document.title, quote=False))
    _add(channel, "language", document.language)
    _add(channel, "lastBuildDate", _rfc822(document.updated))
    SubElement(channel, "atom:link", {"rel": "self", "href": self_url, "type": "application/rss+xml"})
    for item in document.items:
        _rss_item(SubElement(channel, "item"), item, document.authors)
    return _xml(root)


_RSS_NAMESPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


def _rss_item(entry: Element, item: Item, authors: Iterable[Author]) -> None:
    excerpt = item.summary or shorten(item.content_text, EXCERPT_CHARS, placeholder="…")
    _add(entry, "title", item.headline)
    _add(entry, "link", item.url)
    _add(entry, "guid", item.id, isPermaLink="false")
    _add(entry, "pubDate", _rfc822(item.date_published))
    for author in authors:
        _add(entry, "dc:creator", author.name)
    for tag in item.tags:
        _add(entry, "category", tag)
    _add(entry, "description", html.escape(excerpt, quote=False))  # in RSS, what a description holds is HTML
    _add(entry, "content:encoded", item.content_html)
    for first in item.attachments[:1]:  # readers expect one; where its length is not known one writes 0
        SubElement(entry, "enclosure", {"url": first.url, "type": first.mime_type, "length": str(first.size_in_bytes)})
    for attachment in item.attachments:
        SubElement(entry, "media:content", {"url": attachment.url, "type": attachment.mime_type})


def atom(document: Document, self_url: str) -> bytes:
    """Atom 1.0 with the full text of each entry."""
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": document.language})
    _add(root, "id", document.postroom.id)
    _add(root, "title", document.title)
    _add(root, "subtitle", document.description)
    _add(root, "updated", utc_text(document.updated))
    SubElement(root, "link", {"rel": "self", "href": self_url, "type": "application/atom+xml"})
    SubElement(root, "link", {"rel": "alternate", "href": document.home_page_url, "type": "text/html"})
    for author in document.authors or (Author(name=document.title),):  # Atom does not go without an author
        _add(SubElement(root, "author"), "name", author.name)
    for item in document.items:
        _atom_entry(SubElement(root, "entry"), item)
    return _xml(root)


def _atom_entry(entry: Element, item: Item) -> None:
    _add(entry, "id", item.id)
    _add(entry, "title", item.headline)
    _add(entry, "published", utc_text(item.date_published))
    _add(entry, "updated", utc_text(item.date_published))
    if item.url:
        SubElement(entry, "link", {"rel": "alternate", "href": item.url, "type": "text/html"})
    for attachment in item.attachments:
        SubElement(entry, "link", {"rel": "enclosure", "href": attachment.url, "type": attachment.mime_type})
    for tag in item.tags:
        SubElement(entry, "category", {"term": tag})
    _add(entry, "summary", item.summary)
    SubElement(entry, "content", {"type": "html"}).text = item.content_html


def _add(parent: Element, tag: str, text: str, **attributes: str) -> None:
    if text:
        SubElement(parent, tag, attributes).text = text


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _xml(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


FORMATS: Mapping[str, Format] = {
    "rss.xml": Format("application/rss+xml; charset=utf-8", rss),
    "atom.xml": Format("application/atom+xml; charset=utf-8", atom),
    "feed.json": Format("application/feed+json; charset=utf-8", json_feed),
}
