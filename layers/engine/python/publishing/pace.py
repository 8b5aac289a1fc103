"""How fast a channel is published to: a token bucket in the operations table, shared by every worker.

It is kept in its exact form: token n falls due n * per_s / requests seconds after the channel's own beginning in 1970,
and the table holds one integer, the first token nobody has. Time refills it without a write or a rounding; tokens are
due one by one, never in a heap, so no window of `per_s` sees more than `requests` of them; and channels begin at
different moments, so that not all of a platform's messages come due at once and find every worker waiting.

Bulk leases tokens minutes ahead. So that what is urgent need not queue up behind, every third token is kept for it: a
second integer holds the first of these that no urgent message has taken. Bulk leases them like the others, but looks
there shortly before it uses one, when it can no longer be taken; what was not wanted is not lost.
"""

from __future__ import annotations

import logging
import math
import random
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from publishing import aws
from publishing.adapter import Rate
from publishing.failures import told
from publishing.memory import Memory
from publishing.operations import EPOCH, Operations

MOST_LEASED = 32
AHEAD_EACH = 20  # so many tokens are given out ahead for each worker there may be: what is urgent must not wait long
FURTHEST_S = 600.0
KEPT_EACH = 3  # one token in so many is kept for what is urgent
LEAD_S = 5.0  # an urgent message takes none that falls due sooner,
SURELY_S = 3.5  # nor one that does by the time it has it,
LOOK_S = 2.5  # because then its lessee looks, and uses it; clocks may differ by what lies between
LASTS_S = 3_600  # longer than any token is away; what a bucket says of the past means nothing anyway
ALONE_S = 10  # a table that cannot be asked is left alone for so long
NEAR = "next_token BETWEEN :usable AND :furthest"
IDLE = "attribute_not_exists(next_token) OR next_token < :usable"

Locks = Callable[[], AbstractContextManager[Any]]  # makes what keeps a worker's threads apart while one asks the table

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """When a message's turn comes; without a `token` it must ask again then."""

    at: datetime
    token: int | None = None


@dataclass
class _Book:
    """What one worker knows of one channel."""

    begin: datetime = EPOCH  # when token 0 fell due
    leased: deque[int] = field(default_factory=deque)
    step: int = 1  # how many it leases next
    full_until: int = 0  # before that token it asks for no more: all of the near future was given out
    usable: int = 0  # tokens before this one are void: they have gone by, or the platform asked for a pause
    kept: int = 0  # the first of the kept ones that, as far as is known, no urgent message has taken
    own: int = 0  # the last one given out without asking the table
    alone_until: datetime = EPOCH
    lock: AbstractContextManager[Any] = field(default_factory=threading.Lock)


