"""Renewals under every fault: functions as they are deployed, channels as they are stored, tokens that work once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast
from unittest.mock import patch

from channels.connecting import Doors
from channels.model import Connection, StoredChannel
from channels.records import PREFIX, channel_of, item_of
from channels.vault import Vault
from publishing import aws, ids
from tests.cloud import START
from tests.simulation import faults
from tests.simulation.auditor import Auditor
from tests.simulation.calls import Calls
from tests.simulation.loop import Invocation
from tests.simulation.run import SCALES, run
from tests.simulation.tokens import RATES, Issuing, Presented, Rotating
from tests.simulation.violation import Violation
from tests.simulation.workload import Workload
from tests.simulation.world import SWEEP_S, World

PUBLICATIONS = 30
PUNCTUALITY = "B15"  # whatever renews a channel's tokens, or has them renewed in vain, holds up what is for it
NOTICED_S = (60.0, 900.0)  # so soon a person connects a channel again


@dataclass
class Renewing(World):
    """A world with channels as they are stored, whose one platform gives out tokens that work once."""

    def __post_init__(self) -> None:
        adapter = Rotating()
        self.adapters = {adapter.name: adapter}
        super().__post_init__()
        self.platform = Issuing(adapter, self.loop, self.faults)
        self.platforms = {adapter.name: self.platform}
        self.vault = Vault("key", lambda: cast("Any", self.kms))
        self.reconnected = 0

    def doors_of(self, **given: Any) -> Any:
        """The real ones."""
        return Doors(**given)

    def connect(self, workspace: str, platform: str, number: int) -> None:
        """Store a channel with tokens, found good a moment ago."""
        channel = ids.derived("chn", workspace, platform, str(number))
        self.channels.setdefault(workspace, {})[channel] = platform
        secret = self.platform.grant(channel)
        sealed = self.vault.seal(workspace=workspace, channel=channel, platform=platform, secret=secret)
        stored = StoredChannel(channel, workspace, platform, "One", {}, tuple(secret), sealed, START, "", START)
        found = replace(stored, connection=Connection.CONNECTED, renew_at=START)
        table, item = self.dynamodb.tables["channels"], aws.marshal(item_of(found))
        table.put(table.key(item), item, 0.0)
        for index in table.indexes.values():
            index.show(table.key(item), index.entry(item))

    def every_minute(self) -> None:
        """The sweep, and the renewer."""
        super().every_minute()
        self.loop.start(self._asked_for, Invocation("renew", self.loop.now_s + SWEEP_S))

    def _asked_for(self) -> None:
        with suppress(Exception):  # the next minute brings another
            self.functions.renew()

    def stored(self) -> Iterator[StoredChannel]:
        """Every channel as it stands."""
        for items in self.dynamodb.tables["channels"].items.values():  # the audit log stands there, too
            yield from (channel_of(aws.unmarshal(item)) for place, item in items.items() if place.startswith(PREFIX))

    def astray(self) -> list[StoredChannel]:
        """The channels whose tokens are not the platform's any more."""
        return [
            each
            for each in self.stored()
            if self.vault.open(each).secrets["refresh_token"] != self.platform.current[each.id]
        ]

    @contextmanager
    def open(self) -> Iterator[None]:
        """With the faults of this platform."""
        with patch.dict(faults.RATES, {"token": RATES}), super().open():
            yield


class Owners(Workload):
    """Clients, and the owners of channels, who connect again what must be."""

    def begin(self) -> None:
        """Let all of them loose."""
        super().begin()
        self.world.loop.start(self._care, None)

    def _care(self) -> None:
        while True:
            self.world.loop.pause(self.world.rng.uniform(*NOTICED_S))
            for channel in list(_of(self.world).stored()):
                if channel.connection is Connection.RECONNECT:
                    self._reconnect(channel)

    def _reconnect(self, channel: StoredChannel) -> None:
        world = _of(self.world)
        world.reconnected += 1
        body = {"credentials": world.platform.grant(channel.id)}
        self.calls.insist(channel.workspace, "PATCH", f"/v1/channels/{channel.id}", tries=8, body=body)


def _of(world: World) -> Renewing:
    assert isinstance(world, Renewing)
    return world


@dataclass
class Endured:
    """What a run came to."""

    world: Renewing
    violations: list[Violation]

    @property
    def renewed(self) -> int:
        """How often tokens were given for old ones."""
        return sum(each.good for each in self.world.platform.presented)


def endured(seed: int, *, publications: int = PUBLICATIONS) -> Endured:
    """Run this seed, and audit it: what holds of all publications, and of every token."""
    world = Renewing(seed, SCALES[seed % len(SCALES)])
    owners = Owners(world, publications)
    run(world, owners, world.dynamodb.tables["publications"].items.values, lambda: not world.astray())
    auditor = Auditor(world, owners)
    auditor.audit()
    kept = [each for each in auditor.violations if each.invariant != PUNCTUALITY]
    return Endured(world, [*kept, *broken(world)])


def together(workers: int) -> Renewing:
    """So many publications at once on one channel, whose access token has ended; without faults."""
    world = Renewing(1, 0.0)
    with world.open():
        workspace = ids.derived("ws", "0")
        world.connect(workspace, Rotating.name, 0)
        (channel,) = world.channels[workspace]
        world.platform.access.clear()
        body, calls = {"content": {"text": "Hello"}, "targets": [{"channel": channel}]}, Calls(world)
        for _ in range(workers):
            world.loop.start(lambda: calls.ask(workspace, "POST", "/v1/publications", body=body), None)
        world.loop.pause(60.0)
    return world


def broken(world: Renewing) -> Iterator[Violation]:
    """T1: nobody presents a token that somebody else is presenting. T2: whose tokens are lost is known to need others.

    T3: without any fault none are lost. A wrong clock may take a lease for run out; whoever had one is left out of T1.
    """
    if world.reconnected and not world.scale:
        yield Violation("T3", f"{world.reconnected} channels had to be connected again, and nothing had failed")
    shown: dict[str, list[Presented]] = defaultdict(list)
    for each in world.platform.presented:
        if not each.skewed:
            shown[each.token].append(each)
    for found in shown.values():
        for one, following in pairwise(found):
            if following.since_s < one.until_s:
                yield Violation("T1", f"a token was presented twice at once: {one}, {following}")
    for channel in world.astray():
        if channel.connection is not Connection.RECONNECT:
            yield Violation("T2", f"{channel.id} has lost its tokens and is {channel.connection}")
