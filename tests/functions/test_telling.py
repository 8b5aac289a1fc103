"""From a stream's record to a receiver's log: the functions of status webhooks one after the other, on moto."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from standardwebhooks.webhooks import Webhook as Reference

from channels.vault import Vault
from functions.call import handler as call
from functions.notice import handler as notice
from functions.notify import handler as notify
from notifying import aws as notifying_aws
from notifying import keyring
from notifying.endpoints import Endpoints
from notifying.keyring import Keyring
from notifying.log import Log
from notifying.model import Entry, NoticeState
from publishing import ids
from publishing.clock import now
from tests import cloud
from tests.cloud import Cloud
from tests.notifying import samples
from tests.publishing.loopback import answer, answering, serving

EVENTS = Path(__file__).parents[2] / "events"
FIRST, LAST = ids.bounds("evt", 0, 4_000_000_000_000)


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


@dataclass
class Context:
    """What Lambda tells a handler."""

    left_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's."""
        return self.left_ms


@dataclass
class House:
    """A workspace's endpoint, and Lambda, which leads calls of one function to the other's handler."""

    cloud: Cloud
    secret: str = field(default_factory=keyring.made)
    calls: list[Any] = field(default_factory=list)

    def listening(self, url: str) -> House:
        """With an endpoint at this address."""
        ring = Keyring(Vault(self.key))
        sealed = ring.seal(samples.WORKSPACE, samples.endpoint.id, self.secret)
        Endpoints("channels").create(replace(samples.endpoint, url=url, sealed=sealed))
        return self

    @property
    def key(self) -> str:
        """The key that seals."""
        key: str = boto3.client("kms", region_name=cloud.REGION).list_keys()["Keys"][0]["KeyArn"]
        return key

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:  # noqa: N803 - AWS's
        """Call the function that calls."""
        assert FunctionName == "call"
        self.calls.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(call.handle(self.calls[-1], None)).encode())}

    def entries(self) -> list[Entry]:
        """The endpoint's log, oldest first."""
        log = Log("notices", now)
        page = log.page(samples.WORKSPACE, samples.endpoint.id, first=FIRST, last=LAST, limit=100, newest_first=False)
        return list(page.found)

    def queued(self, queue: str, count: str = "1") -> Any:
        """What is on a queue, as Lambda brings it."""
        (record,) = event("notify")["Records"]
        arn = f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT}:postroom-test-{queue}"
        attributes = {**record["attributes"], "ApproximateReceiveCount": count}
        return {
            "Records": [
                {**record, "messageId": str(number), "body": body, "eventSourceARN": arn, "attributes": attributes}
                for number, body in enumerate(self.cloud.received(queue))
            ]
        }


