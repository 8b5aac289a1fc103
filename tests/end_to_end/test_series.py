from __future__ import annotations

from datetime import UTC, datetime, timedelta

from postroom_client.schemas import NewSeries
from tests.end_to_end.world import World

LATE = timedelta(seconds=3)  # as in test_time.py


def test_the_next_occurrence_of_a_series_is_out_at_its_second_and_the_one_after_it_is_ahead(world: World) -> None:
    channel = world.connected("webhook", "daily")
    at = (datetime.now(UTC) + timedelta(seconds=6)).replace(microsecond=0)
    body: NewSeries = {
        "content": {"title": "Daily", "text": "The text of each day."},
        "targets": [{"channel": channel}],
        "zone": "Etc/UTC",
        "starts_at": at.replace(tzinfo=None).isoformat(),
        "rule": "FREQ=DAILY",
    }
    begun = world.api.create_series(body)
    (made,) = begun["made"]
    world.settled(made["publication"])
    (post,) = world.posts("webhook", "daily")
    assert at <= datetime.fromisoformat(post["at"]) <= at + LATE
    series = world.api.read_series(begun["id"])
    assert series["made"][0]["status"] == "published"
    assert series["next"][0]["at"].startswith((at + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S"))
