from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.model import Sealed
from notifying.endpoints import REMEMBER_S, Endpoints, Remembered
from notifying.model import DisabledWhy, Endpoint
from publishing.memory import Memory
from tests import cloud
from tests.cloud import Cloud, Watch
from tests.notifying import samples

ENDPOINT = samples.endpoint


@pytest.fixture
def endpoints(cloud_in_moto: Cloud) -> Endpoints:
    made = Endpoints("channels", cloud_in_moto.watch)
    made.create(ENDPOINT)
    return made


def found(endpoints: Endpoints) -> Endpoint:
    stands = endpoints.find(ENDPOINT.workspace, ENDPOINT.id)
    assert stands is not None
    return stands


def test_an_endpoint_is_stored_whole(endpoints: Endpoints) -> None:
    whole = replace(
        ENDPOINT,
        id="whk_whole",
        events=("channel.*",),
        previous=Sealed(b"k", b"b"),
        previous_until=cloud.START,
        failing_since=cloud.START,
        warned_at=cloud.START,
        disabled_at=cloud.START,
        disabled_why="gone",
    )
    endpoints.create(whole)
    assert endpoints.find(whole.workspace, whole.id) == whole
    assert found(endpoints) == ENDPOINT


def test_a_workspaces_endpoints_are_its_own(endpoints: Endpoints) -> None:
    assert (list(endpoints.of(ENDPOINT.workspace)), list(endpoints.of("ws_other"))) == ([ENDPOINT], [])


def test_an_edit_of_what_was_changed_meanwhile_is_none(endpoints: Endpoints) -> None:
    edited = endpoints.edit(ENDPOINT, url="https://example.org/other", name="Other", events=["delivery.*"])
    assert edited
    assert (edited.url, edited.name, edited.events, edited.version) == (
        "https://example.org/other",
        "Other",
        ("delivery.*",),
        2,
    )
    assert endpoints.edit(ENDPOINT, url="https://example.org/third", name="", events=[]) is None


def test_a_rotation_keeps_the_secret_before(endpoints: Endpoints) -> None:
    rotated = endpoints.rotate(ENDPOINT, Sealed(b"k2", b"b2"), cloud.START + timedelta(hours=24))
    assert rotated
    assert (rotated.sealed, rotated.previous) == (Sealed(b"k2", b"b2"), ENDPOINT.sealed)
    assert rotated.previous_until == cloud.START + timedelta(hours=24)


def test_failing_is_noted_warned_of_and_forgotten(endpoints: Endpoints) -> None:
    assert endpoints.warn(ENDPOINT) is None
    assert endpoints.ails(ENDPOINT)
    assert endpoints.ails(ENDPOINT) is None
    assert endpoints.warn(ENDPOINT)
    assert endpoints.warn(ENDPOINT) is None
    assert found(endpoints).warned_at == cloud.START
    assert endpoints.recovers(ENDPOINT)
    assert endpoints.recovers(ENDPOINT) is None
    assert (found(endpoints).failing_since, found(endpoints).warned_at) == (None, None)


def test_an_endpoint_is_disabled_once_and_enabled_as_new(endpoints: Endpoints) -> None:
    endpoints.ails(ENDPOINT)
    disabled = endpoints.disable(ENDPOINT, DisabledWhy.GONE)
    assert disabled
    assert endpoints.disable(ENDPOINT, DisabledWhy.FAILING) is None
    assert (disabled.disabled_why, disabled.disabled_at) == ("gone", cloud.START)
    enabled = endpoints.enable(disabled)
    assert enabled
    assert (enabled.disabled_at, enabled.disabled_why, enabled.failing_since) == (None, "", None)


def test_what_was_deleted_does_not_come_back(endpoints: Endpoints) -> None:
    assert [endpoints.delete(ENDPOINT.workspace, ENDPOINT.id, seen=each) for each in (ENDPOINT, ENDPOINT, None)]
    assert endpoints.disable(ENDPOINT, DisabledWhy.GONE) is None
    assert endpoints.ails(ENDPOINT) is None
    assert endpoints.find(ENDPOINT.workspace, ENDPOINT.id) is None


def test_what_is_no_more_as_it_was_seen_is_not_deleted(endpoints: Endpoints) -> None:
    assert endpoints.ails(ENDPOINT)
    assert not endpoints.delete(ENDPOINT.workspace, ENDPOINT.id, seen=ENDPOINT)
    assert endpoints.delete(ENDPOINT.workspace, ENDPOINT.id, seen=found(endpoints))


def test_a_workspace_without_endpoints_is_remembered_for_half_a_minute(cloud_in_moto: Cloud) -> None:
    endpoints, watch = Endpoints("channels", cloud_in_moto.watch), Watch()
    remembered = Remembered(endpoints, Memory(keep_s=REMEMBER_S, most=10, now_s=lambda: watch().timestamp()))
    assert remembered.of(ENDPOINT.workspace) == []
    endpoints.create(ENDPOINT)
    assert remembered.of(ENDPOINT.workspace) == []
    watch.forward(30)
    assert remembered.of(ENDPOINT.workspace) == [ENDPOINT]
