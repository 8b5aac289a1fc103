from __future__ import annotations

import httpx
import pytest

from infra.local.api import Api
from infra.local.programs import Failed


def api(answer: httpx.Response) -> Api:
    transport = httpx.MockTransport(lambda _: answer)
    return Api(httpx.Client(base_url="http://127.0.0.1", transport=transport))


def test_a_refusal_is_told_field_by_field_with_its_remedy() -> None:
    errors = [{"field": "content.tags[0]", "message": "Letters only.", "remedy": "Override it."}]
    refused = httpx.Response(422, json={"detail": "It does not fit.", "errors": errors})
    with pytest.raises(Failed, match=r"answered 422\. content\.tags\[0\]: Letters only\. Override it\.$"):
        api(refused).submit({"title": "Hello"}, ["chn_1"])


def test_a_refusal_without_fields_is_told_by_its_detail() -> None:
    with pytest.raises(Failed, match=r"answered 404\. No such channel\.$"):
        api(httpx.Response(404, json={"detail": "No such channel.", "errors": []})).channel("chn_1")


def test_an_answer_that_is_no_problem_document_is_quoted() -> None:
    with pytest.raises(Failed, match=r"answered 502\. Bad gateway$"):
        api(httpx.Response(502, text="Bad gateway")).channel("chn_1")


def test_an_api_that_does_not_answer_is_told() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    client = httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(refuse))
    with pytest.raises(Failed, match="was not answered: refused"):
        Api(client).platforms()
