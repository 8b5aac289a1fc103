"""A standard queue as SQS describes its fair queues: who is noisy is served after everybody else.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html (a mirror of
it, read 2026-11-20 and 2026-11-21): of the groups that `MessageGroupId` names, one is noisy when it has more than a
tenth of all that is in flight and at least 30 messages, and stays so until its backlog is worked off. Noisy groups are
not slowed down, only served last. The page calls these numbers approximate, and does not tell how soon SQS notices:
here it notices at once. Its second measure, a tenth of the recent processing time, and its five minutes of silence are
left out. Only AWS itself can confirm what is measured here.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from tests.simulation.sqs import BATCH, Message, Queue

NOISY_MESSAGES, NOISY_SHARE = 30, 0.1
WITHIN = 20  # a standard queue is only roughly in order: one of so many comes next


@dataclass
class FairQueue(Queue):
    """One such queue; without `fair`, a standard queue for contrast, which looks at no group."""

    fair: bool = True
    waiting: dict[str, deque[Message]] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)
    in_flight: Counter[str] = field(default_factory=Counter)
    noisy: set[str] = field(default_factory=set)

    def show(self, message: Message) -> None:
        """It can be received now."""
        if message.number not in self.messages or message.number in self.shown:
            return
        if message.receives:
            self._landed(message)
        self.shown.add(message.number)
        self.waiting.setdefault(message.group if self.fair else "", deque()).append(message)
        self.loop.after(self.loop.rng.uniform(0.005, 0.04), self.poll)

    def receive(self) -> list[Message]:
        """Up to ten visible messages, those of the noisy last."""
        taken: list[Message] = []
        while len(taken) < BATCH and (group := self._next()) is not None:
            message = self._drawn(self.waiting[group])
            self.shown.discard(message.number)
            if self._taken(message):
                self.in_flight[group] += 1
                taken.append(message)
        self._listen()
        return taken

    def delete(self, message: Message) -> None:
        """It has been worked."""
        self._landed(message)
        super().delete(message)

    def _next(self) -> str | None:
        """The group whose turn it is: any of the quiet ones, else any of the noisy."""
        waiting = [group for group, messages in self.waiting.items() if messages]
        first = [group for group in waiting if group not in self.noisy] or waiting
        return self.loop.rng.choice(first) if first else None

    def _drawn(self, messages: deque[Message]) -> Message:
        place = self.loop.rng.randrange(min(WITHIN, len(messages)))
        message = messages[place]
        del messages[place]
        return message

    def _landed(self, message: Message) -> None:
        group = message.group if self.fair else ""
        self.in_flight[group] = max(0, self.in_flight[group] - 1)

    def _listen(self) -> None:
        """Who is noisy, as it shows in what is in flight."""
        everything = self.in_flight.total()
        loud = {
            group
            for group, count in self.in_flight.items()
            if count >= NOISY_MESSAGES and count > NOISY_SHARE * everything
        }
        self.noisy = {group for group in self.noisy | loud if self.waiting.get(group)} if self.fair else set()
