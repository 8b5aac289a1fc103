from __future__ import annotations

from datetime import timedelta

import pytest

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
from publishing.model import DeliveryState
from publishing.publication import Delivery
from publishing.retry import MOST_WAITS, Decision, Facts
from tests.cloud import START

State = DeliveryState
PLAIN = Facts(attempts=3, lag_s=30, idempotent=False, finds=False)


def decision(facts: Facts = PLAIN, draw: float = 0.5) -> Decision:
    return Decision(facts, START, lambda: draw)


def delivery(state: DeliveryState = State.PUBLISHING, **known: int) -> Delivery:
    return Delivery("chn_1", "alpha", state, **{"attempt": 1, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "state", "wait_s", "attempts"),
    [
        (Refused(), State.FAILED, None, 0),
        (PublishingError("something new"), State.FAILED, None, 0),
        (Unauthorized(), State.HELD, 0, 0),
        (AppRefused(), State.HELD, 0, -1),
        (Throttled(retry_after_s=10), State.QUEUED, 10.5, -1),
        (QuotaSpent(until=START + timedelta(hours=5)), State.HELD, 18_000, -1),
        (Unavailable(), State.QUEUED, 3, 0),
        (OutcomeUnknown(), State.UNCERTAIN, None, 0),
    ],
)
def test_every_error_has_its_one_consequence(
    error: PublishingError, state: DeliveryState, wait_s: float | None, attempts: int
) -> None:
    change = decision().after(error, delivery())
    assert (change.state, change.attempts) == (state, attempts)
    assert change.next_at == (START + timedelta(seconds=wait_s) if wait_s is not None else None)


@pytest.mark.parametrize(("attempt", "ceiling_s"), [(1, 4), (2, 8), (5, 64), (10, 2_048), (11, 3_600), (60, 3_600)])
def test_waits_are_drawn_below_a_ceiling_that_doubles_up_to_an_hour(attempt: int, ceiling_s: float) -> None:
    facts = Facts(attempts=100, lag_s=30, idempotent=False, finds=False)
    longest = decision(facts, draw=1.0).after(Unavailable(), delivery(attempt=attempt)).next_at
    shortest = decision(facts, draw=0.0).after(Unavailable(), delivery(attempt=attempt)).next_at
    assert longest == START + timedelta(seconds=1 + ceiling_s)
    assert shortest == START + timedelta(seconds=1)


def test_the_last_attempt_fails() -> None:
    assert decision().after(Unavailable(), delivery(attempt=3)).state is State.FAILED


def test_being_put_off_ends_too() -> None:
    assert decision().after(Throttled(retry_after_s=1), delivery(waits=MOST_WAITS)).state is State.FAILED


@pytest.mark.parametrize("error", [Unavailable(), Throttled(retry_after_s=1), OutcomeUnknown(), Unauthorized()])
def test_what_is_processing_stays_so_while_it_cannot_be_asked(error: PublishingError) -> None:
    change = decision().after(error, delivery(State.PROCESSING))
    assert (change.state, change.looks) == (State.PROCESSING, 1)
    assert change.next_at is not None


def test_what_is_processing_and_cannot_be_asked_for_long_waits_for_a_person() -> None:
    change = decision().after(Unavailable(), delivery(State.PROCESSING, looks=7))
    assert (change.state, change.next_at) == (State.UNCERTAIN, None)


def test_what_the_platform_rejects_while_processing_failed() -> None:
    assert decision().after(Refused(), delivery(State.PROCESSING)).state is State.FAILED


def test_what_is_uncertain_is_asked_for_again_once_the_channel_is_reconnected() -> None:
    facts = Facts(attempts=3, lag_s=30, idempotent=True, finds=False)
    change = decision(facts).after(Unauthorized(), delivery(State.UNCERTAIN))
    assert (change.state, change.next_at) == (State.UNCERTAIN, START + timedelta(seconds=5))
