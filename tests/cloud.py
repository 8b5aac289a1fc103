"""The tables, queues and schedules of the stack, in moto: what the functions' settings name in tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
from moto import mock_aws
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber

from publishing.settings import Sending

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
ACCOUNT = "123456789012"
BASE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/postroom-test-"
START = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@dataclass
class Watch:
    """A clock that stands until it is moved."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        """Move the clock on."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class Cloud:
    """What moto holds, and the settings that name it."""

    settings: Sending
    watch: Watch = field(default_factory=Watch)

    def received(self, queue: str) -> list[str]:
        """The bodies of what is on a queue and visible, taken off it."""
        sqs = boto3.client("sqs", region_name=REGION)
        url = BASE + queue
        bodies: list[str] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def waiting(self, queue: str) -> int:
        """How many messages of a queue are delayed."""
        names: Any = ["ApproximateNumberOfMessagesDelayed"]
        attributes = boto3.client("sqs", region_name=REGION).get_queue_attributes(
            QueueUrl=BASE + queue, AttributeNames=names
        )
        return int(attributes["Attributes"]["ApproximateNumberOfMessagesDelayed"])

    def schedules(self) -> list[Any]:
        """The schedules there are, whole."""
        client = boto3.client("scheduler", region_name=REGION)
        names = [schedule["Name"] for schedule in client.list_schedules(GroupName="postroom-test")["Schedules"]]
        return [client.get_schedule(GroupName="postroom-test", Name=name) for name in names]

    def items(self) -> list[dict[str, Any]]:
        """Every item of the publications table."""
        return boto3.client("dynamodb", region_name=REGION).scan(TableName=self.settings.publications_table)["Items"]


@contextmanager
def moto() -> Iterator[None]:
    """Moto's AWS, empty; boto3's session outlives it, which reads what it knows of AWS from files only once."""
    with mock_aws(config={"core": {"reset_boto3_session": False}}), _one_at_a_time():
        yield


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A conditional write is one step at AWS; moto looks first and writes after, and threads came in between."""
    lock, process = RLock(), BotocoreStubber.process_request

    def processed(stubber: BotocoreStubber, request: Any) -> Any:
        with lock:
            return process(stubber, request)

    with mock.patch.object(BotocoreStubber, "process_request", processed):
        yield


def leave(*owners: str) -> None:
    """Take off the tables what these own, by ids: moto copies a table whole for every item of a transaction."""
    for table in get_backend("dynamodb")[ACCOUNT][REGION].tables.values():
        for place in [each for each in table.items if any(owner in str(each.value) for owner in owners)]:
            del table.items[place]


def make(platforms: tuple[str, ...]) -> Cloud:
    """Create everything, with queues for these platforms; moto must be active."""
    dynamodb = boto3.client("dynamodb", region_name=REGION)  # clients take longer to make than tables
    for table in KEYS:
        _table(dynamodb, table)
    sqs = boto3.client("sqs", region_name=REGION)
    for platform in platforms:
        for queue in (platform, f"{platform}-urgent", f"{platform}-dead"):
            sqs.create_queue(QueueName=f"postroom-test-{queue}")
    for queue in ("due", "due-dead", "notify", "notify-dead"):
        sqs.create_queue(QueueName=f"postroom-test-{queue}")
    for queue in ("notices.fifo", "notices-dead.fifo"):
        sqs.create_queue(QueueName=f"postroom-test-{queue}", Attributes={"FifoQueue": "true"})
    boto3.client("scheduler", region_name=REGION).create_schedule_group(Name="postroom-test")
    return Cloud(Sending.model_validate(environment()))


def environment() -> dict[str, str]:
    """The settings of a sending function, by field name."""
    return {
        "stage": "dev",
        "publications_table": "publications",
        "channels_table": "channels",
        "operations_table": "operations",
        "queue_url_template": BASE + "{queue}",
        "due_queue_url": BASE + "due",
        "due_queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:postroom-test-due",
        "due_dead_letter_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:postroom-test-due-dead",
        "schedule_group": "postroom-test",
        "schedule_role_arn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
    }


def notifying() -> dict[str, str]:
    """The settings of who tells endpoints, by field name, without the key of their secrets."""
    return {
        "notices_table": "notices",
        "firsts_queue_url": BASE + "notices.fifo",
        "notify_queue_url": BASE + "notify",
        "notify_queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:postroom-test-notify",
        "notify_dead_letter_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:postroom-test-notify-dead",
        "notify_dead_letter_url": BASE + "notify-dead",
        "notice_group": "postroom-test",
        "notice_role_arn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
        "call_function": "call",
    }


# Each index: its keys, and what it projects beside the table's own; as infra/store.py has them.
INDEXES: dict[str, dict[str, tuple[list[str], list[str]]]] = {
    "publications": {
        "by_workspace": (
            ["listed_in", "created_at"],
            [
                *("id", "title", "targets", "publish_at", "zone", "priority", "expires_at"),
                *("canceled_at", "version", "created_by", "correlation_id"),
            ],
        ),
        "due": (["due_shard", "due_at"], ["id", "workspace", "version"]),
        "planned": (
            ["planned_in", "due_at"],
            ["id", "targets", "created_at", "publish_at", "canceled_at", "version"],
        ),
    },
    "channels": {
        "by_key_hash": (["key_hash"], []),
        "renewals": (["renew_shard", "renew_at"], ["platform", "renew_tries"]),
    },
    "operations": {},
    "notices": {},
}
KEYS = {
    "publications": ["pk", "sk"],
    "channels": ["pk", "sk"],
    "operations": ["pk"],
    "notices": ["pk", "sk"],
}


def _table(dynamodb: DynamoDBClient, name: str) -> None:
    indexes = INDEXES[name]
    attributes = {*KEYS[name], *(key for keys, _ in indexes.values() for key in keys)}
    definition: Any = {
        "TableName": name,
        "KeySchema": _schema(KEYS[name]),
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if indexes:
        definition["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _schema(keys), "Projection": _projection(projected)}
            for index, (keys, projected) in indexes.items()
        ]
    dynamodb.create_table(**definition)


def _schema(keys: list[str]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def _projection(projected: list[str]) -> dict[str, Any]:
    if not projected:
        return {"ProjectionType": "ALL"}
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": projected}
