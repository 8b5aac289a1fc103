from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.model import StoredChannel
from channels.registry import Registry
from channels.renewals import FIRST_AGAIN_S, LONGEST_AGAIN_S, Asked, Renewals
from publishing.model import utc_text
from publishing.sending import Sender
from tests.channels.test_connecting import CHANNEL, WORKSPACE
from tests.cloud import START, Cloud

MINUTE = timedelta(minutes=1)


@pytest.fixture
def renewals(cloud_in_moto: Cloud) -> Renewals:
    registry = Registry(cloud_in_moto.settings.channels_table, cloud_in_moto.watch)
    return Renewals(registry, Sender(cloud_in_moto.settings, cloud_in_moto.watch), draw=lambda: 0.0)


def due(renewals: Renewals, *names: str) -> None:
    for name in names:
        renewals.registry.create(replace(CHANNEL, id=name, renew_at=START - MINUTE))


def stored(renewals: Renewals, name: str = "chn_1") -> StoredChannel:
    found = renewals.registry.find(WORKSPACE, name, consistent=True)
    assert found is not None
    return found


def run(renewals: Renewals) -> Asked:
    return renewals.run(until=lambda: False)


def test_what_is_due_is_asked_for_on_its_platforms_queue_whatever_its_shard(
    renewals: Renewals, cloud_in_moto: Cloud
) -> None:
    names = [f"chn_{number}" for number in range(9)]
    due(renewals, *names)
    assert run(renewals) == Asked(asked=9)
    messages = [json.loads(body) for body in cloud_in_moto.received("alpha")]
    assert sorted(each["channel"] for each in messages) == names
    assert {each["kind"] for each in messages} == {"renew"}


def test_what_is_not_due_is_left_alone(renewals: Renewals) -> None:
    renewals.registry.create(replace(CHANNEL, renew_at=START + MINUTE))
    renewals.registry.create(replace(CHANNEL, id="chn_2"))
    assert run(renewals) == Asked()


def test_the_message_names_the_time_it_was_put_off_to(renewals: Renewals, cloud_in_moto: Cloud) -> None:
    due(renewals, "chn_1")
    run(renewals)
    (body,) = cloud_in_moto.received("alpha")
    assert stored(renewals).renew_at == START + timedelta(seconds=FIRST_AGAIN_S)
    assert json.loads(body)["renew_at"] == utc_text(START + timedelta(seconds=FIRST_AGAIN_S))


def test_it_is_asked_for_once_a_while(renewals: Renewals) -> None:
    due(renewals, "chn_1")
    assert [run(renewals).asked, run(renewals).asked] == [1, 0]


def test_what_is_lost_or_fails_is_asked_for_again_each_time_later(renewals: Renewals, cloud_in_moto: Cloud) -> None:
    due(renewals, "chn_1")
    waits_s = []
    for _ in range(8):
        assert run(renewals).asked == 1
        at = stored(renewals).renew_at
        assert at is not None
        waits_s.append((at - cloud_in_moto.watch()).total_seconds())
        cloud_in_moto.watch.forward(waits_s[-1])
    assert waits_s[:3] == [600, 1_200, 2_400]
    assert max(waits_s) == LONGEST_AGAIN_S


def test_two_at_once_ask_once(renewals: Renewals) -> None:
    due(renewals, "chn_1")
    (page,) = renewals._shard(ord("1") % 4)
    assert [renewals._one(each) for each in (*page, *page)] == [True, None]


def test_a_queue_that_is_gone_does_not_keep_the_others_waiting(renewals: Renewals, cloud_in_moto: Cloud) -> None:
    due(renewals, "chn_1")
    renewals.registry.create(replace(CHANNEL, id="chn_2", platform="gone", renew_at=START - 2 * MINUTE))
    assert run(renewals) == Asked(asked=1, failed=1)
    assert len(cloud_in_moto.received("alpha")) == 1


def test_when_time_is_up_the_rest_is_left_to_the_next_minute(renewals: Renewals) -> None:
    due(renewals, "chn_1")
    assert renewals.run(until=lambda: True) == Asked()
