from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from functions.authorize import handler
from identity.keys import Keys, NewKey
from identity.members import member_id
from identity.model import Role, person_of
from identity.workspaces import Workspaces
from publishing import aws
from tests import cloud
from tests.cloud import Cloud
from tests.identity import issuer
from tests.identity.callers import admin
from tests.web import gateway, logs

WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"


def asked(authorization: str | None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the authorizer answers API Gateway."""
    event = gateway.document("authorize")
    more = {"authorization": authorization, **(headers or {})}
    event["headers"] = {**event["headers"], **more} if authorization is not None else None
    return handler.handle(event, None)


def context(authorization: str | None, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    answer = asked(authorization, headers)
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
    return Keys("channels").create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)


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
    made = Keys("channels").create(admin(WORKSPACE), name="CI", role=Role.ADMIN, expires_at=cloud.START)
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
    assert names == ["Query", "UpdateItem", "GetItem"]  # the key, that it was used, how its workspace stands


def test_a_known_and_an_unknown_key_are_looked_up_alike(key: NewKey) -> None:
    names: list[str] = []
    aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: names.append(model.name))
    context(f"Bearer {key.text}")
    context(f"Bearer {key.text[:-1]}x")
    context("Bearer pr_")
    assert names == ["Query", "UpdateItem", "GetItem", "Query", "Query"]


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
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("JWT_ISSUER", issuer.NAME)
    monkeypatch.setenv("JWT_AUDIENCE", issuer.AUDIENCE)
    with issuer.served() as url:
        monkeypatch.setenv("JWT_JWKS_URL", f"{url}/keys")
        yield


PERSON = person_of(issuer.NAME, issuer.SUBJECT)


@pytest.fixture
def workspace() -> str:
    """A workspace whose first admin is the issuer's subject."""
    return Workspaces("channels").create("Acme", admin=PERSON)[0].id


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_the_issuer_tells_which_member_calls(workspace: str, algorithm: str) -> None:
    signer = issuer.ec_key() if algorithm == "ES256" else issuer.rsa_key()
    token = issuer.token(key=signer, algorithm=algorithm)
    assert context(f"Bearer {token}") == {
        "workspace": workspace,
        "subject": member_id(workspace, PERSON),
        "role": "admin",
        "person": PERSON,
    }


@pytest.mark.usefixtures("published")
def test_a_header_names_one_of_several_workspaces(workspace: str) -> None:
    other, _ = Workspaces("channels").create("Other", admin=PERSON)
    bearer = f"Bearer {issuer.token()}"
    assert context(bearer) == {"problem": "which-workspace", "person": PERSON}
    assert context(bearer, {"x-workspace": workspace})["workspace"] == workspace
    assert context(bearer, {"x-workspace": f" {other.id} "})["workspace"] == other.id


@pytest.mark.usefixtures("published")
def test_a_subject_without_membership_is_known_as_a_person_alone() -> None:
    assert context(f"Bearer {issuer.token()}") == {"problem": "no-member", "person": PERSON}


@pytest.mark.usefixtures("published", "workspace")
def test_a_member_is_looked_up_once_for_many_requests() -> None:
    bearer, names = f"Bearer {issuer.token()}", list[str]()
    aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: names.append(model.name))
    for _ in range(3):
        context(bearer)
    assert names == ["Query", "GetItem", "GetItem"]  # the one workspace, the member, how the workspace stands


@pytest.mark.usefixtures("published")
def test_no_subject_is_logged(workspace: str) -> None:
    with logs.caught() as log:
        context(f"Bearer {issuer.token()}")
        context(f"Bearer {issuer.token(sub='stranger@example.org')}", {"x-workspace": workspace})
    assert [line["problem"] for line in log.lines] == ["no-member"]
    assert "example.org" not in log.text
    assert PERSON not in log.text


def test_a_suspended_workspaces_callers_are_told_so(key: NewKey) -> None:
    made, admin_key = Workspaces("channels").create("Acme")
    Workspaces("channels").suspend(made.id, "Bills are open.")
    assert context(f"Bearer {admin_key.text}")["suspended"] == "true"
    assert "suspended" not in context(f"Bearer {key.text}")


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
