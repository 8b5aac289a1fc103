from __future__ import annotations

import pytest

from tests.simulation.__main__ import WISHES, hardly_fired, kinds
from tests.simulation.auditor import Figures
from tests.simulation.calls import Outcome
from tests.simulation.run import simulated

SEEDS = range(10)


@pytest.fixture(scope="module")
def figures() -> Figures:
    """Ten seeds, one of them without faults and one with many, none of which breaks a promise."""
    found = Figures()
    for seed in SEEDS:
        audited = simulated(seed)
        assert audited.violations == [], f"SEED={seed} make simulate"
        found.add(audited.figures)
    return found


def test_no_target_is_lost_doubled_or_lied_about(figures: Figures) -> None:
    assert (figures.lost, figures.doubled, figures.lies) == (0, 0, 0)
    assert figures.publications > 490


def test_every_fault_came(figures: Figures) -> None:
    assert hardly_fired(figures, least=1) == []


def test_people_had_their_way_or_were_refused_and_were_told_which(figures: Figures) -> None:
    assert all(figures.wishes[f"edit {outcome}"] for outcome in Outcome)
    assert all(figures.wishes[f"{wish} done"] for wish in WISHES)
    assert figures.answers > 500


def test_no_window_is_over_a_channels_pace(figures: Figures) -> None:
    assert (figures.over, figures.paced > 500) == (0, True)


def test_breakers_opened_and_were_probed(figures: Figures) -> None:
    assert figures.probes > 5


def test_what_met_no_fault_left_within_a_second_of_its_time(figures: Figures) -> None:
    assert len(figures.late_s) > 30
    assert 0 <= min(figures.late_s) <= max(figures.late_s) <= 1.0


def test_without_faults_everything_is_out_or_canceled() -> None:
    assert set(simulated(0).figures.states) <= {"published", "canceled", "expired"}


def test_a_seed_replays() -> None:
    first, second = simulated(7), simulated(7)
    assert first.figures == second.figures


def test_a_fault_that_never_came_is_told() -> None:
    assert hardly_fired(Figures(), least=1) == kinds()
