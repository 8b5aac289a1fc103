"""A lock for strands: who waits for it lets the clock go on."""

from __future__ import annotations

from collections import deque

from tests.simulation.loop import Killed, Loop, Strand


class Lock:
    """Keeps strands apart while whoever has it waits for a service; whoever has it may take it again."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._holder: Strand | None = None
        self._depth = 0
        self._waiting: deque[Strand] = deque()

    def __enter__(self) -> None:
        me = self._loop.strand
        if self._holder not in {None, me}:
            self._waiting.append(me)
            self._loop.park()  # until it is handed over
        self._holder = me
        self._depth += 1
        try:
            self._loop.check()
        except Killed:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._holder = self._waiting.popleft() if self._waiting else None
            if self._holder:
                self._loop.wake(self._holder)
