from __future__ import annotations

from datetime import UTC, datetime, timedelta

from postroom_client.schemas import Slots
from tests.end_to_end.conftest import Slow
from tests.end_to_end.world import World, states

LATE = timedelta(seconds=3)  # DelaySeconds counts whole seconds, the emulator looks once a second, machines are busy


def came_out(world: World, account: str) -> datetime:
    (post,) = world.posts("webhook", account)
    return datetime.fromisoformat(post["at"])


def test_a_publication_timed_for_soon_is_out_at_its_second(world: World) -> None:
    channel, at = world.connected("webhook", "soon"), datetime.now(UTC) + timedelta(seconds=20)
    world.settled(world.submitted([channel], "Soon", publish_at=at.isoformat())["id"])
    assert at <= came_out(world, "soon") <= at + LATE


def test_an_article_whose_answer_was_lost_is_found_and_not_posted_again(world: World, slow: Slow) -> None:
    (delivery,) = world.settled(slow.lost_answer["id"], within_s=90)
    (post,) = world.posts("devto", "losing")
    assert states(delivery) == ["publishing", "uncertain", "published"]
    assert (delivery["post_id"], delivery["attempts"]) == (post["id"], 1)


def test_what_a_worker_published_before_it_died_is_found_and_not_posted_again(world: World, slow: Slow) -> None:
    (delivery,) = world.settled(slow.died_after.id, within_s=90)
    assert states(delivery) == ["publishing", "uncertain", "published"]
    assert delivery["url"] == slow.died_after_url
    assert len(world.posts("devto", "died-after")) == 1


def test_what_a_worker_did_not_publish_before_it_died_is_sent_where_the_receiver_absorbs_repetitions(
    world: World, slow: Slow
) -> None:
    (delivery,) = world.settled(slow.died_before.id, within_s=60)
    (post,) = world.posts("webhook", "died-before")
    assert states(delivery) == ["publishing", "uncertain", "published"]
    assert post["received"] == 1


def test_a_publication_for_which_no_message_was_sent_is_found_by_the_sweep(world: World, slow: Slow) -> None:
    (delivery,) = world.settled(slow.unsent.id, within_s=60)
    assert (delivery["state"], delivery["attempts"]) == ("published", 1)
    assert len(world.posts("webhook", "unsent")) == 1


def test_a_publication_timed_for_later_goes_through_the_scheduler_and_is_out_at_its_second(
    world: World, slow: Slow
) -> None:
    left_s = (slow.scheduled_for - datetime.now(UTC)).total_seconds()
    world.settled(slow.scheduled["id"], within_s=max(left_s, 0) + 20)
    assert slow.scheduled_for <= came_out(world, "scheduled") <= slow.scheduled_for + LATE


def test_a_slot_is_one_publications_and_free_again_when_that_is_canceled(world: World) -> None:
    channel = world.verified("webhook", "slots")
    slots: Slots = {"zone": "Europe/Zurich", "weekly": {"mon": ["09:00"], "thu": ["09:00"]}}
    world.api.change_channel(channel, {"slots": slots})
    first, second = (world.submitted([channel], title, next_slot_of=channel) for title in ("First", "Second"))
    world.api.cancel_publication(first["id"])
    third = world.submitted([channel], "Third", next_slot_of=channel)
    found = world.api.list_slots(channel)["items"]
    assert first["publish_at"] == third["publish_at"] < second["publish_at"]
    assert [slot["publication"] for slot in found[:3]] == [third["id"], second["id"], None]
