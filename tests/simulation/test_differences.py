"""Where the services in memory part from moto on purpose, nearer to AWS.

Not tested, since it is a lack: reserved words are taken as names there, which AWS and moto refuse. The engine's own
tests run on moto, so none can slip in.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from publishing import aws
from tests.simulation.expressions import Given, Unsupported, holds
from tests.simulation.world import World

TABLE = "publications"


@pytest.fixture
def world() -> Iterator[World]:
    """The services in memory alone."""
    made = World(seed=1, scale=0.0)
    with made.open():
        yield made


def test_an_index_lags(world: World) -> None:
    item = aws.marshal({"pk": "w#1", "sk": "PUBLICATION", "due_shard": "0", "due_at": "1"})
    world.dynamodb.put_item(TableName=TABLE, Item=item)
    assert not world.dynamodb.tables[TABLE].indexes["due"].shown
    world.loop.pause(1.0)
    assert world.dynamodb.tables[TABLE].indexes["due"].shown


def test_a_schedule_fires_within_a_minute_and_is_gone(world: World) -> None:
    world.queues["due"].poll = lambda: None
    world.scheduler.create_schedule(
        Name="pub_1-v1", ScheduleExpression="at(2026-11-20T12:10:00)", Target={"Input": "{}"}
    )
    world.loop.pause(600.0)
    assert list(world.scheduler.pending) == ["pub_1-v1"]
    world.loop.pause(60.0)
    assert world.queues["due"].sent == 1
    assert not world.scheduler.pending


def test_what_is_received_too_often_is_a_dead_letter(world: World) -> None:
    queue = world.queues["blind"]
    queue.poll = lambda: None
    queue.send("poison")
    for _ in range(9):
        world.loop.pause(200.0)
        queue.receive()
    assert [message.body for message in queue.dead] == ["poison"]


def test_an_expression_that_is_not_known_is_refused() -> None:
    with pytest.raises(Unsupported):
        holds("size(history) > :n", Given({}, {}, {":n": {"N": "1"}}))
