"""All that delivers, as it is deployed, on services in memory: functions, their triggers, and the world around."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from unittest.mock import patch

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

from channels.model import StoredChannel
from channels.records import item_of
from publishing import aws, ids
from publishing.adapter import Adapter
from publishing.gate import LEAST
from publishing.model import Channel
from publishing.publication import Trouble
from tests.cloud import START
from tests.simulation.adapters import ADAPTERS
from tests.simulation.deployment import Deployment
from tests.simulation.dynamodb import DynamoDB
from tests.simulation.faults import Faults
from tests.simulation.loop import Invocation, Loop, Strands
from tests.simulation.observations import Observations
from tests.simulation.platforms import Platform
from tests.simulation.scheduler import Scheduler
from tests.simulation.sqs import SQS, Answer, Feed, Handle, Queue, Record

PUBLISH_S, DISPATCH_S, SWEEP_S = 30.0, 30.0, 55.0  # the functions' timeouts, as infra sets them
VISIBILITIES = 6
OUTAGE_S, SPELL_S = (60.0, 900.0), (20.0, 300.0)
LOGGERS = ("publishing", "channels", "identity", "media", "web", "postroom")
SECRET, CANARY = "SECRET-CANARY", "CONTENT-CANARY"


class Doors:
    """The channels: open, unless a platform refused their credentials and nobody has reconnected them yet."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._shut_s: dict[str, float] = {}

    def open(self, workspace: str, channel: str) -> Channel | Trouble:
        """The channel, or that it needs reconnecting."""
        if self._shut_s.get(channel, 0.0) > self._loop.now_s:
            return Trouble("reconnect", "It needs reconnecting.")
        return Channel(id=channel, workspace=workspace, platform="", secrets={"token": SECRET})

    def opened(self, *_: object) -> None:
        """Nobody calls back here."""

    def lost(self, refused: Channel, _why: Trouble) -> None:
        """Somebody will reconnect it."""
        self._shut_s[refused.id] = self._loop.now_s + self._loop.rng.uniform(30.0, 600.0)

    def renewed(self, *_: object) -> None:
        """Nothing here can be renewed."""

    def verify(self, *_: object, **__: object) -> None:
        """Nobody asks for this here."""


class Keys:
    """KMS in memory: one data key for all."""

    @staticmethod
    def generate_data_key(**_: Any) -> dict[str, bytes]:
        """Always the same."""
        return {"CiphertextBlob": b"sealed", "Plaintext": bytes(32)}

    @staticmethod
    def decrypt(**_: Any) -> dict[str, bytes]:
        """What it seals."""
        return {"Plaintext": bytes(32)}


class Told(logging.Handler):
    """Keeps what is logged, to be searched for what must not be."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep all of it."""
        self.records.append(record)

    def lines(self) -> Iterator[str]:
        """All that was said."""
        return (f"{record.getMessage()} {record.__dict__}" for record in self.records)

    @contextmanager
    def instead_of(self, loggers: Iterable[str]) -> Iterator[None]:
        """Whatever these say comes here alone."""
        found = [logging.getLogger(name) for name in loggers]
        before = [(log.handlers, log.level, log.propagate) for log in found]
        try:
            for log in found:
                log.handlers, log.level, log.propagate = [self], logging.INFO, False
            yield
        finally:
            for log, (handlers, level, propagate) in zip(found, before, strict=True):
                log.handlers, log.level, log.propagate = handlers, level, propagate


