"""A crowd in virtual time: far more to publish than goes out, and who is urgent or quiet among it; without faults.

Desk, courier, gate and pace are the real ones, each environment with a gate of its own. Platforms have the limits the
real ones declare, take everything, and answer after a while.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httpx

from publishing import message
from publishing.adapter import PUBLISHES, Conversation, Credentials, Limits
from publishing.conversation import Conversations
from publishing.delivery import Courier
from publishing.desk import Desk
from publishing.gate import LEAST, Gate, gate_of
from publishing.ledger import Deliveries
from publishing.model import Channel, Content, DeliveryState, Identity, Post, Priority, Receipt, Target
from publishing.operations import Operations
from publishing.publication import Delivery, Publication
from publishing.sending import Sender
from publishing.settings import Sending
from publishing.store import Publications
from tests import cloud
from tests.simulation.dynamodb import DynamoDB
from tests.simulation.fair import FairQueue
from tests.simulation.faults import Faults
from tests.simulation.loop import Loop, Strands
from tests.simulation.sqs import SQS, Answer, Feed, Queue, Record

ANSWERS_S = (0.1, 0.3)
TARGETS = 10
GRACE_S = 10.0  # a function has so much more than its longest conversation, as in `infra.lane`


class Plain:
    """A platform with the limits of a real one, which takes everything."""

    credentials = Credentials(())
    uses: frozenset[Any] = frozenset()
    idempotent = True

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = self.title = name
        self.limits = limits

    def check(self, _post: Post) -> list[Any]:
        """Nothing is wrong with anything."""
        return []

    def publish(self, _post: Post, channel: Channel) -> Conversation[Receipt]:
        """One request."""
        yield httpx.Request("POST", f"https://{self.name}.test/{channel.id}", extensions=PUBLISHES)
        return Receipt("1")

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Nobody asks for this here."""
        yield httpx.Request("GET", f"https://{self.name}.test/{channel.id}")
        return Identity("1")


class Instant(DynamoDB):
    """The same tables, answering in no time: a pace keeps its lock while it asks, so no strand may wait then."""

    def __init__(self, real: DynamoDB) -> None:
        super().__init__(real.loop, real.faults)
        self.tables = real.tables
        self._wire = self.operations_wire = cast("Any", self)

    def ask(self, effect: Callable[[], Any], _about: object) -> Any:
        """At once."""
        return effect()