class Pace:
    """Gives out the tokens of one platform's channels; at most `workers` of these are at work at once."""

    def __init__(
        self, operations: Operations, platform: str, rate: Rate, *, workers: int, lock: Locks = threading.Lock
    ) -> None:
        self._operations, self._platform, self._clock = operations, platform, operations.clock
        self._requests, self._per_ms, self._workers = rate.requests, round(rate.per_s * 1000), workers
        self._ahead = min(AHEAD_EACH * workers, math.ceil(FURTHEST_S * rate.requests / rate.per_s))
        self._books: Memory[str, _Book] = Memory(keep_s=float(LASTS_S), most=1_000)
        self._lock, self._made = threading.Lock(), lock

    def turn(self, channel: str, token: int | None = None, *, urgent: bool = False) -> Turn:
        """The channel's next turn, or that of the `token` a message was given before, unless it is void by now."""
        with self._book(channel) as book:
            if token is not None and token >= book.usable and (urgent or self._is_free(channel, token, book)):
                return self._turn(token, book)
            while book.leased and book.leased[0] < book.usable:
                book.leased.popleft()
                book.step = 1  # fewer were asked for here than were leased
            if urgent:
                book.step = 1  # what it leased beyond its own need would be kept from other workers' urgent messages
            if not book.leased and self._token_from(book) >= book.full_until:
                book.leased.extend(self._leased(channel, book))
            found = self._soonest(channel, book) if urgent and not self._is_alone(book) else self._next(channel, book)
            return self._later(book) if found is None else self._turn(found, book)

    def give_back(self, channel: str, token: int) -> None:
        """Have this worker's next message take a token its own message did not need."""
        with self._book(channel) as book:
            book.leased.appendleft(token)

    def slow_down(self, channel: str, wait_s: float) -> None:
        """The platform asked for a pause: the bucket is empty until then."""
        with self._book(channel) as book:
            until = self._token_from(book, wait_s)
            book.usable = book.full_until = max(book.usable, until)
            try:
                self._write(channel, until, "attribute_not_exists(next_token) OR next_token < :next")
                self._write(_kept(channel), _kept_from(until), "attribute_not_exists(next_token) OR next_token < :next")
            except aws.FAILURES as error:
                logger.warning("A pause could not be shared", extra=told(error))

    @contextmanager
    def _book(self, channel: str) -> Iterator[_Book]:
        with self._lock:
            book = self._books.recall(channel) or self._books.keep(channel, self._opened(channel))
        with book.lock:
            book.usable = max(book.usable, self._token_from(book))
            yield book

    def _opened(self, channel: str) -> _Book:
        return _Book(beginning(channel, self._per_ms // self._requests), lock=self._made())

    def _next(self, channel: str, book: _Book) -> int | None:
        """The next token this worker has leased and may use."""
        while book.leased:
            token = book.leased.popleft()
            if self._is_free(channel, token, book):
                return token
        return None

    def _soonest(self, channel: str, book: _Book) -> int | None:
        """The next leased one that nobody may take any more, or the next kept one where that is sooner."""
        at_hand = next((token for token in book.leased if self._is_settled(channel, token, book)), None)
        first = _kept_from(max(book.usable, self._token_from(book, LEAD_S)))
        if at_hand is None or at_hand > max(first, book.kept) * KEPT_EACH:
            kept = self._kept_one(channel, book, first)
            if kept is not None:
                return kept
        if at_hand is not None:
            book.leased.remove(at_hand)
        return at_hand

    def _kept_one(self, channel: str, book: _Book, first: int) -> int | None:
        """Take the next of the kept tokens, from `first` on; none where all that are near are taken."""
        try:
            furthest = first + self._ahead // KEPT_EACH
            book.kept, taken = self._advanced(_kept(channel), usable=first, furthest=furthest, count=1)
        except aws.FAILURES as error:
            logger.warning("The tokens kept for what is urgent cannot be asked for", extra=told(error))
            return None
        token = (book.kept - 1) * KEPT_EACH
        return token if taken and token >= self._token_from(book, SURELY_S) else None

    def _is_settled(self, channel: str, token: int, book: _Book) -> bool:
        """Whether nobody may take a leased token from its lessee any more."""
        return token % KEPT_EACH != 0 or (self._is_near(token, book) and self._is_free(channel, token, book))

    def _is_free(self, channel: str, token: int, book: _Book) -> bool:
        """Whether a leased token still is its lessee's; of a kept one that is known when it is near."""
        if token % KEPT_EACH or not self._is_near(token, book) or self._is_alone(book):
            return True
        try:
            book.kept = int(self._operations.read(self._key(_kept(channel)), consistent=True).get("next_token", 0))
        except aws.FAILURES as error:
            logger.warning("Whether a token was taken cannot be asked: it is not used", extra=told(error))
            return False
        return token >= book.kept * KEPT_EACH

    def _is_near(self, token: int, book: _Book) -> bool:
        return self._turn(token, book).at <= self._clock() + timedelta(seconds=LOOK_S)

    def _is_alone(self, book: _Book) -> bool:
        return self._clock() < book.alone_until

    def _leased(self, channel: str, book: _Book) -> range:
        """The next tokens nobody has; where the table cannot be asked, one in as many as there are workers."""
        if not self._is_alone(book):
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
        now, count = self._token_from(book), book.step
        furthest, book.step = now + self._ahead, min(4 * count, MOST_LEASED)
        following, taken = self._advanced(channel, usable=book.usable, furthest=furthest, count=count)
        if following + count > furthest:
            book.full_until = now + random.randint(self._ahead * 3 // 4, self._ahead)  # noqa: S311 - not all at once
        return range(following - count, following) if taken else range(0)

    def _advanced(self, bucket: str, *, usable: int, furthest: int, count: int) -> tuple[int, bool]:
        """The bucket's next token after `count` were taken; or as it stands, where none could be."""
        following, taken = 0, False
        for _ in range(3):
            limits = {"usable": usable, "furthest": furthest, "count": count}
            following, taken = self._write(bucket, "next_token + :count", NEAR, **limits)
            if taken or following > furthest:
                break
            following, taken = self._write(bucket, usable + count, IDLE, usable=usable)
            if taken:
                break
        return following, taken

    def _write(self, bucket: str, following: int | str, condition: str, **values: int) -> tuple[int, bool]:
        """The bucket's next token as it stands (0: there is none), and whether this is what was written."""
        if isinstance(following, int):
            values["next"], following = following, ":next"
        named, update = {f":{name}": value for name, value in values.items()}, f"next_token = {following}"
        item, taken = self._operations.write(self._key(bucket), update, condition, named, lasts_s=LASTS_S)
        return int(item.get("next_token", 0)), taken

    def _key(self, bucket: str) -> str:
        return f"pace#{self._platform}#{bucket}"

    def _token_from(self, book: _Book, wait_s: float = 0.0) -> int:
        """The first token that is due no sooner than so many seconds from now."""
        since_ms = -((book.begin - self._clock() - timedelta(seconds=wait_s)) // timedelta(milliseconds=1))
        return (since_ms - 1) * self._requests // self._per_ms + 1

    def _turn(self, token: int, book: _Book) -> Turn:
        return Turn(book.begin + timedelta(milliseconds=-(-token * self._per_ms // self._requests)), token)

    def _later(self, book: _Book) -> Turn:
        """Some time after the half of what has been given out, and after the pause the platform asked for."""
        first = max(book.usable, self._token_from(book) + self._ahead // 2)
        return Turn(self._turn(first + random.randint(0, self._ahead), book).at)  # noqa: S311 - spreads them


def beginning(channel: str, every_ms: int) -> datetime:
    """When a channel's token 0 fell due: any time before token 1 of a channel that began with 1970."""
    return EPOCH + timedelta(milliseconds=zlib.crc32(channel.encode()) % max(1, every_ms))


def _kept(channel: str) -> str:
    """The bucket of the channel's kept tokens, which counts these alone."""
    return f"{channel}#urgent"


def _kept_from(token: int) -> int:
    """The number, among the kept tokens, of the first at or after `token`."""
    return -(-token // KEPT_EACH)
