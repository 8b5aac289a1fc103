"""The three services of one implementation, as the cases of the contract use them; and those in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from publishing import aws
from tests import cloud
from tests.simulation.world import World

TABLE = "publications"
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Received:
    """A message, and how often it was received by then."""

    body: str
    receives: int
    handle: Any = field(default=None, compare=False, repr=False)


class Receive(Protocol):
    """Takes up what the case's queue shows, or will show within so many seconds."""

    def __call__(self, *, within_s: int = 0) -> Sequence[Received]: ...


@dataclass(frozen=True)
class Services:
    """The clients of one implementation; what is named `own` is this case's alone.

    `wait` lets seconds go by on `clock`, `settle` lets the indexes catch up. `come_back` has what was received shown
    again, `delete` takes one off the queue, and `dead` tells what was given up.
    """

    dynamodb: Any
    sqs: Any
    scheduler: Any
    own: str
    url: str
    arn: str
    clock: Callable[[], datetime]
    wait: Callable[[float], object]
    settle: Callable[[], object]
    receive: Receive
    come_back: Callable[[], object]
    delete: Callable[[Received], object]
    dead: Callable[[], Sequence[str]]

    def item(self, sort: str = "PUBLICATION", **values: Any) -> dict[str, Any]:
        """An item of the case's own partition; without values, its key."""
        return aws.marshal({"pk": f"ws#{self.own}", "sk": sort, **values})

    def put(self, sort: str = "PUBLICATION", **values: Any) -> None:
        """Write an item whole."""
        self.dynamodb.put_item(TableName=TABLE, Item=self.item(sort, **values))

    def update(self, expression: str, condition: str = "attribute_exists(pk)", **values: Any) -> Values:
        """Change the item as our stores do; answers the new one."""
        answer = self.dynamodb.update_item(
            **self.change(expression, condition, **values),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return aws.unmarshal(answer["Attributes"])

    def change(self, expression: str, condition: str, *, of: str = "PUBLICATION", **values: Any) -> dict[str, Any]:
        """The change of an item, as a request."""
        given = aws.marshal({f":{name}": value for name, value in values.items()})
        return {
            "TableName": TABLE,
            "Key": self.item(of),
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            **({"ExpressionAttributeValues": given} if given else {}),
        }

    def stored(self, sort: str = "PUBLICATION") -> Values:
        """The item as it stands, without its key."""
        answer = self.dynamodb.get_item(TableName=TABLE, Key=self.item(sort), ConsistentRead=True)
        found = aws.unmarshal(answer.get("Item", {}))
        return {name: value for name, value in found.items() if name not in {"pk", "sk"}}

    def send(self, *entries: Values) -> Any:
        """Send messages to the case's queue, numbered from 0."""
        numbered = [{"Id": str(number), **entry} for number, entry in enumerate(entries)]
        return self.sqs.send_message_batch(QueueUrl=self.url, Entries=numbered)

    def schedule(self, at: datetime, version: int = 1) -> None:
        """Set up a schedule of the case's own name that tells its queue, as our sender asks for it."""
        environment = cloud.environment()
        self.scheduler.create_schedule(
            Name=f"{self.own}-v{version}",
            GroupName=environment["schedule_group"],
            ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": self.arn,
                "RoleArn": environment["schedule_role_arn"],
                "Input": "fired",
                "DeadLetterConfig": {"Arn": self.arn},
            },
        )


def in_memory(world: World) -> Services:
    """The services of a simulated world, whose due queue nobody works but the case."""
    queue, pause = world.queues["due"], world.loop.pause
    queue.poll = lambda: None

    def receive(*, within_s: int = 0) -> Sequence[Received]:
        pause(within_s + 0.1)
        return [Received(message.body, message.receives, message) for message in queue.receive()]

    return Services(
        *(world.dynamodb, world.sqs, world.scheduler),
        own="case",
        url=f"{cloud.BASE}due",
        arn=cloud.environment()["due_queue_arn"],
        clock=lambda: cloud.START + timedelta(seconds=world.loop.now_s),
        wait=pause,
        settle=lambda: pause(5.0),
        receive=receive,
        come_back=lambda: pause(queue.visibility_s),
        delete=lambda received: queue.delete(received.handle),
        dead=lambda: [message.body for message in queue.dead],
    )
