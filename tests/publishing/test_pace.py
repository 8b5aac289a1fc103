from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing import aws
from publishing.adapter import Rate
from publishing.gate import PATIENCE_S
from publishing.operations import EPOCH, Operations
from publishing.pace import (
    AHEAD_EACH,
    ALONE_S,
    KEPT_EACH,
    LEAD_S,
    LOOK_S,
    MOST_LEASED,
    SURELY_S,
    Pace,
    _Book,
    beginning,
)
from tests.cloud import REGION, START, Cloud, Watch
from tests.publishing.rush import Rush

RATE = Rate(requests=5, per_s=2.0)
RATES = st.builds(Rate, requests=st.integers(1, 60), per_s=st.sampled_from([0.5, 1.0, 2.0, 7.0, 30.0, 60.0]))


class Away:
    """A DynamoDB client whose service cannot be reached, until a test mends it."""

    def __init__(self) -> None:
        self.mended = False

    def __call__(self) -> Any:
        return aws.dynamodb() if self.mended else self

    exceptions = type("exceptions", (), {"ConditionalCheckFailedException": KeyError})

    def update_item(self, **_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")

    get_item = update_item


def pace(made: Cloud, *, rate: Rate = RATE, workers: int = 4, client: Any = aws.dynamodb) -> Pace:
    return Pace(Operations("operations", made.watch, client), "alpha", rate, workers=workers)


def bucket() -> Any:
    (item,) = boto3.client("dynamodb", region_name=REGION).scan(TableName="operations")["Items"]
    return {name: next(iter(value.values())) for name, value in item.items()}


def test_tokens_fall_due_one_by_one_at_the_rate(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto)
    assert [one.turn("chn_1").at for _ in range(4)] == [START + timedelta(milliseconds=400 * n) for n in range(4)]


def test_two_workers_never_have_the_same_token(cloud_in_moto: Cloud) -> None:
    one, two = pace(cloud_in_moto), pace(cloud_in_moto)
    tokens = [each.turn("chn_1").token for _ in range(20) for each in (one, two)]
    assert len(set(tokens)) == 40


def test_a_channels_pace_is_its_own(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto)
    assert one.turn("chn_1").at == one.turn("chn_2").at == START


def test_a_token_that_is_kept_for_a_message_is_its_own_until_it_falls_due(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto)
    turn = [one.turn("chn_1") for _ in range(3)][2]
    cloud_in_moto.watch.forward(0.8)
    assert pace(cloud_in_moto).turn("chn_1", turn.token) == turn
    cloud_in_moto.watch.forward(0.001)
    assert pace(cloud_in_moto).turn("chn_1", turn.token) != turn


def test_a_lease_that_is_not_used_goes_by_without_harm(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto)
    for _ in range(8):  # the second lease and a part of the third
        one.turn("chn_1")
    cloud_in_moto.watch.forward(60)
    assert one.turn("chn_1").at == cloud_in_moto.watch()
    assert one.turn("chn_1").at == cloud_in_moto.watch() + timedelta(milliseconds=400)


def test_a_token_given_back_is_given_out_next(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto)
    turn = [one.turn("chn_1") for _ in range(2)][1]
    assert turn.token is not None
    one.give_back("chn_1", turn.token)
    assert one.turn("chn_1") == turn


def test_a_pause_the_platform_asks_for_empties_the_bucket_for_everybody(cloud_in_moto: Cloud) -> None:
    one, two = pace(cloud_in_moto), pace(cloud_in_moto)
    kept = [one.turn("chn_1") for _ in range(4)][3]
    one.slow_down("chn_1", 60.0)
    until = START + timedelta(seconds=60)
    assert one.turn("chn_1", kept.token).at >= until
    assert two.turn("chn_1").token is None
    cloud_in_moto.watch.forward(60)
    assert one.turn("chn_1").at == until


def test_a_shorter_pause_does_not_end_a_longer_one(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto)
    one.slow_down("chn_1", 60.0)
    one.slow_down("chn_1", 1.0)
    cloud_in_moto.watch.forward(30)
    assert one.turn("chn_1").at >= START + timedelta(seconds=60)


def test_beyond_what_all_workers_lease_nothing_is_kept_and_messages_are_spread(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto, workers=1)
    turns = [one.turn("chn_1") for _ in range(100)]
    late = [turn.at for turn in turns if turn.token is None]
    assert len(turns) - len(late) <= AHEAD_EACH + MOST_LEASED
    assert len({at.replace(microsecond=0) for at in late}) > 5
    assert min(late) > START


def test_what_is_stored_expires(cloud_in_moto: Cloud) -> None:
    pace(cloud_in_moto).turn("chn_1")
    assert bucket()["pk"] == "pace#alpha#chn_1"
    assert START.timestamp() < int(bucket()["expires_at"]) < START.timestamp() + 7_200


def crowded(made: Cloud) -> list[int]:
    """The tokens of the messages of a channel whose near future was all given out."""
    one = pace(made)
    turns = [one.turn("chn_1") for _ in range(200)]
    return [turn.token for turn in turns if turn.token is not None]


def test_what_is_urgent_takes_the_next_of_the_tokens_kept_for_it_however_much_was_given_out(
    cloud_in_moto: Cloud,
) -> None:
    leased = crowded(cloud_in_moto)
    assert len(leased) > 40
    one, two = pace(cloud_in_moto), pace(cloud_in_moto)
    waits_s = [(each.turn("chn_1", urgent=True).at - START).total_seconds() for each in (one, two, one)]
    assert waits_s[0] <= LEAD_S + 0.4 * KEPT_EACH
    assert waits_s == [waits_s[0] + 0.4 * KEPT_EACH * n for n in range(3)]


def test_a_kept_token_is_its_lessees_when_nothing_urgent_wants_it(cloud_in_moto: Cloud) -> None:
    kept = next(token for token in crowded(cloud_in_moto) if token % KEPT_EACH == 0)
    assert pace(cloud_in_moto).turn("chn_1", kept).token == kept


def test_a_token_that_something_urgent_took_is_used_by_nobody_else(cloud_in_moto: Cloud) -> None:
    leased = crowded(cloud_in_moto)
    urgent = pace(cloud_in_moto).turn("chn_1", urgent=True)
    assert urgent.token in leased
    cloud_in_moto.watch.moment = urgent.at - timedelta(seconds=1)
    assert pace(cloud_in_moto).turn("chn_1", urgent.token).token != urgent.token
    assert pace(cloud_in_moto).turn("chn_1", urgent.token, urgent=True) == urgent


def test_a_token_is_looked_after_no_sooner_than_it_is_used_and_taken_no_later(cloud_in_moto: Cloud) -> None:
    assert PATIENCE_S < LOOK_S < SURELY_S < LEAD_S
    kept = next(token for token in crowded(cloud_in_moto)[20:] if token % KEPT_EACH == 0)
    cloud_in_moto.watch.forward(1)
    assert pace(cloud_in_moto, client=Away()).turn("chn_1", kept).token == kept


def test_on_a_channel_that_idles_what_is_urgent_waits_for_nothing(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto)
    assert [one.turn("chn_1", urgent=True).at for _ in range(4)] == [
        START + timedelta(milliseconds=400 * n) for n in range(4)
    ]


def test_without_the_table_what_is_urgent_keeps_to_its_workers_share(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto, client=Away())
    times = [one.turn("chn_1", urgent=True).at for _ in range(6)]
    assert {later - sooner for sooner, later in pairwise(times)} == {timedelta(seconds=1.6)}


def test_a_pause_holds_for_what_is_urgent_too(cloud_in_moto: Cloud) -> None:
    crowded(cloud_in_moto)
    pace(cloud_in_moto).slow_down("chn_1", 60.0)
    assert pace(cloud_in_moto).turn("chn_1", urgent=True).token is None
    cloud_in_moto.watch.forward(50)
    assert pace(cloud_in_moto).turn("chn_1", urgent=True).at >= START + timedelta(seconds=60)


def test_without_the_table_a_worker_keeps_to_its_share(cloud_in_moto: Cloud) -> None:
    one = pace(cloud_in_moto, client=Away())
    times = [one.turn("chn_1").at for _ in range(10)]
    assert {later - sooner for sooner, later in pairwise(times)} == {timedelta(seconds=1.6)}


def test_the_table_is_asked_again_when_it_may_be_back(cloud_in_moto: Cloud) -> None:
    away = Away()
    one = pace(cloud_in_moto, client=away)
    one.turn("chn_1")
    away.mended = True
    one.turn("chn_1")
    assert boto3.client("dynamodb", region_name=REGION).scan(TableName="operations")["Items"] == []
    cloud_in_moto.watch.forward(ALONE_S)
    one.turn("chn_1")
    assert "next_token" in bucket()


def test_workers_without_a_table_keep_the_rate_together() -> None:
    told = Rush(messages=2_000, workers=6, rate=RATE, until_s=400, client=Away()).run()
    assert len(told.asked) <= 400 * 2.5 + 6
    assert told.busiest(20.0) <= 50 + 6


@given(rate=RATES, workers=st.integers(1, 12), seed=st.integers(0, 2**32))
@settings(max_examples=15)
def test_no_window_sees_more_than_the_rate_allows(rate: Rate, workers: int, seed: int) -> None:
    told = Rush(messages=300, workers=workers, rate=rate, seed=seed).run()
    assert len(told.asked) == 300
    assert told.busiest(rate.per_s) <= rate.requests
    assert told.busiest(1.0) <= max(rate.requests, math.ceil(rate.requests / rate.per_s))


@given(rate=RATES, moment_ms=st.integers(0, 2**42))
@settings(max_examples=200)
def test_time_never_drifts_against_tokens(rate: Rate, moment_ms: int) -> None:
    moment = EPOCH + timedelta(milliseconds=moment_ms)
    one = Pace(Operations("operations", Watch(moment)), "alpha", rate, workers=1)
    book = _Book(beginning("chn_1", round(1000 * rate.per_s / rate.requests)))
    token = one._token_from(book)
    assert one._turn(token, book).at >= moment
    assert one._turn(token - 1, book).at < moment
    assert one._turn(token + rate.requests, book).at - one._turn(token, book).at == timedelta(seconds=rate.per_s)


def test_the_channels_of_a_platform_do_not_come_due_all_at_once() -> None:
    begin = [beginning(f"chn_{number}", 2_000) - EPOCH for number in range(200)]
    assert len({each // timedelta(milliseconds=100) for each in begin}) == 20


@pytest.mark.parametrize(("rate", "workers"), [(RATE, 7), (Rate(30, 60.0), 7), (Rate(9, 30.0), 4), (Rate(50, 1.0), 20)])
def test_under_a_rush_the_rate_is_used_to_the_full_at_a_write_for_ten_tokens(rate: Rate, workers: int) -> None:
    lasts_s = 3_000 * rate.per_s / rate.requests
    told = Rush(messages=6_000, workers=workers, rate=rate, until_s=lasts_s).run()
    assert len(told.asked) >= 0.97 * 3_000
    assert told.writes <= 0.1 * len(told.asked)
    assert told.busiest(rate.per_s) <= rate.requests
