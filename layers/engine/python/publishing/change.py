"""What an attempt, a look or a person makes of a delivery, and how that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from publishing import records
from publishing.model import DeliveryState, Receipt, utc_text
from publishing.publication import NEVER, Trouble
from publishing.records import Item

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Change:
    """What one attempt, look or decision makes of a delivery.

    `attempts`, `waits` and `looks` are steps; an attempt that does not count is given back with -1. At `next_at` a
    message comes for it, unless `wakes` is off: then only the sweep comes by now and then. `by` says that a person
    decided it, and `why` what; else the trouble is why.
    """

    state: DeliveryState
    next_at: datetime | None = None
    receipt: Receipt | None = None
    trouble: Trouble | None = None
    pending: Mapping[str, str] | None = None
    attempts: int = 0
    waits: int = 0
    looks: int = 0
    wakes: bool = True
    by: str = ""
    why: str = ""


def assigned(change: Change) -> tuple[str, Item]:
    """The part of an update expression that writes a change, and its values."""
    values: Item = {
        ":state": change.state,
        ":next": utc_text(change.next_at) if change.next_at else NEVER,
        ":free": "",
    }
    parts = ["#state = :state", "next_at = :next", "lease_until = :free"]
    for name, kept in (("receipt", change.receipt), ("trouble", change.trouble)):
        if kept:
            values[f":{name}"] = records.plain(kept)
            parts.append(f"{name} = :{name}")
    if change.state is DeliveryState.PUBLISHED:  # what once stood in its way does not any more
        values[":trouble"] = None
        parts.append("trouble = :trouble")
    if change.pending is not None:
        values[":pending"] = dict(change.pending)
        parts.append("pending = :pending")
    for name, step in (("attempt", change.attempts), ("waits", change.waits), ("looks", change.looks)):
        if step:
            values |= {f":{name}": step, ":nought": 0}
            parts.append(f"{name} = if_not_exists({name}, :nought) + :{name}")
    return ", ".join(parts), values


def why(change: Change) -> str:
    """What the history says of a change."""
    return change.why or (change.trouble.kind if change.trouble else "")
