"""Tokens that work once, under every fault: nobody presents one twice, and whose are lost is known to need others."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest

from channels.connecting import Doors
from channels.renewing import Renewal
from channels.standing import Standing
from tests.simulation import renewals, run
from tests.simulation.renewals import Endured, Renewing, broken, endured
from tests.simulation.tokens import RATES

SEEDS = range(20)


@pytest.fixture(scope="module")
def runs() -> list[Endured]:
    """Twenty seeds, two of them without faults and two with many."""
    return [endured(seed) for seed in SEEDS]


def faults(runs: list[Endured]) -> Counter[str]:
    return sum((each.world.faults.fired for each in runs), Counter())


def test_no_token_is_presented_twice_at_once_and_none_is_lost_in_silence(runs: list[Endured]) -> None:
    assert {seed: each.violations for seed, each in zip(SEEDS, runs, strict=True) if each.violations} == {}


def test_without_faults_every_token_that_is_presented_is_good(runs: list[Endured]) -> None:
    (calm, *_) = runs
    assert calm.renewed == len(calm.world.platform.presented) > 30
    assert calm.world.reconnected == 0


def test_every_way_to_lose_a_token_was_gone(runs: list[Endured]) -> None:
    fired = faults(runs)
    assert all(fired[f"token.{kind}"] for kind in RATES)
    assert sum(each.world.reconnected for each in runs) > 10


def test_ten_who_meet_an_ended_token_renew_it_once() -> None:
    world = renewals.together(10)
    assert (len(world.platform.refused), len(set(world.platform.refused)) > 1) == (10, True)  # in several functions
    assert [each.good for each in world.platform.presented] == [True]
    assert len(world.platform.effects) == 10
    assert list(broken(world)) == []


def presented_without_a_lease() -> Renewing:
    with patch.object(Standing, "lease", lambda *_: True):
        return renewals.together(10)


def test_without_the_lease_they_present_it_again_and_again_and_that_is_noticed() -> None:
    world = presented_without_a_lease()
    assert len(world.platform.presented) > 1
    assert any(violation.invariant == "T1" for violation in broken(world))


def noticed(*invariants: str) -> bool:
    return any(each.invariant in invariants for seed in SEEDS for each in endured(seed).violations)


def test_without_the_lease_some_seed_notices() -> None:
    with patch.object(Standing, "lease", lambda *_: True):
        assert noticed("T1")


def test_using_what_was_given_without_storing_it_is_noticed() -> None:
    def unstored(_self: Renewal, _stored: Any, _before: Any, _fresh: Any) -> None:
        """As if it had been."""

    with patch.object(Renewal, "_store", unstored), patch.object(run, "LONGEST_S", 20_000.0):
        assert noticed("T3")


def test_a_channel_that_is_not_shut_loses_its_tokens_in_silence() -> None:
    with patch.object(Doors, "shut", lambda *_: None), patch.object(run, "LONGEST_S", 20_000.0):
        assert noticed("T2")
