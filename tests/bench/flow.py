"""B01 and B02: what one target costs in AWS calls and DynamoDB units, from the request to the receipt.

The real submit handler, the real messages, the real desks, in batches of ten as SQS's event source mapping makes
them; moto stands for AWS, and platforms that accept everything for the platforms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import boto3
import httpx
from moto import mock_aws

from channels import aws as channels_aws
from channels.connecting import Doors
from channels.hindering import Hindrance
from channels.model import StoredChannel
from channels.registry import Registry, Remembered
from channels.vault import Vault
from functions.submit import handler as submit
from identity import workspaces
from identity.workspaces import Workspaces
from publishing import aws, ids
from publishing.adapter import Limits
from publishing.clock import now
from publishing.conversation import Conversations
from publishing.delivery import Courier
from publishing.desk import Desk
from publishing.gate import gate_of
from publishing.ledger import Deliveries
from publishing.model import DeliveryState, utc_text
from publishing.operations import Operations
from publishing.publication import Delivery, Publication
from publishing.sending import Sender
from publishing.store import Publications
from publishing.sweep import Sweep
from publishing.telemetry import Observed, flush
from tests import cloud
from tests.bench.logs import Written, written
from tests.bench.meter import Meter
from tests.publishing.workbench import Alpha, fine
from web import aws as web_aws
from web import door

PLATFORMS = ("alpha", "beta", "gamma", "delta")
WARMING = 10  # publications before the counting: channels are remembered half a minute, data keys five minutes
PUBLICATIONS = 30
WORKSPACE = ids.new("ws")
CONTENT = {
    "title": "Autumn in the valley",
    "text": "The larches have turned. **Three walks** for a clear day, with maps and the last open huts. " * 2,
    "link": "https://example.org/autumn",
    "tags": ["autumn", "hiking"],
}


class _Named(Alpha):
    limits = Limits(text_chars=5_000)

    def __init__(self, name: str) -> None:
        self.name = name


ADAPTERS = {name: _Named(name) for name in PLATFORMS}


@dataclass(frozen=True)
class Cost:
    """What one target cost on average: until it was published, and for the sweep that closes its publication.

    `planning` is what it costs that one publication is accepted for later.
    """

    publications: int
    publishing: Meter
    published_targets: int
    closing: Meter
    closed_targets: int
    logged: Written
    planning: Meter


def measure(publications: int = PUBLICATIONS, platforms: Sequence[str] = PLATFORMS) -> Cost:
    """Publish so many publications, tens of them, to some platforms each, in moto, with functions that are warm."""
    with mock_aws(), _deployed() as made:
        vault = Vault(boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"])
        channels = [connected(platform, vault) for platform in platforms]
        desks = {platform: _desk(platform, made, vault) for platform in platforms}
        _publish(channels, desks, range(WARMING))
        publishing, closing, planning = Meter(), Meter(), Meter()
        clients = (aws.dynamodb(), web_aws.impatient_dynamodb(), aws.sqs(), aws.scheduler(), channels_aws.kms())
        with publishing.attached(*clients), written() as logged:
            _publish(channels, desks, range(WARMING, WARMING + publications))
        with closing.attached(aws.dynamodb(), aws.sqs()):
            settled = _sweep(made)
        with planning.attached(aws.dynamodb()):
            _submit(channels, 0, publish_at=utc_text(now() + timedelta(hours=1)), key="later")
    assert settled == WARMING + publications
    targets = len(platforms)
    return Cost(publications, publishing, publications * targets, closing, settled * targets, logged, planning)


def _publish(channels: list[StoredChannel], desks: Mapping[str, Desk], numbers: range) -> None:
    for number in numbers:
        _submit(channels, number)
    for platform, desk in desks.items():
        for _ in range(len(numbers) // 10):
            _work_batch(platform, desk)


def _submit(channels: list[StoredChannel], number: int, *, key: str = "bench", **more: str) -> None:
    answer = submit.handle(_request(channels, f"{key}-{number:06}", more), _Context())
    assert answer["statusCode"] == 202, answer["body"]


@contextmanager
def _deployed() -> Iterator[cloud.Cloud]:
    made = cloud.make(PLATFORMS)
    environment = {name.upper(): value for name, value in cloud.environment().items()}
    submit.router.cache_clear()
    router = door.router
    with (
        # Requests are counted by the minute: on a clock that stands, none turns meanwhile.
        patch.object(door, "router", lambda config, _: router(config, cloud.Watch(now()))),
        patch.dict("os.environ", environment | {"AWS_DEFAULT_REGION": cloud.REGION}),
        patch("functions.platforms.load", ADAPTERS.__getitem__),
    ):
        yield made
    submit.router.cache_clear()


def connected(platform: str, vault: Vault) -> StoredChannel:
    """A channel of that platform, stored."""
    identifier = ids.new("chn")
    channel = StoredChannel(
        id=identifier,
        workspace=WORKSPACE,
        platform=platform,
        name=platform,
        settings={},
        secret_fields=("token",),
        sealed=vault.seal(workspace=WORKSPACE, channel=identifier, platform=platform, secret={"token": "t"}),
        created_at=now(),
        created_by="bench",
        updated_at=now(),
    )
    Registry("channels").create(channel)
    return channel


class _Context:
    aws_request_id = "bench"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


def _request(channels: list[StoredChannel], key: str, more: Mapping[str, str]) -> dict[str, Any]:
    principal = {"workspace": WORKSPACE, "subject": "key_bench", "role": "author"}
    return {
        "version": "2.0",
        "routeKey": "POST /v1/publications",
        "rawPath": "/v1/publications",
        "rawQueryString": "",
        "headers": {"host": "api.test", "content-type": "application/json", "idempotency-key": key},
        "requestContext": {
            "http": {"method": "POST", "path": "/v1/publications"},
            "requestId": key,
            "stage": "$default",
            "authorizer": {"lambda": principal},
        },
        "body": json.dumps({"content": CONTENT, "targets": [{"channel": channel.id} for channel in channels], **more}),
        "isBase64Encoded": False,
    }


def _work_batch(platform: str, desk: Desk) -> None:
    url, sqs = cloud.BASE + platform, aws.sqs()  # metered: the mapping's receives and deletes are billed, too
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    records = [{"messageId": message["MessageId"], "body": message["Body"]} for message in messages]
    assert desk.work(records, lambda: 60.0) == {"batchItemFailures": []}
    flush()
    entries: Any = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]
    sqs.delete_message_batch(QueueUrl=url, Entries=entries)


def _desk(platform: str, made: cloud.Cloud, vault: Vault) -> Desk:
    transport, observed = httpx.MockTransport(fine), Published(platform)
    courier = Courier(
        adapter=ADAPTERS[platform],
        deliveries=Deliveries("publications", now),
        sender=Sender(made.settings, now),
        connections=Doors(
            Remembered(Registry("channels")),
            vault,
            ADAPTERS[platform],
            hindrance=Hindrance(standing=workspaces.Remembered(Workspaces("channels")).standing),
        ),
        conversations=Conversations(outside=transport, inside=transport, sign=lambda _request, _service: None),
        clock=now,
        observe=observed,
        # The breaker is read once in ten seconds; on a clock that stands, a slow machine does not read it more often.
        gate=gate_of(ADAPTERS[platform], Operations("operations", cloud.Watch()), opened=lambda: None),
        watch=observed,
    )
    return Desk(Publications("publications", now), courier, verify=lambda *_: None, renew=lambda *_: None)


class Published(Observed):
    """Logs and counts as on AWS, and insists that all goes well."""

    def __call__(self, publication: Publication, delivery: Delivery) -> None:
        """`delivery` is out."""
        assert delivery.state is DeliveryState.PUBLISHED, delivery.state
        super().__call__(publication, delivery)


def _sweep(made: cloud.Cloud) -> int:
    later = cloud.Watch(now())
    later.forward(120)
    store, ledger = Publications("publications", later), Deliveries("publications", later)
    sweep = Sweep(store, ledger, Sender(made.settings, later), Operations("operations", later), later)
    swept = sweep.run(until=lambda: False)
    return swept.settled
