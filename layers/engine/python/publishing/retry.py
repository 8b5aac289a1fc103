"""What follows an attempt: the one place where retrying is decided. Not retrying is the default."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from publishing.abilities import Finds
from publishing.adapter import Adapter
from publishing.change import Change
from publishing.errors import (
    AppRefused,
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.model import DeliveryState, Handoff, Outcome, Pending, Receipt
from publishing.publication import Delivery, Trouble

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 3_600.0
MOST_WAITS = 200  # being put off doesn't count as an attempt, but not even that goes on for ever
LOOKS = 3  # how often a post must be missing before it counts as certainly not there
BLIND_LOOKS = 8  # after so many looks, failed ones included, it is a person's turn


@dataclass(frozen=True, slots=True)
class Facts:
    """What an adapter's declarations mean for retrying."""

    attempts: int
    lag_s: float
    idempotent: bool
    finds: bool


def facts_of(adapter: Adapter) -> Facts:
    """The facts of an adapter."""
    limits = adapter.limits
    return Facts(limits.attempts, limits.lag_s, adapter.idempotent, isinstance(adapter, Finds))


@dataclass(frozen=True, slots=True)
class Decision:
    """Decides what becomes of a delivery; `draw` gives numbers in [0, 1) for the jitter."""

    facts: Facts
    now: datetime
    draw: Callable[[], float] = random.random

    def after(self, error: PublishingError, delivery: Delivery) -> Change:
        """What a failed attempt makes of `delivery` (as claimed: its `attempt` counts this one)."""
        if delivery.state is DeliveryState.UNCERTAIN:
            return self._still_unsure(error, delivery)
        if delivery.state is DeliveryState.PROCESSING:
            return self._still_processing(error, delivery)
        return self._after_first(error, delivery)

    def unsure(self, trouble: Trouble, delivery: Delivery) -> Change:
        """What an attempt with an unknown outcome makes of it: we look before we touch, if we can."""
        return Change(DeliveryState.UNCERTAIN, next_at=self._next_look(delivery.looks, delivery), trouble=trouble)

    def _after_first(self, error: PublishingError, delivery: Delivery) -> Change:
        match error:
            case Throttled():
                return self._put_off(error, delivery)
            case QuotaSpent() | Unauthorized() | AppRefused():
                return self._held(error)
            case Unavailable():
                return self._try_again(error, delivery)
            case OutcomeUnknown():
                return self.unsure(trouble_of(error, "outcome_unknown"), delivery)
        return Change(DeliveryState.FAILED, trouble=trouble_of(error, "refused"))

    def _held(self, error: QuotaSpent | Unauthorized | AppRefused) -> Change:
        """Until the quota is there anew, a person has connected the channel again, or the operator mended its app."""
        if isinstance(error, QuotaSpent):
            trouble = trouble_of(error, "quota_spent")
            return Change(DeliveryState.HELD, next_at=error.until, trouble=trouble, attempts=-1, waits=1)
        refused = isinstance(error, AppRefused)
        trouble = trouble_of(error, "app_refused" if refused else "unauthorized")
        return Change(DeliveryState.HELD, next_at=self.now, trouble=trouble, attempts=-int(refused), wakes=False)

    def _still_unsure(self, error: PublishingError, delivery: Delivery) -> Change:
        """Sending it again was to tell whether it is out, and did not: that it failed now says nothing of before."""
        at = None if isinstance(error, Refused) else self._next_look(delivery.looks + 1, delivery)
        return Change(DeliveryState.UNCERTAIN, next_at=at, trouble=trouble_of(error, "outcome_unknown"), looks=1)

    def _still_processing(self, error: PublishingError, delivery: Delivery) -> Change:
        """The platform has it and works on it: only its own refusal ends that, and nothing has it sent again.

        Where what was to make it visible got no answer, and it can be looked for, it is: the lag is waited for, which
        going on at once would not do.
        """
        if isinstance(error, Refused):
            return self._after_first(error, delivery)
        if isinstance(error, OutcomeUnknown) and self.facts.finds:
            return self.unsure(trouble_of(error, "outcome_unknown"), delivery)
        state = DeliveryState.PROCESSING if delivery.looks + 1 < BLIND_LOOKS else DeliveryState.UNCERTAIN
        at = self._in(self._backoff_s(4 + delivery.looks)) if state is DeliveryState.PROCESSING else None
        return Change(state, next_at=at, trouble=trouble_of(error, "outcome_unknown"), looks=1)

    def missing(self, delivery: Delivery) -> Change:
        """What a look that did not find it makes of it: after enough of them it is certainly not there."""
        if delivery.looks + 1 < LOOKS:
            return Change(DeliveryState.UNCERTAIN, next_at=self._next_look(delivery.looks + 1, delivery), looks=1)
        if delivery.attempt >= self.facts.attempts:
            trouble = Trouble("not_published", "It was looked for and is not there; no attempts are left.")
            return Change(DeliveryState.FAILED, trouble=trouble, looks=1)
        return Change(DeliveryState.QUEUED, next_at=self.now, looks=-delivery.looks)

    def blind(self, error: PublishingError, delivery: Delivery) -> Change:
        """What a look that failed makes of it: it may or may not be out, as before."""
        at = self._next_look(delivery.looks + 1, delivery)
        return Change(DeliveryState.UNCERTAIN, next_at=at, trouble=trouble_of(error, "outcome_unknown"), looks=1)

    def _next_look(self, looks: int, delivery: Delivery) -> datetime | None:
        """When to look after so many looks; None: a person must."""
        if looks >= BLIND_LOOKS:
            return None
        if self.facts.idempotent:
            return self._in(self._backoff_s(delivery.attempt + looks))
        if self.facts.finds:
            return self._in(self.facts.lag_s * 4 ** min(looks, 3))
        return None

    def _put_off(self, error: Throttled, delivery: Delivery) -> Change:
        trouble = trouble_of(error, "throttled")
        if delivery.waits >= MOST_WAITS:
            return Change(DeliveryState.FAILED, trouble=trouble)
        at = self._in(error.retry_after_s + self.draw())
        return Change(DeliveryState.QUEUED, next_at=at, trouble=trouble, attempts=-1, waits=1)

    def _try_again(self, error: PublishingError, delivery: Delivery) -> Change:
        trouble = trouble_of(error, "unavailable")
        if delivery.attempt >= self.facts.attempts:
            return Change(DeliveryState.FAILED, trouble=trouble)
        return Change(DeliveryState.QUEUED, next_at=self._in(self._backoff_s(delivery.attempt)), trouble=trouble)

    def _backoff_s(self, attempt: int) -> float:
        """Full jitter: anything up to a ceiling that doubles with every attempt, yet never at once."""
        ceiling_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * float(2 ** min(attempt, 20)))
        return 1.0 + self.draw() * ceiling_s

    def _in(self, wait_s: float) -> datetime:
        return self.now + timedelta(seconds=wait_s)


def change_for(outcome: Outcome, now: datetime) -> Change:
    """What a successful attempt makes of a delivery."""
    match outcome:
        case Receipt():
            return Change(DeliveryState.PUBLISHED, receipt=outcome)
        case Pending():
            next_at = now + timedelta(seconds=outcome.after_s)
            return Change(DeliveryState.PROCESSING, next_at=next_at, pending=outcome.state)
        case Handoff():
            expires = {"expires_at": outcome.expires_at}
            return Change(DeliveryState.HANDOFF, receipt=Receipt(id="", url=outcome.url), pending=expires)


def trouble_of(error: PublishingError, kind: str) -> Trouble:
    """What is kept of an error."""
    return Trouble(kind, str(error), error.code, error.status)
