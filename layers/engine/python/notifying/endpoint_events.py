"""What becomes of endpoints, told to the workspace's others: one fails without end, or is called no more.

Numbered by time, as the tests of an endpoint are, of which no write of its item tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from notifying.model import EventKind, Notice
from notifying.numbers import at_ms, number
from notifying.records import PREFIX
from publishing.model import utc_moment

Item = Mapping[str, Any]
_TOLD = {"warned_at": EventKind.WEBHOOK_FAILING, "disabled_at": EventKind.WEBHOOK_DISABLED}


def notices(old: Item | None, new: Item | None, _at: str) -> Iterator[Notice]:
    """The warning, and the end."""
    if new is None:
        return
    for place, (name, kind) in enumerate(_TOLD.items()):
        if name in new and name not in (old or {}):
            yield Notice(
                kind=kind,
                workspace=new["pk"],
                subject=new["sk"].removeprefix(PREFIX),
                at=new[name],
                sequence=number(at_ms(utc_moment(new[name])), place),
                data={
                    "webhook": new["sk"].removeprefix(PREFIX),
                    "why": new.get("disabled_why", "failing"),
                    "failing_since": new.get("failing_since"),
                },
            )
