"""How fast a channel is published to: a token bucket in the operations table, shared by every worker.

It is kept in its exact form: token n falls due n * per_s / requests seconds after 1970, and the table holds one
integer, the first token nobody has. Time refills it without a write or a rounding; tokens are due one by one, never
in a heap, so no window of `per_s` sees more than `requests` of them.
"""

from __future__ import annotations

import logging
import math
import random
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publishing import aws
from publishing.adapter import Rate
from publishing.failures import told
from publishing.memory import Memory
from publishing.operations import EPOCH, Operations, moment

MOST_LEASED = 32
AHEAD_EACH = 20  # so many tokens are given out ahead for each worker there may be: what is urgent must not wait long
FURTHEST_S = 600.0
LASTS_S = 3_600  # longer than any token is away; what a bucket says of the past means nothing anyway
ALONE_S = 10  # a table that cannot be asked is left alone for so long
NEAR = "next_token BETWEEN :usable AND :furthest"
IDLE = "attribute_not_exists(next_token) OR next_token < :usable"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """When a message's turn comes; without a `token` it must ask again then."""

    at: datetime
    token: int | None = None


@dataclass
class _Book:
    """What one worker knows of one channel."""

    leased: deque[int] = field(default_factory=deque)
    step: int = 1  # how many it leases next
    full_until: int = 0  # before that token it asks for no more: all of the near future was given out
    usable: int = 0  # tokens before this one are void: they have gone by, or the platform asked for a pause
    own: int = 0  # the last one given out without asking the table
    alone_until: datetime = EPOCH
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pace:
    """Gives out the tokens of one platform's channels; at most `workers` of these are at work at once."""

    def __init__(self, operations: Operations, platform: str, rate: Rate, *, workers: int) -> None:
        self._operations, self._platform, self._clock = operations, platform, operations.clock
        self._requests, self._per_ms, self._workers = rate.requests, round(rate.per_s * 1000), workers
        self._ahead = min(AHEAD_EACH * workers, math.ceil(FURTHEST_S * rate.requests / rate.per_s))
        self._books: Memory[str, _Book] = Memory(keep_s=float(LASTS_S), most=1_000)
        self._lock = threading.Lock()

    def turn(self, channel: str, token: int | None = None) -> Turn:
        """The channel's next turn, or that of the `token` a message was given before, unless it came too late."""
        with self._book(channel) as book:
            if token is not None and token >= book.usable:
                return self._turn(token)
            while book.leased and book.leased[0] < book.usable:
                book.leased.popleft()
                book.step = 1  # fewer were asked for here than were leased
            if not book.leased and self._token_from(self._clock()) >= book.full_until:
                book.leased.extend(self._leased(channel, book))
            return self._turn(book.leased.popleft()) if book.leased else self._later(book)

    def give_back(self, channel: str, token: int) -> None:
        """Have this worker's next message take a token its own message did not need."""
        with self._book(channel) as book:
            book.leased.appendleft(token)

    def slow_down(self, channel: str, wait_s: float) -> None:
        """The platform asked for a pause: the bucket is empty until then."""
        until = self._token_from(self._clock() + timedelta(seconds=wait_s))
        with self._book(channel) as book:
            book.usable = book.full_until = max(book.usable, until)
            try:
                self._write(channel, until, "attribute_not_exists(next_token) OR next_token < :next")
            except aws.FAILURES as error:
                logger.warning("A pause could not be shared", extra=told(error))

    @contextmanager
    def _book(self, channel: str) -> Iterator[_Book]:
        with self._lock:
            book = self._books.recall(channel) or self._books.keep(channel, _Book())
        with book.lock:
            book.usable = max(book.usable, self._token_from(self._clock()))
            yield book

    def _leased(self, channel: str, book: _Book) -> range:
        """The next tokens nobody has; where the table cannot be asked, one in as many as there are workers."""
        if self._clock() >= book.alone_until:
            try:
                return self._taken(channel, book)
            except aws.FAILURES as error:
                logger.warning("The pace cannot be asked for: this worker keeps to its share", extra=told(error))
                book.alone_until = self._clock() + timedelta(seconds=ALONE_S)
                book.own = max(book.own, book.usable - random.randrange(self._workers))  # noqa: S311 - not all at once
        book.own = max(book.own + self._workers, book.usable)
        return range(book.own, book.own + 1)

    def _taken(self, channel: str, book: _Book) -> range:
        """One write under load, whoever else writes; empty where all that is near is somebody's."""
        now, count = self._token_from(self._clock()), book.step
        furthest, book.step = now + self._ahead, min(4 * count, MOST_LEASED)
        for _ in range(3):
            limits = {"usable": book.usable, "furthest": furthest, "count": count}
            following, taken = self._write(channel, "next_token + :count", NEAR, **limits)
            if following + count > furthest:
                book.full_until = now + random.randint(self._ahead * 3 // 4, self._ahead)  # noqa: S311 - not all at once
            if taken or following > furthest:
                return range(following - count, following) if taken else range(0)
            following, taken = self._write(channel, book.usable + count, IDLE, usable=book.usable)
            if taken:
                return range(following - count, following)
        return range(0)

    def _write(self, channel: str, following: int | str, condition: str, **values: int) -> tuple[int, bool]:
        """The bucket's next token as it stands (0: there is none), and whether this is what was written."""
        if isinstance(following, int):
            values["next"], following = following, ":next"
        named, key = {f":{name}": value for name, value in values.items()}, f"pace#{self._platform}#{channel}"
        item, taken = self._operations.write(key, f"next_token = {following}", condition, named, lasts_s=LASTS_S)
        return int(item.get("next_token", 0)), taken

    def _token_from(self, at: datetime) -> int:
        since_ms = -((EPOCH - at) // timedelta(milliseconds=1))
        return (since_ms - 1) * self._requests // self._per_ms + 1

    def _turn(self, token: int) -> Turn:
        return Turn(moment(-(-token * self._per_ms // self._requests)), token)

    def _later(self, book: _Book) -> Turn:
        """Some time after the half of what has been given out, and after the pause the platform asked for."""
        first = max(book.usable, self._token_from(self._clock()) + self._ahead // 2)
        return Turn(self._turn(first + random.randint(0, self._ahead)).at)  # noqa: S311 - spreads them
