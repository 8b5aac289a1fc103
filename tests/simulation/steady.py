"""A steady load for as long as it takes: so many publications a second, against platforms and services that fail."""

from __future__ import annotations

import copy
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from publishing import ids
from publishing.adapter import Adapter
from publishing.model import Priority, utc_text
from publishing.publication import Delivery, Publication
from tests.cloud import START
from tests.simulation.adapters import ADAPTERS
from tests.simulation.archive import Archive, Stored
from tests.simulation.auditor import UNREADABLE, Auditor, Figures
from tests.simulation.people import People
from tests.simulation.run import run
from tests.simulation.violation import Violation
from tests.simulation.workload import Request, Workload
from tests.simulation.world import CANARY, SECRET, Told, World

CHANNELS = 10  # of each platform, in each workspace; there are as many workspaces as publications come in a second
AT_ONCE = 100  # how often each platform's function may run at the same time, with ten messages at most
TIMED, AHEAD_S = 0.1, (3.0, 600.0)
LOOK_S = 20.0
KNOWN = sorted(set(ADAPTERS) - UNREADABLE)  # platforms that absorb repetitions, or can be asked what is there

Tell = Callable[[int], object]  # is told how many publications are settled


@dataclass(frozen=True, slots=True)
class Load:
    """So many publications a second for so many seconds, of whose targets so many percent must get out."""

    per_s: float
    lasts_s: float
    least_percent: float

    @property
    def count(self) -> int:
        """How many publications that makes."""
        return round(self.per_s * self.lasts_s)


@dataclass(frozen=True)
class Endured:
    """What became of a load."""

    load: Load
    figures: Figures
    states: dict[str, Counter[str]]  # by platform
    out: int  # targets that are out, as the platforms themselves know it
    violations: list[Violation]
    outages: list[str]
    cpu_s: float
    peak_mb: int

    @property
    def out_percent(self) -> float:
        """How much got out, those included of which only the platform knows it."""
        return 100 * self.out / self.figures.targets

    def percent(self, state: str, *platforms: str) -> float:
        """How much ended in a state: on these platforms, or on all."""
        counted = [self.states[name] for name in platforms or self.states]
        return 100 * sum(each[state] for each in counted) / sum(each.total() for each in counted)

    @property
    def known_percent(self) -> float:
        """How much is said to be published where that can be known."""
        return self.percent("published", *KNOWN)

    @property
    def fine(self) -> bool:
        """Whether everything was accepted, enough got out and is said to be, and every promise was kept."""
        whole = self.figures.publications == self.load.count
        enough = min(self.out_percent, self.known_percent) >= self.load.least_percent
        return whole and enough and not self.violations


class Nobody(People):
    """Nobody looks after what was submitted: what needs a person waits for one."""

    def care(self, _workspace: str, _shown: Any) -> None:
        """Leave it alone."""


class Sieve(Told):
    """Of what is logged, keeps only what must not be."""

    def emit(self, record: Any) -> None:
        """Look, and forget."""
        text = f"{record.getMessage()} {record.__dict__}"
        if CANARY in text or SECRET in text:
            self.records.append(record)


@dataclass
class Steady(Workload):
    """Clients that come at even intervals, each of which asks until it is answered."""

    load: Load = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.people = Nobody(self.world, self.calls)
        self.due_s = self.load.lasts_s

    def begin(self) -> None:
        """Connect the channels and let the first client loose."""
        workspaces = [ids.derived("ws", str(number)) for number in range(max(2, round(self.load.per_s)))]
        for workspace in workspaces:
            for platform in self.world.adapters:
                for each in range(CHANNELS):
                    self.world.connect(workspace, platform, each)
        self._following(0, workspaces)

    def _following(self, number: int, workspaces: list[str]) -> None:
        self._come(self._request(number, workspaces), 0.0)
        if number + 1 < self.publications:
            self.world.loop.after(1 / self.load.per_s, lambda: self._following(number + 1, workspaces))

    def _request(self, number: int, workspaces: list[str]) -> Request:
        rng, workspace = self.world.rng, self.world.rng.choice(workspaces)
        channels = rng.sample(list(self.world.channels[workspace]), rng.choice((1, 2, 3)))
        body: dict[str, Any] = {
            "content": {"text": f"{CANARY} {number}"},
            "targets": [{"channel": channel} for channel in channels],
            "priority": rng.choice((Priority.NORMAL, Priority.NORMAL, Priority.NORMAL, Priority.URGENT)),
        }
        if rng.random() < TIMED:
            due_s = self.world.loop.now_s + rng.uniform(*AHEAD_S)
            body["publish_at"] = utc_text(START + timedelta(seconds=due_s))
            self.due_s = max(self.due_s, due_s)
        return Request(workspace, f"key-{number:06}", body)


@dataclass
class Judge(Auditor):
    """An auditor who counts by platform, too, and what is out whatever is said of it."""

    states: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    out: int = 0

    def _target(self, publication: Publication, delivery: Delivery) -> None:
        self.states[delivery.platform][delivery.state.value] += 1
        self.out += ids.delivery(publication.id, delivery.channel) in self.world.platforms[delivery.platform].effects
        super()._target(publication, delivery)


def endured(load: Load, tell: Tell = lambda _: None, *, seed: int = 1) -> Endured:
    """Put this load on, wait until all is settled, and audit it."""
    began_s = time.process_time()
    world = World(seed, 1.0, {name: _roomy(adapter) for name, adapter in ADAPTERS.items()})
    world.told = Sieve()
    table, archive = world.dynamodb.tables["publications"], Archive()
    table.items = archive
    for index in ("by_workspace", "planned"):  # nobody lists anything here, and they would hold it all
        del table.indexes[index]

    def look() -> None:
        archive.pack(table, world.loop.now_s)
        tell(len(archive.packed))
        world.loop.after(LOOK_S, look)

    world.loop.after(LOOK_S, look)
    workload = Steady(world, load.count, load=load)
    run(world, workload, archive.live.values)
    judge = Judge(world, workload)
    judge.audit(Stored(archive))
    outages = [f"{name} {each.outage[2]}" for name, each in world.platforms.items() if each.outage[2]]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    took_s = time.process_time() - began_s
    return Endured(
        load, judge.figures, dict(judge.states), judge.out, judge.violations, outages, took_s, round(peak_mb)
    )


def _roomy(adapter: Adapter) -> Adapter:
    """The same, with more functions at work than a small account's."""
    made = copy.copy(adapter)
    made.limits = replace(adapter.limits, in_flight=AT_ONCE)
    return made
