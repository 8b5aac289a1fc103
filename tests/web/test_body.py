from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from web import body
from web.problems import Refusal


def event(content: str, kind: str | None = "application/json", **changes: Any) -> dict[str, Any]:
    return {"body": content, "headers": {"content-type": kind} if kind else {}, **changes}


def refused(asked: dict[str, Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        body.document(asked)
    return caught.value


def test_json_is_read() -> None:
    found = body.document(event('{"text": "é 👋", "n": [1, 2.5, true, null]}'))
    assert found == {"text": "é 👋", "n": [1, 2.5, True, None]}


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_is_known_by_its_content_type(kind: str) -> None:
    assert body.document(event("{}", kind)) == {}


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/jsonp", "application/json; charset=utf-16"])
def test_another_content_type_is_refused(kind: str | None) -> None:
    assert refused(event("{}", kind)).kind.status == 415


def test_a_body_may_come_in_base64() -> None:
    sent = base64.b64encode('{"text": "é"}'.encode()).decode()
    assert body.document(event(sent, isBase64Encoded=True)) == {"text": "é"}


@pytest.mark.parametrize("absent", ["", None])
def test_no_body_is_an_empty_object(absent: str | None) -> None:
    assert body.document({"body": absent}) == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "The body is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)."),
        ("{'a': 1}", "The body is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)."),
        ("{} {}", "The body is not JSON: Extra data (line 1, column 4)."),
        ('{"a": 1, "a": 2}', "The body names a field twice."),
        ('{"a": {"b": 1, "b": 1}}', "The body names a field twice."),
        ('{"a": NaN}', "The body holds a number that is not finite."),
        ('{"a": -Infinity}', "The body holds a number that is not finite."),
        ('{"a": 1e400}', "The body holds a number that is not finite."),
        (f'{{"a": {"9" * 5_000}}}', "A number in the body is too long."),
        ("[" * 17 + "]" * 17, "The body is nested deeper than 16 levels."),
        ("[" * 100_000, "The body is nested deeper than 16 levels."),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "The body is nested deeper than 16 levels."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_not_json_is_refused(content: str, says: str) -> None:
    refusal = refused(event(content))
    assert (refusal.kind.status, refusal.detail) == (400, says)


@pytest.mark.parametrize("content", [base64.b64encode(b"\xff\xfe").decode(), "not base64", "é"])
def test_what_is_not_utf8_is_refused(content: str) -> None:
    assert refused(event(content, isBase64Encoded=True)).kind.status == 400


def test_a_body_of_exactly_the_most_bytes_is_read() -> None:
    content = json.dumps("é" * ((body.MOST_BYTES - 2) // 2), ensure_ascii=False)
    assert len(content.encode()) == body.MOST_BYTES
    assert body.document(event(content)) == content[1:-1]


@pytest.mark.parametrize("factor", [1, 2, 40])
def test_a_larger_body_is_refused(factor: int) -> None:
    content = json.dumps("x" * (factor * body.MOST_BYTES))
    assert refused(event(content)).kind.status == 413
    encoded = base64.b64encode(content.encode()).decode()
    assert refused(event(encoded, isBase64Encoded=True)).kind.status == 413


def test_a_body_of_too_many_values_is_refused() -> None:
    least, most = ["x"] * (body.MOST_VALUES - 1), ["x"] * body.MOST_VALUES
    assert body.document(event(json.dumps(least))) == least
    refusal = refused(event(json.dumps(most)))
    assert (refusal.kind.status, refusal.detail) == (400, "The body holds more than 10000 values.")


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, gzip"])
def test_a_packed_body_is_refused_before_it_is_unpacked(coding: str) -> None:
    sent = base64.b64encode(gzip.compress(b"{}")).decode()
    headers = {"content-type": "application/json", "content-encoding": coding}
    refusal = refused({"body": sent, "headers": headers, "isBase64Encoded": True})
    assert (refusal.kind.status, refusal.headers) == (415, {"Accept-Encoding": "identity"})


def test_a_body_may_say_that_it_is_not_packed() -> None:
    headers = {"content-type": "application/json", "content-encoding": "identity"}
    assert body.document({"body": "{}", "headers": headers}) == {}


def test_the_size_counts_before_the_content_type() -> None:
    assert refused(event("x" * (body.MOST_BYTES + 1), "text/plain")).kind.status == 413


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (r'{"text": "a\u0000b"}', ["text"]),
        (r'{"text": "\ud83d"}', ["text"]),
        (r'{"targets": [{"channel": "x"}, {"channel": "\udc4b"}]}', ["targets[1].channel"]),
        (r'{"a": {"\u0000": 1}}', ["a"]),
        (r'{"\ud800": 1}', ["body"]),
        (r'"\u0000"', ["body"]),
        (r'{"a": "\u0000", "b": ["\u0000"]}', ["a", "b[0]"]),
    ],
)
def test_what_is_no_text_is_refused_where_it_stands(content: str, fields: list[str]) -> None:
    refusal = refused(event(content))
    assert refusal.kind.status == 422
    assert sorted(error.field for error in refusal.errors) == fields


def test_a_whole_surrogate_pair_is_text() -> None:
    assert body.document(event(r'"\ud83d\udc4b"')) == "👋"


def test_a_fields_name_is_shortened_and_legible_in_its_path() -> None:
    assert body.field_path("a", "é" * 500) == "a." + (r"\xe9" * 50)
