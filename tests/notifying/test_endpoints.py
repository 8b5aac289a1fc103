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
        slow_until=cloud.START,
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
    assert endpoints.warn(found(endpoints))
    assert endpoints.warn(found(endpoints)) is None
    assert found(endpoints).warned_at == cloud.START
    assert endpoints.recovers(ENDPOINT)
    assert endpoints.recovers(ENDPOINT) is None
    assert (found(endpoints).failing_since, found(endpoints).warned_at) == (None, None)


def test_an_endpoint_is_disabled_once_and_enabled_as_new(endpoints: Endpoints) -> None:
    endpoints.ails(ENDPOINT)
    disabled = endpoints.disable(found(endpoints), DisabledWhy.GONE)
    assert disabled
    assert endpoints.disable(disabled, DisabledWhy.FAILING) is None
    assert (disabled.disabled_why, disabled.disabled_at) == ("gone", cloud.START)
    enabled = endpoints.enable(disabled)
    assert enabled
    assert (enabled.disabled_at, enabled.disabled_why, enabled.failing_since) == (None, "", None)


def moved(endpoints: Endpoints) -> Endpoint:
    """A person gives it another address."""
    edited = endpoints.edit(found(endpoints), url="https://example.org/moved", name="", events=[])
    assert edited
    return edited


@pytest.mark.parametrize("why", [DisabledWhy.GONE, DisabledWhy.FAILING])
def test_what_was_said_of_an_address_disables_no_other(endpoints: Endpoints, why: DisabledWhy) -> None:
    seen = endpoints.ails(ENDPOINT)
    assert seen
    stands = moved(endpoints)
    assert endpoints.disable(seen, why) is None
    assert found(endpoints) == stands


def test_failures_that_were_forgiven_disable_and_warn_no_more(endpoints: Endpoints, cloud_in_moto: Cloud) -> None:
    seen = endpoints.ails(ENDPOINT)
    assert seen
    endpoints.enable(seen)
    assert endpoints.disable(seen, DisabledWhy.FAILING) is None
    cloud_in_moto.watch.forward(1)
    stands = endpoints.ails(found(endpoints))  # it fails again: that is another failure
    assert endpoints.disable(seen, DisabledWhy.FAILING) is None
    assert endpoints.warn(seen) is None
    assert found(endpoints) == stands


def test_a_person_stops_it_whatever_became_of_it(endpoints: Endpoints) -> None:
    endpoints.ails(ENDPOINT)
    assert endpoints.disable(ENDPOINT, DisabledWhy.PERSON)


def test_another_address_has_not_failed_by_what_the_one_before_it_did(endpoints: Endpoints) -> None:
    moved(endpoints)
    assert endpoints.ails(ENDPOINT) is None


def test_that_it_is_slow_is_written_by_one_alone_and_is_no_other_version(endpoints: Endpoints) -> None:
    until = cloud.START + timedelta(minutes=10)
    assert endpoints.slows(ENDPOINT, until)
    assert not endpoints.slows(ENDPOINT, until)
    assert found(endpoints) == replace(ENDPOINT, slow_until=until)
    later = until + timedelta(minutes=5)
    assert endpoints.slows(found(endpoints), later)
    assert found(endpoints).slow_until == later


def test_another_address_is_not_known_as_slow_nor_is_one_that_is_enabled_again(endpoints: Endpoints) -> None:
    until = cloud.START + timedelta(minutes=10)
    endpoints.slows(ENDPOINT, until)
    renamed = endpoints.edit(ENDPOINT, url=ENDPOINT.url, name="Other", events=[])
    assert renamed
    assert renamed.slow_until == until
    assert moved(endpoints).slow_until is None
    assert not endpoints.slows(ENDPOINT, until)  # the address before was
    endpoints.slows(found(endpoints), until)
    enabled = endpoints.enable(found(endpoints))
    assert enabled
    assert enabled.slow_until is None


def test_what_was_deleted_does_not_come_back(endpoints: Endpoints) -> None:
    assert [endpoints.delete(ENDPOINT.workspace, ENDPOINT.id, seen=each) for each in (ENDPOINT, ENDPOINT, None)]
    assert endpoints.disable(ENDPOINT, DisabledWhy.GONE) is None
    assert endpoints.ails(ENDPOINT) is None
    assert not endpoints.slows(ENDPOINT, cloud.START)
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
