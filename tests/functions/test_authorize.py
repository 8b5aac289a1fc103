from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from functions.authorize import handler
from identity.keys import Keys, NewKey
from identity.model import Role
from publishing import aws
from tests import cloud
from tests.cloud import Cloud
from tests.identity import issuer
from tests.web import gateway, logs

WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"


def asked(authorization: str | None) -> dict[str, Any]:
    """What the authorizer answers API Gateway."""
    event = gateway.document("authorize")
    event["headers"] = {**event["headers"], "authorization": authorization} if authorization is not None else None
    return handler.handle(event, None)


def context(authorization: str | None) -> dict[str, str]:
    answer = asked(authorization)
    assert answer["isAuthorized"] is True
    return dict(answer["context"])


@pytest.fixture(autouse=True)
def deployed(cloud_in_moto: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv("STAGE", "dev")
    monkeypatch.setenv("CHANNELS_TABLE", "channels")
    handler.gate.cache_clear()
    yield cloud_in_moto
    handler.gate.cache_clear()


@pytest.fixture
def key() -> NewKey:
    return Keys("channels").create(WORKSPACE, name="CI", role=Role.AUTHOR, created_by="tester")


def test_a_key_tells_who_calls(key: NewKey) -> None:
    assert context(f"Bearer {key.text}") == {
        "workspace": WORKSPACE,
        "subject": key.key.id,
        "role": "author",
        "key_id": key.key.id,
    }


@pytest.mark.parametrize(
    ("authorization", "problem"),
    [
        (None, "missing"),
        ("", "missing"),
        ("Basic dTpw", "malformed"),
        ("Bearer pr_made_up", "unknown-key"),
        ("Bearer a.b.c", "unknown-key"),
    ],
)
def test_whoever_is_not_known_passes_with_the_reason_and_without_a_name(authorization: str, problem: str) -> None:
    assert context(authorization) == {"problem": problem}


def test_a_revoked_key_is_told_so(key: NewKey) -> None:
    Keys("channels").revoke(WORKSPACE, key.key.id)
    assert context(f"Bearer {key.text}") == {"problem": "revoked-key"}


def test_an_expired_key_is_told_so() -> None:
    made = Keys("channels").create(WORKSPACE, name="CI", role=Role.ADMIN, created_by="x", expires_at=cloud.START)
    Keys("channels").client().update_item(
        TableName="channels",
        Key={"pk": {"S": WORKSPACE}, "sk": {"S": f"KEY#{made.key.id}"}},
        UpdateExpression="SET expires_at = :past",
        ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
    )
    assert context(f"Bearer {made.text}") == {"problem": "expired-key"}


def test_a_key_is_looked_up_once_for_many_requests(key: NewKey) -> None:
    names: list[str] = []
    aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: names.append(model.name))
    for _ in range(3):
        context(f"Bearer {key.text}")
    assert names == ["Query"]


def test_a_known_and_an_unknown_key_cost_the_same(key: NewKey) -> None:
    names: list[str] = []
    aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: names.append(model.name))
    context(f"Bearer {key.text}")
    context(f"Bearer {key.text[:-1]}x")
    context("Bearer pr_")
    assert names == ["Query", "Query", "Query"]


def test_when_nobody_can_be_told_nobody_is_let_in() -> None:
    boto3.client("dynamodb", region_name=cloud.REGION).delete_table(TableName="channels")
    assert context("Bearer pr_made_up") == {"problem": "unavailable"}


def test_no_secret_is_logged(key: NewKey) -> None:
    Keys("channels").revoke(WORKSPACE, key.key.id)
    with logs.caught() as log:
        context(f"Bearer {key.text}")
        context("Bearer canary.canary.canary")
        context("Basic canary")
    assert [line["problem"] for line in log.lines] == ["revoked-key", "unknown-key", "malformed"]
    assert "canary" not in log.text
    assert key.text not in log.text


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An issuer on this machine, configured as the one whose tokens count."""

    class Serve(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(issuer.key_set()).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("JWT_ISSUER", issuer.NAME)
    monkeypatch.setenv("JWT_AUDIENCE", issuer.AUDIENCE)
    monkeypatch.setenv("JWT_JWKS_URL", f"http://127.0.0.1:{server.server_port}/keys")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_the_issuer_tells_who_calls(algorithm: str) -> None:
    signer = issuer.ec_key() if algorithm == "ES256" else issuer.rsa_key()
    token = issuer.token(key=signer, algorithm=algorithm)
    assert context(f"Bearer {token}") == {"workspace": issuer.WORKSPACE, "subject": "somebody", "role": "editor"}


@pytest.mark.usefixtures("published")
def test_a_token_of_somebody_else_is_refused() -> None:
    assert context(f"Bearer {issuer.token(key=issuer.rsa_key('two'))}") == {"problem": "invalid-token"}


@pytest.mark.usefixtures("published")
def test_beside_tokens_keys_are_accepted_still(key: NewKey) -> None:
    assert context(f"Bearer {key.text}")["key_id"] == key.key.id


def test_beyond_the_laptop_an_issuer_without_tls_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_ISSUER", issuer.NAME)
    monkeypatch.setenv("JWT_AUDIENCE", issuer.AUDIENCE)
    monkeypatch.setenv("JWT_JWKS_URL", "http://issuer.example/keys")
    with pytest.raises(ValueError, match="https"):
        asked("Bearer a.b.c")
