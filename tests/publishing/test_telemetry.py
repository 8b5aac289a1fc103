from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from publishing.model import Content, DeliveryState, Priority, Target, utc_text
from publishing.publication import Delivery, Event, Publication, Trouble
from publishing.telemetry import Observed, about, count, flush, logger
from tests.cloud import START

PUBLICATION = Publication(
    id="pub_1",
    workspace="ws_1",
    content=Content(title="Private title", text="Private words"),
    targets=(Target("chn_1", "alpha"),),
    created_at=START,
    created_by="tester",
    publish_at=START,
    fingerprint="f",
)


STRAIGHT = (DeliveryState.PUBLISHING, DeliveryState.PUBLISHED)


def went(*states: DeliveryState) -> tuple[Event, ...]:
    """A history of these states."""
    return tuple(Event(utc_text(START), state, 1) for state in states)


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_published_delivery_is_counted_and_its_seconds_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    updated_at = utc_text(START.replace(second=2, microsecond=500_000))
    delivery = Delivery("chn_1", "alpha", DeliveryState.PUBLISHED, updated_at=updated_at, history=went(*STRAIGHT))
    Observed("alpha")(PUBLICATION, delivery)
    flush()
    (line,) = [line for line in written(capsys) if "_aws" in line]
    assert (line["DeliveryPublished"], line["DeliverySeconds"], line["platform"]) == ([1.0], [2.5], "alpha")


def metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines with metrics."""
    flush()
    return [line for line in written(capsys) if "_aws" in line]


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery("chn_1", "alpha", DeliveryState.PUBLISHED, history=went(*STRAIGHT), delayed=True),
        Delivery("chn_1", "alpha", DeliveryState.PUBLISHED, history=went(DeliveryState.PUBLISHING, *STRAIGHT)),
    ],
)
def test_what_was_put_off_or_tried_again_is_measured_apart(
    capsys: pytest.CaptureFixture[str], delivery: Delivery
) -> None:
    Observed("alpha")(PUBLICATION, replace(delivery, updated_at=utc_text(START + timedelta(hours=1))))
    (line,) = metrics(capsys)
    assert line["DelayedSeconds"] == [3600.0]
    assert "DeliverySeconds" not in line


def test_a_metric_counts_for_its_platform_and_for_all_together(capsys: pytest.CaptureFixture[str]) -> None:
    Observed("alpha").asked(0.25)
    (line,) = metrics(capsys)
    (group,) = line["_aws"]["CloudWatchMetrics"]
    assert [sorted(names) for names in group["Dimensions"]] == [["platform", "service"], ["service"]]
    assert (line["service"], line["platform"], line["PlatformSeconds"]) == ("postroom", "alpha", [0.25])


def test_a_hundred_values_are_one_line_and_none_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    observed = Observed("alpha")
    for number in range(250):
        observed.asked(float(number))
    lines = metrics(capsys)
    assert [len(line["PlatformSeconds"]) for line in lines] == [100, 100, 50]
    assert sorted(value for line in lines for value in line["PlatformSeconds"]) == [float(each) for each in range(250)]
    assert {json.dumps(line["_aws"]["CloudWatchMetrics"]) for line in lines} == {
        json.dumps(lines[0]["_aws"]["CloudWatchMetrics"])
    }


def test_many_threads_lose_none(capsys: pytest.CaptureFixture[str]) -> None:
    observed = Observed("alpha")
    with ThreadPoolExecutor(10) as workers:
        list(workers.map(observed.asked, [1.0] * 1_010))
    assert sum(len(line["PlatformSeconds"]) for line in metrics(capsys)) == 1_010


def test_two_platforms_and_none_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    Observed("alpha").shut_out()
    Observed("beta").probes()
    count("SweepRecovered", 3)
    lines = metrics(capsys)
    gauges = {line["platform"]: line["BreakerOpen"] for line in lines if "BreakerOpen" in line}
    assert gauges == {"alpha": [1.0], "beta": [0.5]}
    assert ["platform" in line for line in lines if "SweepRecovered" in line] == [False]


def test_the_wait_is_told_as_the_first_attempt_begins(capsys: pytest.CaptureFixture[str]) -> None:
    updated_at = utc_text(START + timedelta(seconds=3))
    first = Delivery(
        "chn_1", "alpha", DeliveryState.PUBLISHING, updated_at=updated_at, history=went(DeliveryState.PUBLISHING)
    )
    observed = Observed("alpha")
    observed.begun(PUBLICATION, first)
    observed.begun(replace(PUBLICATION, priority=Priority.URGENT), first)
    observed.begun(PUBLICATION, replace(first, delayed=True))
    observed.begun(PUBLICATION, replace(first, history=went(*STRAIGHT)))
    (line,) = metrics(capsys)
    assert (line["WaitSeconds"], line["UrgentWaitSeconds"]) == ([3.0], [3.0])


def test_no_wait_for_a_pace_is_no_measure(capsys: pytest.CaptureFixture[str]) -> None:
    observed = Observed("alpha")
    observed.paced(0.01)
    observed.paced(2.0)
    (line,) = metrics(capsys)
    assert line["PaceSeconds"] == [2.0]


def test_an_open_breaker_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Observed("alpha").breaker_opened()
    (line,) = metrics(capsys)
    assert (line["BreakerOpen"], line["platform"]) == ([1.0], "alpha")


def test_nothing_counted_is_nothing_written(capsys: pytest.CaptureFixture[str]) -> None:
    flush()
    assert written(capsys) == []


def test_a_count_of_no_platform_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    count("SweepRecovered", 3)
    flush()
    assert written(capsys)[-1]["SweepRecovered"] == [3.0]


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the functions' one log handler writes."""
    (handler,) = (each for each in logger.handlers if isinstance(each, logging.StreamHandler))
    before = handler.setStream(io.StringIO())
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    handler.setStream(before)


def test_lines_within_carry_the_ids_and_lines_after_do_not(lines: Callable[[], list[dict[str, Any]]]) -> None:
    with about(correlation_id="c-1"), about(publication="pub_1"):
        logger.info("within")
    logger.info("after")
    within, after = lines()
    assert (within["correlation_id"], within["publication"]) == ("c-1", "pub_1")
    assert "correlation_id" not in after


def test_the_line_of_a_delivery_has_its_state_and_nothing_of_its_content(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    Observed("alpha")(PUBLICATION, Delivery("chn_1", "alpha", DeliveryState.FAILED, attempt=2))
    (line,) = lines()
    assert (line["message"], line["platform"], line["attempt"]) == ("delivery failed", "alpha", 2)
    assert "Private" not in json.dumps(line)
    flush()


def test_the_line_of_a_failure_says_what_the_platform_said(lines: Callable[[], list[dict[str, Any]]]) -> None:
    trouble = Trouble("refused", "Private message", code="too_long", status=400)
    Observed("alpha")(PUBLICATION, Delivery("chn_1", "alpha", DeliveryState.FAILED, trouble=trouble))
    (line,) = lines()
    assert (line["why"], line["code"], line["status"]) == ("refused", "too_long", 400)
    assert "Private" not in json.dumps(line)
