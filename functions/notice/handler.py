"""Reads the streams of the tables and puts what happened on the queue, for endpoints to be told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from notifying.endpoints import Endpoints, Remembered
from notifying.log import Log
from notifying.noticing import Noticing
from notifying.post import Aside, Firsts
from publishing import settings
from publishing.clock import now
from publishing.store import Publications
from publishing.telemetry import flush


def handle(event: Mapping[str, Any], _context: Any) -> None:
    """Notice a batch of changes; what is raised brings the batch again."""
    try:
        noticing().notice(event["Records"])
    finally:
        flush()


@cache
def noticing() -> Noticing:
    """What this function works with, put together on its first call."""
    config = settings.read(settings.Noticing)
    return Noticing(
        Remembered(Endpoints(config.channels_table)),
        Log(config.notices_table, now),
        Firsts(config.firsts_queue_url),
        Publications(config.publications_table, now).whole,
        Aside(config.notify_dead_letter_url),
    )
