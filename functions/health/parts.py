"""Parts of the system that tell of themselves: tables, mail, breakers, and the sweep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from functions.health.sign import Sign
from publishing import breaker
from publishing.breaker import State
from publishing.clock import Clock
from publishing.model import utc_moment
from publishing.operations import EPOCH, Operations
from publishing.store import Publications
from publishing.sweep import reached
from publishing.thresholds import (
    BREAKER,
    MAIL_PERCENT,
    MOST_MAIL_PERCENT,
    OLD_S,
    SILENT_S,
    SLOW_TABLE_MS,
    UNSWEPT_S,
)

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_GAUGE = {State.CLOSED: 0.0, State.HALF_OPEN: 0.5, State.OPEN: 1.0}  # as the metric has it


def table(name: str, read: Callable[[], object]) -> list[Sign]:
    """How long a table takes to be read."""
    begun_s = time.perf_counter()
    read()
    took_ms = round((time.perf_counter() - begun_s) * 1_000, 1)
    do = "Look at AWS's health page, and at `error` in the functions' logs."
    return [Sign(name, "answered after", took_ms, "ms", do, warns=SLOW_TABLE_MS)]


def mail(ses: Callable[[], SESV2Client]) -> list[Sign]:
    """What SES lets this account do."""
    account = ses().get_account()
    quota = account.get("SendQuota", {})
    most = quota.get("Max24HourSend", 0.0)
    used = 100 * quota.get("SentLast24Hours", 0.0) / most if most > 0 else None  # -1: there is no limit
    sandbox, paused = not account.get("ProductionAccessEnabled"), not account.get("SendingEnabled")
    leave = "Ask AWS for production access to SES: in its sandbox mail goes to verified addresses alone."
    more = "Ask AWS for a higher sending quota, or send less today."
    limits = {"warns": MAIL_PERCENT, "fails": MOST_MAIL_PERCENT}
    return [
        Sign("mail", "sandbox", float(sandbox), "1: yes", leave, warns=0),
        Sign("mail", "sending paused", float(paused), "1: yes", "Read what AWS says of the account in SES.", fails=0),
        Sign("mail", "quota used", used, "% of a day's", more, **limits),
    ]


def breakers(operations: Operations, platforms: Sequence[str]) -> list[Sign]:
    """Which platforms nobody asks at the moment."""
    do = "Look at the platform's own status page; it closes by itself: RUNBOOK.md, Breaker open."
    states = breaker.states(operations, platforms)
    unit = "0 closed, 0.5 half open, 1 open"
    return [Sign(name, "breaker", _GAUGE[state], unit, do, fails=BREAKER) for name, state in states.items()]


def schedule(operations: Operations, publications: Publications, clock: Clock) -> list[Sign]:
    """How long ago all that is due was looked at, and since when the oldest beyond that is due."""
    cursors = reached(operations)
    due = [at for shard, cursor in enumerate(cursors) for at in _oldest(publications, shard, cursor, clock())]
    # On a new stage nothing was ever swept.
    unswept_s = _since_s(min(cursors), clock()) if min(cursors) > EPOCH else None
    overdue_s = max((_since_s(at, clock()) for at in due), default=0.0)
    do = "Look at the sweep's schedule, and at its function's log: RUNBOOK.md, Silent."
    return [
        Sign("sweep", "last done", unswept_s, "s ago", do, warns=UNSWEPT_S, fails=SILENT_S),
        Sign("schedule", "oldest due not looked at", overdue_s, "s", do, warns=UNSWEPT_S, fails=OLD_S),
    ]


def _oldest(publications: Publications, shard: int, since: datetime, now: datetime) -> Iterator[datetime]:
    for page in publications.due(shard, since=since, until=now, limit=1):
        yield utc_moment(page[0].due_at)
        return


def _since_s(moment: datetime, now: datetime) -> float:
    return round(max(0.0, (now - moment).total_seconds()), 1)
