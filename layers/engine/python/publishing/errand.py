"""One target's turn: claim, publish, write what came of it; where the outcome is unknown, look before touching."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from publishing import aws, retry, versions
from publishing.abilities import Finds, Resumes
from publishing.asking import Asking, With
from publishing.change import Change
from publishing.conversation import See, unseen
from publishing.equipment import Equipment
from publishing.errors import PublishingError
from publishing.failures import told
from publishing.gate import Entry, Later
from publishing.message import Deliver
from publishing.model import Channel, DeliveryState, Outcome, Pending, Post, Priority, Receipt, Target, utc_text
from publishing.publication import Delivery, Publication, Trouble

T = TypeVar("T")
HOLDING = frozenset({"reconnect", "paused", "suspended", "not_granted", "switched_off"})  # troubles that end
SINCE_SLACK = timedelta(minutes=5)  # clocks differ: a look begins a little before the first attempt

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Errand:
    """One target's turn."""

    courier: Equipment
    publication: Publication
    target: Target
    see: See = unseen
    heard: Callable[[PublishingError | None], None] = lambda _: None  # is told what came of asking the platform

    @property
    def channel(self) -> str:
        """The channel, as the gate knows it."""
        return f"{self.publication.workspace}#{self.target.channel}"

    def admitted(self, work: Deliver, spare_s: float) -> Entry | Later:
        """What the gate says."""
        gate, watch, since = self.courier.gate, self.courier.watch, self.courier.clock()
        urgent = self.publication.priority is Priority.URGENT
        way = gate.ask(self.channel, since, turn=work.turn, spare_s=spare_s, urgent=urgent)
        if isinstance(way, Later) and way.shut:
            watch.shut_out()
            return way
        watch.paced(((way.at if isinstance(way, Later) else self.courier.clock()) - since).total_seconds())
        if isinstance(way, Entry) and way.probe:
            watch.probes()
        return way

    def put_off(self, later: Later, work: Deliver) -> None:
        """Not now: the delivery's one message comes again. Where that is another one, this one brings nothing."""
        seen, ours = self.courier.deliveries.put_off(self.publication, self.target, later.at)
        if ours:
            self.courier.sender.again(self.publication, self.target, later.at, turn=later.turn)
            return
        if later.turn != work.turn:  # its own turn its twin has as well
            self.courier.gate.put_back(self.channel, later)
        if self._is_lost(seen):
            self._doubt(seen)

    def run(self) -> None:
        """Do what the delivery needs next."""
        channel = self.courier.connections.open(self.publication.workspace, self.target.channel)
        if isinstance(channel, Trouble):
            self._without_channel(channel)
            return
        seen, mine = self.courier.deliveries.claim(self.publication, self.target, lease_s=self.courier.lease_s)
        if mine:
            self._begin(channel, seen)
            self._attempt(seen, channel, lambda known: self.courier.adapter.publish(self._post, known))
        else:
            self._go_on(seen, channel)

    def _begin(self, channel: Channel, claimed: Delivery) -> None:
        watch, adapter = self.courier.watch, self.courier.adapter
        watch.begun(self.publication, claimed)
        if versions.ends_soon(versions.pinned(adapter, channel), self.courier.clock().date()):
            watch.nears_an_end()

    @cached_property
    def _post(self) -> Post:
        post = self.publication.post(self.target)
        workspace, lasting = self.publication.workspace, self.courier.adapter.limits.embeds
        return replace(post, content=self.courier.library.addressed(workspace, post.content, lasting=lasting))

    def _go_on(self, seen: Delivery, channel: Channel) -> None:
        """The delivery is not waiting for a first or another attempt: it is settled, somebody's, or in doubt."""
        now = utc_text(self.courier.clock())
        if self._is_lost(seen):
            self._doubt(seen)
        elif (
            seen.state in {DeliveryState.UNCERTAIN, DeliveryState.PROCESSING}
            and max(seen.next_at, seen.lease_until) <= now
        ):
            deliveries = self.courier.deliveries
            taken = deliveries.take(self.publication, self.target, seen, lease_s=self.courier.lease_s)
            if taken:
                self._continue(taken, channel)

    def _continue(self, taken: Delivery, channel: Channel) -> None:
        adapter = self.courier.adapter
        if taken.state is DeliveryState.PROCESSING and isinstance(adapter, Resumes):
            pending = Pending(taken.pending or {}, 0.0)
            self._attempt(taken, channel, lambda known: adapter.resume(pending, self._post, known))
        elif adapter.idempotent:
            self._attempt(taken, channel, lambda known: adapter.publish(self._post, known))
        elif isinstance(adapter, Finds):
            self._look(taken, channel, adapter)

    def _is_lost(self, seen: Delivery) -> bool:
        return seen.state is DeliveryState.PUBLISHING and seen.lease_until <= utc_text(self.courier.clock())

    def _doubt(self, seen: Delivery) -> None:
        """Its worker died with the lease: nobody knows whether it is out."""
        why = Trouble("worker_lost", "The worker stopped before it could write down what came of it.")
        change = self.courier.decision().unsure(why, seen)
        self._written(self.courier.deliveries.doubt(self.publication, self.target, seen, change), change)

    def _attempt(self, taken: Delivery, channel: Channel, conversation: With[Outcome]) -> None:
        try:
            outcome = self._ask(channel, conversation)
            self._expect(outcome)
            change = retry.change_for(outcome, self.courier.clock())
        except PublishingError as error:
            change = self.courier.decision().after(error, taken)
        self._settle(taken, change)

    def _expect(self, outcome: Outcome) -> None:
        """Have the platform's callback find this delivery; without it, asking or a person finds out."""
        expected = self.courier.expected
        if expected is None or isinstance(outcome, Receipt) or not outcome.reference:
            return
        try:
            expected.expect(self.channel, outcome.reference, self.publication.id)
        except aws.FAILURES as error:
            logger.warning("What a platform will call back about could not be written down", extra=told(error))

    def _look(self, taken: Delivery, channel: Channel, adapter: Finds) -> None:
        try:
            found = self._ask(channel, lambda known: adapter.find(self._post, known, self._since(taken)))
        except PublishingError as error:
            change = self.courier.decision().blind(error, taken)
        else:
            decision = self.courier.decision()
            change = retry.change_for(found, self.courier.clock()) if found else decision.missing(taken)
        self._settle(taken, change)

    def _ask(self, channel: Channel, conversation: With[T]) -> T:
        return Asking(self.courier, self.see, self.heard).of(conversation, channel)

    def _since(self, taken: Delivery) -> datetime:
        claims = (event.at for event in taken.history if event.state == DeliveryState.PUBLISHING)
        return datetime.fromisoformat(next(claims, utc_text(self.publication.publish_at))) - SINCE_SLACK

    def _settle(self, taken: Delivery, change: Change) -> None:
        self._written(self.courier.deliveries.settle(self.publication, self.target, taken, change), change)

    def _written(self, written: Delivery | None, change: Change) -> None:
        if written is None:
            logger.warning("A claim was no longer ours; nothing was written", extra=self._ids())
            return
        self.courier.observe(self.publication, written)
        if change.next_at is not None and change.wakes:
            self.courier.sender.again(self.publication, self.target, change.next_at)

    def _without_channel(self, trouble: Trouble) -> None:
        held = trouble.kind in HOLDING
        change = Change(DeliveryState.FAILED, trouble=trouble)
        if held:
            change = Change(DeliveryState.HELD, next_at=self.courier.clock(), trouble=trouble, wakes=False)
        written, ours = self.courier.deliveries.close(self.publication, self.target, change)
        if ours:
            self.courier.observe(self.publication, written)

    def _ids(self) -> dict[str, Any]:
        return {"publication": self.publication.id, "channel": self.target.channel}
