from __future__ import annotations

from dataclasses import replace

import pytest

from channels.admitting import Admission
from channels.grants import StoredGrant
from channels.model import Connection, Sealed, StoredChannel
from channels.offers import Offer
from channels.registry import Registry
from channels.standing import Standing
from functions import platforms
from publishing import aws
from publishing.planned import AtRisk
from tests.cloud import START, Cloud

WORKSPACE, CHANNEL = "ws_01kagwz8w7e0f4h5j6k7m8n9pq", "chn_01kagwz8w7e0f4h5j6k7m8n9pq"
GRANT = StoredGrant("grt_1", WORKSPACE, "x", "tester", START)
OFFER = Offer("1", "press", "", CHANNEL, {}, ("access_token",), Sealed(b"key", b"box"))


@pytest.fixture
def admission(cloud_in_moto: Cloud) -> Admission:
    return Admission(Registry("channels", cloud_in_moto.watch), platforms.load)


def stored(admission: Admission) -> StoredChannel:
    found = admission.registry.find(WORKSPACE, CHANNEL, consistent=True)
    assert found is not None
    return found


def test_an_account_becomes_the_channel_it_was_offered_as(admission: Admission) -> None:
    assert admission.admit(GRANT, OFFER, "Ours") == CHANNEL
    assert (stored(admission).name, stored(admission).grant) == ("Ours", "grt_1")


def test_what_was_admitted_stays_as_it_is(admission: Admission) -> None:
    admission.admit(GRANT, OFFER, "Ours")
    assert admission.admit(GRANT, replace(OFFER, sealed=Sealed(b"key", b"other")), "Another") == CHANNEL
    assert (stored(admission).name, stored(admission).sealed) == ("Ours", OFFER.sealed)


def test_a_channel_is_connected_again_once_and_keeps_what_it_was_renewed_to_since(admission: Admission) -> None:
    admission.admit(GRANT, OFFER)
    again = replace(GRANT, id="grt_2", channel=CHANNEL)
    assert admission.admit(again, replace(OFFER, sealed=Sealed(b"key", b"again"))) == CHANNEL
    renewed = replace(stored(admission), sealed=Sealed(b"key", b"renewed"))
    assert admission.registry.edit(stored(admission), renewed)
    assert admission.admit(again, replace(OFFER, sealed=Sealed(b"key", b"again"))) == CHANNEL
    assert stored(admission).sealed == Sealed(b"key", b"renewed")


def test_credentials_of_another_origin_forget_the_consent(admission: Admission) -> None:
    admission.admit(GRANT, OFFER)
    own = stored(admission).reconnected({}, ("access_token",), Sealed(b"key", b"own"))
    assert admission.registry.edit(stored(admission), own)
    assert (stored(admission).grant, stored(admission).scopes) == ("", None)


def test_what_was_at_risk_with_the_credentials_before_goes_with_them(admission: Admission) -> None:
    admission.admit(GRANT, OFFER)
    Standing(admission.registry).shut(stored(admission), "Revoked.", AtRisk(1, (("pub_1", "2026-11-21T12:00:00Z"),)))
    renamed = replace(stored(admission), name="Ours")
    assert admission.registry.edit(stored(admission), renamed)
    assert item(admission)["at_risk_count"] == 1  # a name connects nothing
    admission.admit(replace(GRANT, id="grt_2", channel=CHANNEL), replace(OFFER, sealed=Sealed(b"key", b"again")))
    assert stored(admission).connection is Connection.CONNECTED
    assert item(admission).keys() & {"at_risk", "at_risk_count", "renew_tries"} == set()


def test_a_channel_that_was_deleted_is_not_connected_again(admission: Admission) -> None:
    assert admission.admit(replace(GRANT, channel=CHANNEL), OFFER) is None


def item(admission: Admission) -> dict[str, object]:
    (found,) = admission.registry.client().scan(TableName="channels")["Items"]
    return dict(aws.unmarshal(found))
