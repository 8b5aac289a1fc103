from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from publishing import message
from publishing.publication import Publication
from tests.end_to_end.world import World

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

POISON = '{"kind": "deliver", "v": 1}'


@pytest.fixture
def sqs(world: World) -> SQSClient:
    return world.cloud.emulator.client("sqs")


@pytest.fixture
def impatient_queue(world: World, sqs: SQSClient) -> Iterator[str]:
    """The webhooks' queue, where a message that failed comes again after a second, not after minutes.

    Webhooks are called without a pace: on a channel with one, messages wait for their turn longer than that second.
    """
    url = world.queue_url("webhook")
    usual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    yield url
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": usual["VisibilityTimeout"]})


def test_a_poisonous_message_ends_among_the_dead_after_eight_receives_and_its_batch_does_not_notice(
    world: World, sqs: SQSClient, impatient_queue: str
) -> None:
    channel, long_ago = world.connected("webhook", "batch"), datetime.now(UTC) - timedelta(seconds=30)
    stored = [world.stored(channel, "webhook", f"Number {number}", publish_at=long_ago) for number in range(9)]
    bodies = [POISON, *(_body(publication, channel) for publication in stored)]
    entries: Any = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)]
    assert not sqs.send_message_batch(QueueUrl=impatient_queue, Entries=entries).get("Failed")

    deliveries = [world.settled(publication.id)[0] for publication in stored]
    assert {(each["state"], each["attempts"]) for each in deliveries} == {("published", 1)}
    assert len(world.posts("webhook", "batch")) == 9

    dead = world.until(lambda: _received(sqs, world.queue_url("webhook-dead")), within_s=45)
    assert dead[0]["Body"] == POISON
    assert int(dead[0]["Attributes"]["ApproximateReceiveCount"]) >= 8


def _body(publication: Publication, channel: str) -> str:
    work = message.Deliver(
        workspace=publication.workspace, publication=publication.id, channel=channel, version=publication.version
    )
    return message.body(work)


def _received(sqs: SQSClient, url: str) -> list[Any]:
    answer: Any = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["ApproximateReceiveCount"])
    return list(answer.get("Messages", []))
