from __future__ import annotations

import httpx
import pytest

from postroom_client import FieldError, Problem
from tests.client.talk import problem, talk


def told(answer: httpx.Response) -> Problem:
    with pytest.raises(Problem) as raised:
        talk(answer).client().connect_channel({"platform": "rss", "name": "Feed", "credentials": {}})
    return raised.value


def test_a_problem_is_told_whole() -> None:
    errors = [{"field": "content.tags[0]", "message": "Letters only.", "remedy": "Override it."}]
    seen = told(problem(422, errors=errors, retry_after="3"))
    assert (seen.type, seen.status, seen.title) == ("urn:postroom:problem:some", 422, "Some problem.")
    assert (seen.detail, seen.correlation_id, seen.retry_after_s) == ("It is so.", "c-1", 3.0)
    assert seen.errors == (FieldError("content.tags[0]", "Letters only.", "Override it."),)
    assert str(seen) == "POST /v1/channels was answered 422. content.tags[0]: Letters only. Override it."


def test_a_refusal_without_fields_is_told_by_its_detail() -> None:
    assert str(told(problem(409))) == "POST /v1/channels was answered 409. It is so."


def test_an_answer_that_is_no_problem_document_is_quoted() -> None:
    seen = told(httpx.Response(502, text="Bad gateway" * 100))
    assert (seen.type, seen.errors, len(seen.detail)) == ("about:blank", (), 300)


def test_what_the_gateway_says_by_itself_is_quoted() -> None:
    assert "Too Many Requests" in str(told(httpx.Response(429, json={"message": "Too Many Requests"})))


@pytest.mark.parametrize("document", [[], None, 1, {"type": "x", "errors": 1}, {"type": "x", "errors": [1, {}]}])
def test_a_document_of_another_shape_is_a_problem_nevertheless(document: object) -> None:
    assert told(httpx.Response(500, json=document)).status == 500
