from __future__ import annotations

import random

import pytest

from tests.simulation.lock import Lock
from tests.simulation.loop import Invocation, Loop


@pytest.fixture
def loop() -> Loop:
    return Loop(random.Random(1))  # noqa: S311 - to be repeatable


def test_who_waits_for_a_lock_has_it_after_whoever_had_it(loop: Loop) -> None:
    lock, had = Lock(loop), list[tuple[str, float]]()

    def hold(name: str) -> None:
        with lock:
            loop.pause(5.0)
            had.append((name, loop.now_s))

    loop.all([lambda: hold("one"), lambda: hold("other")])
    loop.close()
    assert [at_s for _, at_s in had] == [5.0, 10.0]


def test_whoever_has_a_lock_may_take_it_again(loop: Loop) -> None:
    lock = Lock(loop)
    with lock, lock:
        loop.pause(1.0)
    loop.close()
    assert loop.now_s == 1.0


def test_a_lock_is_let_go_by_whoever_dies_with_it_or_while_waiting(loop: Loop) -> None:
    lock, ends = Lock(loop), Invocation("short", 3.0)

    def hold(seconds: float) -> None:
        with lock:
            loop.pause(seconds)

    for _ in range(2):
        loop.start(lambda: hold(5.0), ends)
    loop.pause(1.0)
    hold(1.0)
    loop.close()
    assert (ends.killed, loop.now_s) == (True, 6.0)


def test_a_closed_loop_leaves_nobody_waiting(loop: Loop) -> None:
    lock = Lock(loop)

    def hold() -> None:
        with lock:
            loop.pause(50.0)

    for _ in range(2):
        loop.start(hold, None)
    loop.pause(1.0)
    loop.close()
    assert not any(thread.is_alive() for thread in loop._threads)
