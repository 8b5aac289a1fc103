from __future__ import annotations

import json
import re

import pytest

from functions.api import handler
from tests.functions.ours import Ours
from tests.functions.service import Service
from tests.infra.synthesis import Synthesised
from tests.owasp.walking import OURS_ALONE, Asked, named
from web.contract import OPERATIONS

INSIDES = re.compile(r"Traceback|File \"|\.py\b|boto|dynamo|pydantic|arn:aws|Exception|line \d+, in", re.IGNORECASE)
TELLING = {"server", "x-powered-by", "x-aspnet-version", "x-runtime", "via"}


class TestMisconfiguration:
    """API8, security misconfiguration: headers, methods, errors and settings tell or allow more than they should.

    Every answer says that it is to be taken for what it is and kept by nobody; what fails says nothing of its insides;
    no page elsewhere may ask unless it is allowed to; transport is TLS alone; the defaults are the safe ones.
    """

    @pytest.mark.parametrize("operation", OPERATIONS, ids=named)
    def test_every_answer_and_refusal_has_its_headers(self, ours: Ours, operation: Asked) -> None:
        ours.make_ready_for(operation)
        answers = [ours.ask(operation), ours.ask(operation, role=None)]
        for reply in answers:
            headers = {name.lower(): value for name, value in reply.headers.items()}
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-correlation-id"]
            assert headers["cache-control"] == "no-store" or operation.least is None
            assert not TELLING & headers.keys()

    @pytest.mark.parametrize("operation", OPERATIONS, ids=named)
    def test_no_page_elsewhere_may_ask_unless_it_is_allowed_to(self, looked_at: Ours, operation: Asked) -> None:
        path = operation.path.format(**looked_at.names)
        asked = {"origin": "https://evil.example", "access-control-request-method": operation.method}
        replies = [looked_at.service.ask(each, path, headers=asked) for each in ("OPTIONS", "GET")]
        named_headers = {name.lower() for reply in replies for name in reply.headers}
        assert {name for name in named_headers if name.startswith("access-control-")} == set()

    def test_the_gateway_lets_no_page_ask_either(self, synthesised: dict[str, Synthesised]) -> None:
        for stage in synthesised.values():
            (api,) = stage.all("ApiGatewayV2::Api")
            assert "CorsConfiguration" not in api.properties

    @pytest.mark.parametrize("operation", OURS_ALONE, ids=named)
    @pytest.mark.parametrize("raw", ['{"a": [}', "[]", '{"a": NaN}', '{"\\u0000": 1}', "\\ud800"])
    def test_what_is_refused_is_told_nothing_of_our_insides(self, looked_at: Ours, operation: Asked, raw: str) -> None:
        path, query = operation.path.format(**looked_at.names), {"limit": raw, "cursor": raw}
        asked = looked_at.service.ask("GET", path, query=query)
        sent = looked_at.service.ask(operation.method, path, raw=raw) if operation.has_body else asked
        assert not INSIDES.search(asked.text + sent.text)
        assert max(asked.status, sent.status) < 500

    def test_a_store_that_fails_is_not_told_of(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLICATIONS_TABLE", "gone")
        monkeypatch.setenv("CHANNELS_TABLE", "gone")
        handler.router.cache_clear()
        replies = [service.ask("GET", path) for path in ("/v1/publications", "/v1/channels", "/v1/api-keys")]
        handler.router.cache_clear()
        assert {reply.status for reply in replies} <= {500, 503}
        assert [reply.text for reply in replies if INSIDES.search(reply.text) or "gone" in reply.text] == []

    def test_every_bucket_speaks_tls_alone_and_is_nobodys_to_list(self, synthesised: dict[str, Synthesised]) -> None:
        prod = synthesised["prod"]
        buckets = prod.all("S3::Bucket")
        closed = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
        assert buckets
        for bucket in buckets:
            assert {name for name, on in bucket.properties["PublicAccessBlockConfiguration"].items() if on} == closed
        policies = json.dumps([policy.properties for policy in prod.all("S3::BucketPolicy")])
        assert policies.count('"aws:SecureTransport": "false"') >= len(buckets)

    def test_every_queue_and_topic_speaks_tls_alone(self, synthesised: dict[str, Synthesised]) -> None:
        prod = synthesised["prod"]
        assert prod.all("SQS::Queue")
        policies = json.dumps([policy.properties for policy in prod.all("SQS::QueuePolicy")])
        assert '"aws:SecureTransport": "false"' in policies

    def test_stages_on_aws_admit_no_plain_http_and_no_loopback(self, synthesised: dict[str, Synthesised]) -> None:
        for name in ("dev", "prod"):
            told = json.dumps(
                [each.properties.get("Environment", {}) for each in synthesised[name].all("Lambda::Function")]
            )
            assert "http://" not in told
            assert "127.0.0.1" not in told
            assert re.search(r'"STAGE": "(?!dev|prod)', told) is None
