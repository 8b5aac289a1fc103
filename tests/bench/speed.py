"""B08 and B09: how fast our publish path is by itself, with services in memory and a platform that answers at once.

What a publish function does from a batch of records to its answer is done as it is: desk, courier, ledger, gate,
vault, conversations, metrics. Beneath it lies the simulator's DynamoDB without its clock and faults; or boto3's own
client with the same DynamoDB in place of the network.
"""

from __future__ import annotations

import gc
import io
import json
import random
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ClientError

from channels.connecting import Doors
from channels.model import StoredChannel
from channels.registry import Registry, Remembered
from channels.vault import Vault
from publishing import ids, message
from publishing.adapter import Conversation, Limits
from publishing.clock import now
from publishing.conversation import Conversations
from publishing.delivery import Courier
from publishing.desk import Desk
from publishing.gate import gate_of
from publishing.ledger import Deliveries
from publishing.model import Channel, Outcome, Post, Receipt, Target
from publishing.operations import Operations
from publishing.publication import Publication
from publishing.records import content_of
from publishing.replies import accepted
from publishing.sending import Sender
from publishing.settings import Sending
from publishing.store import Publications
from publishing.telemetry import Observed, flush
from tests import cloud
from tests.bench.flow import CONTENT
from tests.bench.peers import job
from tests.publishing.workbench import Alpha
from tests.simulation.dynamodb import DynamoDB

BATCH = 10
CHANNELS = 20
WORKSPACE = ids.new("ws")
Records = list[dict[str, Any]]


@dataclass(frozen=True)
class Speed:
    """How fast so many targets were published."""

    targets: int
    took_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        """Targets in a second."""
        return self.targets / self.took_s

    @property
    def cpu_us(self) -> float:
        """Processor time for each target."""
        return 1e6 * self.cpu_s / self.targets


class Asking(Alpha):
    """A platform asked with the very request the peers ask with."""

    limits = Limits(text_chars=5_000, in_flight=BATCH)

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request."""
        content = post.content
        said = {"title": content.title, "text": content.text, "link": content.link}
        reply = accepted((yield job.asking(post.id, said)))
        return Receipt(reply.json()["id"], f"https://{self.name}.test/{channel.id}")


class Still(DynamoDB):
    """The simulator's DynamoDB, answering at once and always."""

    def __init__(self) -> None:
        super().__init__(cast("Any", _Nowhen()), cast("Any", _Nothing()))
        self._wire = self.operations_wire = cast("Any", self)

    def ask(self, effect: Callable[[], Any], _about: object) -> Any:
        """What stands for the wire."""
        return effect()


class Watched(Still):
    """The same, which knows the processor time it took itself."""

    spent_s = 0.0  # in the last run

    def ask(self, effect: Callable[[], Any], _about: object) -> Any:
        """Look at the clock before and after."""
        began_s = time.thread_time()
        try:
            return effect()
        finally:
            self.spent_s += time.thread_time() - began_s


class _Nowhen:
    now_s = 0.0
    invocation = None
    rng = random.Random(0)  # noqa: S311 - nothing depends on it

    def after(self, _wait_s: float, _do: object) -> None:
        """No index is read here."""


class _Nothing:
    def pick(self, *_: object) -> str:
        """No fault."""
        return ""


class _Keys:
    """KMS, as far as the vault asks it."""

    def generate_data_key(self, **_: object) -> dict[str, bytes]:
        return {"Plaintext": b"0" * 32, "CiphertextBlob": b"sealed"}

    def decrypt(self, **_: object) -> dict[str, bytes]:
        return {"Plaintext": b"0" * 32}


