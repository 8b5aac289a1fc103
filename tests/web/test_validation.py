from __future__ import annotations

from typing import Any

import pytest

from web import validation
from web.problems import Refusal
from web.schemas.base import Paging
from web.schemas.keys import NewApiKey
from web.schemas.publications import NewPublication

GOOD: dict[str, Any] = {"content": {"text": "Hi"}, "targets": [{"channel": "chn_1"}]}


def refused(document: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        validation.parsed(NewPublication, document)
    assert caught.value.kind.status == 422
    return caught.value


def test_what_fits_is_parsed() -> None:
    assert validation.parsed(NewPublication, GOOD).content.text == "Hi"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contnt": {}}, "contnt"),
        ({"content": {"text": "Hi", "txt": "Hi"}}, "content.txt"),
        ({"content": None}, "content"),
        ({"content": "Hi"}, "content"),
        ({"content": {"text": 1}}, "content.text"),
        ({"content": {"text": "Hi", "tags": "news"}}, "content.tags"),
        ({"content": {"text": "Hi", "tags": [""]}}, "content.tags[0]"),
        ({"content": {"text": "Hi", "media": [{"alt": "x"}]}}, "content.media[0]"),
        ({"content": {"text": "Hi", "media": [{"url": "https://a.example/a.png", "id": "med_1"}]}}, "content.media[0]"),
        ({"content": {"text": "x" * 200_001}}, "content.text"),
        ({"targets": []}, "targets"),
        ({"targets": [{"channel": "a"}] * 101}, "targets"),
        ({"targets": [{"channel": "chn_1", "overrides": {"texts": ""}}]}, "targets[0].overrides.texts"),
        ({"priority": "high"}, "priority"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"dry_run": 1}, "dry_run"),
        ({"publish_at": 1_795_176_000}, "publish_at"),
        ({"workspace": "ws_1"}, "workspace"),
        ({"id": "pub_1", "status": "published"}, "id"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named_with_what_would_help(changes: dict[str, Any], field: str) -> None:
    error = refused({**GOOD, **changes}).errors[0]
    assert error.field == field
    assert error.message.endswith(".")
    assert error.remedy != ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": []}, "This must hold 1 or more."),
        ({"targets": [{"channel": "a"}] * 101}, "This may hold 100 at most."),
        ({"targets": "a"}, "This must be a list."),
        ({"targets": [{"channel": ""}]}, "This must be 1 or more characters long."),
        ({"content": {"title": "x" * 1_001}}, "This may be 1000 characters long at most."),
        ({"priority": "high"}, "This must be 'normal' or 'urgent'."),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_in_words_of_ours(changes: dict[str, Any], message: str) -> None:
    assert refused({**GOOD, **changes}).errors[0].message == message


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("0", "This must be 1 or more."),
        ("101", "This must be 100 or less."),
        ("many", "This must be a whole number."),
    ],
)
def test_a_querys_number_is_told_what_it_may_be(limit: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        validation.parsed(Paging, {"limit": limit})
    assert caught.value.errors[0].message == message


def test_a_missing_field_is_named() -> None:
    assert [error.field for error in refused({"content": {}}).errors] == ["targets"]


@pytest.mark.parametrize("document", [[], "text", 1, None])
def test_what_is_no_object_is_refused(document: object) -> None:
    assert refused(document).errors[0].field == "body"


def test_everything_wrong_is_told_at_once_but_not_endlessly() -> None:
    refusal = refused({**GOOD, **{f"x{number}": 1 for number in range(100)}})
    assert len(refusal.errors) == 20


def test_no_value_is_repeated() -> None:
    document = {
        "content": {"text": 1, "canary-name": "canary-value"},
        "targets": "canary-value",
        "priority": "canary-value",
    }
    refusal = refused(document)
    assert "canary-value" not in repr((refusal.detail, refusal.errors))
    assert refusal.__cause__ is None


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "many"}, {"page": "2"}])
def test_a_query_must_fit_as_well(query: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        validation.parsed(Paging, query)


def test_a_querys_numbers_are_read() -> None:
    assert validation.parsed(Paging, {"limit": "7"}).limit == 7


def test_a_time_that_is_too_long_is_refused_by_its_field() -> None:
    with pytest.raises(Refusal) as refused:
        validation.parsed(NewApiKey, {"name": "CI", "role": "viewer", "expires_at": "2" * 65})
    (problem,) = refused.value.errors
    assert (problem.field, problem.message) == ("expires_at", "This may be 64 characters long at most.")
