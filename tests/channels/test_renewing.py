"""A channel's secrets are renewed by one at a time, and stored before they are used: some tokens work only once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from channels.apps import App
from channels.model import Sealed, StoredChannel
from channels.registry import Registry
from channels.renewing import AGAIN_S, LEASE_S, Busy, Renewal
from channels.standing import Standing
from channels.vault import Vault
from infra.reencrypt import Walk
from publishing.consent import CLIENT_ID, CLIENT_SECRET
from publishing.equipment import RENEWAL_S
from publishing.errors import AppRefused, Refused, Throttled, Unauthorized, Unavailable
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


def test_how_long_it_can_be_renewed_is_known_afterwards_and_until_it_is_told_anew(
    renewal: Renewal, cloud_in_moto: Cloud
) -> None:
    renewal.of(opened(renewal), lambda _: Fresh({"token": "t2"}, 60.0, 86_400.0))
    told = stored(renewal).renewable_until
    assert told == cloud_in_moto.watch() + timedelta(days=1)
    renewal.of(opened(renewal), giving("t3"))
    assert stored(renewal).renewable_until == told
    assert stored(renewal).reconnected({}, (), None).renewable_until is None


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


def sealed_anew(renewal: Renewal, **changes: Any) -> None:
    """The same secrets under another data key, as when a person changes a setting."""
    seen = stored(renewal)
    secret = renewal.vault.open(seen).secrets
    sealed = renewal.vault.seal(workspace=WORKSPACE, channel="chn_1", platform="alpha", secret=secret)
    assert renewal.registry.edit(seen, replace(seen, sealed=sealed, **changes))


@pytest.mark.parametrize("changes", [{}, {"settings": {"language": "de"}}])
def test_what_was_given_is_kept_though_the_old_was_sealed_anew_meanwhile(
    renewal: Renewal, changes: dict[str, Any]
) -> None:
    def meanwhile(_channel: Channel) -> Fresh:
        sealed_anew(renewal, **changes)
        return Fresh({"token": "the only good one"})

    channel = renewal.of(opened(renewal), meanwhile)
    assert channel is not None
    assert channel.secrets["token"] == opened(renewal).secrets["token"] == "the only good one"
    assert channel.settings == {"language": "en", **changes.get("settings", {})}


@pytest.mark.parametrize("fresh", [True, False])
def test_reencryption_beside_a_renewal_loses_nothing_and_is_not_undone(renewal: Renewal, *, fresh: bool) -> None:
    keys = list[bytes]()

    def meanwhile(_channel: Channel) -> Fresh:
        list(Walk(renewal.registry.table, renewal.vault.key_arn, fresh=fresh).on())
        keys.append(sealed_of(renewal).data_key)
        return Fresh({"token": "t2"})

    keys.append(sealed_of(renewal).data_key)
    renewal.of(opened(renewal), meanwhile)
    assert opened(renewal).secrets["token"] == "t2"
    assert keys[0] != keys[1] == sealed_of(renewal).data_key


def sealed_of(renewal: Renewal) -> Sealed:
    sealed = stored(renewal).sealed
    assert sealed is not None
    return sealed


def test_what_is_sealed_anew_again_and_again_is_told_to_be_lost(
    renewal: Renewal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    honest = Registry.updated

    def beside(self: Registry, seen: StoredChannel, update: str, *given: Any) -> bool:
        if "leased_until = :past" in update:
            sealed_anew(renewal)
        return honest(self, seen, update, *given)

    monkeypatch.setattr(Registry, "updated", beside)
    renewal.of(opened(renewal), giving("t2"))
    assert [record.message for record in caplog.records] == ["Renewed credentials are lost"]


def test_what_was_given_too_late_is_told_not_to_be_stored(
    renewal: Renewal, cloud_in_moto: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    def too_late(channel: Channel) -> Fresh:
        cloud_in_moto.watch.forward(LEASE_S + 1)
        renewal.of(channel, giving("t2"))
        return Fresh({"token": "t3"})

    renewal.of(opened(renewal), too_late)
    (record,) = caplog.records
    assert record.message == "Renewed credentials are not stored: there are others by now"
    assert "t3" not in str(record.__dict__)


def test_a_write_whose_answer_was_lost_is_a_write(
    renewal: Renewal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    honest = Registry.updated

    def twice(self: Registry, seen: StoredChannel, update: str, *given: Any) -> bool:
        done = honest(self, seen, update, *given)
        return done if "lease" not in update or "box = :box" not in update else honest(self, seen, update, *given)

    monkeypatch.setattr(Registry, "updated", twice)
    channel = renewal.of(opened(renewal), giving("t2"))
    assert channel is not None
    assert (channel.secrets["token"], caplog.records) == ("t2", [])


def raising(error: Exception) -> Callable[[Channel], Fresh]:
    def refuse(_channel: Channel) -> Fresh:
        raise error

    return refuse


@pytest.mark.parametrize("error", [Refused("It is none.", code="10002"), AppRefused("It is none.", code="10002")])
def test_what_a_platform_refuses_to_renew_is_for_whoever_supplied_it(renewal: Renewal, error: Exception) -> None:
    with pytest.raises(Unauthorized, match="It is none") as raised:
        renewal.of(opened(renewal), raising(error))
    assert raised.value.code == "10002"


def test_an_adapter_that_fails_leaves_nothing_in_doubt(renewal: Renewal) -> None:
    with pytest.raises(Unavailable, match="KeyError") as raised:
        renewal.of(opened(renewal), raising(KeyError("client_id")))
    assert raised.value.code == "adapter_error"


# Channels connected by consent: the operator's app completes them


@pytest.fixture
def consented(renewal: Renewal) -> Renewal:
    """The same, its channel connected by consent."""
    app = App("postroom/dev/apps/alpha", (CLIENT_ID, CLIENT_SECRET))
    assert renewal.registry.edit(stored(renewal), replace(stored(renewal), scopes=("write",)))
    set_app("first")
    return replace(renewal, vault=replace(renewal.vault, app=app))


def set_app(secret: str) -> None:
    client, text = (
        boto3.client("secretsmanager", region_name=REGION),
        json.dumps({"client_id": "1", "client_secret": secret}),
    )
    with suppress(client.exceptions.ResourceExistsException):
        client.create_secret(Name="postroom/dev/apps/alpha", SecretString="{}")
    client.put_secret_value(SecretId="postroom/dev/apps/alpha", SecretString=text)


def test_an_app_that_was_rotated_meanwhile_is_not_taken_for_others_having_been_faster(consented: Renewal) -> None:
    channel = opened(consented)
    set_app("second")
    consented.vault.app.forget()
    renewed = consented.of(channel, lambda known: Fresh({"token": f"by {known.secrets['client_secret']}"}))
    assert renewed is not None
    assert renewed.secrets["token"] == "by second"


def test_an_app_that_is_refused_is_read_anew_for_the_next_time(consented: Renewal, cloud_in_moto: Cloud) -> None:
    channel = opened(consented)
    set_app("second")
    with pytest.raises(AppRefused):
        consented.of(channel, raising(AppRefused()))
    cloud_in_moto.watch.forward(LEASE_S + 1)
    renewed = consented.of(channel, lambda known: Fresh({"token": f"by {known.secrets['client_secret']}"}))
    assert renewed is not None
    assert renewed.secrets["token"] == "by second"


@pytest.mark.parametrize("stored_app", [None, {"client_id": "1"}, {"client_secret": "s"}])
def test_without_the_whole_app_nobody_is_asked(consented: Renewal, stored_app: dict[str, str] | None) -> None:
    client, asked = boto3.client("secretsmanager", region_name=REGION), list[Channel]()
    if stored_app is None:
        client.delete_secret(SecretId="postroom/dev/apps/alpha", ForceDeleteWithoutRecovery=True)
    else:
        client.put_secret_value(SecretId="postroom/dev/apps/alpha", SecretString=json.dumps(stored_app))
    with pytest.raises(AppRefused) as raised:
        consented.of(opened(consented), asked.append)  # type: ignore[arg-type]
    assert (raised.value.code, asked) == ("no_app", [])


def test_what_a_table_that_stays_away_does_not_take_is_no_renewal(
    renewal: Renewal, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Registry.updated

    def away(self: Registry, seen: StoredChannel, update: str, *given: Any) -> bool:
        if "box = :box" in update:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.test")
        return honest(self, seen, update, *given)

    monkeypatch.setattr(Registry, "updated", away)
    with pytest.raises(EndpointConnectionError):
        renewal.of(opened(renewal), giving("t2"))


def test_nobody_waits_for_a_renewal_as_long_as_its_lease() -> None:
    assert LEASE_S - RENEWAL_S >= 20.0
