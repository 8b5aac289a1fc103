"""Who tells endpoints, with tables, queues, schedules and keys in memory, and receivers that answer as told."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from channels.vault import Vault
from notifying import keyring, payload
from notifying.endpoints import Endpoints
from notifying.keyring import Keyring
from notifying.log import Log
from notifying.message import Tell, work
from notifying.model import Answered, Endpoint, Entry, EventKind, Notice
from notifying.post import Laters, Post
from notifying.replaying import Replaying
from notifying.telling import Telling
from publishing.model import utc_text
from publishing.settings import Notifying
from tests import cloud
from tests.notifying import samples
from tests.publishing.tables import Tables

SETTINGS = Notifying.model_validate({**cloud.environment(), **cloud.notifying(), "credentials_key_arn": "key"})
TAKEN, DOWN = Answered(204, 10), Answered(500, 10, "status", "Out of order.")


class Kms:
    """Keys that open themselves. It is its own factory."""

    def __call__(self) -> Any:
        return self

    def generate_data_key(self, **_: Any) -> Any:
        """One key."""
        return {"CiphertextBlob": b"sealed", "Plaintext": b"k" * 32}

    def decrypt(self, **_: Any) -> Any:
        """That key."""
        return {"Plaintext": b"k" * 32}


@dataclass
class Queue:
    """What was sent on, with its delay in seconds."""

    sent: list[tuple[Any, int]] = field(default_factory=list)

    def __call__(self) -> Any:
        return self

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> Any:  # noqa: N803 - AWS's
        """Keep it."""
        (entry,) = Entries
        assert (QueueUrl, entry["MessageGroupId"]) == (SETTINGS.notify_queue_url, samples.WORKSPACE)
        self.sent.append((work(entry["MessageBody"]), entry["DelaySeconds"]))
        return {}


class Scheduler:
    """What is scheduled, by name. It is its own factory."""

    class exceptions:  # noqa: N801 - as boto3 has it
        """As boto3 names them."""

        class ConflictException(Exception):  # noqa: N818
            """That name is taken."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def __call__(self) -> Any:
        return self

    def create_schedule(self, **asked: Any) -> None:
        """Keep it, once."""
        if asked["Name"] in self.made:
            raise self.exceptions.ConflictException
        self.made[asked["Name"]] = asked


@dataclass
class Desk:
    """One endpoint, and what becomes of what it is told."""

    watch: cloud.Watch = field(default_factory=cloud.Watch)
    tables: Any = field(default_factory=Tables)
    queue: Queue = field(default_factory=Queue)
    scheduler: Scheduler = field(default_factory=Scheduler)
    answers: deque[Answered] = field(default_factory=deque)
    calls: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)
    secret: str = field(default_factory=keyring.made)
    meanwhile: Callable[[], object] = lambda: None  # what others do while the endpoint is called

    def __post_init__(self) -> None:
        self.endpoints = Endpoints("channels", self.watch, self.tables)
        self.log = Log("notices", self.watch, self.tables)
        self.keyring = Keyring(Vault("key", Kms()))
        post = Post(SETTINGS, Laters(SETTINGS.notify_queue_url, self.queue), self.watch, self.scheduler)
        self.telling = Telling(self.endpoints, self.log, self.keyring, self._call, post, self.watch, lambda: 0.0)
        self.replaying = Replaying(self.log, post, self.watch)
        sealed = self.keyring.seal(samples.WORKSPACE, samples.endpoint.id, self.secret)
        self.endpoints.create(replace(samples.endpoint, sealed=sealed))

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint as it stands."""
        found = self.endpoints.find(samples.WORKSPACE, samples.endpoint.id)
        assert found
        return found

    def happened(self, number: int = 1) -> Tell:
        """Something that happened, written down; answers the message that tells it."""
        at = utc_text(self.watch.moment)
        notice = Notice(
            EventKind.DELIVERY_PUBLISHED, samples.WORKSPACE, samples.DELIVERY, at, number, {"state": "published"}
        )
        entry = self.log.record(payload.entry(notice, samples.endpoint.id))
        return Tell(workspace=entry.workspace, endpoint=entry.endpoint, event=entry.event)

    def entry(self, tell: Tell) -> Entry:
        """How an event stands in the log."""
        (found,) = self.log.page(tell.workspace, tell.endpoint, first=tell.event, last=tell.event, limit=1).found
        return found

    def following(self) -> tuple[Tell, datetime]:
        """The message that comes next, taken off its queue or schedule, and when it comes."""
        if self.queue.sent:
            message, delay_s = self.queue.sent.pop(0)
            return message, self.watch.moment + timedelta(seconds=delay_s)
        name, asked = self.scheduler.made.popitem()
        assert len(name) <= 64
        found = work(asked["Target"]["Input"])
        assert isinstance(found, Tell)
        return found, datetime.fromisoformat(f"{asked['ScheduleExpression'][3:-1]}+00:00")

    def _call(self, url: str, headers: Mapping[str, str], body: str) -> Answered:
        json.loads(body)
        self.calls.append((url, headers, body))
        self.meanwhile()
        return self.answers.popleft() if self.answers else TAKEN
