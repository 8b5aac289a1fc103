"""Platforms' callbacks, from API Gateway's event to what is written down of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import boto3
import httpx
import pytest

from channels.connecting import Doors
from channels.registry import Registry, Remembered
from channels.vault import Vault
from functions.publish.hearing import MOST_BYTES, Ear
from publishing.expected import Expected
from publishing.hearing import Hearing
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel, DeliveryState, Handoff, Outcome, Pending, Post, Receipt
from publishing.publication import Delivery, Publication
from publishing.replies import accepted
from tests.channels.test_connecting import CHANNEL
from tests.cloud import REGION, Cloud
from tests.publishing.workbench import Alpha, Platform, Workbench, fine

WORKSPACE, NAMED = "ws_1", "chn_1"


class CallingAlpha(Alpha):
    """Works on, or leaves the last step to a person, and calls back."""

    outcome: Outcome = Pending({"job": "j-1"}, 60.0, reference="job-1")

    def publish(self, post: Post, channel: Channel) -> Any:
        """One request, and it calls back later."""
        yield from super().publish(post, channel)
        return self.outcome

    def resume(self, _pending: Pending, post: Post, channel: Channel) -> Any:
        """It is out."""
        yield from super().publish(post, channel)
        return Receipt("polled")

    def hear(self, call: Call, channel: Channel, _now: datetime) -> str | Sequence[Heard]:
        """Signed with the token."""
        if "challenge" in call.query:
            return call.query["challenge"]
        if not hmac.compare_digest(call.headers.get("x-signature", ""), signed(call.body, channel.secrets["token"])):
            raise Forged
        told = json.loads(call.body)
        receipt = Receipt(told["post"]) if told.get("post") else None
        return [Heard(told["job"], event=told.get("event", ""), receipt=receipt, refused=told.get("refused", ""))]


class AskingAlpha(CallingAlpha):
    """Asks the platform before it believes a call."""

    def hear(self, call: Call, channel: Channel, now: datetime) -> Any:
        """As before, once the platform has said that the call was its own."""
        accepted((yield httpx.Request("GET", "https://alpha.test/certificate")))
        return super().hear(call, channel, now)


class HandingAlpha(CallingAlpha):
    outcome = Handoff("https://alpha.test/finish", reference="job-1")


def signed(body: bytes, token: str = "s3cret") -> str:  # noqa: S107 - no real one
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Scene:
    """One delivery that waits for a callback, and the ear that hears it."""

    bench: Workbench
    ear: Ear
    publication: Publication

    def call(self, told: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """What a callback is answered."""
        return self.ear.answer(event(json.dumps(told), **changes))

    @property
    def delivery(self) -> Delivery:
        """As it stands."""
        return self.bench.delivery(self.publication)


def event(body: str = "", *, query: Mapping[str, str] | None = None, method: str = "POST", **headers: str) -> Any:
    named = {"for": f"{WORKSPACE}.{NAMED}"} if query is None else dict(query)
    return {
        "rawPath": "/v1/inbound/alpha",
        "rawQueryString": "&".join(f"{name}={value}" for name, value in named.items()),
        "queryStringParameters": named,
        "headers": {"X-Signature": signed(body.encode()), **headers},
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"requestId": "r1", "domainName": "api.example.org", "http": {"method": method}},
    }


@pytest.fixture
def workbench(cloud_in_moto: Cloud) -> Workbench:
    return Workbench(cloud_in_moto, Platform())


@pytest.fixture
def expected(workbench: Workbench) -> Expected:
    return Expected(workbench.operations, "alpha")


@pytest.fixture
def vault(cloud_in_moto: Cloud) -> Vault:
    vault = Vault(boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"])
    sealed = vault.seal(workspace=WORKSPACE, channel=NAMED, platform="alpha", secret={"token": "s3cret"})
    registry = Registry(cloud_in_moto.settings.channels_table, cloud_in_moto.watch)
    registry.create(replace(CHANNEL, sealed=sealed))
    return vault


def scene_of(bench: Workbench, adapter: Alpha, vault: Vault, expected: Expected) -> Scene:
    bench.adapter, bench.expected = adapter, expected
    registry = Registry(bench.cloud.settings.channels_table, bench.cloud.watch)
    courier = bench.courier
    hearing = Hearing(
        bench.publications, courier.deliveries, expected, courier.sender, courier.observe, bench.cloud.watch
    )
    ear = Ear(adapter, Doors(Remembered(registry), vault, adapter), hearing, courier.conversations, bench.cloud.watch)
    publication = bench.submit().publication
    bench.deliver(publication)
    return Scene(bench, ear, publication)


@pytest.fixture
def scene(workbench: Workbench, vault: Vault, expected: Expected) -> Scene:
    return scene_of(workbench, CallingAlpha(), vault, expected)


@pytest.fixture
def handed(workbench: Workbench, vault: Vault, expected: Expected) -> Scene:
    return scene_of(workbench, HandingAlpha(), vault, expected)


def test_what_a_platform_says_is_out_is_published(scene: Scene) -> None:
    assert scene.call({"job": "job-1", "post": "p-9"})["statusCode"] == 200
    assert scene.delivery.state is DeliveryState.PUBLISHED
    assert scene.delivery.receipt == Receipt("p-9")
    assert scene.delivery.history[-1].why == "platform"


def test_a_hand_off_that_a_person_finished_is_published(handed: Scene) -> None:
    assert handed.delivery.state is DeliveryState.HANDOFF
    handed.call({"job": "job-1", "post": "p-9"})
    assert handed.delivery.state.value == "published"  # was: handed.delivery.state is DeliveryState.PUBLISHED


def test_what_a_platform_refuses_has_failed_for_its_reason(scene: Scene) -> None:
    scene.call({"job": "job-1", "refused": "The film is too dark."})
    assert scene.delivery.state is DeliveryState.FAILED
    assert scene.delivery.trouble is not None
    assert scene.delivery.trouble.message == "The film is too dark."


def test_where_it_only_says_that_something_happened_it_is_asked_at_once(scene: Scene) -> None:
    scene.call({"job": "job-1"})
    assert scene.delivery.state is DeliveryState.PROCESSING
    assert scene.bench.deliver(scene.publication).receipt == Receipt("polled")


def test_that_something_happened_does_not_touch_what_a_person_is_to_finish(handed: Scene) -> None:
    handed.call({"job": "job-1"})
    assert handed.delivery.state is DeliveryState.HANDOFF


def test_the_same_event_twice_is_written_once(scene: Scene) -> None:
    for _ in range(2):
        assert scene.call({"job": "job-1", "post": "p-9", "event": "e-1"})["statusCode"] == 200
    assert [event.state for event in scene.delivery.history] == ["publishing", "processing", "published"]


def test_what_is_settled_is_not_settled_otherwise(scene: Scene) -> None:
    scene.call({"job": "job-1", "post": "p-9"})
    scene.call({"job": "job-1", "refused": "No."})
    assert scene.delivery.state is DeliveryState.PUBLISHED


def test_what_nobody_waits_for_is_taken_and_changes_nothing(scene: Scene) -> None:
    assert scene.call({"job": "another", "post": "p-9"})["statusCode"] == 200
    assert scene.delivery.state is DeliveryState.PROCESSING


def test_a_challenge_is_answered_as_the_platform_wants_it(scene: Scene) -> None:
    query = {"for": f"{WORKSPACE}.{NAMED}", "challenge": "c-42"}
    answer = scene.ear.answer(event(query=query, method="GET"))
    assert (answer["statusCode"], answer["body"]) == (200, "c-42")
    assert answer["headers"]["content-type"].startswith("text/plain")


def items(scene: Scene) -> int:
    client = boto3.client("dynamodb", region_name=REGION)
    tables = (scene.bench.cloud.settings.publications_table, scene.bench.cloud.settings.operations_table)
    return sum(client.scan(TableName=table)["Count"] for table in tables)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"X-Signature": "forged"}, 401),
        ({"query": {}}, 404),
        ({"query": {"for": "ws_1.chn_2"}}, 404),
        ({"query": {"for": "ws_2.chn_1"}}, 404),
        ({"query": {"for": "../../etc"}}, 404),
    ],
)
def test_who_is_not_the_platform_is_turned_away_and_nothing_is_stored(
    scene: Scene, changes: dict[str, Any], status: int
) -> None:
    before, stood = items(scene), scene.delivery
    answer = scene.call({"job": "job-1", "post": "p-9", "event": "e-1"}, **changes)
    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["status"] == status
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert (items(scene), scene.delivery) == (before, stood)


@pytest.mark.parametrize("encoded", [False, True])
def test_more_than_a_platform_would_say_is_not_read(scene: Scene, encoded: bool) -> None:  # noqa: FBT001
    body = "x" * (MOST_BYTES + 1)
    asked, before = event(base64.b64encode(body.encode()).decode() if encoded else body), items(scene)
    assert scene.ear.answer({**asked, "isBase64Encoded": encoded})["statusCode"] == 413
    assert items(scene) == before


def test_a_body_that_is_signed_and_cannot_be_read_is_malformed(scene: Scene) -> None:
    assert scene.ear.answer(event("{}"))["statusCode"] == 400
    assert scene.ear.answer(event("not json"))["statusCode"] == 400


def test_a_body_in_base64_is_read(scene: Scene) -> None:
    body = json.dumps({"job": "job-1", "post": "p-9"})
    asked = event(body) | {"body": base64.b64encode(body.encode()).decode(), "isBase64Encoded": True}
    assert scene.ear.answer(asked)["statusCode"] == 200
    assert scene.delivery.state is DeliveryState.PUBLISHED


@pytest.fixture
def asking(workbench: Workbench, vault: Vault, expected: Expected) -> Scene:
    return scene_of(workbench, AskingAlpha(), vault, expected)


def test_a_platform_is_asked_where_that_is_how_a_call_is_proven(asking: Scene) -> None:
    assert asking.call({"job": "job-1", "post": "p-9"})["statusCode"] == 200
    assert asking.delivery.state is DeliveryState.PUBLISHED


def test_what_is_forged_is_turned_away_after_asking_too(asking: Scene) -> None:
    assert asking.call({"job": "job-1", "post": "p-9"}, **{"X-Signature": "forged"})["statusCode"] == 401
    assert asking.delivery.state is DeliveryState.PROCESSING


def test_where_it_cannot_be_asked_the_platform_is_to_call_again(asking: Scene) -> None:
    before = items(asking)
    asking.bench.platform.answers = [lambda request: httpx.Response(503, request=request), fine]
    answer = asking.call({"job": "job-1", "post": "p-9", "event": "e-1"})
    assert (answer["statusCode"], json.loads(answer["body"])["title"]) == (503, "This cannot be done at the moment.")
    assert items(asking) == before
    assert asking.call({"job": "job-1", "post": "p-9", "event": "e-1"})["statusCode"] == 200
    assert asking.delivery.state.value == "published"


def test_a_platform_that_calls_nobody_back_is_not_heard(scene: Scene) -> None:
    deaf = replace(scene.ear, adapter=Alpha())
    assert deaf.answer(event("{}"))["statusCode"] == 404


def test_no_answer_repeats_a_secret(scene: Scene) -> None:
    assert "s3cret" not in json.dumps(scene.call({"job": "job-1"}, **{"X-Signature": "forged"}))


def test_a_callback_takes_nothing_from_a_worker_that_is_at_it(scene: Scene) -> None:
    scene.bench.cloud.watch.forward(61)
    deliveries, target = scene.bench.deliveries, scene.publication.targets[0]
    taken = deliveries.take(scene.publication, target, scene.delivery, lease_s=30)
    assert taken is not None
    assert scene.call({"job": "job-1", "event": "e-1"})["statusCode"] == 200
    assert (scene.delivery.fence, scene.delivery.lease_until) == (taken.fence, taken.lease_until)
    assert deliveries.take(scene.publication, target, scene.delivery, lease_s=30) is None
