"""SQS in memory, and the event source mappings that feed functions from it: at least once, in no order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.faults import SKEW_S, Faults, Wire
from tests.simulation.loop import Invocation, Loop

RECEIVES = 8
BATCH = 10
LONGEST_DELAY_S = 900
POLL_S = (0.005, 0.04)
AGAIN_S = (0.0, 600.0)

Record = Mapping[str, Any]
Answer = Mapping[str, Sequence[Mapping[str, str]]]
Handle = Callable[[Sequence[Record], Callable[[], float]], Answer]


@dataclass
class Message:
    """One message on one queue."""

    number: int
    body: str
    about: tuple[str, ...]
    group: str = ""
    receives: int = 0


@dataclass
class Queue:
    """One queue: what was sent to it, what is visible, and what was given up."""

    name: str
    loop: Loop
    faults: Faults
    visibility_s: float
    sent: int = 0
    deleted: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    visible: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    bodies: set[str] = field(default_factory=set)  # of every message that was ever sent
    poll: Callable[[], object] = lambda: None

    def send(self, body: str, delay_s: float = 0.0, group: str = "") -> None:
        """Take a message of that group."""
        self.sent += 1
        self.bodies.add(body)
        message = Message(self.sent, body, _about(body), group)
        self.messages[message.number] = message
        if self.faults.pick("message", message.about) == "delayed":
            delay_s += self.loop.rng.uniform(1.0, 120.0)
        self.loop.after(delay_s, lambda: self.show(message))

    def show(self, message: Message) -> None:
        """It can be received now."""
        if message.number in self.messages and message not in self.visible:
            self.visible.append(message)
            self.loop.after(self.loop.rng.uniform(*POLL_S), self.poll)

    def receive(self) -> list[Message]:
        """Up to ten visible messages, in no order; they come back unless they are deleted in time."""
        taken: list[Message] = []
        while self.visible and len(taken) < BATCH:
            message = self.visible.pop(self.loop.rng.randrange(len(self.visible)))
            if self._taken(message):
                taken.append(message)
        return taken

    def _taken(self, message: Message) -> bool:
        if message.receives >= RECEIVES:
            if self.messages.pop(message.number, None):
                self.dead.append(message)
            return False
        message.receives += 1
        receives = message.receives
        self.loop.after(self.visibility_s, lambda: self._back(message, receives))
        if self.faults.pick("message", message.about) == "doubled":
            self.loop.after(self.loop.rng.uniform(0.0, 0.5), lambda: self.show(message))
        return True

    def _back(self, message: Message, receives: int | None = None) -> None:
        if receives in {None, message.receives}:
            self.show(message)

    def delete(self, message: Message) -> None:
        """It has been worked, unless the deletion is lost or a copy stays behind."""
        match self.faults.pick("message", message.about):
            case "not_deleted":
                return
            case "doubled_late":
                self.loop.after(self.loop.rng.uniform(*AGAIN_S), lambda: self._back(message))
                return
        if self.messages.pop(message.number, None):
            self.deleted += 1


@dataclass
class Feed:
    """An event source mapping: starts a function for what is visible, so many at once."""

    queue: Queue
    handle: Handle
    timeout_s: float
    at_once: int
    running: int = 0

    def __post_init__(self) -> None:
        self.queue.poll = self.poll

    def poll(self) -> None:
        """Start the function, if there is work and room."""
        while self.running < self.at_once:
            messages = self.queue.receive()
            if not messages:
                return
            self._start(messages)

    def _start(self, messages: Sequence[Message]) -> None:
        loop = self.queue.loop
        about = tuple(name for message in messages for name in message.about)
        invocation = Invocation(self.queue.name, loop.now_s + self.timeout_s, about)
        if self.queue.faults.pick("clock", about) == "skewed":
            invocation.skew_s = loop.rng.uniform(-SKEW_S, SKEW_S)
        self.running += 1
        loop.start(lambda: self._run(messages, invocation), invocation)

    def _run(self, messages: Sequence[Message], invocation: Invocation) -> None:
        loop = self.queue.loop
        records = [{"messageId": str(message.number), "body": message.body} for message in messages]
        try:
            answer = self.handle(records, lambda: invocation.ends_s - loop.now_s)
            failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
            for message in messages:
                if str(message.number) not in failed:
                    self.queue.delete(message)
        finally:
            self.running -= 1
            loop.after(0.0, self.poll)


class SQS:
    """The client's methods our code calls."""

    def __init__(self, loop: Loop, faults: Faults, queues: Mapping[str, Queue]) -> None:
        self._queues = queues
        self._faults = faults
        self._wire = Wire("sqs", loop, faults, (0.004, 0.02))

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        """Take up to ten messages, each or not."""
        entries = request["Entries"]
        about = tuple(name for entry in entries for name in _about(entry["MessageBody"]))
        return self._wire.ask(lambda: self._take(request["QueueUrl"], entries, about), about)

    def _take(self, url: str, entries: Sequence[Any], about: tuple[str, ...]) -> dict[str, Any]:
        queue = self._queues[url.rpartition("postroom-test-")[2]]
        assert 1 <= len(entries) <= BATCH
        assert len({entry["Id"] for entry in entries}) == len(entries)
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        unlucky = self._faults.pick("entries", about) == "failed"
        for entry in entries:
            assert 0 <= entry.get("DelaySeconds", 0) <= LONGEST_DELAY_S
            if unlucky and queue.loop.rng.random() < 0.5:
                answer["Failed"].append({"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"})
            else:
                queue.send(entry["MessageBody"], entry.get("DelaySeconds", 0), entry.get("MessageGroupId", ""))
                answer["Successful"].append({"Id": entry["Id"]})
        return answer


def _about(body: str) -> tuple[str, ...]:
    try:
        return (json.loads(body)["publication"],)
    except (ValueError, KeyError, TypeError):
        return ()
