from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from publishing.model import Channel, status_of, utc_moment, utc_text
from publishing.model import DeliveryState as State
from publishing.model import PublicationStatus as Status


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([State.QUEUED, State.QUEUED], Status.PUBLISHING),
        ([State.PUBLISHED, State.QUEUED], Status.PUBLISHING),
        ([State.PUBLISHED, State.UNCERTAIN], Status.PUBLISHING),
        ([State.PUBLISHED, State.PUBLISHED], Status.PUBLISHED),
        ([State.PUBLISHED, State.CANCELED], Status.PUBLISHED),
        ([State.PUBLISHED, State.FAILED], Status.PARTIAL),
        ([State.PUBLISHED, State.EXPIRED], Status.PARTIAL),
        ([State.FAILED, State.CANCELED], Status.FAILED),
        ([State.EXPIRED], Status.FAILED),
        ([State.CANCELED, State.CANCELED], Status.CANCELED),
        ([State.HELD, State.PUBLISHED], Status.HELD),
        ([State.HELD, State.QUEUED], Status.PUBLISHING),
        ([State.HANDOFF], Status.HELD),
    ],
)
def test_a_publications_status_follows_from_its_deliveries(states: list[State], status: Status) -> None:
    assert status_of(states, waiting=False) is status


def test_what_is_not_due_yet_is_scheduled_until_something_happens() -> None:
    assert status_of([State.QUEUED], waiting=True) is Status.SCHEDULED
    assert status_of([State.QUEUED, State.PUBLISHING], waiting=True) is Status.PUBLISHING


def test_stored_times_sort_as_texts_and_come_back_the_same() -> None:
    zone = timezone(timedelta(hours=9))
    moments = [datetime(2026, 1, 1, 8, 0, 0, 999_000, tzinfo=zone), datetime(2026, 1, 1, tzinfo=UTC)]
    texts = [utc_text(moment) for moment in moments]
    assert texts == ["2025-12-31T23:00:00.999Z", "2026-01-01T00:00:00.000Z"]
    assert sorted(texts) == texts
    assert [utc_moment(text) for text in texts] == moments


def test_a_channels_secrets_do_not_show_in_its_repr() -> None:
    assert "hunter2" not in repr(Channel("chn_1", "ws_1", "alpha", secrets={"password": "hunter2"}))
