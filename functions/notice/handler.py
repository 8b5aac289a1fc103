"""Reads the streams of the tables and puts what happened on the queue, for endpoints to be told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from notifying.endpoints import Endpoints, Remembered
from notifying.log import Log
from notifying.noticing import Noticing
from notifying.post import Firsts
from publishing import aws, settings
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

    def put_aside(record: Mapping[str, Any]) -> None:
        """Its keys alone: what cannot be read may hold anything."""
        told_of = {name: record.get("dynamodb", {}).get(name) for name in ("Keys", "SequenceNumber")}
        aws.sqs().send_message(QueueUrl=config.notify_dead_letter_url, MessageBody=json.dumps(told_of))

    return Noticing(
        Remembered(Endpoints(config.channels_table)),
        Log(config.notices_table, now),
        Firsts(config.firsts_queue_url),
        Publications(config.publications_table, now).whole,
        put_aside,
    )
