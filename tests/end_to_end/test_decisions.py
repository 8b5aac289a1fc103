from __future__ import annotations

from datetime import UTC, datetime, timedelta

from publishing import message
from tests.end_to_end.world import World

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_a_scheduled_publication_that_is_edited_is_out_once_and_as_it_was_edited(world: World) -> None:
    channel = world.connected("webhook", "edited")
    submitted = world.submitted([channel], "Old", publish_at=TOMORROW.isoformat())
    path = f"/v1/publications/{submitted['id']}"
    tag = world.http.get(path).headers["ETag"]
    body = {"content": {"title": "New"}, "publish_at": None}
    answers = [world.http.patch(path, json=body, headers={"If-Match": tag}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 412]
    (delivery,) = world.settled(submitted["id"])
    assert (delivery["state"], delivery["history"][0]["why"]) == ("published", "edit")
    assert len(world.posts("webhook", "edited")) == 1
    assert world.http.patch(path, json={"content": {"title": "Newer"}}).status_code == 409


def test_one_target_that_is_called_off_stays_in_and_the_other_is_out(world: World) -> None:
    channels = [world.connected("webhook", name) for name in ("called-off", "not-called-off")]
    at = (datetime.now(UTC) + timedelta(seconds=8)).isoformat()
    submitted = world.submitted(channels, "Half", publish_at=at)
    canceled = world.http.post(f"/v1/deliveries/{submitted['deliveries'][0]['id']}/cancel")
    assert canceled.json()["state"] == "canceled"
    assert world.http.post(f"/v1/publications/{submitted['id']}/retry").status_code == 409
    world.settled(submitted["id"])
    assert (len(world.posts("webhook", "called-off")), len(world.posts("webhook", "not-called-off"))) == (0, 1)


def test_a_dead_letter_is_seen_and_sent_once_more(world: World) -> None:
    channel = world.connected("webhook", "dead")
    long_ago = datetime.now(UTC) - timedelta(seconds=30)
    publication = world.stored(channel, "webhook", "Dead", publish_at=long_ago, due_at=TOMORROW)
    work = message.Deliver(workspace=world.workspace, publication=publication.id, channel=channel, version=1)
    sqs = world.cloud.emulator.client("sqs")
    sqs.send_message(QueueUrl=world.queue_url("webhook-dead"), MessageBody=message.body(work))
    counted = world.http.get("/v1/dead-letters").raise_for_status().json()["items"]
    (seen,) = world.http.get("/v1/dead-letters/webhook").raise_for_status().json()["items"]
    assert [each["count"] for each in counted if each["platform"] == "webhook"] == [1]
    assert (seen["publication"], seen["state"]) == (publication.id, "queued")
    moved = world.http.post("/v1/dead-letters/webhook/redrive", json={}).raise_for_status().json()
    assert moved == {"moved": 1, "left": 0, "complete": True}
    (delivery,) = world.settled(publication.id)
    assert delivery["state"] == "published"
    purged = world.http.delete("/v1/dead-letters/webhook", params={"confirm": "webhook"}).raise_for_status().json()
    assert purged == {"deleted": 0, "left": 0, "complete": True}
