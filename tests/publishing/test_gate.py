from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import httpx
import pytest

from publishing import aws
from publishing.adapter import Limits, Rate
from publishing.breaker import IN_A_ROW, Breaker, State, states
from publishing.errors import OutcomeUnknown, PublishingError, QuotaSpent, Refused, Throttled, Unauthorized, Unavailable
from publishing.gate import OPEN, WIDEST_S, Entry, Gate, Later, gate_of
from publishing.operations import Operations
from publishing.pace import Pace
from tests.cloud import REGION, START, Cloud
from tests.publishing.workbench import Alpha

SLOW = Rate(requests=1, per_s=1.5)


class Paced(Alpha):
    limits = Limits(text_chars=100, rate=SLOW)


class Elsewhere(Alpha):
    limits = Limits(text_chars=100, own_hosts=True)


def operations(made: Cloud) -> Operations:
    return Operations("operations", made.watch)


def gate(made: Cloud, *, paced: bool = False) -> Gate:
    pace = Pace(operations(made), "alpha", SLOW, workers=4) if paced else None
    return Gate(Breaker(operations(made), "alpha", 30.0), pace, wait=made.watch.forward)


def asked(through: Gate, made: Cloud, **options: Any) -> Entry | Later:
    return through.ask("chn_1", made.watch(), **options)


def entered(through: Gate, made: Cloud) -> Entry:
    way = asked(through, made)
    assert isinstance(way, Entry)
    return way


def late(through: Gate, made: Cloud, **options: Any) -> Later:
    way = asked(through, made, **options)
    assert isinstance(way, Later)
    return way


def state(made: Cloud) -> State:
    return states(operations(made), ["alpha"])["alpha"]


def broken(made: Cloud) -> Gate:
    one = gate(made)
    for _ in range(IN_A_ROW):
        entered(one, made).heard(Unavailable())
    return one


def test_a_way_without_breaker_or_pace_is_open(cloud_in_moto: Cloud) -> None:
    way = entered(OPEN, cloud_in_moto)
    way.heard(Unavailable())
    way.close()


@pytest.mark.parametrize("error", [Unavailable(), OutcomeUnknown()])
def test_what_speaks_of_the_platform_as_a_whole_opens_its_breaker(cloud_in_moto: Cloud, error: PublishingError) -> None:
    one = gate(cloud_in_moto)
    for _ in range(IN_A_ROW):
        entered(one, cloud_in_moto).heard(error)
    assert state(cloud_in_moto) is State.OPEN


@pytest.mark.parametrize(
    "error",
    [Refused(), Unauthorized(), Throttled(retry_after_s=1.0), QuotaSpent(until=START + timedelta(days=1)), None],
)
def test_what_speaks_of_one_channel_does_not(cloud_in_moto: Cloud, error: PublishingError | None) -> None:
    one = gate(cloud_in_moto)
    for _ in range(IN_A_ROW - 1):
        entered(one, cloud_in_moto).heard(Unavailable())
    entered(one, cloud_in_moto).heard(error)
    entered(one, cloud_in_moto).heard(Unavailable())
    assert state(cloud_in_moto) is State.CLOSED


def test_while_it_is_open_messages_come_back_after_the_next_probe(cloud_in_moto: Cloud) -> None:
    one = broken(cloud_in_moto)
    times = [late(one, cloud_in_moto).at for _ in range(50)]
    assert min(times) >= START + timedelta(seconds=30)
    assert len(set(times)) == 50


def test_the_longer_it_is_open_the_wider_they_are_spread(cloud_in_moto: Cloud) -> None:
    one = broken(cloud_in_moto)
    for _ in range(60):
        cloud_in_moto.watch.forward(30)
        entered(one, cloud_in_moto).heard(Unavailable())
    waits_s = [(late(one, cloud_in_moto).at - cloud_in_moto.watch()).total_seconds() for _ in range(200)]
    assert 200 < max(waits_s) <= 30 + WIDEST_S


