from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import EndpointConnectionError

from channels.attending import Attending
from channels.connecting import Doors
from channels.model import Connection, StoredChannel
from channels.registry import Registry, Remembered
from channels.vault import Vault
from publishing import aws
from publishing.adapter import Life
from publishing.errors import AppRefused, Refused, Unavailable
from publishing.model import Channel, Fresh, utc_moment, utc_text
from publishing.planned import AtRisk
from publishing.publication import Trouble
from tests.channels.test_connecting import CHANNEL, WORKSPACE, answering, status
from tests.cloud import REGION, START, Cloud
from tests.publishing.test_asking import RenewableAlpha

REVOKED = Trouble("unauthorized", "Revoked.")
DAY = timedelta(days=1)
PLANNED = AtRisk(2, (("pub_1", "2026-11-21T09:00:00.000Z"), ("pub_2", "2026-11-22T09:00:00.000Z")))


class Living(RenewableAlpha):
    """One whose credentials live as long as that, or cannot be renewed."""

    def __init__(self, life: Life | None) -> None:
        self._life = life

    def life(self, _supplied: Mapping[str, str]) -> Life | None:
        """As it was said."""
        return self._life


class Bench:
    """One channel whose credentials are to be attended to, and what was noted of it."""

    def __init__(self, cloud: Cloud, life: Life | None) -> None:
        self.watch, self.noted, self.looked = cloud.watch, list[str](), list[datetime | None]()
        self.adapter = Living(life)
        vault = Vault(boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"])
        sealed = vault.seal(workspace=WORKSPACE, channel="chn_1", platform="alpha", secret={"token": "old"})
        self.registry = Registry(cloud.settings.channels_table, cloud.watch)
        self.registry.create(replace(CHANNEL, sealed=sealed, connection=Connection.CONNECTED, renew_at=START))
        self.doors = Doors(
            Remembered(self.registry), vault, self.adapter, at_risk=self._planned, noted=self.noted.append
        )

    def _planned(self, _workspace: str, _channel: str, since: datetime | None) -> AtRisk:
        self.looked.append(since)
        return PLANNED

    def attend(self, answer: Callable[[httpx.Request], httpx.Response] | None = None, *, as_of: str = "") -> None:
        conversations = answering(answer) if answer else status(200)
        attended = as_of or utc_text(self.stored.renew_at or START)
        Attending(self.doors, conversations).attend(WORKSPACE, "chn_1", attended)

    def ends(self, at: datetime) -> None:
        self.registry.updated(
            self.stored, "SET secrets_end_at = :at", "version = :one", {":at": utc_text(at), ":one": 1}
        )

    @property
    def stored(self) -> StoredChannel:
        found = self.registry.find(WORKSPACE, "chn_1", consistent=True)
        assert found is not None
        return found

    @property
    def opened(self) -> Channel:
        found = self.doors.opened(WORKSPACE, "chn_1")
        assert found is not None
        return found

    @property
    def token(self) -> str:
        return self.doors.vault.open(self.stored).secrets["token"]

    @property
    def item(self) -> dict[str, Any]:
        key: Any = {"pk": {"S": WORKSPACE}, "sk": {"S": "CHANNEL#chn_1"}}
        return aws.unmarshal(
            boto3.client("dynamodb", region_name=REGION).get_item(TableName="channels", Key=key)["Item"]
        )


@pytest.fixture
def bench(cloud_in_moto: Cloud) -> Bench:
    """A channel whose credentials can be renewed."""
    return Bench(cloud_in_moto, Life(3_600.0))


@pytest.fixture
def ending(cloud_in_moto: Cloud) -> Bench:
    """One whose credentials end in a week, and which nobody but a person can renew."""
    bench = Bench(cloud_in_moto, None)
    bench.ends(START + 7 * DAY)
    return bench


def failing(raised: type[Exception]) -> Callable[[Channel], Any]:
    def refresh(_channel: Channel) -> Any:
        yield httpx.Request("PUT", "https://alpha.test/token")
        raise raised

    return refresh


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("down", request=request)


def test_credentials_are_renewed_though_nobody_publishes(bench: Bench) -> None:
    bench.attend()
    assert bench.token == "renewed"
    assert bench.stored.renew_at is not None
    assert bench.stored.renew_at > START


def test_where_something_was_done_since_nothing_is(bench: Bench) -> None:
    bench.attend(as_of="2026-11-20T11:59:00.000Z")
    assert bench.token == "old"


def test_the_same_message_twice_renews_once(bench: Bench) -> None:
    first = utc_text(START)
    asked = list[str]()

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(200, request=request)

    bench.attend(note, as_of=first)
    bench.attend(note, as_of=first)
    assert asked == ["PUT"]


def test_a_channel_that_is_gone_is_not_attended_to(bench: Bench) -> None:
    bench.registry.delete(WORKSPACE, "chn_1")
    bench.attend(as_of=utc_text(START))
    assert bench.noted == []


def test_a_rejected_renewal_shuts_the_channel_and_says_what_waits_with_it(bench: Bench) -> None:
    bench.attend(lambda request: httpx.Response(401, request=request))
    assert bench.stored.connection is Connection.RECONNECT
    assert bench.item["reason"] == bench.stored.reason != ""
    assert bench.item["at_risk_count"] == 2
    assert [each["publication"] for each in bench.item["at_risk"]] == ["pub_1", "pub_2"]
    assert bench.doors.open(WORKSPACE, "chn_1") == Trouble("reconnect", bench.stored.reason)
    assert bench.noted == ["ReconnectNeeded"]


def test_a_channel_that_is_shut_is_not_attended_to_any_more(bench: Bench) -> None:
    bench.attend(lambda request: httpx.Response(401, request=request))
    assert bench.stored.renew_at is None
    assert "renew_shard" not in bench.item


def test_what_is_planned_is_told_in_the_very_write_that_shuts_it(bench: Bench) -> None:
    writes = list[Any]()
    aws.dynamodb().meta.events.register(
        "provide-client-params.dynamodb.UpdateItem", lambda params, **_: writes.append(params)
    )
    bench.attend(lambda request: httpx.Response(401, request=request))
    (shut,) = [each for each in writes if ":connection" in each["ExpressionAttributeValues"]]
    assert "at_risk = " in shut["UpdateExpression"]


def test_a_channel_is_shut_though_what_is_planned_cannot_be_read(bench: Bench) -> None:
    def away(*_: object) -> AtRisk:
        raise aws.FAILURES[0]

    doors = replace(bench.doors, at_risk=away)
    doors.lost(bench.opened, REVOKED)
    assert (bench.stored.connection, bench.item["at_risk"]) == (Connection.RECONNECT, [])


def test_credentials_that_were_renewed_meanwhile_are_not_judged_by_the_old_ones_refusal(bench: Bench) -> None:
    seen = bench.stored
    bench.attend()
    bench.doors.shut(seen, "The old token was refused.")
    assert bench.stored.connection is Connection.CONNECTED
    assert bench.noted == []


def test_a_table_that_is_away_leaves_nothing_in_doubt_of_what_the_platform_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")

    opened = bench.opened
    monkeypatch.setattr(Registry, "find", away)
    with pytest.raises(Unavailable):
        bench.doors.renewed(opened, lambda _: Fresh({"token": "new"}))
    bench.doors.lost(opened, REVOKED)


def test_what_was_shut_already_is_not_told_again(bench: Bench) -> None:
    for _ in range(2):
        bench.doors.lost(bench.opened, REVOKED)
    assert bench.noted == ["ReconnectNeeded"]


def test_good_credentials_put_nothing_at_risk(bench: Bench) -> None:
    bench.doors.lost(bench.opened, REVOKED)
    bench.doors.verify(WORKSPACE, "chn_1", status(200))
    assert bench.stored.connection is Connection.CONNECTED
    assert "at_risk" not in bench.item
    assert bench.stored.renew_at is not None


def test_a_platform_that_is_down_says_nothing_of_the_credentials(bench: Bench) -> None:
    bench.attend(down)
    assert bench.stored.connection is Connection.CONNECTED
    assert bench.stored.renew_at == START  # and who asks comes again
    assert bench.noted == ["RenewalFailed"]


def test_what_has_ended_is_still_renewed_where_the_platform_does_that(bench: Bench) -> None:
    bench.ends(START - DAY)
    bench.attend(down)
    assert bench.stored.connection is Connection.CONNECTED
    bench.watch.forward(120)
    bench.attend()
    assert bench.token == "renewed"


def test_elsewhere_it_is_given_up_at_its_end_and_after_a_last_try(cloud_in_moto: Cloud) -> None:
    bench = Bench(cloud_in_moto, Life(3_600.0, after_end=False))
    bench.ends(START - DAY)
    bench.attend(down)
    assert bench.stored.connection is Connection.RECONNECT
    assert "ended before" in bench.stored.reason


def test_while_somebody_else_renews_there_is_nothing_to_do_and_nothing_wrong(bench: Bench) -> None:
    def meanwhile(request: httpx.Request) -> httpx.Response:
        bench.attend(down)
        return httpx.Response(200, request=request)

    bench.attend(meanwhile)
    assert (bench.token, bench.noted) == ("renewed", [])


@pytest.mark.parametrize(
    ("raised", "connection", "noted"),
    [
        (Refused, Connection.RECONNECT, ["ReconnectNeeded"]),
        (AppRefused, Connection.RECONNECT, ["ReconnectNeeded"]),  # the app was supplied with the channel
        (KeyError, Connection.CONNECTED, ["RenewalFailed"]),
    ],
)
def test_what_comes_of_a_renewal_that_fails(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, raised: type[Exception], connection: Connection, noted: list[str]
) -> None:
    monkeypatch.setattr(bench.adapter, "refresh", failing(raised))
    bench.attend()
    assert (bench.stored.connection, bench.noted) == (connection, noted)


def test_an_app_of_the_operators_that_is_refused_is_noted_and_nobody_elses_business(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert bench.registry.edit(bench.stored, replace(bench.stored, scopes=()))
    monkeypatch.setattr(bench.adapter, "refresh", failing(AppRefused))
    bench.attend()
    assert (bench.stored.connection, bench.noted) == (Connection.CONNECTED, ["AppRefused"])
    assert bench.stored.renew_at == START  # it is asked for again
    assert [record.message for record in caplog.records] == ["The operator's app is refused"]


def test_of_an_end_nobody_can_put_off_it_is_told_what_is_planned_for_later(ending: Bench) -> None:
    ending.attend()
    assert ending.item["ending_told_for"] == utc_text(START + 7 * DAY)
    assert ending.item["at_risk_count"] == 2
    assert ending.looked == [START + 7 * DAY]
    assert ending.stored.connection is Connection.CONNECTED
    assert ending.stored.renew_at == START + 6 * DAY


def test_it_is_told_once_more_a_day_ahead(ending: Bench) -> None:
    ending.attend()
    first = ending.item["ending_told_at"]
    ending.watch.forward(6 * 86_400)
    ending.attend()
    assert ending.item["ending_told_at"] > first
    assert ending.stored.renew_at == START + 7 * DAY


def test_and_when_it_has_come_the_channel_waits_for_a_person(ending: Bench) -> None:
    ending.watch.forward(7 * 86_400)
    ending.attend()
    assert (ending.stored.connection, ending.noted) == (Connection.RECONNECT, ["ReconnectNeeded"])
    assert ending.looked == [None]


# What is renewed, until the platform renews it no longer


def of_grants_that_end(bench: Bench, at: datetime) -> None:
    """Have the platform tell that it renews these credentials until then."""

    def refresh(_channel: Channel) -> Any:
        yield httpx.Request("PUT", "https://alpha.test/token")
        return Fresh({"token": "renewed"}, 3_600.0, (at - bench.watch()).total_seconds())

    bench.adapter.refresh = refresh  # type: ignore[method-assign]


def attended_until(bench: Bench, at: datetime) -> list[str]:
    """When a person was told, if it is attended to whenever that is due."""
    told = list[str]()
    while bench.stored.renew_at is not None and bench.stored.renew_at < at:
        bench.watch.moment = bench.stored.renew_at
        bench.attend()
        told.append(bench.item.get("ending_told_at", ""))
    return sorted(set(filter(None, told)))


def test_of_the_end_of_renewing_a_person_is_told_a_week_and_a_day_ahead(bench: Bench) -> None:
    end = START + 8 * DAY
    of_grants_that_end(bench, end)
    told = [utc_moment(each) for each in attended_until(bench, end - timedelta(hours=2))]
    assert [round((end - each) / DAY) for each in told] == [7, 1]
    assert bench.item["ending_told_for"] == utc_text(end)
    assert bench.item["at_risk_count"] == 2
    assert (bench.stored.connection, bench.noted) == (Connection.CONNECTED, [])
    assert bench.token == "renewed"  # it is renewed all the while


def test_of_credentials_that_ended_and_are_not_renewed_for_a_day_a_person_is_told_once(bench: Bench) -> None:
    bench.ends(START + timedelta(hours=1))
    bench.watch.forward(2 * 3_600)
    bench.attend(down)
    assert "ending_told_at" not in bench.item
    bench.watch.forward(86_400)
    bench.attend(down)
    told = bench.item["ending_told_at"]
    assert bench.item["ending_told_for"] == utc_text(START + timedelta(hours=1))
    bench.watch.forward(86_400)
    bench.attend(down)
    assert (bench.item["ending_told_at"], bench.stored.connection) == (told, Connection.CONNECTED)
