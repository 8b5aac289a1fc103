"""The demonstration: an article published everywhere at once, and a second publication at a set time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from infra.local.board import Board
from postroom_client import Postroom
from postroom_client.schemas import Channel, Content, NewTarget, PublicationSummary

AHEAD = timedelta(seconds=20)
SETTLED_S = 120.0


@dataclass(frozen=True)
class Demonstration:
    """Publishes to `channels` and shows what becomes of it on `board`."""

    api: Postroom
    channels: Sequence[Channel]
    board: Board

    def run(self, article: Content) -> Sequence[PublicationSummary]:
        """Publish, and watch until everything has settled; answers how it stands then."""
        targets: list[NewTarget] = [{"channel": channel["id"]} for channel in self.channels]
        at = datetime.now(UTC) + AHEAD
        first = self.api.publish({"content": article, "targets": targets})
        second = self.api.publish({"content": timed_content(at), "targets": targets, "publish_at": at.isoformat()})
        both = (first["id"], second["id"])
        return self.board.watch(lambda: [self.api.read_publication(each) for each in both], within_s=SETTLED_S)


def timed_content(at: datetime) -> Content:
    """What the second publication says: when it was to appear."""
    time = f"{at:%H:%M:%S}"
    return {
        "title": f"On time, at {time} UTC",
        "text": f"This was submitted {AHEAD.seconds} seconds early and set for **{time}** UTC.",
    }
