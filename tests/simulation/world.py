"""All that delivers, as it is, on services in memory: the functions of the stack, their triggers, and the world."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast
from unittest.mock import patch

from publishing import ids
from publishing.acceptance import Acceptance
from publishing.adapter import Adapter
from publishing.batch import worked
from publishing.conversation import Conversations
from publishing.delivery import Courier
from publishing.desk import Desk
from publishing.due import Dispatch
from publishing.ledger import Deliveries
from publishing.message import Due
from publishing.model import Channel
from publishing.records import Trouble
from publishing.sending import Sender
from publishing.settings import Sending
from publishing.store import Publications
from publishing.sweep import Sweep
from tests import cloud
from tests.simulation.dynamodb import DynamoDB
from tests.simulation.faults import Faults
from tests.simulation.loop import Invocation, Loop, Strands
from tests.simulation.platforms import ADAPTERS, Platform
from tests.simulation.scheduler import Scheduler
from tests.simulation.sqs import SQS, Feed, Queue, Record

PUBLISH_S, DISPATCH_S, SWEEP_S, SWEEP_MARGIN_S = 30.0, 30.0, 55.0, 5.0  # the functions' timeouts, as infra sets them
VISIBILITIES = 6
SECRET = "SECRET-CANARY"


@dataclass(frozen=True)
class Connected:
    """A channel as acceptance sees it."""

    platform: str


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

    def lost(self, _workspace: str, channel: str, _why: Trouble) -> None:
        """Somebody will reconnect it."""
        self._shut_s[channel] = self._loop.now_s + self._loop.rng.uniform(30.0, 600.0)


class Told(logging.Handler):
    """Keeps what is logged, to be searched for what must not be."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep all of it."""
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@dataclass
class World:
    """One run: `scale` multiplies the likelihood of every fault."""

    seed: int
    scale: float = 1.0
    adapters: Mapping[str, Adapter] = field(default_factory=lambda: ADAPTERS)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 - a simulation is to be repeatable
        self.loop = Loop(self.rng)
        self.faults = Faults(self.rng, self.scale)
        self.told = Told()
        self.pool = lambda _workers: Strands(self.loop)
        self.queues = {name: self._queue(name) for name in self._lanes()}
        self.dynamodb = DynamoDB(self.loop, self.faults)
        self.sqs = SQS(self.loop, self.faults, self.queues)
        self.scheduler = Scheduler(self.loop, self.faults, self.queues["due"])
        self.platforms = {name: Platform(adapter, self.loop, self.faults) for name, adapter in self.adapters.items()}
        self._put_together()

    def _lanes(self) -> list[str]:
        return ["due", *(f"{name}{lane}" for name in self.adapters for lane in ("", "-urgent"))]

    def _queue(self, name: str) -> Queue:
        timeout_s = DISPATCH_S if name == "due" else PUBLISH_S
        return Queue(name, self.loop, self.faults, VISIBILITIES * timeout_s)

    def _put_together(self) -> None:
        table = cloud.environment()["publications_table"]
        client = lambda: cast("Any", self.dynamodb)  # noqa: E731
        self.publications = Publications(table, self.loop, client)
        self.deliveries = Deliveries(table, self.loop, client)
        self.sender = self._sender()
        self.doors = Doors(self.loop)
        self.channels: dict[str, dict[str, Connected]] = {}
        self.acceptance = Acceptance(
            publications=self.publications,
            sender=self.sender,
            destinations=lambda workspace, wanted: {each: self.channels[workspace][each] for each in wanted},
            adapter=self.adapters.__getitem__,
            clock=self.loop,
        )
        self.sweep = Sweep(self.publications, self.deliveries, self.sender, self.loop, self.pool)
        self.dispatch = Dispatch(self.publications, self.sender)
        self.feeds = [Feed(self.queues["due"], self._dispatched, DISPATCH_S, 5)]
        for name, adapter in self.adapters.items():
            for lane, at_once in ((name, 5), (f"{name}-urgent", 2)):
                self.feeds.append(Feed(self.queues[lane], self._desk(adapter).work, PUBLISH_S, at_once))

    def _sender(self) -> Sender:
        settings = Sending.model_validate(cloud.environment())
        sqs, scheduler = lambda: cast("Any", self.sqs), lambda: cast("Any", self.scheduler)
        return Sender(settings, self.loop, sqs, scheduler, self.pool, self.loop.pause)

    def _desk(self, adapter: Adapter) -> Desk:
        platform = self.platforms[adapter.name]
        courier = Courier(
            adapter=adapter,
            deliveries=self.deliveries,
            sender=self.sender,
            connections=self.doors,
            conversations=Conversations(
                outside=platform,
                inside=platform,
                sign=lambda _request, _service: None,
                now_s=self.loop.seconds,
            ),
            clock=self.loop,
            observe=lambda _publication, _delivery: None,
        )
        return Desk(self.publications, courier, lambda _workspace, _channel: None, self.pool)

    def _dispatched(self, records: Sequence[Record], _left_s: Callable[[], float]) -> Any:
        def one(record: Record) -> None:
            self.dispatch.dispatch(Due.model_validate_json(record["body"]))

        return worked(records, one, pool=self.pool)

    def every_minute(self) -> None:
        """What EventBridge's rule does: start a sweep, and come again."""
        self.loop.after(60.0, self.every_minute)
        invocation = Invocation("sweep", self.loop.now_s + SWEEP_S)
        self.loop.start(lambda: self._swept(invocation), invocation)

    def _swept(self, invocation: Invocation) -> None:
        with suppress(Exception):  # a sweep that fails is not repeated: the next minute brings another
            self.sweep.run(until=lambda: invocation.ends_s - self.loop.now_s < SWEEP_MARGIN_S)

    @contextmanager
    def open(self) -> Iterator[None]:
        """All randomness is the seed's, and what is logged is kept instead of printed."""
        random.seed(self.seed)
        numbers = iter(range(1_000_000))
        log = logging.getLogger("publishing")
        handlers, log.handlers = log.handlers, [self.told]
        level, log.level = log.level, logging.INFO
        propagated, log.propagate = log.propagate, False
        try:
            with patch.object(ids, "new", lambda prefix: ids.derived(prefix, str(self.seed), str(next(numbers)))):
                yield
        finally:
            log.handlers, log.level, log.propagate = handlers, level, propagated
            self.loop.close()