def test_one_message_probes_and_the_others_wait(cloud_in_moto: Cloud) -> None:
    one = broken(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    probing = entered(one, cloud_in_moto)
    assert isinstance(asked(one, cloud_in_moto), Later)
    assert isinstance(asked(gate(cloud_in_moto), cloud_in_moto), Later)
    probing.heard(Refused())
    probing.close()
    assert state(cloud_in_moto) is State.CLOSED


def test_a_probe_that_asked_nothing_is_made_by_the_next_message(cloud_in_moto: Cloud) -> None:
    one = broken(cloud_in_moto)
    cloud_in_moto.watch.forward(30)
    entered(one, cloud_in_moto).close()
    assert entered(one, cloud_in_moto).probe


def test_a_turn_that_is_near_is_waited_for(cloud_in_moto: Cloud) -> None:
    one = gate(cloud_in_moto, paced=True)
    asked(one, cloud_in_moto, spare_s=5.0)
    assert isinstance(asked(one, cloud_in_moto, spare_s=5.0), Entry)
    assert cloud_in_moto.watch() == START + timedelta(seconds=1.5)


def test_a_turn_there_is_no_time_for_comes_later(cloud_in_moto: Cloud) -> None:
    one = gate(cloud_in_moto, paced=True)
    asked(one, cloud_in_moto, spare_s=5.0)
    assert late(one, cloud_in_moto, spare_s=1.0).at == START + timedelta(seconds=1.5)


def test_a_message_that_was_sent_again_comes_in_with_its_turn(cloud_in_moto: Cloud) -> None:
    one = gate(cloud_in_moto, paced=True)
    kept = [asked(one, cloud_in_moto) for _ in range(5)][-1]
    assert isinstance(kept, Later)
    cloud_in_moto.watch.forward(5.0)
    assert isinstance(asked(gate(cloud_in_moto, paced=True), cloud_in_moto, turn=kept.turn, spare_s=5.0), Entry)
    assert cloud_in_moto.watch() == kept.at == START + timedelta(seconds=6)


def test_a_turn_put_back_is_the_next_messages(cloud_in_moto: Cloud) -> None:
    one = gate(cloud_in_moto, paced=True)
    asked(one, cloud_in_moto)
    kept = late(one, cloud_in_moto)
    one.put_back("chn_1", kept)
    assert late(one, cloud_in_moto) == kept


def test_a_throttled_channel_pauses_and_no_other(cloud_in_moto: Cloud) -> None:
    one = gate(cloud_in_moto, paced=True)
    entered(one, cloud_in_moto).heard(Throttled(retry_after_s=300.0))
    assert late(one, cloud_in_moto).at >= START + timedelta(seconds=300)
    assert isinstance(one.ask("chn_2", START), Entry)


def test_a_channel_of_which_an_answer_says_that_it_was_the_last_pauses_before_it_is_refused(
    cloud_in_moto: Cloud,
) -> None:
    one = replace(gate(cloud_in_moto, paced=True), foretold_s=lambda reply: float(reply.headers["reset"]))
    way = entered(one, cloud_in_moto)
    way.see(httpx.Response(200, headers={"reset": "0"}))
    way.see(httpx.Response(200, headers={"reset": "45"}))
    way.heard(None)
    assert late(one, cloud_in_moto).at >= START + timedelta(seconds=45)


def test_a_platform_that_is_down_uses_up_no_turns(cloud_in_moto: Cloud) -> None:
    broken(cloud_in_moto)
    one = gate(cloud_in_moto, paced=True)
    asked(one, cloud_in_moto)
    items = boto3.client("dynamodb", region_name=REGION).scan(TableName="operations")["Items"]
    assert [item["pk"]["S"] for item in items] == ["breaker#alpha"]


def test_an_adapters_declarations_make_its_gate(cloud_in_moto: Cloud) -> None:
    made = [gate_of(each, operations(cloud_in_moto), opened=lambda: None) for each in (Alpha(), Paced(), Elsewhere())]
    assert [(bool(each.breaker), bool(each.pace)) for each in made] == [(True, False), (True, True), (False, False)]


def test_the_happy_way_asks_aws_nothing(cloud_in_moto: Cloud) -> None:
    one = gate(cloud_in_moto)
    entered(one, cloud_in_moto).heard(None)
    calls: list[str] = []
    aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    entered(one, cloud_in_moto).heard(None)
    assert calls == []
