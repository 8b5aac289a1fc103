from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from postroom_client import Problem, etag_of
from publishing import message
from tests.end_to_end.world import World

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_a_scheduled_publication_that_is_edited_is_out_once_and_as_it_was_edited(world: World) -> None:
    channel = world.connected("webhook", "edited")
    submitted = world.submitted([channel], "Old", publish_at=TOMORROW.isoformat())
    tag = etag_of(world.api.read_publication(submitted["id"]))
    edit = partial(world.api.change_publication, submitted["id"], {"content": {"title": "New"}, "publish_at": None})
    edit(if_match=tag)
    with pytest.raises(Problem, match="412"):
        edit(if_match=tag)
    (delivery,) = world.settled(submitted["id"])
    assert (delivery["state"], delivery["history"][0]["why"]) == ("published", "edit")
    assert len(world.posts("webhook", "edited")) == 1
    with pytest.raises(Problem, match="409"):
        world.api.change_publication(submitted["id"], {"content": {"title": "Newer"}})


def test_one_target_that_is_called_off_stays_in_and_the_other_is_out(world: World) -> None:
    channels = [world.connected("webhook", name) for name in ("called-off", "not-called-off")]
    at = (datetime.now(UTC) + timedelta(seconds=8)).isoformat()
    submitted = world.submitted(channels, "Half", publish_at=at)
    assert world.api.cancel_delivery(submitted["deliveries"][0]["id"])["state"] == "canceled"
    with pytest.raises(Problem, match="409"):
        world.api.retry_publication(submitted["id"])
    world.settled(submitted["id"])
    assert (len(world.posts("webhook", "called-off")), len(world.posts("webhook", "not-called-off"))) == (0, 1)


def test_a_dead_letter_is_seen_and_sent_once_more(world: World) -> None:
    channel = world.connected("webhook", "dead")
    long_ago = datetime.now(UTC) - timedelta(seconds=30)
    publication = world.stored(channel, "webhook", "Dead", publish_at=long_ago, due_at=TOMORROW)
    work = message.Deliver(workspace=world.workspace, publication=publication.id, channel=channel, version=1)
    sqs = world.cloud.emulator.client("sqs")
    sqs.send_message(QueueUrl=world.queue_url("webhook-dead"), MessageBody=message.body(work))
    counted = world.api.list_dead_letters()["items"]
    (seen,) = world.api.read_dead_letters("webhook")["items"]
    assert [each["count"] for each in counted if each["platform"] == "webhook"] == [1]
    assert (seen["publication"], seen["state"]) == (publication.id, "queued")
    assert world.api.redrive_dead_letters("webhook") == {"moved": 1, "left": 0, "complete": True}
    (delivery,) = world.settled(publication.id)
    assert delivery["state"] == "published"
    purged = world.api.purge_dead_letters("webhook", confirm="webhook")
    assert purged == {"deleted": 0, "left": 0, "complete": True}
