"""A platform's circuit breaker: after five failures in a row nobody asks it, save one probe every half minute.

The row is counted in the operations table, across workers: each failure is one write, and so is the first success of a
worker that knows of failures; while all is well nothing is written, and what is read is remembered for some seconds.
Powertools' breaker (3.37) is not used: its probe is single, too, until a late failure of another worker overwrites the
claim; and it counts in each worker's memory, so that many workers with a failure each never open it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from publishing import aws
from publishing.failures import told
from publishing.ledger import new_mark
from publishing.operations import EPOCH, Operations, moment
from publishing.records import Item

KEY, IN_A_ROW = "breaker#", 5
REST_MS, SEEN_MS = 30_000, 10_000  # between two probes; and how long what was read is believed
LASTS_S = 600  # failures further apart are not in a row; and where nobody has asked for so long, anybody may

logger = logging.getLogger(__name__)


class State(StrEnum):
    """Whether a platform is asked: always, never, or only to see whether it is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a platform stands: its failures in a row, when the next probe may be made, and whose probe is under way."""

    failures: int = 0
    probe_at: datetime = EPOCH
    probe: str = ""

    @property
    def closed(self) -> bool:
        """Whether everybody may ask the platform."""
        return self.failures < IN_A_ROW

    def shut(self, now: datetime) -> bool:
        """Whether nobody may, not even to see whether it is back."""
        return not self.closed and self.probe_at > now

    def state(self, now: datetime) -> State:
        """The state to show: half open as well while a probe is under way."""
        half = State.HALF_OPEN if self.probe or not self.shut(now) else State.OPEN
        return State.CLOSED if self.closed else half


@dataclass
class Breaker:
    """One platform's breaker as one worker sees it; a probe takes `probe_s` at most. `opened` is told each time.

    `lock` keeps the worker's threads apart, each while it asks the table; whoever has it may take it again.
    """

    operations: Operations
    platform: str
    probe_s: float
    opened: Callable[[], None] = lambda: None
    lock: AbstractContextManager[Any] = field(default_factory=threading.RLock)
    _seen: Standing = field(default_factory=Standing)
    _seen_until_ms: int = 0

    def standing(self) -> Standing:
        """How the platform stands; closed where the table cannot be read: the breaker must not be the outage."""
        with self.lock:
            if self.operations.now_ms >= self._seen_until_ms:
                try:
                    self._see(self.operations.read(KEY + self.platform))
                except aws.FAILURES as error:
                    logger.warning("The breaker cannot be read", extra=told(error))
                    self._see({})
            return self._seen

    def probe(self) -> str | None:
        """Claim the one probe that is due; None where somebody else has."""
        with self.lock:
            if self.standing().shut(self.operations.clock()):
                return None
            now, mark = self.operations.now_ms, new_mark()
            values = {":probe": mark, ":at": now + round(self.probe_s * 1000), ":row": IN_A_ROW, ":now": now}
            self._write("probe = :probe, probe_at_ms = :at", "failures >= :row AND probe_at_ms <= :now", values)
            return mark if self._seen.probe == mark else None

    def failed(self, probe: str | None = None) -> None:
        """The platform could not be reached, or nobody knows what it did."""
        with self.lock:
            at: Item = {":at": self.operations.now_ms + REST_MS, ":one": 1}
            if self._end(probe, "failures = failures + :one, probe_at_ms = :at", at) if probe else self._count(at):
                self.opened()

    def answered(self, probe: str | None = None) -> None:
        """The platform answered, whatever it said."""
        with self.lock:
            if probe:
                self._end(probe, "failures = :zero", {":zero": 0})
            elif 0 < self._seen.failures < IN_A_ROW:
                self._write("failures = :zero", "failures < :row", {":zero": 0, ":row": IN_A_ROW})

    def release(self, probe: str) -> None:
        """The probe was not made after all: the next message may."""
        with self.lock:
            self._end(probe, "probe_at_ms = :now", {":now": self.operations.now_ms})

    def _end(self, probe: str, update: str, values: Item) -> bool:
        return self._write(f"{update} REMOVE probe", "probe = :probe", values | {":probe": probe})

    def _count(self, at: Item) -> bool:
        """One more in the row, or the first of a new one where the last is too long ago; whether that opened it."""
        times = at | {":now_s": self.operations.now_ms // 1000}
        more = "failures = if_not_exists(failures, :zero) + :one, probe_at_ms = :at"
        lasting = "attribute_not_exists(pk) OR (failures < :row AND expires_at > :now_s)"
        if self._write(more, lasting, times | {":row": IN_A_ROW, ":zero": 0}):
            return self._seen.failures == IN_A_ROW
        if not self._seen.failures:
            self._write("failures = :one, probe_at_ms = :at REMOVE probe", "expires_at <= :now_s", times)
        return False

    def _write(self, update: str, condition: str, values: Item) -> bool:
        """Whether it was written; either way it is known then how the platform stands, unless the table is away."""
        try:
            item, written = self.operations.write(KEY + self.platform, update, condition, values, lasts_s=LASTS_S)
            self._see(item)
        except aws.FAILURES as error:
            logger.warning("The breaker cannot be written", extra=told(error))
            return False
        return written

    def _see(self, item: Item) -> None:
        self._seen, self._seen_until_ms = _standing(item), self.operations.now_ms + SEEN_MS


def states(operations: Operations, platforms: Sequence[str]) -> dict[str, State]:
    """The states of these platforms' breakers (at most a hundred)."""
    found = operations.read_many([KEY + platform for platform in platforms])
    return {platform: _standing(found.get(KEY + platform, {})).state(operations.clock()) for platform in platforms}


def _standing(item: Item) -> Standing:
    return Standing(int(item.get("failures", 0)), moment(item.get("probe_at_ms", 0)), item.get("probe", ""))
