"""What a workspace is shown of a channel's credentials: when they are renewed, when they end, what is at risk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from channels.model import StoredChannel
from channels.registry import Registry
from channels.standing import Standing
from publishing.clock import now
from publishing.model import utc_text
from publishing.planned import NOTHING
from tests.functions.service import Service

X = {"client_id": "c", "refresh_token": "r"}
DAY = timedelta(days=1)


@pytest.fixture
def channel(service: Service) -> str:
    """A channel whose credentials can be renewed."""
    made: str = service.connected(platform="x", credentials=X)["id"]
    return made


def stored(service: Service, channel: str) -> StoredChannel:
    found = Registry("channels").find(service.ours, channel, consistent=True)
    assert found is not None
    return found


def shut(service: Service, channel: str) -> None:
    assert Standing(Registry("channels")).shut(stored(service, channel), "Revoked.", NOTHING)


def written(service: Service, channel: str, **moments: Any) -> None:
    update = ", ".join(f"{name} = :{name}" for name in moments)
    values = {f":{name}": utc_text(at) for name, at in moments.items()}
    Registry("channels").updated(stored(service, channel), f"SET {update}", "attribute_exists(pk)", values)


def shown(service: Service, channel: str) -> Any:
    reply = service.ask("GET", f"/v1/channels/{channel}")
    assert reply.status == 200
    return reply.json


def planned(service: Service, channel: str, days: int) -> dict[str, str]:
    accepted = service.submitted(channel, publish_at=utc_text(now() + days * DAY))
    return {"id": accepted["id"], "publish_at": accepted["publish_at"]}


def test_a_new_channel_is_not_renewed_yet_and_puts_nothing_at_risk(service: Service, channel: str) -> None:
    planned(service, channel, 1)
    found = shown(service, channel)
    assert (found["renews_at"], found["at_risk"]) == (None, None)


def test_it_is_told_when_credentials_are_renewed_and_when_they_end(service: Service, channel: str) -> None:
    written(service, channel, renew_at=now() + DAY, secrets_end_at=now() + 2 * DAY)
    found = shown(service, channel)
    assert found["renews_at"] < found["credentials_end_at"]
    assert found["at_risk"] is None


def test_a_channel_to_be_reconnected_names_what_is_planned_for_it_soonest_first(service: Service, channel: str) -> None:
    second, first = planned(service, channel, 2), planned(service, channel, 1)
    planned(service, service.connected()["id"], 1)
    shut(service, channel)
    found = shown(service, channel)
    assert (found["connection"], found["reason"]) == ("reconnect", "Revoked.")
    assert found["at_risk"] == {"count": 2, "more": False, "first": [first, second]}


def test_where_nobody_can_renew_them_what_goes_out_after_their_end_is_at_risk(service: Service) -> None:
    channel = service.connected()["id"]
    planned(service, channel, 1)
    late = planned(service, channel, 3)
    written(service, channel, secrets_end_at=now() + 2 * DAY, renew_at=now() + DAY)
    found = shown(service, channel)
    assert found["at_risk"] == {"count": 1, "more": False, "first": [late]}
    assert found["renews_at"] is None  # it is told of then, not renewed


def test_with_other_credentials_nothing_is_at_risk(service: Service, channel: str) -> None:
    planned(service, channel, 1)
    shut(service, channel)
    reply = service.ask("PATCH", f"/v1/channels/{channel}", body={"credentials": X})
    assert (reply.json["connection"], reply.json["at_risk"]) == ("unverified", None)


def test_who_has_read_what_is_at_risk_may_delete_the_channel(service: Service, channel: str) -> None:
    planned(service, channel, 1)
    shut(service, channel)
    tag = service.ask("GET", f"/v1/channels/{channel}").headers["ETag"]
    assert service.ask("DELETE", f"/v1/channels/{channel}", headers={"if-match": tag}).status == 204


def test_who_has_read_what_is_at_risk_may_change_the_channel(service: Service, channel: str) -> None:
    planned(service, channel, 1)
    shut(service, channel)
    tag = service.ask("GET", f"/v1/channels/{channel}").headers["ETag"]
    for name in ("First", "Second"):
        reply = service.ask("PATCH", f"/v1/channels/{channel}", body={"name": name}, headers={"if-match": tag})
        assert reply.status == 200
        tag = reply.headers["ETag"]
