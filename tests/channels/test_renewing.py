"""A channel's secrets are renewed by one at a time, and stored before they are used: some tokens work only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from channels.model import StoredChannel
from channels.registry import Registry
from channels.renewing import AGAIN_S, LEASE_S, Busy, Renewal
from channels.standing import Standing
from channels.vault import Vault
from publishing.equipment import RENEWAL_S
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

    with pytest.raises(Unauthorized):
        renewal.of(opened(renewal), refuse)
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


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_value_replaces_nothing(renewal: Renewal, nothing: str) -> None:
    channel = renewal.of(opened(renewal), lambda _: Fresh({"token": "t2", "app": nothing}))
    assert channel is not None
    assert channel.secrets == {"token": "t2", "app": "a"}


def test_nothing_at_all_is_no_renewal(renewal: Renewal) -> None:
    with pytest.raises(Unavailable):
        renewal.of(opened(renewal), giving(""))
    assert opened(renewal).secrets["token"] == "t1"


def test_half_of_its_life_later_it_is_attended_to(renewal: Renewal, cloud_in_moto: Cloud) -> None:
    renewal.of(opened(renewal), giving("t2", 3_600.0))
    at = stored(renewal).renew_at
    assert at is not None
    assert 1_600 < (at - cloud_in_moto.watch()).total_seconds() <= 1_800


def test_what_is_renewed_with_no_end_told_has_the_platforms(renewal: Renewal, cloud_in_moto: Cloud) -> None:
    renewal.of(opened(renewal), giving("t2", 60.0))
    renewal.of(opened(renewal), giving("t3"))
    found = stored(renewal)
    assert found.secrets_end_at is None
    assert found.renew_at is not None
    assert found.renew_at > cloud_in_moto.watch() + timedelta(seconds=60)


def test_what_was_given_is_kept_though_the_channel_was_renamed_meanwhile(renewal: Renewal) -> None:
    """The old token may be spent by then, and there is no other."""

    def meanwhile(_channel: Channel) -> Fresh:
        seen = stored(renewal)
        assert renewal.registry.edit(seen, replace(seen, name="Renamed")) is not None
        return Fresh({"token": "t2"})

    channel = renewal.of(opened(renewal), meanwhile)
    assert channel is not None
    assert (channel.name, opened(renewal).secrets["token"]) == ("Renamed", "t2")


def test_a_person_who_renames_a_channel_does_not_let_a_second_one_renew_it(renewal: Renewal) -> None:
    def meanwhile(channel: Channel) -> Fresh:
        seen = stored(renewal)
        renewal.registry.edit(seen, replace(seen, name="Renamed"))
        with pytest.raises(Busy):
            renewal.of(channel, giving("twice"))
        return Fresh({"token": "t2"})

    assert renewal.of(opened(renewal), meanwhile) is not None


def test_who_is_told_twice_that_the_lease_is_its_own_has_it(renewal: Renewal, cloud_in_moto: Cloud) -> None:
    """The answer of the first write may be lost, and the SDK write again."""
    standing, until = Standing(renewal.registry), cloud_in_moto.watch() + timedelta(seconds=60)
    assert [standing.lease(stored(renewal), until, "mine") for _ in range(2)] == [True, True]
    assert not standing.lease(stored(renewal), until, "another's")


def test_what_was_given_is_stored_though_the_table_is_away_for_a_moment(
    renewal: Renewal, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, tries = Registry.updated, list[str]()

    def away(self: Registry, seen: StoredChannel, update: str, *given: Any) -> bool:
        tries.append(update)
        if "box = :box" in update and len(tries) < 4:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.test")
        return honest(self, seen, update, *given)

    monkeypatch.setattr(Registry, "updated", away)
    renewal.of(opened(renewal), giving("t2"))
    assert opened(renewal).secrets["token"] == "t2"


def test_nobody_waits_for_a_renewal_as_long_as_its_lease() -> None:
    assert LEASE_S - RENEWAL_S >= 20.0