@dataclass
class World:
    """One run: `scale` multiplies the likelihood of every fault."""

    seed: int
    scale: float = 1.0
    adapters: Mapping[str, Adapter] = field(default_factory=lambda: ADAPTERS)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 - a simulation is to be repeatable
        self.loop = Loop(self.rng, own=((BaseRouter, "current_event"), (BaseRouter, "lambda_context")))
        self.faults = Faults(self.rng, self.scale)
        self.loop.overran = lambda invocation: self.faults.met("overran", invocation.about)
        self.told = Told()
        self.pool = lambda _workers: Strands(self.loop)
        self.queues = {name: self._queue(name) for name in self._lanes()}
        self.dynamodb = DynamoDB(self.loop, self.faults)
        self.sqs = SQS(self.loop, self.faults, self.queues)
        self.scheduler = Scheduler(self.loop, self.faults, self.queues["due"])
        self.platforms = {name: Platform(adapter, self.loop, self.faults) for name, adapter in self.adapters.items()}
        self.doors, self.kms = Doors(self.loop), Keys()
        self.channels: dict[str, dict[str, str]] = {}  # by workspace: each channel's platform
        self.observations = Observations(self.loop)
        self.functions = Deployment(self)
        self._feed("due", lambda records, _: self.functions.dispatch(records), DISPATCH_S, 5)
        for name, adapter in self.adapters.items():
            self._open(name, max(adapter.limits.in_flight, LEAST))

    def doors_of(self, **_: object) -> Any:
        """The doors of a platform's function."""
        return self.doors

    def _lanes(self) -> list[str]:
        return ["due", *(f"{name}{lane}" for name in self.adapters for lane in ("", "-urgent"))]

    def _queue(self, name: str) -> Queue:
        timeout_s = DISPATCH_S if name == "due" else PUBLISH_S
        return Queue(name, self.loop, self.faults, VISIBILITIES * timeout_s)

    def _open(self, platform: str, at_once: int) -> None:
        def handle(records: Sequence[Record], _left_s: object) -> Answer:
            answer: Answer = self.functions.publish(platform, records)
            return answer

        self._feed(platform, handle, PUBLISH_S, at_once)
        self._feed(f"{platform}-urgent", handle, PUBLISH_S, max(at_once // 2, LEAST))

    def _feed(self, queue: str, handle: Handle, timeout_s: float, at_once: int) -> None:
        Feed(self.queues[queue], handle, timeout_s, at_once)

    def connect(self, workspace: str, platform: str, number: int) -> None:
        """Store a channel."""
        channel = ids.derived("chn", workspace, platform, str(number))
        self.channels.setdefault(workspace, {})[channel] = platform
        stored = StoredChannel(channel, workspace, platform, "", {}, (), None, START, "", START)
        item = aws.marshal(item_of(stored))
        table = self.dynamodb.tables["channels"]
        table.put(table.key(item), item, 0.0)

    def trouble_ahead(self, last_s: float) -> None:
        """Have platforms and the operations table be away for a while, in some runs."""
        for platform in self.platforms.values():
            kind, since_s = self.faults.pick("outage"), self.rng.uniform(0.0, last_s)
            platform.outage = (since_s, since_s + self.rng.uniform(*OUTAGE_S), kind)
            if not kind:
                platform.outage = (0.0, 0.0, "")
        if self.faults.pick("spell"):
            self.loop.after(self.rng.uniform(0.0, last_s), self._operations_down)

    def _operations_down(self) -> None:
        self.dynamodb.operations_wire.down_until_s = self.loop.now_s + self.rng.uniform(*SPELL_S)

    def every_minute(self) -> None:
        """What EventBridge's rule does: start a sweep, and come again."""
        self.loop.after(60.0, self.every_minute)
        self.loop.start(self._swept, Invocation("sweep", self.loop.now_s + SWEEP_S))

    def _swept(self) -> None:
        with suppress(Exception):  # a sweep that fails is not repeated: the next minute brings another
            self.functions.sweep()

    @contextmanager
    def open(self) -> Iterator[None]:
        """All randomness is the seed's, and what is logged is kept instead of printed."""
        random.seed(self.seed)
        numbers = count()
        with (
            self.functions.open(),
            self.told.instead_of(LOGGERS),
            patch.object(ids, "new", lambda prefix: ids.derived(prefix, str(self.seed), str(next(numbers)))),
        ):
            try:
                yield
            finally:
                self.loop.close()
