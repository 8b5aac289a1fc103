"""The two parts of an e-mail."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.platforms import _letter
from functions.platforms._letter import Footer
from publishing.model import Content, Media

FOOTER = Footer("Ann & Ben", "https://example.org/leave?l=1&u=2", "en")
CONTENT = Content(
    title="Fish & <chips>",
    text="It is *hot*.",
    link="https://example.org/1?a=1&b=2",
    media=(Media("https://example.org/a.png?w=1&h=2", 'A "full" plate'), Media("https://example.org/b.mp4", "Frying")),
)


class Tags(HTMLParser):
    """The tags of a document, and whether each that was opened was closed in its turn."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)
        if tag not in {"meta", "img", "hr", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # `<br />`: there is nothing to close

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_html_part_says_everything_in_its_place() -> None:
    page = _letter.html(CONTENT, FOOTER)
    body = page.partition("</h1>\n")[2]
    assert body == (
        '<p><img src="https://example.org/a.png?w=1&amp;h=2" alt="A &quot;full&quot; plate"></p>\n'
        '<p><a href="https://example.org/b.mp4">Frying</a></p>\n'
        "<p>It is <em>hot</em>.</p>\n\n"
        '<p><a href="https://example.org/1?a=1&amp;b=2">https://example.org/1?a=1&amp;b=2</a></p>\n'
        '<hr style="border:0;border-top:1px solid #767676;margin:32px 0 16px">\n'
        '<p style="font-size:14px;color:#595959">Ann &amp; Ben · '
        '<a href="https://example.org/leave?l=1&amp;u=2">Unsubscribe</a></p>\n'
        "</body>\n</html>\n"
    )


def test_the_html_part_tells_its_language_and_title() -> None:
    page = _letter.html(CONTENT, FOOTER)
    assert page.startswith('<!doctype html>\n<html lang="en">\n')
    assert "<title>Fish &amp; &lt;chips&gt;</title>" in page
    assert '<h1 style="font-size:28px;line-height:1.2;margin:0 0 16px">Fish &amp; &lt;chips&gt;</h1>' in page


def test_the_text_part_says_everything_in_its_place() -> None:
    assert _letter.text(CONTENT, FOOTER) == (
        "It is hot.\n\n"
        'A "full" plate\nhttps://example.org/a.png?w=1&h=2\n\n'
        "Frying\nhttps://example.org/b.mp4\n\n"
        "https://example.org/1?a=1&b=2\n\n"
        "-- \nAnn & Ben\nUnsubscribe: https://example.org/leave?l=1&u=2\n"
    )


def test_a_letter_may_be_but_a_title() -> None:
    content = Content(title="Hello")
    assert _letter.text(content, FOOTER).startswith("-- \n")
    assert "\n".join(_letter.html(content, FOOTER).splitlines()[9:12]).endswith("</h1>\n\n<hr style=" + _RULE)


_RULE = '"border:0;border-top:1px solid #767676;margin:32px 0 16px">'


def test_a_summary_stands_for_a_missing_text() -> None:
    content = Content(title="Hello", text=" ", summary="In *short*")
    assert "<p>In <em>short</em></p>" in _letter.html(content, FOOTER)
    assert _letter.text(content, FOOTER).startswith("In short\n")


def test_an_image_without_description_is_decoration() -> None:
    assert 'alt=""' in _letter.html(Content(title="T", media=(Media("https://example.org/a.png"),)), FOOTER)


@pytest.mark.parametrize("part", [_letter.html, _letter.text])
def test_control_characters_are_left_out(part: object) -> None:
    assert callable(part)
    written = part(Content(title="a\x1bb", text="c\x08\x1bd\te\nf"), Footer("g\x7fh", "mailto:a@b.cd"))
    assert "\x1b" not in written
    assert "cd\te" in written
    assert "gh" in written


@given(text=st.text(), title=st.text(), alt=st.text(), sender=st.text(), language=st.text())
@example(text="a\\\nb", title="", alt="", sender="", language="")
def test_nothing_an_author_writes_becomes_markup(text: str, title: str, alt: str, sender: str, language: str) -> None:
    media = (Media("https://example.org/a.png", alt),)
    page = _letter.html(Content(title=title, text=text, media=media), Footer(sender, "mailto:a@b.cd", language))
    tags = Tags(page)
    assert tags.open == []
    assert not set(tags.seen) & {"script", "iframe", "object", "form", "input", "svg", "link", "base"}


def test_an_uploaded_video_is_linked_too() -> None:
    shown = _letter.html(Content("T", media=(Media("https://example.org/m/1", type="video/mp4"),)), FOOTER)
    assert '<p><a href="https://example.org/m/1">https://example.org/m/1</a></p>' in shown
