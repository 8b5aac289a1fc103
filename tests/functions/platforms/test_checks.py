"""The problems platforms share, and how they are said."""

from __future__ import annotations

from typing import Any

import pytest

from functions.platforms._checks import insist, is_url, problems
from publishing.adapter import Limits
from publishing.errors import Refused
from publishing.model import Content, Media, Post, Problem
from tests.functions.platforms.conversing import NOON

LIMITS = Limits(text_chars=10, title_chars=5, tags=2, media=1)
IMAGE = Media("https://example.org/a.png")


def found(**content: Any) -> list[Problem]:
    return problems(Post("dlv_1", Content(**content), NOON), LIMITS)


@pytest.mark.parametrize(
    "content",
    [
        {"text": "x" * 10, "title": "x" * 5, "tags": ("a", "b"), "media": (IMAGE,), "link": "http://example.org"},
        {"title": "x"},
        {"link": "https://example.org"},
        {"media": (IMAGE,)},
        {"text": "\u202eright to left\u202c"[:10]},
    ],
)
def test_what_fits_is_no_problem(content: dict[str, object]) -> None:
    assert found(**content) == []


def test_a_long_text_is_told_by_how_much() -> None:
    assert found(text="x" * 12) == [
        Problem(
            "content.text",
            "The text is 12 characters long; the most here is 10: 2 too many.",
            "Shorten it, or override the text for this channel.",
        )
    ]


def test_a_text_is_counted_as_the_platform_counts() -> None:
    post = Post("dlv_1", Content(text="é" * 6, title="éééé"), NOON)
    (problem,) = problems(post, LIMITS, count=lambda text: len(text.encode()), unit="bytes")
    assert problem.message == "The text is 12 bytes long; the most here is 10: 2 too many."


def test_a_long_title_is_told_by_how_much() -> None:
    (problem,) = found(text="x", title="x" * 6)
    assert (problem.field, problem.message) == (
        "content.title",
        "The title is 6 characters long; the most here is 5: 1 too many.",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"tags": ("a", "b", "c")}, "There are 3 tags; the most here is 2: 1 too many."),
        ({"media": (IMAGE, IMAGE, IMAGE)}, "There are 3 media; the most here is 1: 2 too many."),
    ],
)
def test_too_many_are_told_by_how_many(content: dict[str, object], message: str) -> None:
    (problem,) = found(text="x", **content)
    assert problem.message == message


def test_what_a_platform_has_no_place_for_is_no_problem() -> None:
    post = Post("dlv_1", Content(text="x", title="A long title", tags=("a",) * 9, media=(IMAGE,) * 9), NOON)
    assert problems(post, Limits(text_chars=10)) == []


@pytest.mark.parametrize("content", [{}, {"text": " \n\t"}, {"title": " "}, {"summary": "x"}, {"tags": ("a",)}])
def test_a_post_with_nothing_to_show_is_a_problem(content: dict[str, object]) -> None:
    assert found(**content) == [Problem("content.text", "There is nothing to publish.", "Give it a text.")]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "a\0b"}, "content.text"),
        ({"text": "a\ud800"}, "content.text"),
        ({"text": "x", "title": "\udfff"}, "content.title"),
        ({"text": "x", "summary": "\0"}, "content.summary"),
        ({"text": "x", "tags": ("a", "\ud83c")}, "content.tags[1]"),
        ({"text": "x", "media": (Media("https://example.org/a.png", "\0"),)}, "content.media[0].alt"),
    ],
)
def test_what_is_no_text_is_a_problem_where_it_is(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in found(**content)] == [field]


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "//example.org", "https://", "https:///x", "https:example.org", "ftp://example.org",
     "http://example.org", "javascript:alert(1)", "https://exa mple.org", "https://example.org/\n", "https://[::1",
     "https://example.org/\u202e", "https://example.org:65561/a.png", "https://example.org:port/"],
)  # fmt: skip
def test_what_is_no_https_address_is_none(url: str) -> None:
    assert not is_url(url, "https")


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org:8443/ä?b#c", "HTTPS://EXAMPLE.ORG/"])
def test_what_is_an_https_address_is_one(url: str) -> None:
    assert is_url(url, "https")


def test_insisting_refuses_with_the_first_problem() -> None:
    with pytest.raises(Refused, match="There is nothing to publish") as refused:
        insist(found())
    assert refused.value.code == "content.text"


def test_insisting_on_what_is_no_problem_goes_on() -> None:
    insist(found(text="x"))
