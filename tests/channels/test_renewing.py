"""A channel's secrets are renewed by one at a time, and stored before they are used: some tokens work only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from channels.model import StoredChannel
from channels.registry import Registry
from channels.renewing import AGAIN_S, LEASE_S, Renewal
from channels.vault import Vault
from publishing.errors import Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Fresh
from tests.channels.test_connecting import CHANNEL, WORKSPACE
from tests.cloud import REGION, Cloud
from tests.publishing.test_asking import RenewableAlpha

Renewed = tuple[Renewal, Channel]


@pytest.fixture
def renewal(cloud_in_moto: Cloud) -> Renewal:
    vault = Vault(boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"])
    sealed = vault.seal(workspace=WORKSPACE, channel="chn_1", platform="alpha", secret={"token": "t1", "app": "a"})
    registry = Registry(cloud_in_moto.settings.channels_table, cloud_in_moto.watch)
    registry.create(replace(CHANNEL, sealed=sealed))
    return Renewal(registry, vault, {}, RenewableAlpha())


def opened(renewal: Renewal) -> Channel:
    return renewal.vault.open(stored(renewal))


def stored(renewal: Renewal) -> StoredChannel:
    found = renewal.registry.find(WORKSPACE, "chn_1", consistent=True)
    assert found is not None
    return found


def giving(token: str, lasts_s: float = 0.0) -> Callable[[Channel], Fresh]:
    return lambda _channel: Fresh({"token": token}, lasts_s)


def test_what_the_platform_gives_is_stored_beside_what_stays(renewal: Renewal) -> None:
    channel = renewal.of(opened(renewal), giving("t2"))
    assert channel is not None
    assert channel.secrets == {"token": "t2", "app": "a"}
    assert opened(renewal).secrets == channel.secrets


def test_how_long_it_lasts_is_known_afterwards(renewal: Renewal, cloud_in_moto: Cloud) -> None:
    renewal.of(opened(renewal), giving("t2", 3_600.0))
    assert stored(renewal).secrets_end_at == cloud_in_moto.watch() + timedelta(hours=1)


def test_who_comes_with_old_secrets_is_given_the_new_ones_and_nothing_is_renewed(renewal: Renewal) -> None:
    old = opened(renewal)
    renewal.of(old, giving("t2"))
    channel = renewal.of(old, giving("never"))
    assert channel is not None
    assert channel.secrets["token"] == "t2"


def test_while_one_renews_another_is_told_to_come_again(renewal: Renewal) -> None:
    told: list[float] = []

    def meanwhile(channel: Channel) -> Fresh:
        with pytest.raises(Throttled) as refused:
            renewal.of(channel, giving("twice"))
        told.append(refused.value.retry_after_s)
        return Fresh({"token": "t2"})

    channel = renewal.of(opened(renewal), meanwhile)
    assert channel is not None
    assert (channel.secrets["token"], told) == ("t2", [AGAIN_S])


def test_it_is_stored_before_anybody_has_it(renewal: Renewal) -> None:
    channel = renewal.of(opened(renewal), giving("t2"))
    assert channel == opened(renewal)


def test_where_the_platform_refuses_there_is_nothing(renewal: Renewal) -> None:
    def refuse(_channel: Channel) -> Fresh:
        raise Unauthorized

    assert renewal.of(opened(renewal), refuse) is None
    assert opened(renewal).secrets["token"] == "t1"


def test_a_worker_that_died_holds_it_up_for_its_lease_only(renewal: Renewal, cloud_in_moto: Cloud) -> None:
    def die(_channel: Channel) -> Fresh:
        raise Unavailable

    with pytest.raises(Unavailable):
        renewal.of(opened(renewal), die)
    cloud_in_moto.watch.forward(LEASE_S + 1)
    channel = renewal.of(opened(renewal), giving("t2"))
    assert channel is not None
    assert channel.secrets["token"] == "t2"


def test_who_comes_back_after_the_lease_overwrites_nothing(renewal: Renewal, cloud_in_moto: Cloud) -> None:
    def too_late(channel: Channel) -> Fresh:
        cloud_in_moto.watch.forward(LEASE_S + 1)
        renewal.of(channel, giving("t2"))
        return Fresh({"token": "t3"})

    channel = renewal.of(opened(renewal), too_late)
    assert channel is not None
    assert channel.secrets["token"] == opened(renewal).secrets["token"] == "t2"


def test_what_a_person_supplied_meanwhile_stands(renewal: Renewal) -> None:
    def meanwhile(_channel: Channel) -> Fresh:
        seen = stored(renewal)
        sealed = renewal.vault.reseal(seen, {"token": "by hand"})
        assert renewal.registry.edit(seen, seen.reconnected({}, ("token",), sealed)) is not None
        return Fresh({"token": "t2"})

    channel = renewal.of(opened(renewal), meanwhile)
    assert channel is not None
    assert channel.secrets == {"token": "by hand"}


def test_an_edit_by_who_saw_the_old_secrets_does_not_bring_them_back(renewal: Renewal) -> None:
    seen = stored(renewal)
    renewal.of(opened(renewal), giving("t2"))
    assert renewal.registry.edit(seen, replace(seen, name="Renamed")) is None
    assert opened(renewal).secrets["token"] == "t2"


def test_a_channel_that_is_gone_has_nothing_to_renew(renewal: Renewal) -> None:
    channel = opened(renewal)
    renewal.registry.delete(WORKSPACE, "chn_1")
    assert renewal.of(channel, giving("t2")) is None
