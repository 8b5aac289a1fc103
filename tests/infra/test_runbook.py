from __future__ import annotations

import json
import re
from collections import deque
from pathlib import Path

import pytest

from infra.api import _LOGGED
from publishing.model import DeliveryState
from publishing.publication import Delivery, Trouble
from publishing.telemetry import Observed, about, flush, logger
from tests.infra.synthesis import Synthesised
from tests.infra.test_drill import PUBLICATION
from tests.notifying.desk import DOWN, Desk
from tests.web.logs import caught

RUNBOOK = (Path(__file__).parents[2] / "RUNBOOK.md").read_text()
INSIGHTS = {
    *("filter", "stats", "count", "by", "sort", "desc", "fields", "limit", "like", "or", "in"),
    *("ispresent", "latest", "pct", "timestamp"),
}


def sections() -> set[str]:
    return set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE))


def named(stage: Synthesised) -> set[str]:
    """The sections the alarms of a stage name."""
    told = (alarm.properties["AlarmDescription"] for alarm in stage.all("CloudWatch::Alarm"))
    return {text.rpartition("RUNBOOK.md: ")[2] for text in told}


def test_every_alarm_has_its_section_and_every_section_its_alarm(prod: Synthesised) -> None:
    assert named(prod) == sections()


def test_no_alarm_of_any_stage_is_without_a_section(stage: Synthesised) -> None:
    assert named(stage) <= sections()


def queries() -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.+?)^```$", RUNBOOK, re.MULTILINE | re.DOTALL)
    return [text for language, text in blocks if not language]


@pytest.fixture
def fields() -> set[str]:
    """The fields our lines have: of a delivery that failed, a request and a call that did, of the access log."""
    trouble = Trouble("refused", "Too long.", code="too_long", status=400)
    with caught() as log, about(correlation_id="c", workspace="w", publication="p", channel="c", operation="submit"):
        Observed("discord")(PUBLICATION, Delivery("chn_1", "discord", DeliveryState.FAILED, trouble=trouble))
        logger.error("Failed", extra={"error": "KeyError", "where": ["a.py:1"]})
        webhooks = Desk(answers=deque([DOWN]))
        webhooks.telling.first(webhooks.happened(), again=False)
    flush()
    return {name for line in log.lines for name in line} | set(_LOGGED)


def test_queries_ask_for_fields_that_there_are(fields: set[str]) -> None:
    bare = [re.sub(r'"[^"]*"|/[^/]*/', "", query) for query in queries()]
    asked = {word for query in bare for word in re.findall(r"(?<![@\w])[a-z_]+", query)}
    assert len(bare) > 8
    assert asked - INSIGHTS <= fields


def test_queries_ask_for_lines_that_there_are() -> None:
    wanted = {text for query in queries() for text in re.findall(r'"(delivery \w+)"', query)}
    assert wanted <= {f"delivery {state.value}" for state in DeliveryState}
    assert json.dumps(sorted(wanted)) != "[]"
