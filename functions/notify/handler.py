"""Tells customers' endpoints what happened: works the queue of first tidings, in turns, and that of all later ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from channels.vault import Vault
from notifying import message
from notifying.aws import Calling
from notifying.endpoints import Endpoints
from notifying.keyring import Keyring
from notifying.log import Log
from notifying.message import Probe, Replay, Tell
from notifying.post import Laters, Post
from notifying.replaying import Replaying
from notifying.telling import Telling
from publishing import settings
from publishing.batch import Record, worked, worked_in_turns
from publishing.clock import now
from publishing.settings import Notifying
from publishing.telemetry import about, flush

LEAST_LEFT_MS = 25_000  # a call, and what is written after it
FIFO = ".fifo"


def handle(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Work a batch of messages of one of the queues; those that must come again are named in the answer."""
    records = event["Records"]
    try:
        if records and records[0]["eventSourceARN"].endswith(FIFO):
            return worked_in_turns(records, partial(_first, left_ms=context.get_remaining_time_in_millis))
        return worked(records, _later)
    finally:
        flush()


def _first(record: Record, left_ms: Callable[[], int]) -> None:
    work = Tell.model_validate_json(record["body"])
    with about(workspace=work.workspace):
        telling().first(work, again=_again(record), hurried=left_ms() < LEAST_LEFT_MS)


def _later(record: Record) -> None:
    work = message.work(record["body"])
    with about(workspace=work.workspace):
        match work:
            case Tell():
                telling().later(work, again=_again(record))
            case Replay():
                replaying().replay(work)
            case Probe():
                telling().later(replaying().test(work), again=_again(record))


def _again(record: Record) -> bool:
    return int(record["attributes"]["ApproximateReceiveCount"]) > 1


@cache
def replaying() -> Replaying:
    """Who begins anew, put together when first asked to."""
    at_work = telling()
    return Replaying(at_work.log, at_work.post, now)


@cache
def telling() -> Telling:
    """What this function works with, put together on its first call."""
    config = settings.read(Notifying)
    return Telling(
        endpoints=Endpoints(config.channels_table),
        log=Log(config.notices_table, now),
        keyring=Keyring(Vault(config.credentials_key_arn)),
        call=Calling(config.call_function),
        post=Post(config, Laters(config.notify_queue_url), now),
        clock=now,
    )
