from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from publishing import aws, breaker
from publishing.adapter import Rate
from publishing.breaker import IN_A_ROW, Breaker, State
from publishing.errors import PublishingError, Unavailable
from publishing.operations import Operations
from tests.cloud import REGION, START, Cloud
from tests.publishing.rush import Rush

HOUR_S = 3_600


class Away:
    """A DynamoDB client whose service cannot be reached."""

    exceptions = type("exceptions", (), {"ConditionalCheckFailedException": KeyError})

    def get_item(self, **_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")

    update_item = get_item


@pytest.fixture
def one(cloud_in_moto: Cloud) -> Breaker:
    """A worker's breaker."""
    return worker(cloud_in_moto)


@pytest.fixture
def calls() -> Iterator[list[str]]:
    """What DynamoDB is asked, by operation."""
    made: list[str] = []
    events = aws.dynamodb().meta.events
    events.register("before-call.dynamodb", lambda model, **_: made.append(model.name), unique_id="calls")
    yield made
    events.unregister("before-call.dynamodb", unique_id="calls")


def worker(made: Cloud, client: Any = aws.dynamodb, **options: Any) -> Breaker:
    return Breaker(Operations("operations", made.watch, client), "alpha", 30.0, **options)


def state(made: Cloud) -> State:
    """What the API shows."""
    return breaker.states(Operations("operations", made.watch), ["alpha"])["alpha"]


def opened(made: Cloud) -> Breaker:
    """A breaker just opened, by a worker that is gone."""
    for _ in range(IN_A_ROW):
        worker(made).failed()
    return worker(made)


def down(moment: datetime) -> PublishingError | None:
    return Unavailable() if moment < START + timedelta(seconds=HOUR_S) else None


def test_while_all_is_well_nothing_is_written_and_little_read(one: Breaker, calls: list[str]) -> None:
    for _ in range(50):
        assert one.standing().closed
        one.answered()
    assert calls == ["GetItem"]


def test_five_failures_in_a_row_open_it_whoever_has_them(cloud_in_moto: Cloud) -> None:
    for _ in range(IN_A_ROW - 1):
        worker(cloud_in_moto).failed()
    assert state(cloud_in_moto) is State.CLOSED
    worker(cloud_in_moto).failed()
    assert state(cloud_in_moto) is State.OPEN
    assert worker(cloud_in_moto).standing().shut(cloud_in_moto.watch())


def test_an_answer_ends_the_row(cloud_in_moto: Cloud, one: Breaker) -> None:
    for _ in range(3):
        for _ in range(IN_A_ROW - 1):
            one.failed()
        one.answered()
    assert state(cloud_in_moto) is State.CLOSED


def test_failures_long_apart_are_not_in_a_row(cloud_in_moto: Cloud, one: Breaker) -> None:
    for _ in range(2 * IN_A_ROW):
        one.failed()
        cloud_in_moto.watch.forward(breaker.LASTS_S)
    assert state(cloud_in_moto) is State.CLOSED


def test_it_tells_when_it_opens_and_after_each_probe_in_vain(cloud_in_moto: Cloud) -> None:
    told: list[None] = []
    one = worker(cloud_in_moto, opened=lambda: told.append(None))
    for _ in range(2 * IN_A_ROW):
        one.failed()
    assert len(told) == 1
    cloud_in_moto.watch.forward(30)
    one.failed(one.probe())
    assert len(told) == 2


def test_fifty_workers_make_exactly_one_probe(cloud_in_moto: Cloud) -> None:
    opened(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    workers = [worker(cloud_in_moto) for _ in range(50)]
    ready = threading.Barrier(50)

    def ask(each: Breaker) -> str | None:
        each.standing()
        ready.wait()
        return each.probe()

    with ThreadPoolExecutor(50) as pool:
        probes = [probe for probe in pool.map(ask, workers) if probe]
    assert len(probes) == 1
    assert state(cloud_in_moto) is State.HALF_OPEN


def test_before_half_a_minute_nobody_probes(cloud_in_moto: Cloud) -> None:
    one = opened(cloud_in_moto)
    cloud_in_moto.watch.forward(29.9)
    assert one.probe() is None
    cloud_in_moto.watch.forward(0.1)
    assert one.probe()


def test_a_probe_that_is_answered_closes_it(cloud_in_moto: Cloud) -> None:
    one = opened(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    one.answered(one.probe())
    assert state(cloud_in_moto) is State.CLOSED
    assert worker(cloud_in_moto).standing().failures == 0


def test_a_probe_in_vain_opens_it_for_another_half_minute(cloud_in_moto: Cloud) -> None:
    one = opened(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    one.failed(one.probe())
    assert state(cloud_in_moto) is State.OPEN
    cloud_in_moto.watch.forward(29)
    assert worker(cloud_in_moto).probe() is None


def test_a_probe_that_was_not_made_is_the_next_ones(cloud_in_moto: Cloud) -> None:
    one = opened(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    probe = one.probe()
    assert probe
    one.release(probe)
    assert worker(cloud_in_moto).probe()


def test_a_probe_whose_worker_died_is_somebody_elses_in_the_end(cloud_in_moto: Cloud) -> None:
    one = opened(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    late = one.probe()
    cloud_in_moto.watch.forward(30)
    assert worker(cloud_in_moto).probe()
    one.answered(late)
    assert state(cloud_in_moto) is State.HALF_OPEN


def test_a_late_failure_or_answer_does_not_disturb_a_probe(cloud_in_moto: Cloud) -> None:
    one, two = opened(cloud_in_moto), worker(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    probe = one.probe()
    two.failed()
    two.answered()
    assert state(cloud_in_moto) is State.HALF_OPEN
    one.answered(probe)
    assert state(cloud_in_moto) is State.CLOSED


def test_who_believed_it_closed_learns_better_from_a_failure(cloud_in_moto: Cloud, one: Breaker) -> None:
    assert one.standing().closed
    opened(cloud_in_moto)
    assert one.standing().closed
    one.failed()
    assert one.standing().shut(cloud_in_moto.watch())


def test_who_believed_it_open_looks_again_after_some_seconds(cloud_in_moto: Cloud, one: Breaker) -> None:
    two = opened(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    assert not one.standing().closed
    two.answered(two.probe())
    cloud_in_moto.watch.forward(breaker.SEEN_MS / 1_000)
    assert one.standing().closed


def test_a_table_that_is_away_leaves_it_closed_and_stops_nobody(cloud_in_moto: Cloud) -> None:
    one = worker(cloud_in_moto, Away)
    for _ in range(IN_A_ROW):
        one.failed()
        one.answered()
    assert one.standing().closed


def test_a_table_that_is_away_lets_nobody_probe_what_is_known_to_be_down(cloud_in_moto: Cloud) -> None:
    away: list[Any] = []
    one = worker(cloud_in_moto, lambda: away[0] if away else aws.dynamodb())
    for _ in range(IN_A_ROW):
        one.failed()
    cloud_in_moto.watch.forward(5)
    away.append(Away())
    assert one.probe() is None


def test_a_claim_whose_answer_was_lost_is_known_again(cloud_in_moto: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    one = opened(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    monkeypatch.setattr(breaker, "new_mark", lambda: "mine")
    assert one.probe() == "mine"
    one._seen = breaker.Standing(IN_A_ROW, START)  # as before: the SDK asks a second time, and is refused
    assert one.probe() == "mine"


def test_what_is_stored_expires(cloud_in_moto: Cloud) -> None:
    opened(cloud_in_moto)
    (item,) = boto3.client("dynamodb", region_name=REGION).scan(TableName="operations")["Items"]
    assert item["pk"]["S"] == "breaker#alpha"
    assert int(item["expires_at"]["N"]) == START.timestamp() + breaker.LASTS_S


def test_an_hours_outage_costs_one_call_in_half_a_minute_and_little_time_thereafter() -> None:
    rate = Rate(requests=1, per_s=1.0)
    told = Rush(HOUR_S, 7, rate, over_s=HOUR_S, platform=down, breaks=True).run()
    probes = [moment for moment in told.failed if moment > START + timedelta(seconds=60)]
    assert len(told.asked) == HOUR_S
    assert min(later - sooner for sooner, later in pairwise(probes)) >= timedelta(seconds=30)
    assert len(told.failed) <= HOUR_S / 30 + 2 * IN_A_ROW
    assert told.lasted_s - HOUR_S <= 1.1 * HOUR_S
