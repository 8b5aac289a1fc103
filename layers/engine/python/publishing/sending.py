"""Sends work on: to a platform's queue at once or with a delay, or by a schedule when it is further away."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from publishing import aws, message
from publishing.batch import Pool
from publishing.clock import Clock
from publishing.model import Priority, Target
from publishing.publication import Publication

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient

    from publishing.settings import Sending as SendingSettings

LONGEST_DELAY_S = 900  # SQS's own limit
AHEAD_S = 60  # a schedule is precise to a minute: it fires one minute early, and DelaySeconds covers the rest
SOON_S = 120  # what is due sooner needs no schedule
BATCH = 10
EARLY_S = 1.5  # a delay is rounded up to a whole second, and the way through a queue takes some time, too
FRACTION_S = 0.25  # so much is waited for, where rounding it up to a whole second of delay would make a post late


class SendFailed(Exception):  # noqa: N818
    """Some messages could not be sent; the sweep will send them."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one queue (`discord`, `discord-urgent`), to be seen after `delay_s` whole seconds."""

    queue: str
    work: message.Work
    delay_s: int = 0


@dataclass(frozen=True)
class Sender:
    """Sends to the queues and schedules that `settings` names."""

    settings: SendingSettings
    clock: Clock
    sqs: Callable[[], SQSClient] = aws.sqs
    scheduler: Callable[[], EventBridgeSchedulerClient] = aws.scheduler
    pool: Pool = ThreadPoolExecutor
    sleep: Callable[[float], None] = time.sleep

    def start(self, publication: Publication, targets: Iterable[Target] | None = None) -> None:
        """Set a publication going: now, or at its time.

        Raises:
            SendFailed: not everything could be sent.
        """
        if self._wait_s(publication.publish_at) > SOON_S:
            self.schedule(publication, publication.publish_at)
        else:
            self.deliver(publication, publication.targets if targets is None else targets)

    def deliver(self, publication: Publication, targets: Iterable[Target]) -> None:
        """Put the targets on their platforms' queues, to be seen not before the publication's time."""
        self._round(publication.publish_at)
        self.send([self.parcel(publication, target, publication.publish_at) for target in targets])

    def again(self, publication: Publication, target: Target, at: datetime, *, turn: int | None = None) -> None:
        """Have one target worked on again at `at`: by a delayed message, or by a schedule when that is too far.

        A message with a `turn` must not miss it: it comes a little early.
        """
        if self._wait_s(at) > LONGEST_DELAY_S:
            self.schedule(publication, at, channel=target.channel)
        elif turn is None:
            self.send([self.parcel(publication, target, at)])
        else:
            parcel = self.parcel(publication, target, at - timedelta(seconds=EARLY_S))
            self.send([replace(parcel, work=parcel.work.model_copy(update={"turn": turn}))])

    def parcel(self, publication: Publication, target: Target, at: datetime) -> Parcel:
        """The message that delivers one target, seen at the first whole second after `at`."""
        work = message.Deliver(
            workspace=publication.workspace,
            publication=publication.id,
            channel=target.channel,
            version=publication.version,
            correlation_id=publication.correlation_id,
        )
        wait_s = max(0.0, self._wait_s(at))
        return Parcel(lane(target.platform, publication.priority), work, min(math.ceil(wait_s), LONGEST_DELAY_S))

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Send, batched by queue and in parallel across queues.

        Raises:
            SendFailed: some could not be sent, at a second try neither.
        """
        batches = list(_batches(parcels))
        if len(batches) == 1:
            self._send_batch(batches[0])
        elif batches:
            with self.pool(len(batches)) as workers:
                list(workers.map(self._send_batch, batches))

    def schedule(self, publication: Publication, at: datetime, *, channel: str | None = None) -> None:
        """Have the due queue told one minute before `at`; creating the same schedule twice makes one."""
        due = message.Due(
            workspace=publication.workspace,
            publication=publication.id,
            version=publication.version,
            correlation_id=publication.correlation_id,
            channel=channel,
        )
        client = self.scheduler()
        try:
            client.create_schedule(**self._schedule(_schedule_name(due, at), at, message.body(due)))
        except client.exceptions.ConflictException:
            return

    def _schedule(self, name: str, at: datetime, body: str) -> Any:
        fires = max(at - timedelta(seconds=AHEAD_S), self.clock()).astimezone(UTC)
        return {
            "Name": name,
            "GroupName": self.settings.schedule_group,
            "ScheduleExpression": f"at({fires:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self.settings.due_queue_arn,
                "RoleArn": self.settings.schedule_role_arn,
                "Input": body,
                "DeadLetterConfig": {"Arn": self.settings.due_dead_letter_arn},
            },
        }

    def _round(self, at: datetime) -> None:
        wait_s = self._wait_s(at)
        if wait_s > 0 and 0 < wait_s % 1.0 < FRACTION_S:
            self.sleep(wait_s % 1.0 + 0.005)  # a little more, so that what is left is surely no more than whole seconds

    def _send_batch(self, batch: Sequence[Parcel]) -> None:
        url = self.settings.queue_url_template.replace("{queue}", batch[0].queue)
        entries = [_entry(number, parcel) for number, parcel in enumerate(batch)]
        for _ in range(2):
            failed = self.sqs().send_message_batch(QueueUrl=url, Entries=entries).get("Failed", [])
            entries = [entries[int(failure["Id"])] for failure in failed]
            if not entries:
                return
        raise SendFailed(f"{len(entries)} messages for {batch[0].queue} were not taken: {failed[0].get('Code')}")

    def _wait_s(self, at: datetime) -> float:
        return (at - self.clock()).total_seconds()


def lane(platform: str, priority: Priority) -> str:
    """The queue of a platform for that priority."""
    return f"{platform}-urgent" if priority is Priority.URGENT else platform


def _entry(number: int, parcel: Parcel) -> Any:
    return {
        "Id": str(number),
        "MessageBody": message.body(parcel.work),
        "DelaySeconds": parcel.delay_s,
        "MessageGroupId": parcel.work.workspace,  # SQS's fair queues: one workspace's flood does not hold up the others
    }


def _batches(parcels: Sequence[Parcel]) -> Iterator[Sequence[Parcel]]:
    for queue in dict.fromkeys(parcel.queue for parcel in parcels):
        mine = [parcel for parcel in parcels if parcel.queue == queue]
        for start in range(0, len(mine), BATCH):
            yield mine[start : start + BATCH]


def _schedule_name(due: message.Due, at: datetime) -> str:
    """At most 64 characters: the publication, its version, and for a retry its channel and time."""
    name = f"{due.publication}-v{due.version}"
    return f"{name}-{due.channel[-12:]}-{int(at.timestamp())}" if due.channel else name
