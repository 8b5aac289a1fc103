"""The demonstration: an article published everywhere at once, and a second publication at a set time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.api import Api, Channel, Publication
from infra.local.board import Board

AHEAD = timedelta(seconds=20)
SETTLED_S = 120.0


@dataclass(frozen=True)
class Demonstration:
    """Publishes to `channels` and shows what becomes of it on `board`."""

    api: Api
    channels: Sequence[Channel]
    board: Board

    def run(self, article: Mapping[str, Any]) -> Sequence[Publication]:
        """Publish, and watch until everything has settled; answers how it stands then."""
        channels = [channel.id for channel in self.channels]
        at = datetime.now(UTC) + AHEAD
        first = self.api.submit(article, channels)
        second = self.api.submit(timed_content(at), channels, publish_at=at.isoformat())
        identifiers = (first.id, second.id)
        return self.board.watch(lambda: [self.api.publication(each) for each in identifiers], within_s=SETTLED_S)


def timed_content(at: datetime) -> dict[str, str]:
    """What the second publication says: when it was to appear."""
    time = f"{at:%H:%M:%S}"
    return {
        "title": f"On time, at {time} UTC",
        "text": f"This was submitted {AHEAD.seconds} seconds early and set for **{time}** UTC.",
    }
