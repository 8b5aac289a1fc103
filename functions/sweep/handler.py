"""Every minute: finds what was lost and sends it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from publishing import aws, settings
from publishing.backlog import Stock
from publishing.clock import now
from publishing.failures import told
from publishing.ledger import Deliveries
from publishing.operations import Operations
from publishing.sending import Sender
from publishing.settings import Limiting, Sending
from publishing.store import Publications
from publishing.sweep import Sweep
from publishing.telemetry import count, flush, logger
from publishing.unsettled import Unsettled

MARGIN_MS = 5_000
COUNTING_MS = 10_000  # so much is left to taking stock


def handle(_event: Any, context: Any) -> dict[str, int]:
    """Sweep until nothing is due or time is nearly up; the answer says what was done."""
    began = now()
    swept = sweep().run(until=lambda: context.get_remaining_time_in_millis() < MARGIN_MS + COUNTING_MS)
    done = {"looked": swept.looked, "sent": swept.sent, "settled": swept.settled}
    logger.info("swept", extra=done)
    count("SweepRecovered", swept.sent)
    unsettled().report()
    _take_stock(began, until=lambda: context.get_remaining_time_in_millis() < MARGIN_MS)
    flush()
    if swept.failed:  # the rest was swept; this raises the alarm
        raise RuntimeError(f"{swept.failed} publications could not be swept.")
    return done


def _take_stock(since: datetime, *, until: Callable[[], bool]) -> None:
    """Tell submit how much waits: what the sweep found unsettled lies ahead of its beginning again."""
    try:
        taken = stock().take(lambda _shard: since, until=until)
    except aws.FAILURES as error:  # what waits is published nevertheless
        logger.warning("The backlog was not counted", extra=told(error))
        return
    count("Backlog", taken.largest)
    if not taken.whole:
        logger.warning("Not all of the backlog was counted", extra={"largest": taken.largest})


@cache
def stock() -> Stock:
    """Who counts what waits."""
    config = settings.read(Limiting)
    operations = Operations(config.operations_table, now)
    return Stock(Publications(config.publications_table, now), operations, config.backlog_limit)


@cache
def sweep() -> Sweep:
    """What this function works with, put together on its first call."""
    config = settings.read(Sending)
    table, operations = config.publications_table, Operations(config.operations_table, now)
    sender = Sender(config, now)
    return Sweep(Publications(table, now), Deliveries(table, now), sender, operations, now, observe=unsettled())


@cache
def unsettled() -> Unsettled:
    """Who keeps in mind what is found unsettled."""
    return Unsettled(now)
