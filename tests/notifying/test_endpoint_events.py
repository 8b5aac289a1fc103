from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from notifying.events import changed, notices
from notifying.model import Endpoint, EventKind, Notice
from notifying.records import item_of
from tests import cloud
from tests.notifying import samples

LATER = cloud.START + timedelta(days=2)


def told(old: Endpoint | None, new: Endpoint | None) -> list[Notice]:
    record = samples.record(item_of(old) if old else None, item_of(new) if new else None)
    return list(notices(changed(record)))


def test_a_warning_and_an_end_are_told() -> None:
    failing = replace(samples.endpoint, version=2, failing_since=cloud.START, warned_at=LATER)
    ended = replace(failing, version=3, disabled_at=LATER, disabled_why="failing")
    (warned,), (disabled,) = told(samples.endpoint, failing), told(failing, ended)
    assert (warned.kind, warned.sequence) == (EventKind.WEBHOOK_FAILING, 2)
    assert (disabled.kind, disabled.data["why"]) == (EventKind.WEBHOOK_DISABLED, "failing")


def test_nothing_else_of_an_endpoint_is_told() -> None:
    renamed = replace(samples.endpoint, name="Another", version=2)
    assert [*told(None, samples.endpoint), *told(samples.endpoint, renamed), *told(renamed, None)] == []


def test_an_endpoint_is_not_told_of_itself() -> None:
    (disabled,) = told(samples.endpoint, replace(samples.endpoint, version=2, disabled_at=LATER, disabled_why="gone"))
    assert not samples.endpoint.wants(disabled)
    assert replace(samples.endpoint, id="whk_other").wants(disabled)
