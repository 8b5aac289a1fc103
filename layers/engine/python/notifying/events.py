"""What a change in a table tells: the old and the new form of one item become the events of one workspace.

Nothing here looks at anything but the change, so a stream that repeats itself, or is read again from an earlier place,
leads to the same events with the same ids and numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from notifying import channel_events, delivery_events, endpoint_events, publication_events
from notifying.model import Notice
from publishing import aws
from publishing.model import utc_text

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """One item's change, as the stream of its table shows it; `at` is in whole seconds."""

    old: Item | None
    new: Item | None
    at: str

    @property
    def sort_key(self) -> str:
        """Where the item stands in its partition: it says what the item is."""
        return str((self.new or self.old or {}).get("sk", ""))


def changed(record: Mapping[str, Any]) -> Changed:
    """The change in a stream's record."""
    told = record["dynamodb"]
    old, new = (told.get(name) for name in ("OldImage", "NewImage"))
    at = datetime.fromtimestamp(float(told["ApproximateCreationDateTime"]), UTC).replace(microsecond=0)
    return Changed(aws.unmarshal(old) if old else None, aws.unmarshal(new) if new else None, utc_text(at))


def notices(change: Changed) -> Iterator[Notice]:
    """The events of a change, in their order; none where it is of nobody's interest."""
    for prefix, tell in _TELL.items():
        if change.sort_key.startswith(prefix):
            yield from tell(change.old, change.new, change.at)


_TELL: Mapping[str, Callable[[Item | None, Item | None, str], Iterator[Notice]]] = {
    "PUBLICATION": publication_events.notices,
    "DELIVERY#": delivery_events.notices,
    "CHANNEL#": channel_events.notices,
    "WEBHOOK#": endpoint_events.notices,
}
