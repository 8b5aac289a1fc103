from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from publishing.model import Content, DeliveryState, Target, utc_text
from publishing.publication import Delivery, Event, Publication, Whole
from tests.load.latency import Split, answers_split, deliveries_split, percentile, spread

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HUNDRED = [float(number) for number in range(1, 101)]


@pytest.mark.parametrize(("percent", "value"), [(50, 50.0), (95, 95.0), (99, 99.0), (100, 100.0), (0, 1.0)])
def test_a_percentile_is_the_smallest_that_so_many_do_not_exceed(percent: float, value: float) -> None:
    assert percentile(HUNDRED, percent) == value


def test_of_few_the_high_percentiles_are_the_most() -> None:
    found = spread([3.0, 1.0, 2.0])
    assert (found.count, found.p50_s, found.p95_s, found.p99_s, found.most_s) == (3, 2.0, 3.0, 3.0, 3.0)


def test_of_nothing_there_is_no_time() -> None:
    assert spread([]).most_s == 0.0


def test_ours_in_an_answer_is_what_its_invocation_took_beyond_an_idle_one() -> None:
    found = answers_split({"a": 0.5}, {"a": 0.2}, [0.05, 0.05, 0.9])
    assert found == Split([0.5], [pytest.approx(0.15)], [pytest.approx(0.35)])  # type: ignore[list-item]


def test_an_answer_whose_invocation_is_not_known_is_left_out() -> None:
    assert answers_split({"a": 0.5}, {"b": 0.2}, [0.05]).whole_s == []


def test_what_took_no_longer_than_an_idle_invocation_is_all_the_emulators() -> None:
    assert answers_split({"a": 0.5}, {"a": 0.04}, [0.05]) == Split([0.5], [0.0], [0.5])


def whole(*events: tuple[float, DeliveryState], delayed: bool = False) -> Whole:
    """A publication accepted at noon, and its delivery's states with how many seconds later they came."""
    target = Target("chn_1", "webhook")
    publication = Publication("pub_1", "ws_1", Content(), (target,), NOON, "test", NOON, "none")
    history = tuple(Event(utc_text(NOON + timedelta(seconds=after_s)), state) for after_s, state in events)
    delivery = Delivery("chn_1", "webhook", events[-1][1], 1, delayed=delayed, history=history)
    return Whole(publication, {"chn_1": delivery})


STRAIGHT = whole((1.0, DeliveryState.PUBLISHING), (1.25, DeliveryState.PUBLISHED))


def test_a_delivery_is_ours_from_its_claim() -> None:
    assert deliveries_split([STRAIGHT]) == Split([1.25], [0.25], [1.0])


def test_what_met_a_fault_is_not_timed() -> None:
    retried = whole(
        (1.0, DeliveryState.PUBLISHING),
        (1.1, DeliveryState.QUEUED),
        (4.0, DeliveryState.PUBLISHING),
        (4.2, DeliveryState.PUBLISHED),
    )
    paced = replace(STRAIGHT, known={"chn_1": replace(STRAIGHT.known["chn_1"], delayed=True)})
    assert deliveries_split([retried, paced]).whole_s == []
