"""What becomes of a text that is longer than one post."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.platforms._split import graphemes, split
from functions.platforms._weighted import weight

FAMILY = "👩‍👩‍👧‍👦"
TEXTS = st.lists(
    st.sampled_from(
        ["Rivers", "carry", "leaves.", "a", "\n\n", "\n", " ", "。", "葉", "é", "e\u0301", FAMILY, "🇩🇪🇫🇷", "!"]
    )
    | st.text(max_size=9)
).map("".join)


def visible(text: str) -> int:
    return sum(1 for _ in graphemes(text))


def in_utf_8(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


def addresses_as_23(text: str) -> int:
    words = text.split(" ")
    return sum(23 if word.startswith("https://") else len(word) for word in words) + len(words) - 1


def without_blanks(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("", 9, ()),
        (" \n ", 9, ()),
        (" Rivers. ", 9, ("Rivers.",)),
        ("Rivers run.\n\nLeaves fall. Fish swim.", 28, ("Rivers run.\n\nLeaves fall.", "Fish swim.")),
        ("Rivers run. Fish swim.\n\nLeaves fall. Leaves.", 40, ("Rivers run. Fish swim.", "Leaves fall. Leaves.")),
        ("Rivers run. Leaves fall down.", 20, ("Rivers run.", "Leaves fall down.")),
        ('"Rivers run." Leaves fall.', 20, ('"Rivers run."', "Leaves fall.")),
        ("Rivers run and run\nLeaves fall", 20, ("Rivers run and run", "Leaves fall")),
        ("Oh. Rivers run and run", 12, ("Oh. Rivers", "run and run")),
        ("Oh.\n\nRivers run and run", 12, ("Oh.\n\nRivers", "run and run")),
        ("河流奔腾。树叶飘落。鱼", 8, ("河流奔腾。", "树叶飘落。鱼")),
        ("see abcdefghij", 4, ("see", "abcd", "efgh", "ij")),
        ("3.14 and 2.72", 8, ("3.14 and", "2.72")),
    ],
)
def test_a_text_is_cut_where_a_reader_would_pause(text: str, most: int, parts: tuple[str, ...]) -> None:
    assert split(text, most) == parts


@pytest.mark.parametrize("text", [FAMILY * 9, "🇩🇪" * 9, "e\u0301" * 9, "👍🏽" * 9, "\u1112\u1161\u11ab" * 9, "กำ" * 9])
def test_no_character_is_cut_through(text: str) -> None:
    assert [visible(part) for part in split(text, 4, visible)] == [4, 4, 1]


def test_nothing_has_no_characters() -> None:
    assert list(graphemes("")) == []


def test_what_a_reader_takes_for_one_is_cut_where_it_does_not_fit() -> None:
    assert split(FAMILY + "x", 3) == (FAMILY[:3], FAMILY[3:6], FAMILY[6:] + "x")


def test_a_long_address_that_counts_little_stays_whole() -> None:
    address = "https://example.org/" + "x" * 999
    assert split(f"Rivers {address} carry leaves", 30, addresses_as_23) == (f"Rivers {address}", "carry leaves")


@given(TEXTS, st.integers(2, 30))
def test_nothing_is_lost(text: str, most: int) -> None:
    assert without_blanks("".join(split(text, most))) == without_blanks(text)


@given(TEXTS, st.integers(4, 40), st.sampled_from([len, visible, in_utf_8]))
def test_every_part_fits_and_none_is_empty(text: str, most: int, count: Callable[[str], int]) -> None:
    assert all(0 < count(part) <= most for part in split(text, most, count))


@given(TEXTS, st.integers(30, 60))
def test_what_x_counts_fits_as_well(text: str, most: int) -> None:
    assert all(weight(part) <= most for part in split(f"{text} https://example.org/{text} {text}", most, weight))


@given(
    st.lists(st.text("abc.!?", min_size=1, max_size=9)), st.sampled_from([" ", "\n", "\n\n", ". "]), st.integers(10, 50)
)
def test_no_word_that_fits_is_cut(words: list[str], blank: str, most: int) -> None:
    text = blank.join(words)
    assert " ".join(split(text, most)).split() == text.split()


@pytest.mark.parametrize("unit", ["x", "x ", "\n", " ", ". ", "\n\nx", "。", "\u0301", "🇩🇪", "\u200d"])
@pytest.mark.parametrize("most", [280, 25_000])
def test_it_does_not_take_long(unit: str, most: int) -> None:
    began = time.monotonic()
    split(unit * (100_000 // len(unit)), most)
    assert time.monotonic() - began < 2.0
