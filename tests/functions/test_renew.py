"""A channel near its end, from the minute it is found to the platform's answer: two entries, fed from `events/`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import httpx
import pytest

from channels.model import Connection, StoredChannel
from channels.registry import Registry
from channels.vault import Vault
from functions.publish import handler as publish
from functions.renew import handler as renew
from publishing.clock import now
from tests import cloud
from tests.channels.test_connecting import CHANNEL as PLAIN
from tests.cloud import Cloud
from tests.functions.test_workers import CHANNEL, WORKSPACE, Context, event
from tests.web.logs import caught

PLATFORM = "x"
OLD = {"refresh_token": "r-old", "access_token": "a-old", "client_secret": "s"}


@pytest.fixture(autouse=True)
def deployed(cloud_in_moto: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    key = boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"]
    boto3.client("sqs", region_name=cloud.REGION).create_queue(QueueName=f"postroom-test-{PLATFORM}")
    environment = {**cloud.environment(), "platform": PLATFORM, "credentials_key_arn": key}
    for name, value in environment.items():
        monkeypatch.setenv(name.upper(), value)
    _connect(Vault(key))
    _forget()
    yield cloud_in_moto
    _forget()


def _connect(vault: Vault) -> None:
    sealed = vault.seal(workspace=WORKSPACE, channel=CHANNEL, platform=PLATFORM, secret=OLD)
    channel = replace(
        PLAIN,
        id=CHANNEL,
        workspace=WORKSPACE,
        platform=PLATFORM,
        settings={"client_id": "c"},
        secret_fields=tuple(sorted(OLD)),
        sealed=sealed,
        connection=Connection.CONNECTED,
        renew_at=now() - timedelta(minutes=1),
    )
    Registry("channels").create(channel)


def _forget() -> None:
    for composed in (publish.ear, publish.desk, renew.renewals):
        composed.cache_clear()


def stored() -> StoredChannel:
    found = Registry("channels").find(WORKSPACE, CHANNEL, consistent=True)
    assert found is not None
    return found


def secrets() -> dict[str, str]:
    return dict(publish.desk().courier.connections.opened(WORKSPACE, CHANNEL).secrets)  # type: ignore[union-attr]


def worked(monkeypatch: pytest.MonkeyPatch, reply: httpx.Response, body: str) -> dict[str, Any]:
    """Have the platform's function work this message, its platform answering so."""
    transport = httpx.MockTransport(lambda _request: reply)
    monkeypatch.setattr(publish, "GuardedTransport", lambda: transport)
    record = {**event("publish_renew")["Records"][0], "body": body}
    return publish.handle({"Records": [record]}, Context())


def test_what_is_due_is_renewed_by_its_platforms_own_function(deployed: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    assert renew.handle(event("renew"), Context()) == {"asked": 1}
    (body,) = deployed.received(PLATFORM)
    given = {"access_token": "a-new", "refresh_token": "r-new", "expires_in": 7_200}
    assert worked(monkeypatch, httpx.Response(200, json=given), body) == {"batchItemFailures": []}
    found, new = stored(), {**OLD, "access_token": "a-new", "refresh_token": "r-new"}
    assert secrets() == new
    assert found.renew_at is not None
    assert found.secrets_end_at is not None
    assert 3_000 < (found.renew_at - now()).total_seconds() < 3_600


def test_what_is_refused_needs_a_person_and_is_counted(
    deployed: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    renew.handle(event("renew"), Context())
    (body,) = deployed.received(PLATFORM)
    worked(monkeypatch, httpx.Response(400, json={"error": "invalid_request"}), body)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["ReconnectNeeded"] for line in lines if "ReconnectNeeded" in line] == [[1.0]]
    assert (stored().connection, stored().renew_at) == (Connection.RECONNECT, None)


def test_a_message_of_before_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    body = event("publish_renew")["Records"][0]["body"]
    assert worked(monkeypatch, httpx.Response(500), body) == {"batchItemFailures": []}
    assert secrets() == OLD


def test_nothing_of_the_credentials_is_logged(deployed: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    renew.handle(event("renew"), Context())
    (body,) = deployed.received(PLATFORM)
    said = {"error": "invalid_request", "error_description": "r-old is none"}
    with caught() as log:
        worked(monkeypatch, httpx.Response(400, json=said), body)
    assert log.lines
    assert "r-old" not in json.dumps(log.lines, default=str)


def test_it_stops_when_its_time_is_up() -> None:
    assert renew.handle(event("renew"), Context(left_ms=1_000)) == {"asked": 0}


def test_it_raises_for_the_alarm_when_a_channel_could_not_be_asked_for() -> None:
    sqs = boto3.client("sqs", region_name=cloud.REGION)
    sqs.delete_queue(QueueUrl=cloud.BASE + PLATFORM)
    with pytest.raises(RuntimeError, match="1 channels"):
        renew.handle(event("renew"), Context())