@pytest.fixture
def house(cloud_in_moto: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    key = boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"]
    told = {**cloud.environment(), **cloud.notifying(), "credentials_key_arn": key}
    for name, value in {**told, "stage": "local", "open_network": "true"}.items():
        monkeypatch.setenv(name.upper(), value)
    made, others = House(cloud_in_moto), boto3.client

    def client(service: str, **options: Any) -> Any:
        return made if service == "lambda" else others(service, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(boto3, "client", client)
    _forget()
    yield made
    _forget()


def _forget() -> None:
    composed = (notice.noticing, notify.telling, notify.replaying, call.caller, notifying_aws.lambda_)
    for each in composed:
        each.cache_clear()


def test_what_a_stream_shows_reaches_a_receiver_signed(house: House) -> None:
    with serving(answering(answer(b""))) as server:
        house.listening(server.url)
        notice.handle(event("notice"), None)
        assert notify.handle(house.queued("notices.fifo"), Context()) == {"batchItemFailures": []}
    (entry,) = house.entries()
    assert (entry.kind, entry.state, entry.attempts[0].status) == ("delivery.published", NoticeState.DELIVERED, 200)
    (called,) = house.calls
    told = Reference(house.secret).verify(called["body"], called["headers"])
    assert told["data"]["url"] == "https://example.org/p1"


def test_a_record_nobody_can_read_is_put_aside_by_its_keys_alone(house: House) -> None:
    house.listening("https://example.org/")
    batch = event("notice")
    batch["Records"][0]["dynamodb"]["NewImage"]["state"] = {"S": "canary"}
    notice.handle(batch, None)
    (letter,) = house.cloud.received("notify-dead")
    assert json.loads(letter)["Keys"]["sk"] == {"S": "DELIVERY#chn_01kagwz9r3a1b2c3d4e5f6g7h8"}
    assert "canary" not in letter


def test_a_receiver_that_fails_is_tried_again_by_the_other_queue(house: House) -> None:
    with serving(answering(answer(b"Out of order.", b"500 Oh"))) as server:
        house.listening(server.url)
        notice.handle(event("notice"), None)
        notify.handle(house.queued("notices.fifo"), Context())
    assert house.cloud.waiting("notify") == 1
    assert house.entries()[0].attempts[0].excerpt == "Out of order."


def test_an_address_nobody_can_read_fails_as_any_other_and_is_no_failure_of_ours(house: House) -> None:
    house.listening("https://xn--a.example/hook")
    notice.handle(event("notice"), None)
    assert notify.handle(house.queued("notices.fifo"), Context()) == {"batchItemFailures": []}
    (entry,) = house.entries()
    assert (entry.state, entry.attempts[0].why) == (NoticeState.WAITING, "address_unreadable")
    found = Endpoints("channels").find(samples.WORKSPACE, samples.endpoint.id)
    assert found
    assert found.failing_since


def test_a_test_and_a_replay_come_by_messages(house: House) -> None:
    at = "2026-11-20T12:00:00.000Z"
    probe = {"v": 1, "kind": "probe", "workspace": samples.WORKSPACE, "endpoint": samples.endpoint.id, "at": at}
    replay = {**{name: probe[name] for name in ("v", "workspace", "endpoint")}, "kind": "replay"}
    sqs = boto3.client("sqs", region_name=cloud.REGION)
    with serving(answering(answer(b""))) as server:
        house.listening(server.url)
        for asked in (probe, {**replay, "first": FIRST, "last": LAST}):
            sqs.send_message(QueueUrl=cloud.BASE + "notify", MessageBody=json.dumps(asked))
            notify.handle(house.queued("notify"), Context())
        notify.handle(house.queued("notify"), Context())
    (entry,) = house.entries()
    assert (entry.kind, len(entry.attempts)) == ("webhook.test", 2)


def test_where_little_time_is_left_first_tidings_go_to_the_other_queue(house: House) -> None:
    house.listening("https://example.org/")
    notice.handle(event("notice"), None)
    notify.handle(house.queued("notices.fifo"), Context(left_ms=20_000))
    assert (house.calls, len(house.cloud.received("notify"))) == ([], 1)


def test_a_message_that_is_none_must_come_again(house: House) -> None:
    boto3.client("sqs", region_name=cloud.REGION).send_message(QueueUrl=cloud.BASE + "notify", MessageBody="{}")
    assert notify.handle(house.queued("notify"), Context()) == {"batchItemFailures": [{"itemIdentifier": "0"}]}


@pytest.mark.usefixtures("house")
def test_an_empty_batch_is_nothing() -> None:
    assert notify.handle({"Records": []}, Context()) == {"batchItemFailures": []}


def test_who_calls_is_called_as_the_example_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "dev")
    call.caller.cache_clear()
    asked = {**event("call"), "url": "https://127.0.0.1:1/"}
    assert call.handle(asked, None)["why"] == "address_refused"
    call.caller.cache_clear()


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_who_calls_may_be_on_this_machine_on_stage_local_alone(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    monkeypatch.setenv("STAGE", stage)
    monkeypatch.setenv("OPEN_NETWORK", "true")
    call.caller.cache_clear()
    with pytest.raises(ValueError, match="stage local alone"):
        call.handle(event("call"), None)
