from __future__ import annotations

from typing import Any

import pytest

from web import etag
from web.problems import Refusal
from web.request import Request, content
from web.schemas.base import Nothing, Paging


def request(**headers: str) -> Request[Nothing]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(Nothing(), None, {}, named, "correlation")


@pytest.mark.parametrize("key", ["abcd-_12", "A" * 255])
@pytest.mark.parametrize("form", ["{}", '"{}"', "  {}  "])
def test_an_idempotency_key_is_taken_bare_or_quoted(key: str, form: str) -> None:
    assert request(idempotency_key=form.format(key)).idempotency_key == key


def test_no_idempotency_key_is_none() -> None:
    assert request().idempotency_key == ""


@pytest.mark.parametrize(
    "header",
    ["", "short12", "A" * 256, "with blank", "slash/es", '"12345678', '12345678"', "12345678, 12345678", "schlüssel"],
)
def test_a_malformed_idempotency_key_is_refused(header: str) -> None:
    with pytest.raises(Refusal) as caught:
        _ = request(idempotency_key=header).idempotency_key
    assert (caught.value.kind.status, caught.value.errors[0].field) == (400, "Idempotency-Key")


def test_nobody_is_no_principal() -> None:
    with pytest.raises(Refusal) as caught:
        _ = request().principal
    assert caught.value.kind.status == 401


TAG = etag.of(content(Paging()))


@pytest.mark.parametrize(
    "headers", [{}, {"if_match": TAG}, {"if_match": f'"x", {TAG}'}, {"if_match": etag.packed(TAG)}, {"if_match": "*"}]
)
def test_what_was_read_may_be_changed(headers: dict[str, Any]) -> None:
    request(**headers).insist_on(Paging())


@pytest.mark.parametrize("header", ['"x"', "", TAG.strip('"'), f"W/{TAG}"])
def test_what_was_not_read_may_not_be_changed(header: str) -> None:
    with pytest.raises(Refusal) as caught:
        request(if_match=header).insist_on(Paging())
    assert caught.value.kind.status == 412


def test_another_representation_has_another_tag() -> None:
    assert etag.of(content(Paging(limit=2))) != TAG
