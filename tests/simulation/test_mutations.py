"""The auditor bites: each promise's mechanism is broken in turn, and every time it must notice within a few seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from publishing import ids
from publishing.acceptance import Acceptance
from publishing.change import Change
from publishing.errors import OutcomeUnknown, PublishingError, Unavailable
from publishing.ledger import Deliveries
from publishing.model import DeliveryState, Target
from publishing.operations import Operations
from publishing.pace import Pace
from publishing.publication import Delivery, Publication, Trouble
from publishing.retry import Decision
from publishing.store import Publications
from publishing.submission import Submission
from publishing.sweep import Sweep, Swept
from tests.simulation import faults
from tests.simulation.adapters import ADAPTERS
from tests.simulation.faults import RATES
from tests.simulation.observations import Watched
from tests.simulation.run import simulated
from web.request import Request

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
    honest = Acceptance._drafted

    def drafted(self: Acceptance, submission: Submission) -> Publication:
        return replace(honest(self, submission), due_at="")

    with patch.object(Acceptance, "_drafted", drafted):
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


def test_two_probes_at_once_are_noticed() -> None:
    honest = Operations.write

    def write(self: Operations, key: str, update: str, condition: str, values: Any, *, lasts_s: int) -> Any:
        anytime = condition.replace("AND probe_at_ms <= :now", "AND (probe_at_ms <= :now OR probe_at_ms > :now)")
        return honest(self, key, update, anytime, values, lasts_s=lasts_s)

    hanging = patch.dict(RATES["outage"], {"unreachable": 0.0, "failing": 0.0, "hanging": 1.0})
    with patch.object(Operations, "write", write), hanging:
        assert_noticed("B17")


def test_workers_that_each_keep_a_pace_of_their_own_are_over_it() -> None:
    def advanced(self: Pace, bucket: str, *, usable: int, furthest: int, count: int) -> tuple[int, bool]:
        own = self.__dict__.setdefault("own", {})
        own[bucket] = max(own.get(bucket, 0), usable) + count
        return own[bucket], own[bucket] <= furthest

    with patch.object(Pace, "_advanced", advanced):
        assert_noticed("I9")


def test_without_the_bar_of_an_edit_the_old_text_goes_out() -> None:
    def unbarred(condition: str) -> str:
        return condition.replace("since_version <= :version", "since_version <= :version OR since_version > :version")

    with transitions(unbarred):
        assert_noticed("I15")


def test_a_resolution_that_asks_for_no_doubt_changes_what_is_settled() -> None:
    def anyhow(condition: str) -> str:
        return f"attribute_exists(pk) OR {condition}" if ":in0" in condition else condition

    with transitions(anyhow), patch.object(Request, "insist_on", lambda *_: None):
        assert_noticed("I5", "I2")


def test_what_was_said_of_one_doubt_and_is_believed_of_the_next_publishes_twice() -> None:
    def any_doubt(condition: str) -> str:
        return condition.replace("AND fence = :fence", "AND (fence = :fence OR fence <> :fence)")

    doubts = patch.dict(RATES["platform"], {"lost_before_effect": 0.3, "lost_after_effect": 0.3})
    unheard = patch.dict(RATES["client"], {"answer_lost": 0.4})
    with transitions(any_doubt), patch.object(Request, "insist_on", lambda *_: None), doubts, unheard:
        assert_noticed("I2", on=("blind",))


def test_counting_what_was_not_written_is_noticed() -> None:
    honest = Watched.__call__

    def twice(self: Watched, *given: Any) -> None:
        honest(self, *given)
        honest(self, *given)

    with patch.object(Watched, "__call__", twice):
        assert_noticed("I11")


def test_showing_one_workspace_what_is_anothers_is_noticed() -> None:
    honest = Publications.whole

    def whole(self: Publications, _workspace: str, publication: str) -> Any:
        return next(filter(None, (honest(self, ids.derived("ws", each), publication) for each in ("0", "1"))), None)

    with patch.object(Publications, "whole", whole):
        assert_noticed("I8")
