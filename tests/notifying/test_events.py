from __future__ import annotations

from typing import Any

import pytest

from notifying.events import changed, notices
from notifying.model import EventKind, Notice
from publishing.model import DeliveryState
from tests.notifying import samples


def of(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[Notice]:
    return list(notices(changed(samples.record(old, new))))


def test_the_same_change_is_the_same_event() -> None:
    first, second = of(None, samples.published()), of(None, samples.published())
    assert [each.id for each in first] == [each.id for each in second]


def test_an_id_sorts_by_when_it_happened() -> None:
    early = Notice(EventKind.WEBHOOK_TEST, "ws_1", "whk_1", "2026-11-20T12:00:00.000Z", 1)
    late = Notice(EventKind.WEBHOOK_TEST, "ws_1", "whk_1", "2026-11-20T12:00:00.001Z", 1)
    assert early.id < late.id


@pytest.mark.parametrize("sort_key", ["SERIES", "KEY#key_1", "MEDIA#med_1", "MEMBER#1"])
def test_what_tells_nothing_is_passed_over(sort_key: str) -> None:
    assert of(None, {"pk": "ws_1", "sk": sort_key}) == []


def test_every_state_of_a_delivery_is_an_event() -> None:
    assert {f"delivery.{state}" for state in DeliveryState} <= {kind.value for kind in EventKind}


def test_what_is_sealed_may_be_in_a_record_as_lambda_writes_it() -> None:
    record = samples.record(None, samples.connected())
    record["dynamodb"]["NewImage"]["box"] = {"B": "Y2FuYXJ5"}
    assert [each.kind for each in notices(changed(record))] == ["channel.created", "channel.connected"]
