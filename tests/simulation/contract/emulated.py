"""The three services of an AWS emulator, with tables of their own and, for each case, a queue of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests import cloud
from tests.simulation.contract.services import Received, Services

RECEIVES = 8


@dataclass
class Emulated:
    """An emulator's clients, after the tables and the schedules' group were made.

    `patience_s` is how long a case waits at most for what is to come: nothing where nothing ever comes by itself.
    """

    client: Callable[[str], Any]
    patience_s: int = 0
    cases: int = 0
    dynamodb: Any = field(init=False)
    sqs: Any = field(init=False)
    scheduler: Any = field(init=False)

    def __post_init__(self) -> None:
        self.dynamodb, self.sqs, self.scheduler = map(self.client, ("dynamodb", "sqs", "scheduler"))
        for table in cloud.KEYS:
            cloud._table(self.dynamodb, table)
        self.scheduler.create_schedule_group(Name=cloud.environment()["schedule_group"])

    def services(self) -> Services:
        """What the next case gets."""
        self.cases += 1
        own = f"case{self.cases}"
        dead, dead_arn = self._queue(f"{own}-dead")
        redrive = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": RECEIVES}
        url, arn = self._queue(own, VisibilityTimeout="180", RedrivePolicy=json.dumps(redrive))
        queue = Queue(self.sqs, url, self.patience_s)
        return Services(
            *(self.dynamodb, self.sqs, self.scheduler),
            own=own,
            url=url,
            arn=arn,
            clock=partial(datetime.now, UTC),
            wait=time.sleep,
            settle=lambda: None,
            receive=queue.receive,
            come_back=queue.come_back,
            delete=queue.delete,
            dead=lambda: [message.body for message in Queue(self.sqs, dead).receive()],
        )

    def _queue(self, name: str, **attributes: str) -> tuple[str, str]:
        """Make a queue; answers its address and its ARN."""
        url = self.sqs.create_queue(QueueName=f"postroom-test-{name}", Attributes=attributes)["QueueUrl"]
        told = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, told["Attributes"]["QueueArn"]


@dataclass
class Queue:
    """One queue, worked as an event source mapping works it."""

    sqs: Any
    url: str
    patience_s: int = 0
    taken: set[str] = field(default_factory=set)

    def receive(self, *, within_s: int = 0) -> Sequence[Received]:
        """Take up to ten messages."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
            WaitTimeSeconds=min(within_s, self.patience_s),
        )
        found = [
            Received(each["Body"], int(each["Attributes"]["ApproximateReceiveCount"]), each["ReceiptHandle"])
            for each in answer.get("Messages", ())
        ]
        self.taken.update(each.handle for each in found)
        return found

    def come_back(self) -> None:
        """Have what was taken up shown again."""
        while self.taken:
            self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=self.taken.pop(), VisibilityTimeout=0)

    def delete(self, received: Received) -> None:
        """Take one off the queue."""
        self.taken.discard(received.handle)
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=received.handle)
