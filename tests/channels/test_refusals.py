"""Deliveries whose credentials are refused, with the real doors: what is shut, what is held, and what is in doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import boto3
import httpx
import pytest

from channels.connecting import Doors
from channels.model import Connection, StoredChannel
from channels.registry import Registry, Remembered
from channels.vault import Vault
from publishing.errors import AppRefused, Refused
from publishing.model import DeliveryState
from publishing.publication import Delivery
from tests.channels.test_connecting import CHANNEL, WORKSPACE
from tests.cloud import REGION, Cloud
from tests.publishing.test_asking import RenewableAlpha, only_renewed
from tests.publishing.workbench import Platform, Workbench

State = DeliveryState


class FailingAlpha(RenewableAlpha):
    """One that renews nothing."""

    def __init__(self, why: type[Exception]) -> None:
        self._why = why

    def refresh(self, _channel: object) -> Any:
        """Asked for, and refused."""
        yield httpx.Request("PUT", "https://alpha.test/token")
        raise self._why


Bench = Callable[[type[Exception]], Workbench]


@pytest.fixture
def bench(cloud_in_moto: Cloud) -> Bench:
    vault = Vault(boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"])
    sealed = vault.seal(workspace=WORKSPACE, channel="chn_1", platform="alpha", secret={"token": "s3cret"})
    registry = Registry(cloud_in_moto.settings.channels_table, cloud_in_moto.watch)
    registry.create(replace(CHANNEL, sealed=sealed, connection=Connection.CONNECTED, scopes=()))

    def made(why: type[Exception]) -> Workbench:
        adapter = FailingAlpha(why)
        doors = cast("Any", Doors(Remembered(registry), vault, adapter))
        return Workbench(cloud_in_moto, Platform([only_renewed]), adapter, doors)

    return made


def stored(bench: Workbench) -> StoredChannel:
    found = cast("Any", bench.door).channels.registry.find(WORKSPACE, "chn_1", consistent=True)
    assert isinstance(found, StoredChannel)
    return found


def delivered(bench: Workbench) -> Delivery:
    return bench.deliver(bench.submit().publication)


@pytest.mark.parametrize(
    ("why", "state", "kind", "connection"),
    [
        (Refused, State.HELD, "unauthorized", Connection.RECONNECT),
        (AppRefused, State.HELD, "app_refused", Connection.CONNECTED),
        (KeyError, State.QUEUED, "unavailable", Connection.CONNECTED),
    ],
)
def test_what_comes_of_a_delivery_whose_credentials_are_not_renewed(
    bench: Bench, why: type[Exception], state: DeliveryState, kind: str, connection: Connection
) -> None:
    at_work = bench(why)
    delivery = delivered(at_work)
    assert delivery.trouble is not None
    assert (delivery.state, delivery.trouble.kind) == (state, kind)
    assert stored(at_work).connection is connection


def test_what_was_held_for_the_app_goes_out_when_it_is_mended(bench: Bench) -> None:
    at_work = bench(AppRefused)
    publication = at_work.submit().publication
    for _ in range(9):  # more often than anything is tried
        assert at_work.deliver(publication).state is State.HELD
        at_work.cloud.watch.forward(900)
    at_work.platform.answers = [lambda request: httpx.Response(200, json={"id": "p-1"}, request=request)]
    delivery = at_work.deliver(publication)
    assert (delivery.state, delivery.attempt) == (State.PUBLISHED, 1)
