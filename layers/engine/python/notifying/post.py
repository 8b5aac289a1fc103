"""Sends work of status webhooks on: first tidings in order, later ones after a while, by a delay or by a schedule."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from notifying import message
from notifying.model import Entry
from publishing import aws
from publishing.clock import Clock
from publishing.sending import BATCH, LONGEST_DELAY_S, SendFailed

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient

    from publishing.settings import Notifying


@dataclass(frozen=True)
class Firsts:
    """The queue of first tidings, which keeps the order of one subject's events for one endpoint, and their number."""

    url: str
    sqs: Callable[[], SQSClient] = aws.sqs

    def send(self, entries: Sequence[Entry]) -> None:
        """Send these, in this order; one that was sent within five minutes is not sent again.

        Raises:
            SendFailed: some were not taken.
        """
        for batch in _batches(entries):
            _sent(self.sqs(), self.url, [_first(number, entry) for number, entry in enumerate(batch)])


def _first(number: int, entry: Entry) -> dict[str, str]:
    work = message.Tell(workspace=entry.workspace, endpoint=entry.endpoint, event=entry.event)
    return {
        "Id": str(number),
        "MessageBody": message.body(work),
        "MessageGroupId": f"{entry.endpoint}.{entry.subject}",
        "MessageDeduplicationId": f"{entry.endpoint}.{entry.event}",
    }


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), BATCH):
        yield entries[start : start + BATCH]


@dataclass(frozen=True)
class Laters:
    """The queue of everything else: attempts that come later, tests, and replays."""

    url: str
    sqs: Callable[[], SQSClient] = aws.sqs

    def send(self, work: message.Work, *, delay_s: int = 0) -> None:
        """Have this done, after so many seconds; one workspace's flood does not hold up the others (fair queues).

        Raises:
            SendFailed: it was not taken.
        """
        group = {"MessageGroupId": work.workspace}
        _sent(self.sqs(), self.url, [{"Id": "0", "MessageBody": message.body(work), "DelaySeconds": delay_s, **group}])


@dataclass(frozen=True)
class Aside:
    """The dead-letter queue, for records of a stream that nobody can read."""

    url: str
    sqs: Callable[[], SQSClient] = aws.sqs

    def __call__(self, record: Mapping[str, Any]) -> None:
        """Keep its keys and its place alone: what cannot be read may hold anything."""
        kept = {name: record.get("dynamodb", {}).get(name) for name in ("Keys", "SequenceNumber")}
        _sent(self.sqs(), self.url, [{"Id": "0", "MessageBody": json.dumps(kept)}])


def _sent(client: SQSClient, url: str, entries: Sequence[Mapping[str, Any]]) -> None:
    asked: Any = entries
    failed = client.send_message_batch(QueueUrl=url, Entries=asked).get("Failed", [])
    if failed:
        raise SendFailed(f"{len(failed)} of {len(entries)} messages were not taken: {failed[0].get('Code')}")


@dataclass(frozen=True)
class Post:
    """Sends to that queue what is to come at some time, however far."""

    settings: Notifying
    laters: Laters
    clock: Clock
    scheduler: Callable[[], EventBridgeSchedulerClient] = aws.scheduler

    def tell(self, entry: Entry, at: datetime) -> None:
        """Have an event told at `at`: by a delayed message, or by a schedule when that is too far."""
        work = message.Tell(workspace=entry.workspace, endpoint=entry.endpoint, event=entry.event, tried=entry.tried)
        wait_s = (at - self.clock()).total_seconds()
        if wait_s > LONGEST_DELAY_S:
            self._schedule(f"{entry.event}-{entry.endpoint[-12:]}-{int(at.timestamp())}", at, message.body(work))
        else:
            self.laters.send(work, delay_s=max(0, math.ceil(wait_s)))

    def _schedule(self, name: str, at: datetime, body: str) -> None:
        client = self.scheduler()
        asked: Any = {
            "Name": name,
            "GroupName": self.settings.notice_group,
            "ScheduleExpression": f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self.settings.notify_queue_arn,
                "RoleArn": self.settings.notice_role_arn,
                "Input": body,
                "DeadLetterConfig": {"Arn": self.settings.notify_dead_letter_arn},
            },
        }
        try:
            client.create_schedule(**asked)
        except client.exceptions.ConflictException:
            return
