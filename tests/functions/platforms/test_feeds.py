"""A feed document, and what readers find in its three renderings."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.platforms import _feeds
from functions.platforms._feeds import FORMATS, Attachment, Author, Document, Item, Postroom

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SELF_URL = "https://api.example.org/v1/feeds/chn_1/form"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
ATOM = "{http://www.w3.org/2005/Atom}"
FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


def item(name: str = "1", **fields: Any) -> Item:
    given_fields = {"content_html": "<p>Text</p>", "content_text": "Text", "date_published": NOON, **fields}
    return Item(id=f"urn:uuid:{name}", **given_fields)


def document(*items: Item, **fields: Any) -> Document:
    return Document(
        version=_feeds.VERSION,
        title="Notes",
        home_page_url="https://example.org/",
        _postroom=Postroom(id="urn:uuid:feed"),
        items=items,
        **fields,
    )


FULL = item(
    url="https://example.org/1?a=1&b=2",
    title="Fish & <chips>",
    summary="Salt < vinegar",
    content_html="<p>Crisp &amp; <em>hot</em></p>",
    content_text="Crisp & hot",
    image="https://example.org/a.png",
    tags=("food", "r&d"),
    attachments=(
        Attachment(url="https://example.org/a.png?w=1&h=2", mime_type="image/png", title="A plate"),
        Attachment(url="https://example.org/b.mp4", mime_type="video/mp4"),
    ),
)


def rendered(form: str, *items: Item, **fields: Any) -> bytes:
    return FORMATS[form].render(document(*items, **fields), SELF_URL)


def read_back(form: str, *items: Item, **fields: Any) -> Any:
    found = feedparser.parse(rendered(form, *items, **fields))
    assert not found.bozo
    return found


def rss_item(*items: Item) -> ET.Element:
    found = ET.fromstring(rendered("rss.xml", *items)).find("channel/item")  # noqa: S314  # our own rendering
    assert found is not None
    return found


def atom_entry(*items: Item) -> ET.Element:
    found = ET.fromstring(rendered("atom.xml", *items)).find(f"{ATOM}entry")  # noqa: S314  # our own rendering
    assert found is not None
    return found


def test_the_forms_are_served_under_their_registered_media_types() -> None:
    assert {name: form.content_type for name, form in FORMATS.items()} == {
        "rss.xml": "application/rss+xml; charset=utf-8",
        "atom.xml": "application/atom+xml; charset=utf-8",
        "feed.json": "application/feed+json; charset=utf-8",
    }


def test_rss_tells_what_the_feed_is() -> None:
    found = read_back("rss.xml", FULL, description="On food & drink", language="en-GB")
    assert found.version == "rss20"
    assert (found.feed.title, found.feed.link, found.feed.language) == ("Notes", "https://example.org/", "en-GB")
    assert found.feed.subtitle == "On food &amp; drink"
    assert found.feed.updated == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert {"rel": "self", "href": SELF_URL, "type": "application/rss+xml"} in found.feed.links


def test_rss_tells_all_about_an_item() -> None:
    found = read_back("rss.xml", FULL, authors=(Author(name="Ann"), Author(name="Ben"))).entries[0]
    assert (found.id, found.guidislink) == ("urn:uuid:1", False)
    assert found.link == "https://example.org/1?a=1&b=2"
    assert found.published == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert [author.name for author in found.authors] == ["Ann", "Ben"]
    assert [tag.term for tag in found.tags] == ["food", "r&d"]
    assert found.content[0].value == "<p>Crisp &amp; <em>hot</em></p>"
    assert found.summary == "Salt &lt; vinegar"


def test_rss_titles_are_text_not_markup() -> None:
    assert rss_item(FULL).findtext("title") == "Fish & <chips>"


def test_rss_offers_the_first_medium_as_enclosure_and_all_as_media() -> None:
    found = read_back("rss.xml", FULL).entries[0]
    assert found.enclosures == [{"href": "https://example.org/a.png?w=1&h=2", "type": "image/png", "length": "0"}]
    assert [medium["url"] for medium in found.media_content] == [
        "https://example.org/a.png?w=1&h=2",
        "https://example.org/b.mp4",
    ]


def test_rss_describes_an_item_without_summary_by_its_beginning() -> None:
    assert rss_item(item(content_text="word " * 100)).findtext("description") == "word " * 59 + "word…"


def test_an_item_without_title_is_headed_by_its_beginning() -> None:
    assert atom_entry(item(content_text="So it goes.\n\nOn and on")).findtext(f"{ATOM}title") == "So it goes. On and on"


def test_an_item_without_link_has_none_that_could_be_taken_for_one() -> None:
    found = rss_item(item())
    assert found.find("link") is None
    assert found.find("guid[@isPermaLink='false']") is not None


def test_atom_tells_what_the_feed_is() -> None:
    found = read_back("atom.xml", FULL, description="On food & drink", language="en-GB", authors=(Author(name="Ann"),))
    assert found.version == "atom10"
    assert (found.feed.id, found.feed.title, found.feed.language) == ("urn:uuid:feed", "Notes", "en-GB")
    assert (found.feed.subtitle, found.feed.author) == ("On food & drink", "Ann")
    assert found.feed.updated == "2026-11-20T12:00:00.000Z"
    assert found.feed.links == [
        {"rel": "self", "href": SELF_URL, "type": "application/atom+xml"},
        {"rel": "alternate", "href": "https://example.org/", "type": "text/html"},
    ]


def test_atom_tells_all_about_an_entry() -> None:
    found = read_back("atom.xml", FULL).entries[0]
    assert (found.id, found.title, found.summary) == ("urn:uuid:1", "Fish & <chips>", "Salt < vinegar")
    assert found.published == found.updated == "2026-11-20T12:00:00.000Z"
    assert found.content[0].type == "text/html"
    assert found.content[0].value == "<p>Crisp &amp; <em>hot</em></p>"
    assert [tag.term for tag in found.tags] == ["food", "r&d"]
    assert [(link.rel, link.href) for link in found.links] == [
        ("alternate", "https://example.org/1?a=1&b=2"),
        ("enclosure", "https://example.org/a.png?w=1&h=2"),
        ("enclosure", "https://example.org/b.mp4"),
    ]


def test_atom_names_the_feed_as_author_where_there_is_no_other() -> None:
    assert read_back("atom.xml", FULL).feed.author == "Notes"


def test_an_atom_entry_has_content_even_if_it_is_empty() -> None:
    assert atom_entry(item(content_html="")).find(f"{ATOM}content") is not None


def test_json_feed_is_the_document_with_its_own_address() -> None:
    found = json.loads(rendered("feed.json", FULL, language="en"))
    assert found == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Notes",
        "home_page_url": "https://example.org/",
        "feed_url": SELF_URL,
        "language": "en",
        "_postroom": {"id": "urn:uuid:feed"},
        "items": [
            {
                "id": "urn:uuid:1",
                "url": "https://example.org/1?a=1&b=2",
                "title": "Fish & <chips>",
                "summary": "Salt < vinegar",
                "content_html": "<p>Crisp &amp; <em>hot</em></p>",
                "content_text": "Crisp & hot",
                "image": "https://example.org/a.png",
                "date_published": "2026-11-20T12:00:00Z",
                "tags": ["food", "r&d"],
                "attachments": [
                    {"url": "https://example.org/a.png?w=1&h=2", "mime_type": "image/png", "title": "A plate"},
                    {"url": "https://example.org/b.mp4", "mime_type": "video/mp4"},
                ],
            }
        ],
    }


@pytest.mark.parametrize("form", ["rss.xml", "atom.xml"])
def test_an_empty_feed_is_a_feed(form: str) -> None:
    found = read_back(form)
    assert found.feed.title == "Notes"
    assert found.entries == []


@pytest.mark.parametrize(
    "hostile",
    [
        "]]>",
        "</title><script>alert(1)</script>",
        "&amp; &lt; &#0; &nbsp;",
        "\N{RIGHT-TO-LEFT OVERRIDE}شروع",
        FAMILY,
        "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    ],
)
def test_hostile_text_arrives_as_it_was_written(hostile: str) -> None:
    piece = item(title=hostile, content_html=f"<p>{hostile}</p>", tags=(hostile,))
    assert rss_item(piece).findtext("title") == hostile
    assert rss_item(piece).findtext(CONTENT) == f"<p>{hostile}</p>"
    assert rss_item(piece).findtext("category") == hostile
    assert atom_entry(piece).findtext(f"{ATOM}title") == hostile
    assert json.loads(rendered("feed.json", piece))["items"][0]["title"] == hostile


@pytest.mark.parametrize("illegal", ["\0", "\x08", "\x0b", "\x1b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_characters_xml_cannot_hold_are_left_out_of_every_form(illegal: str) -> None:
    piece = item(title=f"a{illegal}b")
    assert rss_item(piece).findtext("title") == "ab"
    assert json.loads(rendered("feed.json", piece))["items"][0]["title"] == "ab"


@given(title=st.text(), html=st.text(), tag=st.text(), url=st.text())
def test_no_text_whatever_breaks_a_feed(title: str, html: str, tag: str, url: str) -> None:
    piece = item(
        url=url, title=title, content_html=html, tags=(tag,), attachments=(Attachment(url=url, mime_type=tag),)
    )
    assert atom_entry(piece).findtext(f"{ATOM}id") == piece.id
    assert rss_item(piece).findtext("guid") == piece.id
    assert _feeds.read(_feeds.write(document(piece))) == document(piece)


def test_a_document_is_stored_without_an_address() -> None:
    assert "feed_url" not in json.loads(_feeds.write(document(FULL)))


def test_what_a_later_version_puts_in_an_item_outlives_this_one() -> None:
    stored = json.loads(_feeds.write(document(FULL)))
    stored["items"][0]["_later"] = {"colour": "blue"}
    kept = _feeds.read(json.dumps(stored).encode())
    assert json.loads(_feeds.write(kept))["items"][0]["_later"] == {"colour": "blue"}


@pytest.mark.parametrize(
    "garbage",
    [b"", b"garbage", b"[]", b"{}", b'{"version":"https://jsonfeed.org/version/1"}', b"\xff\xfe", b"[" * 100_000],
)
def test_what_is_no_feed_of_ours_is_not_read_as_one(garbage: bytes) -> None:
    with pytest.raises(ValueError, match="Document"):
        _feeds.read(garbage)


def test_what_is_no_feed_of_ours_is_not_quoted_in_the_error() -> None:
    with pytest.raises(ValueError, match="Document") as caught:
        _feeds.read(b'{"version":"a private thing"}')
    assert "private" not in str(caught.value)


def test_the_newest_items_come_first_whatever_the_order_of_arrival() -> None:
    early, late = item("1"), item("2", date_published=NOON + timedelta(hours=1))
    assert _feeds.merged([late], early) == _feeds.merged([early], late) == (late, early)


def test_a_feed_keeps_its_fifty_newest_items() -> None:
    items = [item(str(place), date_published=NOON + timedelta(hours=place)) for place in range(50)]
    newest = item("new", date_published=NOON + timedelta(hours=50))
    kept = _feeds.merged(items, newest)
    assert len(kept) == 50
    assert kept[0] == newest
    assert items[0] not in kept


def test_a_feed_never_outgrows_what_an_answer_may_hold() -> None:
    items = [item(str(place), content_html="\N{GRINNING FACE}" * 10_000) for place in range(30)]
    kept = _feeds.merged(items, item("new", date_published=NOON + timedelta(hours=1)))
    assert kept[0].id == "urn:uuid:new"
    assert 850_000 < len(_feeds.write(document(*kept))) < 1_000_000


def test_an_item_too_large_for_any_feed_does_not_displace_the_others() -> None:
    giant = item("giant", content_html="x" * 900_001)
    assert _feeds.merged([], giant) == ()


def test_a_feed_is_stored_under_its_token() -> None:
    assert _feeds.key("chn_01abc") == "feeds/chn_01abc/feed.json"


@pytest.mark.parametrize("token", ["", "..", "../x", "a/b", "a%2fb", "a.b", "ä", "a\n", "a" * 201])
def test_no_token_leads_out_of_its_folder(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        _feeds.key(token)


def test_a_feed_has_one_public_address_a_form() -> None:
    base = "https://api.example.org/v1/feeds"
    assert _feeds.address(base, "chn_1", "atom.xml") == "https://api.example.org/v1/feeds/chn_1/atom.xml"
    assert _feeds.address(base + "/", "chn_1", "atom.xml") == "https://api.example.org/v1/feeds/chn_1/atom.xml"


def test_rss_tells_an_enclosures_length_where_it_is_known() -> None:
    known = Attachment(url="https://example.org/b.mp4", mime_type="video/mp4", size_in_bytes=4_711)
    enclosure = rss_item(item(attachments=(known,))).find("enclosure")
    assert enclosure is not None
    assert enclosure.attrib == {"url": "https://example.org/b.mp4", "type": "video/mp4", "length": "4711"}
