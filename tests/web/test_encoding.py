from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from web import encoding

LONG = "é" * encoding.LEAST_BYTES


def packed(body: str | None, accepts: str | None = "gzip", **headers: str) -> dict[str, Any]:
    answer = {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": False}
    encoding.pack(answer, {"accept-encoding": accepts} if accepts is not None else {})
    return answer


@pytest.mark.parametrize(
    "header", ["gzip", "GZIP", "deflate, gzip;q=0.5", "br, *", "x-gzip", "gzip ; q=1.0", "identity;q=0, *;q=0.1"]
)
def test_gzip_is_taken_where_it_is_named_with_a_weight(header: str) -> None:
    assert encoding.takes_gzip(header)


@pytest.mark.parametrize(
    "header", ["", "br", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "gzip;q=much", "identity", "gzipped"]
)
def test_gzip_is_not_taken_where_it_is_not(header: str) -> None:
    assert not encoding.takes_gzip(header)


def test_a_long_answer_is_packed() -> None:
    answer = packed(LONG)
    assert gzip.decompress(base64.b64decode(answer["body"])).decode() == LONG
    assert (answer["isBase64Encoded"], answer["headers"]) == (True, {"Content-Encoding": "gzip"})


def test_what_is_packed_is_always_the_same_and_so_may_have_a_strong_tag() -> None:
    assert packed(LONG)["body"] == packed(LONG)["body"]


def test_a_packed_answer_has_a_tag_of_its_own() -> None:
    assert packed(LONG, ETag='"abc"')["headers"]["ETag"] == '"abc-gzip"'


@pytest.mark.parametrize(
    ("body", "accepts"), [("short", "gzip"), (LONG, "br"), (LONG, None), ("", "gzip"), (None, "gzip")]
)
def test_all_else_is_sent_as_it_is(body: str | None, accepts: str | None) -> None:
    answer = packed(body, accepts, ETag='"abc"')
    assert (answer["body"], answer["isBase64Encoded"], answer["headers"]) == (body, False, {"ETag": '"abc"'})
