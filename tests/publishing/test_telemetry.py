from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from publishing.model import Content, DeliveryState, Target, utc_text
from publishing.records import Delivery, Publication
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


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_published_delivery_is_counted_and_its_seconds_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    updated_at = utc_text(START.replace(second=2, microsecond=500_000))
    delivery = Delivery("chn_1", "alpha", DeliveryState.PUBLISHED, updated_at=updated_at)
    Observed("alpha")(PUBLICATION, delivery)
    flush()
    (line,) = [line for line in written(capsys) if "_aws" in line]
    assert (line["DeliveryPublished"], line["DeliverySeconds"], line["platform"]) == ([1.0], [2.5], "alpha")


def test_an_open_breaker_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Observed("alpha").breaker_opened()
    flush()
    (line,) = [line for line in written(capsys) if "_aws" in line]
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
