"""Sends on what schedules bring back, a minute before its time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from publishing import message, settings
from publishing.batch import Record, worked
from publishing.clock import now
from publishing.due import Dispatch
from publishing.sending import Sender
from publishing.settings import Sending
from publishing.store import Publications
from publishing.telemetry import about


def handle(event: Mapping[str, Any], _context: Any) -> dict[str, list[dict[str, str]]]:
    """Dispatch a batch of due messages; those that must come again are named in the answer."""
    return worked(event["Records"], _one)


def _one(record: Record) -> None:
    due = message.Due.model_validate_json(record["body"])
    with about(correlation_id=due.correlation_id, workspace=due.workspace, publication=due.publication):
        dispatch().dispatch(due)


@cache
def dispatch() -> Dispatch:
    """What this function works with, put together on its first call."""
    config = settings.read(Sending)
    return Dispatch(Publications(config.publications_table, now), Sender(config, now))
