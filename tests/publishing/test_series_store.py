# ruff: noqa: DTZ001 - walls have no zone
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from publishing import aws
from publishing.model import Content, IfLate, Late, Media, Priority, Target, utc_text
from publishing.recurrence import Occurrence
from publishing.series import Series, publication_of
from publishing.series_store import SeriesStore
from tests.cloud import START, Cloud

WALL = datetime(2026, 11, 21, 9)
OCCURRENCE = Occurrence(WALL, datetime(2026, 11, 21, 8, tzinfo=UTC))
SERIES = Series(
    id="ser_1",
    workspace="ws_1",
    content=Content(title="T", tags=("a",), media=(Media("https://a.test/1"),)),
    targets=(Target("chn_1", "alpha", {"text": "Own"}), Target("chn_2", "beta")),
    zone="Europe/Zurich",
    starts_at=datetime(2026, 11, 20, 9),
    rule="FREQ=DAILY",
    created_at=START,
    created_by="tester",
    fingerprint="f",
    planned_to=WALL,
    priority=Priority.URGENT,
    late=Late(60, IfLate.HOLD),
    correlation_id="c",
    made=(OCCURRENCE,),
    unsent=(OCCURRENCE,),
    paused_at=START,
    ended_at=START,
    due_at=utc_text(START),
)


@pytest.fixture
def store(cloud_in_moto: Cloud) -> SeriesStore:
    return SeriesStore(cloud_in_moto.settings.publications_table, cloud_in_moto.watch)


def test_what_is_stored_is_read_as_it_was(store: SeriesStore) -> None:
    stored, ours = store.create(SERIES)
    assert ours
    assert replace(stored, written_by="") == SERIES
    assert store.read("ws_1", "ser_1") == stored


def test_of_two_with_one_id_the_first_stands(store: SeriesStore) -> None:
    first, _ = store.create(SERIES)
    assert store.create(replace(SERIES, rule="FREQ=WEEKLY")) == (first, False)


def test_who_has_seen_an_older_state_writes_nothing(store: SeriesStore) -> None:
    seen, _ = store.create(SERIES)
    changed = store.replace(seen, replace(seen, rule="FREQ=WEEKLY"))
    assert changed is not None
    assert store.replace(seen, replace(seen, rule="FREQ=MONTHLY")) is None
    assert store.read("ws_1", "ser_1") == changed


def test_whose_answer_was_lost_knows_its_own_write(store: SeriesStore, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, _ = store.create(SERIES)
    put = aws.dynamodb().put_item

    def twice(**request: Any) -> Any:
        put(**request)
        return put(**request)

    monkeypatch.setattr(aws.dynamodb(), "put_item", twice)
    assert store.replace(seen, seen) is not None


def test_pages_show_the_newest_first_and_end(store: SeriesStore) -> None:
    for number in range(3):
        store.create(replace(SERIES, id=f"ser_{number}", created_at=START.replace(minute=number)))
    first = store.page("ws_1", limit=2)
    second = store.page("ws_1", limit=2, start=first.following)
    assert [each.id for each in (*first.found, *second.found)] == ["ser_2", "ser_1", "ser_0"]
    assert second.following is None
    assert store.page("ws_2", limit=2).found == []


def test_only_what_is_due_is_planned(store: SeriesStore) -> None:
    store.create(SERIES)
    store.create(replace(SERIES, id="ser_2", due_at=utc_text(START.replace(hour=13))))
    store.create(replace(SERIES, id="ser_3", due_at=""))
    assert store.due(limit=10) == ([("ws_1", "ser_1")], None)


def test_an_occurrence_becomes_one_publication_whatever_else_changes() -> None:
    edited = replace(SERIES, content=Content(text="New"), zone="Europe/Berlin", version=2)
    ids = [publication_of(each, OCCURRENCE, now=START, due_at="").id for each in (SERIES, edited)]
    assert ids[0] == ids[1]
    assert publication_of(replace(SERIES, id="ser_2"), OCCURRENCE, now=START, due_at="").id not in ids
