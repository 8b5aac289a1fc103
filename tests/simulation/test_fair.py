from __future__ import annotations

import json
import random

from tests.simulation.fair import NOISY_MESSAGES, FairQueue
from tests.simulation.faults import Faults
from tests.simulation.loop import Loop
from tests.simulation.sqs import Message


def queue(*, fair: bool = True) -> FairQueue:
    """Sixty messages of one group."""
    loop = Loop(random.Random(1))  # noqa: S311 - to be repeatable
    made = FairQueue("alpha", loop, Faults(loop.rng, 0.0), 180.0, fair=fair)
    for number in range(60):
        made.send(json.dumps({"publication": f"pub_{number}"}), 0.0, "noisy")
    loop.pause(1.0)
    return made


def groups(messages: list[Message]) -> list[str]:
    return [message.group for message in messages]


def loud(made: FairQueue) -> None:
    """Take as much of the noisy group as makes it one, and have somebody else send."""
    for _ in range(NOISY_MESSAGES // 10):
        made.receive()
    made.send(json.dumps({"publication": "pub_quiet"}), 0.0, "quiet")
    made.loop.pause(1.0)


def test_who_is_quiet_comes_before_who_is_noisy() -> None:
    made = queue()
    loud(made)
    assert groups(made.receive()) == ["quiet", *["noisy"] * 9]


def test_a_queue_that_looks_at_no_group_serves_them_roughly_as_they_came() -> None:
    made = queue(fair=False)
    loud(made)
    assert groups(made.receive()) == ["noisy"] * 10


def test_who_has_nothing_waiting_any_more_is_no_longer_noisy() -> None:
    made = queue()
    loud(made)
    assert made.noisy == {"noisy"}
    while taken := made.receive():
        for message in taken:
            made.delete(message)
    assert made.noisy == set()


def test_what_is_not_deleted_comes_back() -> None:
    made = queue()
    (first, *_) = made.receive()
    made.loop.pause(200.0)
    assert first.number in made.shown
