"""How X counts, by cases of github.com/twitter/twitter-text: conformance/validate.yml, and by its JavaScript."""

from __future__ import annotations

import time

import pytest

from functions.platforms._weighted import addresses, weight


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("Hi http://test.co", 26),
        ("http://test.co", 23),
        ("https://www.twitter.com/aloha " * 10, 240),
        ("朝辞白帝彩云间千里江陵一日还。", 30),
        ("the朝辞", 7),
        ("😷👾😡🔥💩", 10),
        ("H🐱☺👨‍👩‍👧‍👦", 7),
        ("🙋🏽👨‍🎤", 4),
        ("🇩🇪🏳️‍🌈1️⃣", 6),
        ("A\u0301B", 2),
        ("\u2000\u200b\u200d\u2010\u2014\u2018\u201d\u2032", 8),
        ("\u2026\u2022\u20ac\u2122", 8),
        ("randomurl" * 7 + "r.com", 68),
        ("See example.org/foo, ok", 31),
        ("main.py, e.g. this", 34),
        ("ann@example.org", 15),
        ("@example.org", 12),
        ("http://localhost/x", 18),
        ("label (https://example.org/leaves).", 32),
        ("https://example.org/a_(b)", 23),
        ("https://sub.example.co.uk:80/a/b?c=d#e", 23),
        ("葉https://example.org/葉", 27),
        ("foo.com-x", 9),
    ],
)
def test_a_text_weighs_what_x_says(text: str, expected: int) -> None:
    assert weight(text) == expected


def test_addresses_end_where_a_sentence_goes_on() -> None:
    assert addresses("(https://example.org/a), b.example.org.") == ["https://example.org/a", "b.example.org"]


@pytest.mark.parametrize(
    "unit", ["https://a.", "a.", "a-", "(", "https://e.org/(a", "https://e.org/?a)", "葉", "🇩", "👩\u200d"]
)
def test_weighing_does_not_take_long(unit: str) -> None:
    began = time.monotonic()
    weight(unit * (60_000 // len(unit)))
    assert time.monotonic() - began < 2.0
