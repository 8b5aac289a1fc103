from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postroom_client.schemas import DeliveryState, PublicationSummary
from tests.client import shown
from tests.load.verdict import Post, judged

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACCEPTED = {"pub_1": "Load-000001"}
OUT = Post("webhook", "Load-000001", "post-1")


def publication(state: DeliveryState, *, post_id: str | None = None, next_at: str | None = None) -> PublicationSummary:
    """A publication with one target in this state."""
    return shown.publication(shown.delivery(state, platform="webhook", post_id=post_id, next_at=next_at))


def test_what_is_out_once_and_said_to_be_is_fine() -> None:
    found = judged(ACCEPTED, [publication("published", post_id="post-1")], [OUT], now=NOW)
    assert (found.fine, found.publications, found.settled) == (True, 1, 1)


def test_nothing_accepted_is_not_fine() -> None:
    assert not judged({}, [], [], now=NOW).fine


def test_what_was_accepted_and_is_not_there_is_lost() -> None:
    found = judged(ACCEPTED, [], [OUT], now=NOW)
    assert (found.fine, len(found.lost)) == (False, 1)


@pytest.mark.parametrize("state", ["queued", "publishing", "processing"])
def test_what_does_not_settle_is_lost(state: DeliveryState) -> None:
    found = judged(ACCEPTED, [publication(state)], [], now=NOW)
    assert (found.fine, len(found.lost)) == (False, 1)


def test_what_is_still_looked_for_is_neither_settled_nor_lost() -> None:
    found = judged(ACCEPTED, [publication("uncertain", next_at="2026-11-21T12:05:00.000Z")], [OUT], now=NOW)
    assert (found.fine, found.looked_for, found.settled) == (True, 1, 0)


def test_what_should_have_been_looked_for_long_ago_is_lost() -> None:
    found = judged(ACCEPTED, [publication("uncertain", next_at="2026-11-21T11:55:00.000Z")], [OUT], now=NOW)
    assert (found.fine, found.looked_for, len(found.lost)) == (False, 0, 1)


@pytest.mark.parametrize("posts", [[], [OUT]])
def test_what_waits_for_a_person_is_neither_lost_nor_a_lie(posts: list[Post]) -> None:
    found = judged(ACCEPTED, [publication("uncertain")], posts, now=NOW)
    assert (found.fine, found.settled) == (True, 0)


def test_what_hangs_there_twice_is_doubled() -> None:
    twice = [OUT, Post("webhook", "Load-000001", "post-2")]
    found = judged(ACCEPTED, [publication("published", post_id="post-1")], twice, now=NOW)
    assert (found.fine, len(found.doubled), found.lost, found.lies) == (False, 1, [], [])


@pytest.mark.parametrize("posts", [[], [Post("webhook", "Load-000002", "post-1")], [Post("devto", "Load-000001", "1")]])
def test_what_is_said_to_be_published_and_is_not_out_is_told_wrongly(posts: list[Post]) -> None:
    found = judged(ACCEPTED, [publication("published", post_id="post-1")], posts, now=NOW)
    assert (found.fine, len(found.lies)) == (False, 1)


def test_what_is_published_under_another_id_is_told_wrongly() -> None:
    assert judged(ACCEPTED, [publication("published", post_id="post-7")], [OUT], now=NOW).lies


@pytest.mark.parametrize("state", ["failed", "canceled", "expired"])
def test_what_is_said_not_to_be_out_and_is_is_told_wrongly(state: DeliveryState) -> None:
    found = judged(ACCEPTED, [publication(state)], [OUT], now=NOW)
    assert (found.fine, len(found.lies)) == (False, 1)
