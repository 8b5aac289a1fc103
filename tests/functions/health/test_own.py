from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.model import Connection, StoredChannel
from channels.registry import Registry
from flags.kept import Kept
from flags.switches import Switches
from functions.health import own
from functions.health.sign import Sign
from tests.channels.test_connecting import CHANNEL
from tests.cloud import START, Cloud
from tests.flags.test_switches import TIKTOK, off_where, told


def channels(cloud: Cloud, *stored: StoredChannel) -> dict[str, Sign]:
    registry = Registry(cloud.settings.channels_table, cloud.watch)
    for channel in stored:
        registry.create(channel)
    return {sign.name: sign for sign in own.channels(registry, "ws_1", START)}


def test_channels_that_wait_for_a_person_and_those_that_will_are_counted(cloud_in_moto: Cloud) -> None:
    found = channels(
        cloud_in_moto,
        replace(CHANNEL, id="chn_1", connection=Connection.RECONNECT),
        replace(CHANNEL, id="chn_2", secrets_end_at=START + timedelta(days=6)),
        replace(CHANNEL, id="chn_3", secrets_end_at=START + timedelta(days=8)),
        replace(CHANNEL, id="chn_4", workspace="ws_2", connection=Connection.RECONNECT),
    )
    assert {name: (sign.value, sign.state) for name, sign in found.items()} == {
        "looked at": (3, "ok"),
        "to be reconnected": (1, "warn"),
        "credentials near their end": (1, "warn"),
    }


def test_all_pages_of_channels_are_looked_at(cloud_in_moto: Cloud) -> None:
    found = channels(cloud_in_moto, *(replace(CHANNEL, id=f"chn_{number:03}") for number in range(120)))
    assert found["looked at"].value == 120


@pytest.mark.parametrize(("waiting", "state"), [(50, "ok"), (51, "warn"), (99, "warn"), (100, "fail")])
def test_a_backlog_at_its_limit_fails(waiting: int, state: str) -> None:
    (sign,) = own.backlog(lambda: waiting, 100)
    assert sign.state == state


def flags(switches: Switches) -> dict[tuple[str, str], Any]:
    return {(sign.of, sign.name): sign.state for sign in own.flags(switches, "ws_1", ["discord", "tiktok"])}


def test_what_is_switched_off_for_the_workspace_is_told_by_platform() -> None:
    assert flags(told(delivering=off_where(TIKTOK))) == {
        ("discord", "delivering switched"): "ok",
        ("tiktok", "delivering switched"): "warn",
        ("all", "accepting switched"): "ok",
        ("flags", "not read"): "ok",
    }


def test_flags_that_cannot_be_read_are_told() -> None:
    def away() -> Any:
        from aws_lambda_powertools.utilities.feature_flags import ConfigurationStoreError  # noqa: PLC0415

        raise ConfigurationStoreError("away")

    assert flags(Switches(lambda: Kept(away)))["flags", "not read"] == "warn"
