"""Credentials that end: renewed though nobody publishes; refused, their channel waits and says what waits with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from publishing.model import utc_text
from tests.end_to_end.world import World, states

HOUR = timedelta(hours=1)
SWEPT_S = 240.0  # what is held is looked at after a minute, and after two more


def connected(world: World, account: str) -> tuple[str, dict[str, str]]:
    """A channel on X that was found good, and its credentials as they were supplied."""
    fields = dict(world.cloud.stand_ins.account("x", account))
    body = {"platform": "x", "name": account, "credentials": fields}
    made = world.http.post("/v1/channels", json=body)
    assert made.status_code == 201, made.text
    channel = made.json()["id"]
    world.until(lambda: shown(world, channel)["connection"] == "connected", within_s=30)
    return channel, fields


def shown(world: World, channel: str) -> dict[str, Any]:
    found: dict[str, Any] = world.http.get(f"/v1/channels/{channel}").raise_for_status().json()
    return found


def spent(world: World, fields: dict[str, str]) -> dict[str, str]:
    """The credentials after somebody else has used the refresh token, which is good for one time."""
    form = {"grant_type": "refresh_token", "refresh_token": fields["refresh_token"]}
    url = f"{world.cloud.stand_ins.addresses['x']}/2/oauth2/token"
    app = (fields["client_id"], fields["client_secret"])
    given = httpx.post(url, data=form, auth=app, trust_env=False).raise_for_status().json()
    return {**fields, "access_token": given["access_token"], "refresh_token": given["refresh_token"]}


def test_credentials_are_renewed_before_they_end_though_nobody_publishes(world: World) -> None:
    channel, fields = connected(world, "renewing")
    before = shown(world, channel)
    assert (before["credentials_end_at"], before["at_risk"]) == (None, None)
    assert before["renews_at"] is not None
    world.due_for_renewal(channel)
    assert world.renew()["asked"] >= 1
    world.until(lambda: shown(world, channel)["credentials_end_at"], within_s=30)
    after = shown(world, channel)
    assert utc_text(datetime.now(UTC)) < after["renews_at"] < after["credentials_end_at"]
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
    world.until(lambda: shown(world, channel)["connection"] == "reconnect", within_s=30)
    found = shown(world, channel)
    assert found["at_risk"]["first"] == [{"id": planned["id"], "publish_at": planned["publish_at"]}]
    assert (found["at_risk"]["count"], found["renews_at"], bool(found["reason"])) == (1, None, True)

    held = world.submitted([channel], "Held")
    world.until(lambda: world.publication(held["id"])["status"] == "held", within_s=30)
    assert world.posts("x", "refused") == []

    world.http.patch(f"/v1/channels/{channel}", json={"credentials": anew}).raise_for_status()
    (delivery,) = world.settled(held["id"], within_s=SWEPT_S)
    assert (delivery["state"], states(delivery)[0]) == ("published", "held")
    assert shown(world, channel)["at_risk"] is None
    world.http.delete(f"/v1/publications/{planned['id']}").raise_for_status()
