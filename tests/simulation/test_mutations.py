"""The auditor bites: each promise's mechanism is broken in turn, and every time it must notice within a few seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from publishing.acceptance import Acceptance, Submission
from publishing.errors import OutcomeUnknown, PublishingError, Unavailable
from publishing.ledger import Change, Deliveries
from publishing.model import DeliveryState, Target
from publishing.records import Delivery, Publication, Trouble
from publishing.retry import Decision
from publishing.sweep import Sweep, Swept
from tests.simulation import faults
from tests.simulation.faults import RATES
from tests.simulation.platforms import ADAPTERS
from tests.simulation.run import simulated

MOST_SEEDS = 60


def broken(*platforms: str, seeds: int = MOST_SEEDS) -> Iterator[str]:
    """The invariants found broken, seed by seed."""
    for seed in range(1, seeds + 1):
        yield from (violation.invariant for violation in simulated(seed, platforms=platforms or ADAPTERS).violations)


def assert_noticed(*invariants: str, on: tuple[str, ...] = ()) -> None:
    assert any(each in invariants for each in broken(*on)), f"none of {invariants} was found broken"


def transitions(changed: Callable[[str], str]) -> Any:
    """The ledger, with its conditions changed."""
    honest = Deliveries._transition

    def transition(self: Deliveries, *given: Any) -> Any:
        publication, target, assignments, condition, *rest = given
        return honest(self, publication, target, assignments, changed(condition), *rest)

    return patch.object(Deliveries, "_transition", transition)


def test_whole_it_finds_nothing() -> None:
    assert list(broken(seeds=10)) == []


def test_without_the_fence_a_late_writer_overwrites() -> None:
    def unfenced(condition: str) -> str:
        return condition.replace("fence = :fence AND", "(fence = :fence OR fence <> :fence) AND")

    # The fence is the second line of defence, behind the state: it takes a settling write that arrives minutes late,
    # when another claim has brought the delivery into the same state again.
    limbo, late = patch.dict(RATES["dynamodb"], {"in_limbo": 0.12}), patch.object(faults, "LIMBO_S", (140.0, 280.0))
    unsure = patch.dict(RATES["platform"], {"not_reached": 0.4, "killed_after": 0.4})
    with transitions(unfenced), limbo, late, unsure:
        assert_noticed("I2", on=("readable",))


def test_without_the_claims_condition_two_workers_publish() -> None:
    def anybodys(condition: str) -> str:
        return f"attribute_not_exists(pk) OR #state IN (:queued, :held, :publishing) OR {condition}"

    def claims(condition: str) -> str:
        return anybodys(condition) if "(:queued, :held) AND next_at <= :now" in condition else condition

    with transitions(claims):
        assert_noticed("I2")


def test_without_the_sweep_what_a_dead_function_held_is_lost() -> None:
    with patch.object(Sweep, "run", lambda _self, *, until: Swept(looked=int(until()))):
        assert_noticed("I1")


def test_without_the_mark_that_it_is_due_an_unsent_publication_is_lost() -> None:
    honest = Acceptance.draft

    def draft(self: Acceptance, submission: Submission) -> Publication:
        return replace(honest(self, submission), due_at="")

    with patch.object(Acceptance, "draft", draft):
        assert_noticed("I1")


def test_taking_an_unknown_outcome_for_none_publishes_twice() -> None:
    honest = Decision._after_first

    def after(self: Decision, error: PublishingError, delivery: Delivery) -> Change:
        return honest(self, Unavailable() if isinstance(error, OutcomeUnknown) else error, delivery)

    with patch.object(Decision, "_after_first", after):
        assert_noticed("I2")


def test_sending_again_what_a_dead_worker_held_publishes_twice() -> None:
    def unsure(self: Decision, trouble: Trouble, _delivery: Delivery) -> Change:
        return Change(DeliveryState.QUEUED, next_at=self.now, trouble=trouble)

    with patch.object(Decision, "unsure", unsure):
        assert_noticed("I2")


def test_doubting_a_worker_that_lives_is_noticed() -> None:
    honest = Deliveries.claim

    def claim(self: Deliveries, publication: Publication, target: Target, *, lease_s: float) -> Any:
        return honest(self, publication, target, lease_s=lease_s * 0)

    with patch.object(Deliveries, "claim", claim):
        assert_noticed("I13")


def test_believing_an_answer_that_was_lost_is_noticed() -> None:
    with patch.object(Decision, "unsure", lambda *_: Change(DeliveryState.FAILED)):
        assert_noticed("I4")