def through_boto3(dynamodb: Still) -> Any:
    """boto3's client, whose requests are answered in memory after they were built and signed."""

    def answer(request: Any, **_: object) -> Any:
        method = getattr(dynamodb, xform_name(request.headers["X-Amz-Target"].decode().rpartition(".")[2]))
        try:
            status, said = 200, method(**json.loads(request.body))
        except ClientError as error:
            status, said = 400, {"__type": error.response["Error"]["Code"], **error.response}
        headers: Any = HeadersDict()
        reply: Any = AWSResponse(request.url, status, headers, None)
        reply._content = json.dumps(said).encode()
        return reply

    client: Any = boto3.client("dynamodb", region_name=cloud.REGION)
    client.meta.events.register("before-send.dynamodb", answer)
    return client


@dataclass
class Ours:
    """Our publish function, warm."""

    latency_s: float = 0.0
    boto3: bool = False
    dynamodb: Still = field(default_factory=Still)

    def run(self, targets: int) -> Speed:
        """Publish so many targets, ten in a batch and one batch after the other, as the event source mapping does."""
        batches = [self._batch() for _ in range(targets // BATCH)]
        gc.collect()
        gc.freeze()  # what else this process has loaded is no part of a function
        if isinstance(self.dynamodb, Watched):
            self.dynamodb.spent_s = 0.0  # what preparing took
        began_s, cpu_s = time.perf_counter(), time.process_time()
        for batch in batches:
            with redirect_stdout(io.StringIO()):  # the metrics functions write as log lines
                answer = self._desk.work(batch, lambda: 60.0)
                flush()
            assert answer == {"batchItemFailures": []}
        return Speed(targets, time.perf_counter() - began_s, time.process_time() - cpu_s)

    @cached_property
    def _client(self) -> Callable[[], Any]:
        client = through_boto3(self.dynamodb) if self.boto3 else self.dynamodb
        return lambda: client

    @cached_property
    def _desk(self) -> Desk:
        adapter, platform, observed = Asking(), job.Answering(self.latency_s), Observed("alpha")
        courier = Courier(
            adapter=adapter,
            deliveries=Deliveries("publications", now, self._client),
            sender=Sender(Sending.model_validate(cloud.environment()), now),
            connections=Doors(Remembered(Registry("channels", now, self._client)), self._vault, adapter),
            conversations=Conversations(outside=platform, inside=platform, sign=lambda _request, _service: None),
            clock=now,
            observe=observed,
            gate=gate_of(adapter, Operations("operations", now, self._client), opened=observed.breaker_opened),
        )
        return Desk(self._publications, courier, verify=lambda *_: None, renew=lambda *_: None)

    @cached_property
    def _publications(self) -> Publications:
        return Publications("publications", now, self._client)

    @cached_property
    def _vault(self) -> Vault:
        keys = _Keys()
        return Vault("key", lambda: cast("Any", keys))

    @cached_property
    def _channels(self) -> list[str]:
        return [self._connected(ids.new("chn")) for _ in range(CHANNELS)]

    def _connected(self, identifier: str) -> str:
        secret = {"token": "t"}
        channel = StoredChannel(
            id=identifier,
            workspace=WORKSPACE,
            platform="alpha",
            name="alpha",
            settings={},
            secret_fields=("token",),
            sealed=self._vault.seal(workspace=WORKSPACE, channel=identifier, platform="alpha", secret=secret),
            created_at=now(),
            created_by="bench",
            updated_at=now(),
        )
        Registry("channels", now, self._client).create(channel)
        return identifier

    def _batch(self) -> Records:
        return [self._record(self._channels[number % CHANNELS]) for number in range(BATCH)]

    def _record(self, channel: str) -> dict[str, Any]:
        publication = Publication(
            id=ids.new("pub"),
            workspace=WORKSPACE,
            content=content_of(CONTENT),
            targets=(Target(channel, "alpha"),),
            created_at=now(),
            created_by="bench",
            publish_at=now(),
            fingerprint="f" * 64,
        )
        self._publications.accept(publication)
        work = message.Deliver(workspace=WORKSPACE, publication=publication.id, channel=channel, version=1)
        return {"messageId": publication.id, "body": message.body(work)}
