"""Looks at what a run left behind, and says which promises were broken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import httpx

from publishing import aws, ids, records
from publishing.change import PERSON
from publishing.gate import PATIENCE_S
from publishing.model import TERMINAL, DeliveryState, utc_moment
from publishing.publication import NEVER, Delivery, Publication, Whole
from publishing.retry import BLIND_LOOKS
from tests.cloud import START
from tests.simulation import counts, gates, wishes
from tests.simulation.platforms import Effect
from tests.simulation.violation import Violation
from tests.simulation.workload import POISON, Workload
from tests.simulation.world import CANARY, SECRET, World

PUNCTUAL_S = 1.0
ABSORBING = frozenset({"absorbing", "rotating"})  # a repetition that is refused says nothing of what was sent before
UNREADABLE = frozenset({"blind", "working"})  # platforms that cannot be asked for what was lost there


@dataclass
class Figures:
    """What a run, or many, came to."""

    publications: int = 0
    states: Counter[str] = field(default_factory=Counter)
    unresolved: Counter[str] = field(default_factory=Counter)  # came before a person in doubt, by platform
    lost: int = 0
    doubled: int = 0
    lies: int = 0
    late_s: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    wishes: Counter[str] = field(default_factory=Counter)  # what people asked for, and how it was answered
    answers: int = 0
    probes: int = 0
    paced: int = 0  # requests to platforms with a pace
    over: int = 0  # windows over a pace, counted only what came when its turn had just come and was shared
    over_at_all: int = 0  # all of them, those with a wrong clock, a slow network or no table included
    steps: int = 0
    hours: float = 0.0

    @property
    def targets(self) -> int:
        """How many targets were accepted."""
        return self.states.total()

    def add(self, other: Figures) -> None:
        """These and those."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("states", "unresolved", "faults", "wishes"):
            getattr(self, name).update(getattr(other, name))
        self.late_s.extend(other.late_s)


_SUMS = (
    *("publications", "lost", "doubled", "lies", "steps", "hours"),
    *("answers", "probes", "paced", "over", "over_at_all"),
)


