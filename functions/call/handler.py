"""Calls one address of a customer's, and may do nothing else but write its log and traces: no keys, tables, queues."""

from __future__ import annotations

from functools import cache
from typing import Any

from notifying.calling import Call, Caller
from publishing import settings
from publishing.settings import Calling
from publishing.transport import GuardedTransport, plain_transport


def handle(event: Any, _context: Any) -> dict[str, Any]:
    """Make the call that is asked for, and tell what came of it."""
    return caller().call(Call.model_validate(event)).model_dump()


@cache
def caller() -> Caller:
    """What this function works with, put together on its first call."""
    config = settings.read(Calling)
    transport = plain_transport() if config.open_network else GuardedTransport()
    return Caller(transport, plain_http=config.open_network)
