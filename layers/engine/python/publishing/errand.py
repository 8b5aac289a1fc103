"""One target's turn: claim, publish, write what came of it; where the outcome is unknown, look before touching."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from publishing import retry
from publishing.adapter import Adapter, Conversation, Finds, Resumes
from publishing.change import Change
from publishing.clock import Clock
from publishing.conversation import Conversations, See, unseen
from publishing.errors import OutcomeUnknown, PublishingError, Unauthorized
from publishing.failures import told
from publishing.gate import OPEN, Entry, Gate, Later
from publishing.ledger import Deliveries
from publishing.message import Deliver
from publishing.model import Channel, DeliveryState, Outcome, Pending, Post, Priority, Target, utc_text
from publishing.publication import Delivery, Publication, Trouble
from publishing.sending import Sender
from publishing.watch import UNWATCHED, Watch

T = TypeVar("T")
GRACE_S = 15.0  # a lease outlives its conversation by this: the outcome must still be written under it
SINCE_SLACK = timedelta(minutes=5)  # clocks differ: a look begins a little before the first attempt

logger = logging.getLogger(__name__)


class Connections(Protocol):
    """What delivering needs of the channels."""

    def open(self, workspace: str, channel: str) -> Channel | Trouble:
        """The channel with its secrets, or why it cannot be used; kind `reconnect` or `paused` only holds."""

    def lost(self, workspace: str, channel: str, why: Trouble) -> None:
        """The platform refused the channel's credentials: it needs reconnecting."""


class Observe(Protocol):
    """Is told of every delivery's new state: metrics."""

    def __call__(self, publication: Publication, delivery: Delivery) -> None:
        """`delivery` has just been written as it is."""


@dataclass(frozen=True)
class Equipment:
    """What delivering to one platform takes."""

    adapter: Adapter
    deliveries: Deliveries
    sender: Sender
    connections: Connections
    conversations: Conversations
    clock: Clock
    observe: Observe
    gate: Gate = OPEN
    watch: Watch = UNWATCHED

    def decision(self) -> retry.Decision:
        """Decides by this platform's facts, now."""
        return retry.Decision(retry.facts_of(self.adapter), self.clock())

    @property
    def lease_s(self) -> float:
        """How long a claim is ours."""
        return self.adapter.limits.timeout_s + GRACE_S


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
            self.courier.watch.begun(self.publication, seen)
            self._attempt(seen, channel, lambda: self.courier.adapter.publish(self._post, channel))
        else:
            self._go_on(seen, channel)

    @property
    def _post(self) -> Post:
        return self.publication.post(self.target)

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
            self._attempt(taken, channel, lambda: adapter.resume(pending, self._post, channel))
        elif adapter.idempotent:
            self._attempt(taken, channel, lambda: adapter.publish(self._post, channel))
        elif isinstance(adapter, Finds):
            self._look(taken, channel, adapter)

    def _is_lost(self, seen: Delivery) -> bool:
        return seen.state is DeliveryState.PUBLISHING and seen.lease_until <= utc_text(self.courier.clock())

    def _doubt(self, seen: Delivery) -> None:
        """Its worker died with the lease: nobody knows whether it is out."""
        why = Trouble("worker_lost", "The worker stopped before it could write down what came of it.")
        change = self.courier.decision().unsure(why, seen)
        self._written(self.courier.deliveries.doubt(self.publication, self.target, seen, change), change)

    def _attempt(self, taken: Delivery, channel: Channel, conversation: Callable[[], Conversation[Outcome]]) -> None:
        try:
            change = retry.change_for(self._hold(conversation()), self.courier.clock())
        except PublishingError as error:
            change = self._after(error, taken, channel)
        self._settle(taken, change)

    def _after(self, error: PublishingError, taken: Delivery, channel: Channel) -> Change:
        self._note(error, channel)
        return self.courier.decision().after(error, taken)

    def _note(self, error: PublishingError, channel: Channel) -> None:
        if isinstance(error, Unauthorized):
            self.courier.connections.lost(channel.workspace, channel.id, retry.trouble_of(error, "unauthorized"))

    def _look(self, taken: Delivery, channel: Channel, adapter: Finds) -> None:
        try:
            receipt = self._hold(adapter.find(self._post, channel, self._since(taken)))
        except PublishingError as error:
            self._note(error, channel)
            change = self.courier.decision().blind(error, taken)
        else:
            missing = self.courier.decision().missing(taken)
            change = Change(DeliveryState.PUBLISHED, receipt=receipt) if receipt else missing
        self._settle(taken, change)

    def _since(self, taken: Delivery) -> datetime:
        claims = (event.at for event in taken.history if event.state == DeliveryState.PUBLISHING)
        return datetime.fromisoformat(next(claims, utc_text(self.publication.publish_at))) - SINCE_SLACK

    def _hold(self, conversation: Conversation[T]) -> T:
        within_s, clock_s = self.courier.adapter.limits.timeout_s, self.courier.conversations.now_s
        since_s = clock_s()
        try:
            result = self.courier.conversations.hold(conversation, within_s=within_s, see=self.see)
        except PublishingError as error:
            self.heard(error)
            raise
        except Exception as error:  # an adapter's mistake: wherever it happened, the post may be out by now
            logger.error("An adapter failed", extra={"platform": self.courier.adapter.name, **told(error)})
            raise OutcomeUnknown(f"Our own code failed ({type(error).__name__}).", code="adapter_error") from error
        finally:
            self.courier.watch.asked(clock_s() - since_s)
        self.heard(None)
        return result

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
        held = trouble.kind in {"reconnect", "paused"}
        change = Change(DeliveryState.FAILED, trouble=trouble)
        if held:
            change = Change(DeliveryState.HELD, next_at=self.courier.clock(), trouble=trouble, wakes=False)
        written, ours = self.courier.deliveries.close(self.publication, self.target, change)
        if ours:
            self.courier.observe(self.publication, written)

    def _ids(self) -> dict[str, Any]:
        return {"publication": self.publication.id, "channel": self.target.channel}