@dataclass
class Auditor:
    """Audits one run."""

    world: World
    workload: Workload
    asked_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by post
    figures: Figures = field(default_factory=Figures)
    violations: list[Violation] = field(default_factory=list)

    def audit(self, stored: Mapping[str, Whole] | None = None) -> None:
        """Ask for every promise, of what is stored."""
        stored = stored or {whole.publication.id: whole for whole in stored_in(self.world)}
        for platform in self.world.platforms.values():
            for asked in platform.asked:
                self.asked_s[asked.post].append(asked.at_s)
        self._answers(stored)
        for whole in stored.values():
            self.figures.publications += 1
            for delivery in whole.deliveries:
                self._target(whole.publication, delivery)
        self._messages(stored)
        self._secrecy()
        self.violations.extend(wishes.broken(self.world, self.workload, stored))
        self.violations.extend(gates.broken(self.world))
        told = counts.broken(self.world.observations, stored.values(), self.world.faults.doubtful)
        self.violations.extend(told)
        self._figures()

    def _figures(self) -> None:
        figures, people, calls = self.figures, self.workload.people, self.workload.calls
        figures.faults.update(self.world.faults.fired)
        figures.steps, figures.hours = self.world.loop.steps, self.world.loop.now_s / 3_600
        figures.wishes.update(f"edit {edit.outcome}" for edit in people.edits)
        figures.wishes.update(f"{decision.why} {decision.outcome}" for decision in people.decisions)
        for decision in people.decisions:
            if decision.needed and decision.why in {"published", "not_published"} and decision.outcome != "refused":
                figures.unresolved[self._platform_of(decision.delivery)] += 1
        figures.answers, figures.probes = calls.answers, len(self.world.observations.probes)
        for platform in self.world.platforms.values():
            figures.paced += len(platform.asked) if platform.adapter.limits.rate else 0
            figures.over_at_all += len(list(gates.over(platform, on_time=False)))
        figures.over = sum(violation.invariant == "I9" for violation in self.violations)

    def _platform_of(self, delivery: str) -> str:
        channel = f"chn_{delivery.rpartition('_')[2]}"
        return next(known[channel] for known in self.world.channels.values() if channel in known)

    def _broken(self, invariant: str, what: str, history: str = "") -> None:
        self.violations.append(Violation(invariant, what, history))

    def _answers(self, stored: Mapping[str, Whole]) -> None:
        """I1: one publication for each key that was answered 202, and it is there."""
        for key, answered in self.workload.accepted.items():
            if len(answered) != 1 or not answered <= stored.keys():
                self.figures.lost += not answered <= stored.keys()
                self._broken("I1", f"{key} was answered 202 for {sorted(answered)}")
        for lie in self.workload.calls.lies:
            self.figures.lies += 1
            self._broken(lie.invariant, lie.what)

    def _target(self, publication: Publication, delivery: Delivery) -> None:
        post = ids.delivery(publication.id, delivery.channel)
        platform = self.world.platforms[delivery.platform]
        effects = platform.effects.get(post, [])
        asked_s = self.asked_s.get(post, [])
        story = told(publication, delivery, effects, asked_s)
        self.figures.states[delivery.state.value] += 1
        self._end(delivery, story)
        self._truth(delivery, effects, story)
        unsure = any(event.state == DeliveryState.UNCERTAIN for event in delivery.history)
        if unsure and publication.id not in self.world.faults.doubtful:
            self._broken("I13", f"{post} was in doubt without any reason", story)
        if len(effects) > 1:
            self.figures.doubled += 1
            self._broken("I2", f"{post} is out {len(effects)} times", story)
        if any(effect.channel != delivery.channel for effect in effects):
            self._broken("I8", f"{post} is out on another channel", story)
        if _changed_after_its_end(delivery):
            self._broken("I5", f"{post} changed after its end", story)
        if not any(event.state == DeliveryState.HELD for event in delivery.history):
            self._punctuality(publication, delivery, asked_s, story)

    def _end(self, delivery: Delivery, story: str) -> None:
        """I1: settled, or a person's turn where nothing else can tell."""
        if delivery.state in TERMINAL:
            return
        if delivery.state is DeliveryState.UNCERTAIN and delivery.next_at == NEVER:
            self.figures.unresolved[delivery.platform] += 1
            if not _for_a_person(delivery):
                self._broken("I1", f"{delivery.channel} waits for a person, who is not needed", story)
            return
        self.figures.lost += 1
        self._broken("I1", f"{delivery.channel} is lost: {delivery.state}", story)

    def _truth(self, delivery: Delivery, effects: list[Effect], story: str) -> None:
        """I3 and I4: what is said to be out is out, and what is said not to be is not."""
        receipt = delivery.receipt.id if delivery.receipt else ""
        if delivery.state is DeliveryState.PUBLISHED and receipt not in {effect.receipt for effect in effects}:
            self.figures.lies += 1
            self._broken("I3", f"{delivery.channel} is said to be out as {receipt!r}, and is not", story)
        if delivery.state in TERMINAL - {DeliveryState.PUBLISHED} and effects:
            self.figures.lies += 1
            self._broken("I4", f"{delivery.channel} is said to be {delivery.state}, and is out", story)

    def _punctuality(self, publication: Publication, delivery: Delivery, asked_s: list[float], story: str) -> None:
        """What met no fault and had to wait for no gate is out within a second; what was edited, after that."""
        edited_s = max((_seconds(event.at) for event in delivery.history if event.why == "edit"), default=0.0)
        asked_s = [each for each in asked_s if each > edited_s]
        if not asked_s or publication.publish_at == publication.created_at:
            return
        late_s = min(asked_s) - (publication.publish_at - START).total_seconds()
        if late_s < 0 and publication.id not in self.world.faults.skewed:
            self._broken("B15", f"{publication.id} left {-late_s:.3f} s before its time", story)
        if publication.id in self.world.faults.touched or delivery.delayed:
            return
        paced = self.world.adapters[delivery.platform].limits.rate
        if not paced:
            self.figures.late_s.append(late_s)
        if late_s > PUNCTUAL_S + (PATIENCE_S if paced else 0.0):
            self._broken("B15", f"{publication.id} left {late_s:.3f} s late without any fault", story)

    def _messages(self, stored: Mapping[str, Whole]) -> None:
        """I6: no message vanishes, and dead letters are poison, or of what is settled."""
        for queue in self.world.queues.values():
            if queue.sent != queue.deleted + len(queue.messages) + len(queue.dead):
                self._broken("I6", f"{queue.name}: {queue.sent} sent, {queue.deleted} deleted")
            if any(message.body not in POISON and message.about[0] not in stored for message in queue.dead):
                self._broken("I6", f"{queue.name}: a dead letter of nothing that is stored")
        poisoned = sum(message.body in POISON for queue in self.world.queues.values() for message in queue.dead)
        if poisoned != self.workload.poison:
            self._broken("I6", f"{self.workload.poison} poisonous messages were sent, {poisoned} are dead letters")

    def _secrecy(self) -> None:
        """I7: neither content nor secrets in messages or log lines."""
        bodies = {body for queue in self.world.queues.values() for body in queue.bodies}
        if any(CANARY in text or SECRET in text for text in (*bodies, *self.world.told.lines())):
            self._broken("I7", "content or a secret was told")


def _changed_after_its_end(delivery: Delivery) -> bool:
    """Only a person's retry of what failed begins anew."""
    history = delivery.history
    for one, following in pairwise(history):
        retried = one.state == DeliveryState.FAILED and (following.by, following.why) == (PERSON, "retry")
        if one.state in TERMINAL and not retried:
            return True
    return bool(history) and history[-1].state != delivery.state


def _for_a_person(delivery: Delivery) -> bool:
    """Nobody else can tell: it can't be read, or was looked for often enough, or asking again was refused."""
    refused = delivery.trouble is not None and delivery.trouble.status == httpx.codes.UNPROCESSABLE_ENTITY
    exhausted = delivery.looks >= BLIND_LOOKS or (delivery.platform in ABSORBING and refused)
    return exhausted or delivery.platform in UNREADABLE


def stored_in(world: World) -> Iterator[Whole]:
    """Every publication of the table, as it stands, with its deliveries."""
    for items in world.dynamodb.tables["publications"].items.values():
        whole = records.whole(aws.unmarshal(item) for item in items.values())
        assert whole is not None, "deliveries without a publication"
        yield whole


def told(publication: Publication, delivery: Delivery, effects: list[Effect], asked_s: list[float]) -> str:
    """The history of one target, to be read by whoever looks for the mistake."""
    at_s = (publication.publish_at - START).total_seconds()
    lines = [f"{publication.id} on {delivery.platform} {delivery.channel}, due at {at_s:.3f} s: {delivery}"]
    lines += [
        f"  {_seconds(event.at):>12.3f} s  {event.state} {event.attempt} {event.why}" for event in delivery.history
    ]
    lines += [f"  {each:>12.3f} s  asked the platform" for each in asked_s]
    lines += [f"  {effect.at_s:>12.3f} s  out as {effect.receipt}" for effect in effects]
    return "\n".join(lines)


def _seconds(text: str) -> float:
    return (utc_moment(text) - START).total_seconds()
