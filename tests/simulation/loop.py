"""A virtual clock, and strands of ordinary code that take turns on it: only one runs at a time, in a seeded order."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from tests.cloud import START

T = TypeVar("T")
STACK_BYTES = 1 << 19
NEVER_S = 1e12


class Killed(BaseException):
    """The invocation this strand belongs to is gone; nothing of ours catches it, as nothing survives a dead process."""


class Invocation:
    """One run of a function: all its strands die together, at `ends_s` at the latest."""

    def __init__(self, function: str, ends_s: float, about: tuple[str, ...] = ()) -> None:
        self.function = function
        self.ends_s = ends_s
        self.about = about  # the publications its records name
        self.environment: Any = None  # what it finds in the memory of its process
        self.killed = False
        self.skew_s = 0.0  # how much its machine's clock is ahead


class Strand:
    """One line of execution: a thread that runs only while it holds the baton."""

    def __init__(self) -> None:
        self.baton = threading.Lock()
        self.baton.acquire()
        self.invocation: Invocation | None = None
        self.work: Callable[[], object] | None = None
        self.due_s = 0.0  # when its last turn came to ask a platform that has a pace


class Loop:
    """The clock and what is to happen on it. Whoever holds the baton moves the clock on; nothing else ever runs.

    `own` names what is global in a process (owner and attribute): each strand finds there what it left.
    """

    def __init__(self, rng: random.Random, own: Sequence[tuple[Any, str]] = ()) -> None:
        self.rng = rng
        self.own = own
        self.now_s = 0.0
        self.steps = 0
        self._events: list[tuple[float, float, int, Strand | Callable[[], object]]] = []
        self._number = itertools.count()
        self._idle: list[Strand] = []
        self._threads: list[threading.Thread] = []
        self._running = Strand()
        self._failure: BaseException | None = None
        self._main, self._closed = self._running, False
        self.overran: Callable[[Invocation], object] = lambda _: None  # is told of each that is ended by its timeout

    def __call__(self) -> datetime:
        """The present moment, for everything that takes a clock."""
        invocation = self._running.invocation
        return START + timedelta(seconds=self.now_s + (invocation.skew_s if invocation else 0.0))

    def seconds(self) -> float:
        """The same as seconds since the beginning, for what measures time."""
        return self.now_s

    @property
    def strand(self) -> Strand:
        """The running strand."""
        return self._running

    @property
    def invocation(self) -> Invocation | None:
        """The invocation the running strand belongs to."""
        return self._running.invocation

    @contextmanager
    def within(self, invocation: Invocation) -> Iterator[Invocation]:
        """The running strand belongs to this invocation meanwhile."""
        me = self._running
        me.invocation = invocation
        try:
            yield invocation
        finally:
            me.invocation = None

    def after(self, wait_s: float, do: Callable[[], object]) -> None:
        """Have `do` called in `wait_s` seconds; it must not wait itself."""
        self._push(wait_s, do)

    def start(self, work: Callable[[], object], invocation: Invocation | None) -> None:
        """Have `work` begun as a strand of its own, now."""
        strand = self._idle.pop() if self._idle else self._made()
        strand.work, strand.invocation = work, invocation
        self._push(0.0, strand)

    def pause(self, wait_s: float) -> None:
        """Let time pass for the running strand.

        Raises:
            Killed: its invocation ended meanwhile.
        """
        me = self._running
        self._push(wait_s, me)
        self._switch(me)
        self.check()

    def park(self) -> None:
        """Have the running strand wait until it is woken."""
        self._switch(self._running)

    def wake(self, strand: Strand) -> None:
        """End a strand's parking."""
        self._push(0.0, strand)

    def check(self) -> None:
        """Raise Killed where the running strand's invocation is over."""
        invocation = self._running.invocation
        if self._closed and self._running is not self._main:
            raise Killed
        if invocation and not invocation.killed and self.now_s > invocation.ends_s:
            invocation.killed = True
            self.overran(invocation)
        if invocation and invocation.killed:
            raise Killed

    def all(self, works: Iterable[Callable[[], T]]) -> list[T]:
        """Run these side by side, as strands of the running invocation, and wait for them all."""
        me, found = self._running, [_Result(work) for work in works]
        left = len(found)

        def one(result: _Result[T]) -> None:
            nonlocal left
            result.run()
            left -= 1
            if not left:
                self._push(0.0, me)

        for result in found:
            self.start(lambda result=result: one(result), me.invocation)  # type: ignore[misc]
        if found:
            self._switch(me)
        self.check()
        return [result.value() for result in found]

    def close(self) -> None:
        """End every strand and its thread; nothing happens on this loop any more."""
        self._closed = not self._failure  # what failed left strands behind that nobody can call back
        if self._closed:
            ended_s = self.now_s
            self.pause(NEVER_S)
            self.now_s = ended_s
        for strand in self._idle:
            strand.work = None
            strand.baton.release()
        for thread in self._threads:
            thread.join(timeout=0 if self._failure else 5)

    def _push(self, wait_s: float, what: Strand | Callable[[], object]) -> None:
        heapq.heappush(self._events, (self.now_s + wait_s, self.rng.random(), next(self._number), what))

    def _switch(self, me: Strand) -> None:
        following = self._following()
        if following is me:
            return
        left = [(owner, name, getattr(owner, name, None)) for owner, name in self.own]
        self._running = following
        following.baton.release()
        me.baton.acquire()
        for owner, name, value in left:
            setattr(owner, name, value)
        if me is self._main and self._failure:
            raise self._failure

    def _following(self) -> Strand:
        """Move the clock on to the next strand's turn, doing what lies before."""
        while True:
            self.now_s, _, _, what = heapq.heappop(self._events)
            self.steps += 1
            if isinstance(what, Strand):
                return what
            if not self._closed:
                what()

    def _made(self) -> Strand:
        strand = Strand()
        threading.stack_size(STACK_BYTES)
        thread = threading.Thread(target=self._live, args=(strand,), daemon=True)
        self._threads.append(thread)
        thread.start()
        return strand

    def _live(self, strand: Strand) -> None:
        while True:
            strand.baton.acquire()
            if strand.work is None:
                return
            try:
                with suppress(Killed):
                    strand.work()
                self._idle.append(strand)
                following = self._following()
            except BaseException as error:  # noqa: BLE001 - the run has failed: its owner is told, in its own thread
                self._failure = error
                following = self._main
            self._running = following
            following.baton.release()


class _Result(Generic[T]):
    """What became of one piece of work."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._found: list[T] = []

    def run(self) -> None:
        try:
            self._found.append(self._work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            self._error = error

    def value(self) -> T:
        if self._error:
            raise self._error
        return self._found[0]


class Strands(Executor):
    """What stands for a thread pool: the same work, side by side on the loop's clock."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def map(self, fn: Callable[..., T], *iterables: Iterable[Any], **_: Any) -> Iterator[T]:
        """Run all, and answer in their order; the first that failed raises."""
        calls = [lambda each=each: fn(*each) for each in zip(*iterables, strict=False)]
        return iter(self._loop.all(calls))
