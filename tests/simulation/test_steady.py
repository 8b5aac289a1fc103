from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from publishing.change import Change
from publishing.errors import OutcomeUnknown, PublishingError, Unavailable
from publishing.model import DeliveryState
from publishing.publication import Delivery
from publishing.retry import Decision
from publishing.sweep import Sweep, Swept
from tests.simulation import rates, run, steady
from tests.simulation.archive import Archive
from tests.simulation.steady import Endured, Load, endured

SHORT = Load(10, 8, 80)


@pytest.fixture(scope="module")
def short() -> Endured:
    """Some seconds of the slowest load."""
    return endured(SHORT)


def test_all_of_a_load_is_accepted_and_every_promise_kept(short: Endured) -> None:
    assert short.violations == []
    assert (short.figures.publications, short.fine) == (80, True)
    assert (short.figures.lost, short.figures.doubled, short.figures.lies) == (0, 0, 0)
    assert short.figures.faults.total() > 30


def test_what_became_of_each_target_is_counted_once(short: Endured) -> None:
    assert sum(each.total() for each in short.states.values()) == short.figures.targets
    assert short.states["readable"]["uncertain"] == 0


def test_packing_what_is_settled_changes_nothing(short: Endured) -> None:
    with patch.object(Archive, "pack", lambda *_: None):
        whole = endured(SHORT)
    assert (whole.figures, whole.states, whole.out) == (short.figures, short.states, short.out)


def test_most_is_packed_at_the_end() -> None:
    told: list[int] = []
    endured(Load(10, 5, 80), told.append)
    assert told[-1] == 50


def test_a_load_of_which_too_little_gets_out_is_not_endured(short: Endured) -> None:
    assert not replace(short, load=replace(SHORT, least_percent=99.9)).fine


def test_a_load_of_which_something_was_not_accepted_is_not_endured(short: Endured) -> None:
    assert not replace(short, load=replace(SHORT, lasts_s=SHORT.lasts_s + 1)).fine


def broken(owner: Any, name: str, stand_in: Callable[..., Any]) -> set[str]:
    """The promises found broken when this stands in for a part of the engine."""
    soon = patch.object(run, "LONGEST_S", 7_200.0)  # by then, what has not settled never will
    with patch.object(owner, name, stand_in), patch.object(steady, "LOOK_S", 5.0), soon:
        return {violation.invariant for violation in endured(SHORT).violations}


def test_something_doubled_is_noticed() -> None:
    honest = Decision._after_first

    def after(self: Decision, error: PublishingError, delivery: Delivery) -> Change:
        return honest(self, Unavailable() if isinstance(error, OutcomeUnknown) else error, delivery)

    assert "I2" in broken(Decision, "_after_first", after)


def test_something_told_wrongly_is_noticed() -> None:
    assert "I4" in broken(Decision, "unsure", lambda *_: Change(DeliveryState.FAILED))


def test_something_lost_is_noticed() -> None:
    assert "I1" in broken(Sweep, "run", lambda _self, *, until: Swept(looked=int(until())))


def test_a_load_that_is_not_endured_is_told_and_fails(
    short: Endured, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weak = replace(short, load=replace(SHORT, least_percent=99.9))
    monkeypatch.setattr(rates, "_run", lambda _loads: [short, weak])
    assert rates.main((SHORT, weak.load)) == 1
    assert "limit 99.9" in capsys.readouterr().out


def test_loads_that_are_endured_are_told(short: Endured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_run", lambda _loads: [short])
    assert rates.main((SHORT,)) == 0
