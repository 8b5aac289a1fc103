from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postroom_client import Problem
from tests.end_to_end.world import World, states


def test_a_submission_repeated_with_its_key_is_published_once(world: World) -> None:
    channel = world.connected("webhook", "repeated")
    first = world.submitted([channel], "Repeated", key="repeated-key")
    world.settled(first["id"])
    again = world.submitted([channel], "Repeated", key="repeated-key")
    assert again["id"] == first["id"]
    assert [delivery["state"] for delivery in again["deliveries"]] == ["published"]
    assert len(world.posts("webhook", "repeated")) == 1


def test_a_key_used_for_something_else_is_refused(world: World) -> None:
    channel = world.connected("webhook", "other")
    world.submitted([channel], "One thing", key="other-key")
    with pytest.raises(Problem, match="422") as refused:
        world.submitted([channel], "Another thing", key="other-key")
    assert refused.value.type == "urn:postroom:problem:idempotency-key-reused"


def test_a_webhook_whose_answer_was_lost_is_called_again_and_takes_it_once(world: World) -> None:
    channel = world.verified("webhook", "lossy")
    world.fault("webhook", "lossy", "lose_after")
    (delivery,) = world.settled(world.submitted([channel], "Lossy")["id"])
    (post,) = world.posts("webhook", "lossy")
    assert states(delivery) == ["publishing", "uncertain", "published"]
    assert post["received"] == 2


def test_a_throttled_delivery_waits_and_is_published(world: World) -> None:
    channel = world.verified("discord", "throttled")
    world.fault("discord", "throttled", "throttle", seconds=2)
    (delivery,) = world.settled(world.submitted([channel], "Throttled")["id"])
    assert states(delivery) == ["publishing", "queued", "publishing", "published"]
    assert delivery["attempts"] == 1


def test_a_refused_post_fails_and_its_neighbour_does_not_notice(world: World) -> None:
    refused, fine = world.connected("discord", "refusing"), world.connected("webhook", "fine")
    world.fault("discord", "refusing", "refuse")
    deliveries = world.settled(world.submitted([refused, fine], "Refused by one")["id"])
    assert [(each["state"], each["attempts"]) for each in deliveries] == [("failed", 1), ("published", 1)]
    trouble = deliveries[0]["trouble"]
    assert trouble
    assert trouble["code"] == "200000"


def test_what_is_canceled_before_its_time_is_not_sent(world: World) -> None:
    channel = world.connected("webhook", "canceled")
    at = datetime.now(UTC) + timedelta(seconds=5)
    identifier = world.submitted([channel], "Canceled", publish_at=at.isoformat())["id"]
    world.api.cancel_publication(identifier)
    follower = world.submitted([channel], "After it", publish_at=(at + timedelta(seconds=1)).isoformat())
    world.settled(follower["id"])
    assert world.api.read_publication(identifier)["status"] == "canceled"
    assert [post["document"]["data"]["title"] for post in world.posts("webhook", "canceled")] == ["After it"]
