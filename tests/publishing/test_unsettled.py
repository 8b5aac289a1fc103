from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from publishing.model import DeliveryState, utc_text
from publishing.publication import NEVER, Delivery, Event, Whole
from publishing.telemetry import flush
from publishing.unsettled import Unsettled
from tests.cloud import START
from tests.publishing.test_telemetry import PUBLICATION, written

NOW = START + timedelta(seconds=100)


def told(capsys: pytest.CaptureFixture[str], *found: Delivery) -> list[tuple[str, object]]:
    """The metrics written of these deliveries, without what addresses them."""
    seen = Unsettled(lambda: NOW)
    for each in found:
        seen(Whole(PUBLICATION, {"chn_1": each}))
    seen.report()
    flush()
    lines = [line for line in written(capsys) if "_aws" in line]
    return [(name, value) for line in lines for name, value in line.items() if name.endswith("Seconds")]


def queued(*, next_at: str) -> Delivery:
    return Delivery("chn_1", "alpha", DeliveryState.QUEUED, next_at=next_at)


def test_the_oldest_that_waits_to_be_begun_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    younger = queued(next_at=utc_text(NOW - timedelta(seconds=60)))
    older = queued(next_at=utc_text(NOW - timedelta(seconds=90)))
    assert told(capsys, younger, older) == [("WaitSeconds", [90.0])]


def test_a_publication_waits_no_longer_than_it_has_been_there(capsys: pytest.CaptureFixture[str]) -> None:
    late = replace(PUBLICATION, publish_at=START - timedelta(days=1))
    seen = Unsettled(lambda: NOW)
    seen(Whole(late, {}))
    seen.report()
    flush()
    assert written(capsys)[-1]["WaitSeconds"] == [100.0]


def test_what_was_put_off_waits_from_when_it_may_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, queued(next_at=utc_text(NOW + timedelta(seconds=5)))) == [("WaitSeconds", [0.0])]


def test_a_doubt_is_as_old_as_its_first_look(capsys: pytest.CaptureFixture[str]) -> None:
    states = (DeliveryState.PUBLISHING, DeliveryState.UNCERTAIN, DeliveryState.UNCERTAIN)
    history = tuple(
        Event(utc_text(START + timedelta(seconds=10 * number)), state) for number, state in enumerate(states)
    )
    doubt = Delivery("chn_1", "alpha", DeliveryState.UNCERTAIN, next_at=NEVER, history=history)
    assert told(capsys, doubt) == [("UncertainSeconds", [90.0])]


def test_what_waits_for_its_platform_or_its_channel_does_not_wait_for_us(capsys: pytest.CaptureFixture[str]) -> None:
    processing = Delivery("chn_1", "alpha", DeliveryState.PROCESSING, next_at=utc_text(START))
    held = Delivery("chn_1", "alpha", DeliveryState.HELD, next_at=utc_text(START))
    assert told(capsys, processing, held) == []


def test_what_was_told_is_not_told_again(capsys: pytest.CaptureFixture[str]) -> None:
    seen = Unsettled(lambda: NOW)
    seen(Whole(PUBLICATION, {}))
    seen.report()
    seen.report()
    flush()
    assert json.dumps([line["WaitSeconds"] for line in written(capsys) if "_aws" in line]) == "[[100.0]]"
