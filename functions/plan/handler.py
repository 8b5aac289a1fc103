"""Every minute: makes publications of the occurrences of series that are near."""

from __future__ import annotations

from functools import cache
from typing import Any

from publishing import settings
from publishing.clock import now
from publishing.planning import Planning
from publishing.sending import Sender
from publishing.series_store import SeriesStore
from publishing.settings import Sending
from publishing.store import Publications
from publishing.telemetry import count, flush, logger

MARGIN_MS = 5_000


def handle(_event: Any, context: Any) -> dict[str, int]:
    """Plan until nothing is due or time is nearly up; the answer says what was done."""
    planned = planning().run(until=lambda: context.get_remaining_time_in_millis() < MARGIN_MS)
    done = {"looked": planned.looked, "made": planned.made, "missed": planned.missed}
    logger.info("planned", extra=done)
    if planned.made:
        count("OccurrencesMade", planned.made)
    if planned.missed:
        count("OccurrencesMissed", planned.missed)
    flush()
    if planned.failed:  # the rest was planned; this raises the alarm
        raise RuntimeError(f"{planned.failed} series could not be planned.")
    return done


@cache
def planning() -> Planning:
    """What this function works with, put together on its first call."""
    config = settings.read(Sending)
    table = config.publications_table
    return Planning(SeriesStore(table, now), Publications(table, now), Sender(config, now), now)
