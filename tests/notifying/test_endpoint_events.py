from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from notifying.events import changed, notices
from notifying.model import Endpoint, EventKind, Notice
from notifying.records import item_of
from notifying.replaying import probe
from publishing.model import utc_text
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
    assert (warned.kind, warned.at) == (EventKind.WEBHOOK_FAILING, utc_text(LATER))
    assert (disabled.kind, disabled.data["why"]) == (EventKind.WEBHOOK_DISABLED, "failing")


def test_numbers_grow_over_warnings_ends_and_tests_alike() -> None:
    failing = replace(samples.endpoint, version=2, failing_since=cloud.START, warned_at=LATER)
    over = LATER + timedelta(milliseconds=1)
    ended = replace(failing, version=3, disabled_at=over, disabled_why="failing")
    tests = [probe(samples.WORKSPACE, samples.endpoint.id, utc_text(LATER + timedelta(days=day))) for day in (-1, 1)]
    events = [tests[0], *told(samples.endpoint, failing), *told(failing, ended), tests[1]]
    numbers = [each.sequence for each in events]
    assert (len(numbers), numbers) == (4, sorted(set(numbers)))


def test_a_warning_and_an_end_in_one_change_have_numbers_of_their_own() -> None:
    both = replace(samples.endpoint, version=2, warned_at=LATER, disabled_at=LATER, disabled_why="failing")
    warned, disabled = told(samples.endpoint, both)
    assert warned.sequence < disabled.sequence


def test_nothing_else_of_an_endpoint_is_told() -> None:
    renamed = replace(samples.endpoint, name="Another", version=2)
    assert [*told(None, samples.endpoint), *told(samples.endpoint, renamed), *told(renamed, None)] == []


def test_an_endpoint_is_not_told_of_itself() -> None:
    (disabled,) = told(samples.endpoint, replace(samples.endpoint, version=2, disabled_at=LATER, disabled_why="gone"))
    assert not samples.endpoint.wants(disabled)
    assert replace(samples.endpoint, id="whk_other").wants(disabled)
