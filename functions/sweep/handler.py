"""Every minute: finds what was lost and sends it again."""

from __future__ import annotations

from functools import cache
from typing import Any

from publishing import settings
from publishing.clock import now
from publishing.ledger import Deliveries
from publishing.sending import Sender
from publishing.settings import Sending
from publishing.store import Publications
from publishing.sweep import Sweep
from publishing.telemetry import count, flush, logger

MARGIN_MS = 5_000


def handle(_event: Any, context: Any) -> dict[str, int]:
    """Sweep until nothing is due or time is nearly up; the answer says what was done."""
    swept = sweep().run(until=lambda: context.get_remaining_time_in_millis() < MARGIN_MS)
    done = {"looked": swept.looked, "sent": swept.sent, "settled": swept.settled}
    logger.info("swept", extra=done)
    count("SweepRecovered", swept.sent)
    flush()
    if swept.failed:  # the rest was swept; this raises the alarm
        raise RuntimeError(f"{swept.failed} publications could not be swept.")
    return done


@cache
def sweep() -> Sweep:
    """What this function works with, put together on its first call."""
    config = settings.read(Sending)
    table = config.publications_table
    return Sweep(Publications(table, now), Deliveries(table, now), Sender(config, now), now)
