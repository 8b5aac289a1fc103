from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from notifying import payload
from notifying.log import KEPT_ATTEMPTS, LEASE_S, Log
from notifying.model import Attempt, Entry, EventKind, Notice, NoticeState
from publishing import ids
from tests import cloud
from tests.cloud import Cloud
from tests.notifying import samples

NOTICE = Notice(EventKind.WEBHOOK_TEST, samples.WORKSPACE, samples.endpoint.id, "2026-11-20T12:00:00.000Z", 1, {"a": 1})
ENTRY = payload.entry(NOTICE, samples.endpoint.id)
PLACE = (samples.WORKSPACE, samples.endpoint.id, ENTRY.event)


@pytest.fixture
def log(cloud_in_moto: Cloud) -> Log:
    made = Log("notices", cloud_in_moto.watch)
    made.record(ENTRY)
    return made


def claimed(log: Log, tried: int = 0) -> Entry:
    stands, ours = log.claim(*PLACE, tried)
    assert stands
    assert ours
    return stands


def test_an_event_is_written_down_once_and_stands_as_it_is(log: Log) -> None:
    taken = claimed(log)
    log.settle(taken, NoticeState.DELIVERED, Attempt("2026-11-20T12:00:00.000Z", 204, 12))
    again = log.record(ENTRY)
    assert (again.state, again.tried, again.body) == (NoticeState.DELIVERED, 1, ENTRY.body)


@pytest.mark.usefixtures("log")
def test_an_entry_goes_after_thirty_days() -> None:
    (item,) = boto3.client("dynamodb", region_name=cloud.REGION).scan(TableName="notices")["Items"]
    assert int(item["expires_at"]["N"]) == int((cloud.START + timedelta(days=30)).timestamp())


def test_an_attempt_is_taken_by_one(log: Log) -> None:
    claimed(log)
    stands, ours = log.claim(*PLACE, 0)
    assert stands
    assert (ours, stands.state) == (False, NoticeState.SENDING)


def test_whoever_died_is_followed_by_another_once_the_lease_is_over(log: Log, cloud_in_moto: Cloud) -> None:
    late = claimed(log)
    cloud_in_moto.watch.forward(LEASE_S)
    mine = claimed(log)
    assert not log.settle(late, NoticeState.DELIVERED)
    assert log.settle(mine, NoticeState.DELIVERED)


def test_an_attempt_that_was_made_is_not_made_again(log: Log) -> None:
    log.settle(claimed(log), NoticeState.WAITING, Attempt("2026-11-20T12:00:00.000Z", 500), cloud.START)
    stands, ours = log.claim(*PLACE, 0)
    assert stands
    assert (ours, stands.tried) == (False, 1)
    assert claimed(log, 1).attempts[0].status == 500


def test_an_attempt_is_not_made_before_its_time(log: Log, cloud_in_moto: Cloud) -> None:
    at = cloud.START + timedelta(seconds=300)
    log.settle(claimed(log), NoticeState.WAITING, Attempt("2026-11-20T12:00:00.000Z", 500), at)
    assert log.claim(*PLACE, 1)[1] is False
    cloud_in_moto.watch.forward(299)
    assert log.claim(*PLACE, 1)[1] is True


def test_what_is_not_there_cannot_be_taken(log: Log) -> None:
    assert log.claim(samples.WORKSPACE, samples.endpoint.id, "evt_other", 0) == (None, False)


def test_attempts_are_kept_up_to_a_number(log: Log) -> None:
    for number in range(KEPT_ATTEMPTS + 3):
        taken = claimed(log, number)
        log.settle(taken, NoticeState.WAITING, Attempt("2026-11-20T12:00:00.000Z", number + 1), cloud.START)
    assert [each.status for each in claimed(log, KEPT_ATTEMPTS + 3).attempts] == list(range(4, KEPT_ATTEMPTS + 4))


def test_what_was_delivered_can_be_begun_anew(log: Log) -> None:
    log.settle(claimed(log), NoticeState.DELIVERED, Attempt("2026-11-20T12:00:00.000Z", 204))
    begun = log.begin_anew(ENTRY)
    assert begun
    assert (begun.state, begun.tried, len(begun.attempts)) == (NoticeState.WAITING, 0, 1)


def test_what_somebody_is_at_is_not_begun_anew(log: Log, cloud_in_moto: Cloud) -> None:
    claimed(log)
    assert log.begin_anew(ENTRY) is None
    cloud_in_moto.watch.forward(LEASE_S)
    assert log.begin_anew(ENTRY)
    assert log.begin_anew(replace(ENTRY, event="evt_other")) is None


def many(log: Log, count: int) -> list[Entry]:
    """So many entries, a second apart, the oldest first, behind the one there is."""
    made = [
        payload.entry(replace(NOTICE, at=f"2026-11-20T12:00:{second:02d}.000Z"), samples.endpoint.id)
        for second in range(1, count + 1)
    ]
    return [log.record(entry) for entry in made]


def test_a_range_is_read_page_by_page_newest_first(log: Log) -> None:
    entries = many(log, 5)
    first, last = ids.bounds("evt", _ms(2), _ms(5))
    page = log.page(*PLACE[:2], first=first, last=last, limit=3)
    assert [each.event for each in page.found] == [each.event for each in reversed(entries[2:])]
    rest = log.page(*PLACE[:2], first=first, last=last, limit=3, after=page.following)
    assert ([each.event for each in rest.found], rest.following) == ([entries[1].event], "")


def test_a_range_is_counted_as_far_as_pages_go(log: Log) -> None:
    many(log, 5)
    first, last = ids.bounds("evt", _ms(0), _ms(3))
    assert log.count(*PLACE[:2], first=first, last=last, pages=2) == (4, True)
    assert log.count(*PLACE[:2], first=first, last=last, pages=0) == (0, False)


def _ms(seconds: int) -> int:
    return int(cloud.START.timestamp()) * 1000 + seconds * 1000
