"""The models of /v1/audit. Generated: `make client`."""

from __future__ import annotations

from typing import TypedDict


class Log(TypedDict):
    """A page of the audit log."""

    items: list[LogEntry]
    next: str | None  # The cursor of the next page; null on the last.


class LogEntry(TypedDict):
    """What somebody did, or was refused."""

    at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    actor: str  # Who it was: a key's id, a member's id, or operator.
    # An operation of this document by its id, or an operator's command. connectByConsent: a channel got its credentials
    # by a consent which the actor began; 201: a new channel, 200: one there was.
    operation: str
    status: int  # What was answered; 403: refused. 5xx: it may have been done.
    ids: dict[str, str]  # What was named in the address, or is meant, by what it is.
    made: str  # Where what was made is read; empty where nothing was.
    correlation_id: str
