"""The entries that work messages, fed from `events/`, with the settings their environment would bring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from functions.dispatch import handler as dispatch
from functions.plan import handler as plan
from functions.publish import handler as publish
from functions.sweep import handler as sweep
from publishing import message
from publishing.backlog import Allowance, Stock
from publishing.clock import now
from publishing.model import Content, DeliveryState, Target, utc_text
from publishing.operations import Operations
from publishing.publication import Publication
from publishing.series import Series
from publishing.series_store import SeriesStore
from publishing.store import Publications
from tests import cloud
from tests.cloud import Cloud

EVENTS = Path(__file__).parents[2] / "events"
WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
PUBLICATION = "pub_0123456789abcdefghjkmnpqrs"
CHANNEL = "chn_01kagwz9r3a1b2c3d4e5f6g7h8"


@dataclass
class Context:
    """What Lambda tells a handler."""

    left_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's."""
        return self.left_ms


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


@pytest.fixture(autouse=True)
def deployed(cloud_in_moto: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    key = boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"]
    boto3.client("sqs", region_name=cloud.REGION).create_queue(QueueName="postroom-test-webhook")
    environment = {**cloud.environment(), "platform": "webhook", "credentials_key_arn": key}
    for name, value in environment.items():
        monkeypatch.setenv(name.upper(), value)
    _forget()
    yield cloud_in_moto
    _forget()


def _forget() -> None:
    lane = (publish.ear, publish.porch, publish.desk)
    for composed in (*lane, dispatch.dispatch, sweep.sweep, sweep.stock, plan.planning):
        composed.cache_clear()


def stored(*, at: datetime | None = None) -> Publications:
    publications = Publications("publications", now)
    publication = Publication(
        id=PUBLICATION,
        workspace=WORKSPACE,
        content=Content(text="Hello"),
        targets=(Target(CHANNEL, "webhook"),),
        created_at=now(),
        created_by="tester",
        publish_at=at or now(),
        fingerprint="f",
        correlation_id="JKJaXmPLvHcESHA=",
        due_at="2026-01-01T00:00:00.000Z",
    )
    publications.accept(publication)
    return publications


def state(publications: Publications) -> DeliveryState:
    whole = publications.whole(WORKSPACE, PUBLICATION)
    assert whole is not None
    return whole.deliveries[0].state


def test_publish_works_a_message_whose_channel_is_gone_to_its_end() -> None:
    publications = stored()
    assert publish.handle(event("publish"), Context()) == {"batchItemFailures": []}
    assert state(publications) is DeliveryState.FAILED


def test_publish_writes_its_metrics_with_the_platform_as_dimension(capsys: pytest.CaptureFixture[str]) -> None:
    stored()
    publish.handle(event("publish"), Context())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [(line["platform"], line["DeliveryFailed"]) for line in lines] == [("webhook", [1.0])]


def test_publish_gives_back_what_it_cannot_work() -> None:
    (failure,) = publish.handle(event("publish"), Context())["batchItemFailures"]
    assert failure["itemIdentifier"] == event("publish")["Records"][0]["messageId"]


def test_publish_leaves_the_verification_of_a_deleted_channel() -> None:
    assert publish.handle(event("publish_verify"), Context()) == {"batchItemFailures": []}


def test_publish_tells_who_calls_back_for_a_platform_that_does_not(deployed: Cloud) -> None:
    answer = publish.handle(event("publish_inbound"), Context())
    assert (answer["statusCode"], answer["headers"]) == (404, {"content-type": "application/problem+json"})
    problem = json.loads(answer["body"])
    assert (problem["status"], problem["correlation_id"]) == (404, "UVx3Zh1oFiAEJyB=")
    assert "calls nobody back" in problem["detail"]
    assert deployed.waiting("webhook") == 0


def test_publish_shows_who_comes_with_a_state_of_nobodys_a_plain_page(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"PLATFORM": "x", "OAUTH_URL": "https://api.example.org/v1/oauth", "APP_SECRET": "postroom/dev/apps/x"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    answer = publish.handle(event("publish_oauth"), Context())
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (400, "text/html; charset=utf-8")
    assert "c2VjcmV0" not in answer["body"]


def test_dispatch_puts_a_due_publication_on_its_platforms_queue(deployed: Cloud) -> None:
    stored(at=now() - timedelta(seconds=1))
    assert dispatch.handle(event("dispatch"), Context()) == {"batchItemFailures": []}
    (body,) = deployed.received("webhook")
    work = message.work(body)
    assert (work.kind, work.channel, work.correlation_id) == ("deliver", CHANNEL, "JKJaXmPLvHcESHA=")


def test_dispatch_gives_back_what_is_not_stored() -> None:
    assert len(dispatch.handle(event("dispatch"), Context())["batchItemFailures"]) == 1


def test_sweep_sends_what_was_never_sent(deployed: Cloud) -> None:
    stored(at=datetime(2026, 1, 1, tzinfo=UTC))
    assert sweep.handle(event("sweep"), Context()) == {"looked": 1, "sent": 1, "settled": 0}
    assert len(deployed.received("webhook")) == 1


def test_sweep_tells_how_long_the_oldest_has_waited(capsys: pytest.CaptureFixture[str]) -> None:
    stored(at=now() - timedelta(hours=1))
    sweep.handle(event("sweep"), Context())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    (waits,) = [(line["platform"], len(line["WaitSeconds"])) for line in lines if "WaitSeconds" in line]
    assert waits == ("webhook", 1)


def test_sweep_counts_what_waits_and_tells_submit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BACKLOG_LIMIT", "1")
    began = now()
    stored(at=began + timedelta(minutes=5))
    sweep.handle(event("sweep"), Context())
    assert '"Backlog":[1.0]' in capsys.readouterr().out
    assert Allowance(Operations("operations", now), 1).is_spent(WORKSPACE)


def test_a_sweep_that_cannot_count_what_waits_has_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")

    monkeypatch.setattr(Stock, "take", away)
    assert sweep.handle(event("sweep"), Context()) == {"looked": 0, "sent": 0, "settled": 0}


def test_sweep_stops_when_its_time_is_up() -> None:
    stored(at=datetime(2026, 1, 1, tzinfo=UTC))
    assert sweep.handle(event("sweep"), Context(left_ms=1_000)) == {"looked": 0, "sent": 0, "settled": 0}


def daily() -> Series:
    series = Series(
        id="ser_0123456789abcdefghjkmnpqrs",
        workspace=WORKSPACE,
        content=Content(text="Hello"),
        targets=(Target(CHANNEL, "webhook"),),
        zone="UTC",
        starts_at=now().replace(tzinfo=None, microsecond=0) + timedelta(seconds=30),
        rule="FREQ=DAILY",
        created_at=now(),
        created_by="tester",
        fingerprint="",
        planned_to=now().replace(tzinfo=None, microsecond=0),
        due_at=utc_text(now()),
    )
    return SeriesStore("publications", now).create(series)[0]


def test_plan_makes_what_is_near(deployed: Cloud) -> None:
    series = daily()
    assert plan.handle(event("plan"), Context()) == {"looked": 1, "made": 1, "missed": 0}
    assert deployed.waiting("webhook") == 1
    assert plan.planning().series.read(WORKSPACE, series.id) != series


def test_plan_stops_when_its_time_is_up() -> None:
    daily()
    assert plan.handle(event("plan"), Context(left_ms=1_000)) == {"looked": 0, "made": 0, "missed": 0}


def test_plan_raises_for_the_alarm_when_a_series_could_not_be_planned() -> None:
    series = daily()
    SeriesStore("publications", now).replace(series, replace(series, zone="Mars/Base"))
    with pytest.raises(RuntimeError, match="1 series"):
        plan.handle(event("plan"), Context())
