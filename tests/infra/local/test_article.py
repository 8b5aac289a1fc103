from __future__ import annotations

from pathlib import Path

import pytest

from infra.local import article
from infra.local.__main__ import EXAMPLE
from infra.local.programs import Failed


def test_the_shipped_article_has_everything_an_article_can_have() -> None:
    content = article.read(EXAMPLE)
    assert content.keys() == {"title", "text", "summary", "link", "tags", "media"}
    assert content["media"][0].keys() == {"url", "alt"}


def test_front_matter_becomes_fields_and_the_rest_is_the_text() -> None:
    text = "---\ntitle: Hello\nlink: https://example.com/\ndate: 2026-11-20\n---\nWorld\n"
    assert article.content_of(text) == {"title": "Hello", "link": "https://example.com/", "text": "World"}


def test_a_text_without_front_matter_is_an_article_too() -> None:
    assert article.content_of("Only words.") == {"text": "Only words."}


def test_the_first_heading_is_the_title_where_none_is_given() -> None:
    assert article.content_of("Before\n\n# A title #\n\n# Another\n")["title"] == "A title"


@pytest.mark.parametrize("tags", ["[one, two]", "one, two", "' one,two '"])
def test_tags_are_a_list_or_words_between_commas(tags: str) -> None:
    assert article.content_of(f"---\ntags: {tags}\n---\nWorld")["tags"] == ["one", "two"]


def test_an_image_may_be_an_address_alone() -> None:
    media = article.content_of("---\nimage: https://example.com/a.png\n---\nWorld")["media"]
    assert media == [{"url": "https://example.com/a.png"}]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"none\.md cannot be read"):
        article.read(tmp_path / "none.md")


def test_front_matter_that_is_no_yaml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_text("---\ntitle: [\n---\nWorld")
    with pytest.raises(Failed, match="is not YAML"):
        article.read(path)


def test_a_byte_order_mark_does_not_hide_the_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "my.md"
    path.write_text("\ufeff---\ntitle: Notes\n---\nText", encoding="utf-8")
    assert article.read(path) == {"title": "Notes", "text": "Text"}


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Failed, match="is not UTF-8 text"):
        article.read(path)