class World(httpx.BaseTransport):
    """Every platform's answer after a while; remembers when each channel was asked."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.asked: dict[str, list[float]] = defaultdict(list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """It is out."""
        self.asked[str(request.url)].append(self._loop.now_s)
        self._loop.pause(self._loop.rng.uniform(*ANSWERS_S))
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))


@dataclass
class Scene:
    """Some platforms at work; `waits_s` tells, by the subject a publication was handed in by, how long each took."""

    adapters: Sequence[Plain]
    fair: bool = True
    loop: Loop = field(default_factory=lambda: Loop(random.Random(16)))  # noqa: S311 - to be repeatable
    waits_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    pending: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random.seed(16)
        self.numbers = 0
        faults = Faults(self.loop.rng, 0.0)
        self.dynamodb = DynamoDB(self.loop, faults)
        self.instant = Instant(self.dynamodb)
        self.world = World(self.loop)
        lasts_s = {"due": GRACE_S} | {
            lane: _function_s(adapter) for adapter in self.adapters for lane in _lanes(adapter)
        }
        self.queues = {
            name: FairQueue(name, self.loop, faults, 6 * each_s, fair=self.fair) for name, each_s in lasts_s.items()
        }
        sqs: Any = SQS(self.loop, faults, cast("dict[str, Queue]", self.queues))
        self.pool = lambda _count: Strands(self.loop)
        settings = Sending.model_validate(cloud.environment())
        self.sender = Sender(settings, self.loop, lambda: sqs, pool=self.pool, sleep=self.loop.pause)
        for adapter in self.adapters:
            self._open(adapter)

    def _open(self, adapter: Plain) -> None:
        most = max(adapter.limits.in_flight, LEAST)
        environments = Environments(lambda: self._desk(adapter))
        for lane, at_once in zip(_lanes(adapter), (most, max(most // 2, LEAST)), strict=True):
            Feed(self.queues[lane], environments.work, _function_s(adapter), at_once)

    def _desk(self, adapter: Plain) -> Desk:
        client, instant = lambda: cast("Any", self.dynamodb), lambda: cast("Any", self.instant)
        gate = gate_of(adapter, Operations("operations", self.loop, instant), opened=lambda: None)
        courier = Courier(
            adapter=adapter,
            deliveries=Deliveries("publications", self.loop, client),
            sender=self.sender,
            connections=cast("Any", self),
            conversations=Conversations(self.world, self.world, lambda *_: None, now_s=self.loop.seconds),
            clock=self.loop,
            observe=self.observe,
            gate=Gate(gate.breaker, gate.pace, wait=self.loop.pause),
        )
        return Desk(
            Publications("publications", self.loop, client), courier, lambda *_: None, lambda *_: None, self.pool
        )

    @staticmethod
    def open(workspace: str, channel: str) -> Channel:
        """Every channel is connected."""
        return Channel(channel, workspace, "")

    def observe(self, publication: Publication, delivery: Delivery) -> None:
        """How long it took."""
        if delivery.state is DeliveryState.PUBLISHED:
            subject, since_s = self.pending.pop(publication.id, ("", 0.0))
            self.waits_s[subject or publication.created_by].append(self.loop.now_s - since_s)

    def hand_in(self, workspace: str, targets: Sequence[Target], subject: str, priority: Priority) -> Publication:
        """Store a publication."""
        self.numbers += 1
        publication = Publication(
            id=f"pub_{self.numbers}",
            workspace=workspace,
            content=Content(text="Hello"),
            targets=tuple(targets),
            created_at=self.loop(),
            created_by=subject,
            publish_at=self.loop(),
            fingerprint="f",
            priority=priority,
        )
        stored, _ = Publications("publications", self.loop, lambda: cast("Any", self.instant)).accept(publication)
        return stored

    def flood(self, workspace: str, platform: str, channels: Sequence[str], deliveries: int) -> None:
        """Put that many bulk deliveries on a platform's queue, spread over these channels."""
        for start in range(0, deliveries, TARGETS):
            names = [channels[(start + each) % len(channels)] for each in range(TARGETS)]
            targets = [Target(name, platform) for name in dict.fromkeys(names)]
            publication = self.hand_in(workspace, targets, "bulk", Priority.NORMAL)
            for target in targets:
                parcel = self.sender.parcel(publication, target, self.loop())
                self.queues[platform].send(message.body(parcel.work), 0.0, workspace)

    def post(self, at_s: float, workspace: str, target: Target, subject: str, priority: Priority) -> None:
        """Have one publication handed in at that time."""

        def handed_in() -> None:
            publication = self.hand_in(workspace, [target], subject, priority)
            self.pending[publication.id] = (subject, self.loop.now_s)
            self.sender.start(publication)

        self.loop.after(at_s, lambda: self.loop.start(handed_in, None))

    def run(self, until_s: float) -> None:
        """Let time pass; what is still waiting then has waited that long at least."""
        self.loop.pause(until_s)
        for subject, since_s in self.pending.values():
            self.waits_s[subject].append(self.loop.now_s - since_s)
        self.loop.close()


def _lanes(adapter: Plain) -> tuple[str, str]:
    return adapter.name, f"{adapter.name}-urgent"


def _function_s(adapter: Plain) -> float:
    return adapter.limits.timeout_s + GRACE_S


class Environments:
    """The environments of one platform's function: each works one batch at a time, the last one used first."""

    def __init__(self, made: Callable[[], Desk]) -> None:
        self._made, self._idle = made, list[Desk]()

    def work(self, records: Sequence[Record], left_s: Callable[[], float]) -> Answer:
        """Work a batch."""
        desk = self._idle.pop() if self._idle else self._made()
        try:
            return desk.work(records, left_s)
        finally:
            self._idle.append(desk)
