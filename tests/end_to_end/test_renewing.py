"""Credentials that end: renewed though nobody publishes; refused, their channel waits and says what waits with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from postroom_client.schemas import Channel
from publishing.model import utc_text
from tests.end_to_end.world import World, states

HOUR = timedelta(hours=1)
SWEPT_S = 240.0  # what is held is looked at after a minute, and after two more


def connected(world: World, account: str) -> tuple[str, dict[str, str]]:
    """A channel on X that was found good, and its credentials as they were supplied."""
    fields = dict(world.cloud.stand_ins.account("x", account))
    made = world.api.connect_channel({"platform": "x", "name": account, "credentials": fields})
    turns(world, made["id"], "connected")
    return made["id"], fields


def turns(world: World, channel: str, connection: str) -> Channel:
    """The channel, once that is what it is."""

    def look() -> Channel | None:
        found = world.api.read_channel(channel)
        return found if found["connection"] == connection else None

    return world.until(look, within_s=30)


def spent(world: World, fields: dict[str, str]) -> dict[str, str]:
    """The credentials after somebody else has used the refresh token, which is good for one time."""
    form = {"grant_type": "refresh_token", "refresh_token": fields["refresh_token"]}
    url = f"{world.cloud.stand_ins.addresses['x']}/2/oauth2/token"
    app = (fields["client_id"], fields["client_secret"])
    given = httpx.post(url, data=form, auth=app, trust_env=False).raise_for_status().json()
    return {**fields, "access_token": given["access_token"], "refresh_token": given["refresh_token"]}


def test_credentials_are_renewed_before_they_end_though_nobody_publishes(world: World) -> None:
    channel, fields = connected(world, "renewing")
    before = world.api.read_channel(channel)
    assert (before["credentials_end_at"], before["at_risk"]) == (None, None)
    assert before["renews_at"] is not None
    world.due_for_renewal(channel)
    world.renew()  # where the minute's own run was not faster
    world.until(lambda: world.api.read_channel(channel)["credentials_end_at"], within_s=30)
    after = world.api.read_channel(channel)
    assert utc_text(datetime.now(UTC)) < str(after["renews_at"]) < str(after["credentials_end_at"])
    assert after["connection"] == "connected"
    with pytest.raises(httpx.HTTPStatusError):
        spent(world, fields)  # the refresh token of before was used, and another is stored
    assert world.posts("x", "renewing") == []


def test_what_waits_for_a_refused_channel_is_told_is_held_and_goes_out_when_it_is_connected_again(
    world: World,
) -> None:
    channel, fields = connected(world, "refused")
    planned = world.submitted([channel], "Planned", publish_at=utc_text(datetime.now(UTC) + HOUR))
    anew = spent(world, fields)
    world.due_for_renewal(channel)
    world.renew()
    found = turns(world, channel, "reconnect")
    first = [{"id": planned["id"], "publish_at": planned["publish_at"]}]
    assert found["at_risk"] == {"count": 1, "more": False, "first": first}
    assert (found["renews_at"], bool(found["reason"])) == (None, True)

    held = world.submitted([channel], "Held")
    world.until(lambda: world.api.read_publication(held["id"])["status"] == "held", within_s=30)
    assert world.posts("x", "refused") == []

    world.api.change_channel(channel, {"credentials": anew})
    (delivery,) = world.settled(held["id"], within_s=SWEPT_S)
    assert (delivery["state"], states(delivery)[0]) == ("published", "held")
    assert world.api.read_channel(channel)["at_risk"] is None
    world.api.cancel_publication(planned["id"])
