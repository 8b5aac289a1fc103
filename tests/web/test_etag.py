from __future__ import annotations

import pytest

from web import etag

TAG = etag.of(b"seen")
PACKED = etag.packed(TAG)
WRITTEN = "Sat, 21 Nov 2026 12:00:00 GMT"


def test_another_representation_has_another_tag() -> None:
    assert len({TAG, PACKED, etag.of(b"changed")}) == 3


@pytest.mark.parametrize("header", [TAG, PACKED, f'"x", {TAG}', "*"])
def test_if_match_names_what_is_there_packed_or_not(header: str) -> None:
    assert etag.matches(header, TAG)


@pytest.mark.parametrize("header", ["", '"x"', f"W/{TAG}", f"W/{PACKED}", TAG.strip('"')])
def test_if_match_never_names_it_weakly(header: str) -> None:
    assert not etag.matches(header, TAG)


@pytest.mark.parametrize(
    ("header", "known"),
    [(TAG, TAG), (f"W/{TAG}", TAG), (PACKED, PACKED), (f"W/{PACKED}", PACKED), ("*", TAG), ('"x"', ""), ("", "")],
)
def test_if_none_match_names_it_weakly_too(header: str, known: str) -> None:
    assert etag.known({"if-none-match": header}, {"ETag": TAG}) == known


@pytest.mark.parametrize(
    ("since", "known"),
    [
        (WRITTEN, TAG),
        ("Sat, 21 Nov 2026 12:00:01 GMT", TAG),
        ("Sat, 21 Nov 2026 11:59:59 GMT", ""),
        ("yesterday", ""),
        ("", ""),
        ("Sat, 21 Nov 99999 12:00:00 GMT", ""),
    ],
)
def test_what_was_not_written_since_is_known(since: str, known: str) -> None:
    told = {"ETag": TAG, "Last-Modified": WRITTEN}
    assert etag.known({"if-modified-since": since}, told) == known


def test_what_says_nothing_of_when_it_was_written_is_not_known_by_a_time() -> None:
    assert etag.known({"if-modified-since": WRITTEN}, {"ETag": TAG}) == ""


def test_a_tag_counts_more_than_a_time() -> None:
    told = {"ETag": TAG, "Last-Modified": WRITTEN}
    assert etag.known({"if-none-match": '"x"', "if-modified-since": WRITTEN}, told) == ""
