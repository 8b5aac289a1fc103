"""Every minute: has the credentials of channels attended to that near their end, by their platforms' own functions."""

from __future__ import annotations

from functools import cache
from typing import Any

from channels.registry import Registry
from channels.renewals import Renewals
from publishing import settings
from publishing.clock import now
from publishing.sending import Sender
from publishing.settings import Sending
from publishing.telemetry import count, flush, logger

MARGIN_MS = 5_000


def handle(_event: Any, context: Any) -> dict[str, int]:
    """Ask for what is due until nothing is or time is nearly up; the answer says how much that was."""
    asked = renewals().run(until=lambda: context.get_remaining_time_in_millis() < MARGIN_MS)
    done = {"asked": asked.asked}
    logger.info("renewals asked for", extra=done)
    if asked.asked:
        count("RenewalsAsked", asked.asked)
    flush()
    if asked.failed:  # the rest was asked for; this raises the alarm
        raise RuntimeError(f"{asked.failed} channels' credentials could not be asked for.")
    return done


@cache
def renewals() -> Renewals:
    """What this function works with, put together on its first call."""
    config = settings.read(Sending)
    return Renewals(Registry(config.channels_table, now), Sender(config, now))
