"""Dead letters: messages that were received in vain too often; looked at, sent once more, or thrown away.

A dead-letter queue belongs to its platform, not to a workspace. Each message names its workspace, and nobody is shown,
sends or throws away another's: those that come up are put back at once. What names none is for the operator alone.
Every walk through a queue is bounded in messages and in time, so what it tells is what it came across.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from publishing import aws

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_LOOKED = 300  # messages that one walk takes up
MOST_MOVED = 100
LONGEST_S = 10.0  # what one walk may take; it is answered within the function's time
HIDDEN_S = 60  # nobody else comes across what a walk holds, meanwhile
BATCH_PAUSE_S = 0.2  # ten messages in this time at most: what killed them must not be flooded with them
BATCH = 10


class _Addressed(BaseModel):
    """What a message says of itself; any version of it, for it may have died of that."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    workspace: str
    kind: str = ""
    publication: str = ""
    channel: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: ids and counts, no content. `receives` counts looks, too."""

    id: str
    sent_at: datetime
    receives: int
    says: _Addressed
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of a walk: the letters that were done with, and how many of the workspace's were left.

    `complete`: the end of the queue was reached; else there may be more.
    """

    letters: Sequence[Letter]
    left: int = 0
    complete: bool = True


Do = Callable[[str, Sequence[Letter]], Sequence[Letter]]  # with a lane's letters; answers those that are done with


@dataclass(frozen=True)
class DeadLetters:
    """The dead-letter queues by lane: a platform's name, or `due`.

    `url` is that of a queue, with `{queue}` in the place of its name.
    """

    url: str
    sqs: Callable[[], SQSClient] = aws.sqs
    now_s: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    wait_s: int = 1  # the least long polling: it asks every server of the queue, so that nothing is overlooked

    def look(self, lane: str, workspace: str) -> Walked:
        """A workspace's letters in a lane; all of them stay where they are."""
        if not self._any(lane):
            return Walked(())
        walk = _Walk(self, lane, workspace)
        found = [letter for batch in walk.batches() for letter in batch]
        walk.put_back()
        return Walked(found, complete=walk.complete)

    def redrive(self, lane: str, workspace: str, *, most: int = MOST_MOVED) -> Walked:
        """Send a workspace's letters once more, at a bounded rate; who is settled already absorbs them."""
        return self._each(lane, workspace, most, self._send)

    def purge(self, lane: str, workspace: str) -> Walked:
        """Throw a workspace's letters away; what was not delivered, the sweep finds nevertheless."""
        return self._each(lane, workspace, MOST_LOOKED, lambda _, batch: batch)

    def _each(self, lane: str, workspace: str, most: int, do: Do) -> Walked:
        walk, done, seen = _Walk(self, lane, workspace), list[Letter](), 0
        try:
            for batch in walk.batches():
                seen += len(batch)
                gone = do(lane, batch[: most - len(done)])
                walk.delete([letter.id for letter in gone])
                done += gone
        finally:
            walk.put_back()
        return Walked(done, seen - len(done), walk.complete)

    def _send(self, lane: str, batch: Sequence[Letter]) -> Sequence[Letter]:
        if not batch:
            return ()
        entries: Any = [
            {"Id": str(number), "MessageBody": letter.body, "MessageGroupId": letter.says.workspace}
            for number, letter in enumerate(batch)
        ]
        answer = self.sqs().send_message_batch(QueueUrl=self.queue(lane), Entries=entries)
        self.pause(BATCH_PAUSE_S)
        return [batch[int(sent["Id"])] for sent in answer.get("Successful", [])]

    def _any(self, lane: str) -> bool:
        """Whether there is anything; told with a delay of up to a minute."""
        names: Any = ["ApproximateNumberOfMessages"]
        told = self.sqs().get_queue_attributes(QueueUrl=self.queue(f"{lane}-dead"), AttributeNames=names)
        return int(told["Attributes"]["ApproximateNumberOfMessages"]) > 0

    def queue(self, name: str) -> str:
        """The address of a queue."""
        return self.url.replace("{queue}", name)


@dataclass
class _Walk:
    """One walk through a lane's dead letters. What is taken up and not deleted is put back in the end."""

    letters: DeadLetters
    lane: str
    workspace: str
    complete: bool = False
    _held: dict[str, str] = field(default_factory=dict)  # receipt handles by message id

    def batches(self) -> Iterator[list[Letter]]:
        """The workspace's letters, ten at most at a time, as long as there is time."""
        end_s = self.letters.now_s() + LONGEST_S
        taken = 0
        while taken < MOST_LOOKED and self.letters.now_s() < end_s:
            messages = self._receive()
            if not messages:
                self.complete = True
                return
            taken += len(messages)
            self._held |= {raw["MessageId"]: raw["ReceiptHandle"] for raw in messages}
            yield [letter for letter in map(_letter, messages) if letter and self._mine(letter)]

    def delete(self, ids: Sequence[str]) -> None:
        """Take these off the queue."""
        entries: Any = [{"Id": each, "ReceiptHandle": self._held.pop(each)} for each in ids]
        if entries:
            self.letters.sqs().delete_message_batch(QueueUrl=self._queue, Entries=entries)

    def put_back(self) -> None:
        """Let everybody see again what is left."""
        held = list(self._held.items())
        for start in range(0, len(held), BATCH):
            entries: Any = [
                {"Id": each, "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for each, handle in held[start : start + BATCH]
            ]
            self.letters.sqs().change_message_visibility_batch(QueueUrl=self._queue, Entries=entries)

    def _receive(self) -> list[Any]:
        wanted: Any = ["SentTimestamp", "ApproximateReceiveCount"]
        answer: Any = self.letters.sqs().receive_message(
            QueueUrl=self._queue,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=HIDDEN_S,
            WaitTimeSeconds=self.letters.wait_s,
            MessageSystemAttributeNames=wanted,
        )
        return list(answer.get("Messages", []))

    def _mine(self, letter: Letter) -> bool:
        return letter.says.workspace == self.workspace

    @property
    def _queue(self) -> str:
        return self.letters.queue(f"{self.lane}-dead")


def _letter(raw: Any) -> Letter | None:
    try:
        says = _Addressed.model_validate_json(raw["Body"])
    except ValidationError:
        return None
    told = raw["Attributes"]
    sent_at = datetime.fromtimestamp(int(told["SentTimestamp"]) / 1_000, UTC)
    return Letter(raw["MessageId"], sent_at, int(told["ApproximateReceiveCount"]), says, raw["Body"])
