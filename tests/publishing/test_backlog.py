from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from publishing.backlog import KNOWN_S, NEAR, STANDS_S, Allowance, Stock
from publishing.model import Content, Target, utc_text
from publishing.operations import Operations
from publishing.publication import Publication
from publishing.store import Publications
from tests.cloud import START, Cloud, Watch

LIMIT = 25
NOISY, QUIET = "ws_noisy", "ws_quiet"


def operations(made: Cloud) -> Operations:
    return Operations("operations", made.watch)


def stock(made: Cloud) -> Stock:
    return Stock(Publications("publications", made.watch), operations(made), LIMIT)


def taken(one: Stock, *, until: Callable[[], bool] = lambda: False) -> Any:
    return one.take(lambda _shard: START - timedelta(days=1), until=until)


def allowance(made: Cloud) -> Allowance:
    return Allowance(operations(made), LIMIT, now_s=lambda: made.watch().timestamp())


def waiting(made: Cloud, workspace: str, count: int, *, due: datetime = START) -> None:
    for number in range(count):
        draft = publication(f"pub_{workspace}{utc_text(due)}{number}", workspace, due)
        Publications("publications", made.watch).accept(draft)


def publication(identifier: str, workspace: str, due: datetime) -> Publication:
    return Publication(
        id=identifier,
        workspace=workspace,
        content=Content(text="Hello"),
        targets=(Target("chn_1", "alpha"),),
        created_at=START,
        created_by="tester",
        publish_at=due,
        fingerprint="f",
        due_at=utc_text(due),
    )


def test_who_is_past_the_limit_has_spent_its_allowance_and_nobody_else(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT)
    waiting(cloud_in_moto, QUIET, LIMIT - 1)
    told = taken(stock(cloud_in_moto))
    assert (told.largest, told.whole) == (LIMIT, True)
    one = allowance(cloud_in_moto)
    assert (one.is_spent(NOISY), one.is_spent(QUIET), one.is_spent("ws_other")) == (True, False, False)


def test_what_is_accepted_since_the_stock_was_taken_counts_too(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT - 1)
    taken(stock(cloud_in_moto))
    one = allowance(cloud_in_moto)
    assert not one.is_spent(NOISY)
    one.accepted(NOISY)
    assert one.is_spent(NOISY)
    cloud_in_moto.watch.forward(KNOWN_S)  # the same stock, read anew
    assert one.is_spent(NOISY)


def test_a_newer_stock_counts_what_was_accepted_itself(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT - 1)
    one, counted = allowance(cloud_in_moto), stock(cloud_in_moto)
    taken(counted)
    one.is_spent(NOISY)
    one.accepted(NOISY)
    cloud_in_moto.watch.forward(60)
    taken(counted)
    assert not one.is_spent(NOISY)


def test_what_is_timed_for_later_does_not_count_yet(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT, due=START + NEAR + timedelta(seconds=1))
    assert taken(stock(cloud_in_moto)).largest == 0


def test_what_lies_behind_the_sweep_does_not_count(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT)
    counted = stock(cloud_in_moto).take(lambda _shard: START + timedelta(milliseconds=1), until=lambda: False)
    assert counted.largest == 0


def test_who_has_little_waiting_costs_no_write(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, QUIET, LIMIT // 2 - 1)
    taken(stock(cloud_in_moto))
    assert operations(cloud_in_moto).read(f"backlog#{QUIET}") == {}


def test_who_has_worked_off_what_waited_may_hand_in_again(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT)
    one, counted = allowance(cloud_in_moto), stock(cloud_in_moto)
    taken(counted)
    assert one.is_spent(NOISY)
    cloud_in_moto.watch.forward(60)
    counted.take(lambda _shard: cloud_in_moto.watch(), until=lambda: False)
    assert not one.is_spent(NOISY)


def test_a_stock_that_is_not_renewed_counts_for_nothing(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT)
    taken(stock(cloud_in_moto))
    cloud_in_moto.watch.forward(STANDS_S + 1)
    assert not allowance(cloud_in_moto).is_spent(NOISY)


def test_when_time_is_up_what_was_told_before_stands(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT)
    counted = stock(cloud_in_moto)
    taken(counted)
    cloud_in_moto.watch.forward(60)
    waiting(cloud_in_moto, QUIET, 1, due=START + timedelta(seconds=2))
    told = counted.take(lambda _shard: START + timedelta(seconds=1), until=lambda: True)
    assert not told.whole
    assert allowance(cloud_in_moto).is_spent(NOISY)


def test_an_older_stock_does_not_replace_a_newer_one(cloud_in_moto: Cloud) -> None:
    waiting(cloud_in_moto, NOISY, LIMIT)
    late = Stock(
        Publications("publications", cloud_in_moto.watch),
        Operations("operations", Watch(START - timedelta(seconds=30))),
        LIMIT,
    )
    taken(stock(cloud_in_moto))
    late._tell(NOISY, 0)
    assert allowance(cloud_in_moto).is_spent(NOISY)


def test_who_cannot_read_the_stock_limits_nobody(cloud_in_moto: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")

    monkeypatch.setattr(Operations, "read_many", away)
    assert not allowance(cloud_in_moto).is_spent(NOISY)


def handed_in(made: Cloud, minutes: int, each_10_s: dict[str, int]) -> dict[str, tuple[int, int]]:
    """How many each workspace was accepted and refused, while nothing is worked off."""
    told = dict.fromkeys(each_10_s, (0, 0))
    one, counted, stored = allowance(made), stock(made), Publications("publications", made.watch)
    for tenth in range(6 * minutes):
        for workspace, wanted in each_10_s.items():
            for _ in range(wanted):
                accepted, refused = told[workspace]
                if one.is_spent(workspace):
                    told[workspace] = (accepted, refused + 1)
                    continue
                stored.accept(publication(f"pub_{tenth}{workspace}{accepted}", workspace, made.watch()))
                one.accepted(workspace)
                told[workspace] = (accepted + 1, refused)
        made.watch.forward(10)
        if tenth % 6 == 0:
            taken(counted)
    return told


def test_who_floods_is_refused_past_its_limit_and_the_quiet_never_are(cloud_in_moto: Cloud) -> None:
    told = handed_in(cloud_in_moto, 4, {NOISY: 10, "ws_1": 1, "ws_2": 1, "ws_3": 1})
    accepted, refused = told[NOISY]
    assert LIMIT <= accepted <= LIMIT + 10 * 8  # what comes in before the next stock is taken, and read
    assert accepted + refused == 10 * 24
    assert [told[name] for name in ("ws_1", "ws_2", "ws_3")] == [(24, 0)] * 3
