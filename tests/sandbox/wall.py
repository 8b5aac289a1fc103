"""The wall everything published at a stand-in hangs on, for tests and people to read."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing published: by which account, when (UTC), and what; `received` counts how often it was sent."""

    platform: str
    account: str
    id: str
    at: str
    document: Mapping[str, Any]
    received: int = 1


class Wall:
    """Notices in the order they were hung up. Safe between threads."""

    def __init__(self) -> None:
        self._notices: list[Notice] = []
        self._lock = threading.Lock()

    def hang(self, platform: str, account: str, identifier: str, document: Mapping[str, Any]) -> Notice:
        """Publish something."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        notice = Notice(platform, account, identifier, at, document)
        with self._lock:
            self._notices.append(notice)
        return notice

    def again(self, platform: str, account: str, identifier: str) -> bool:
        """Count that what hangs there was sent once more; False where nothing of that id does."""
        with self._lock:
            for place, notice in enumerate(self._notices):
                if (notice.platform, notice.account, notice.id) == (platform, account, identifier):
                    self._notices[place] = replace(notice, received=notice.received + 1)
                    return True
        return False

    def take_down(self, platform: str, account: str, identifier: str) -> bool:
        """Remove what hangs there; False where nothing of that id does."""
        with self._lock:
            left = [
                each
                for each in self._notices
                if (each.platform, each.account, each.id) != (platform, account, identifier)
            ]
            found = len(left) < len(self._notices)
            self._notices = left
        return found

    def notices(self, platform: str = "", account: str = "") -> list[Notice]:
        """What hangs there, of one platform and one account where these are given."""
        with self._lock:
            return [
                notice
                for notice in self._notices
                if platform in {"", notice.platform} and account in {"", notice.account}
            ]

    def documents(self, platform: str = "", account: str = "") -> list[dict[str, Any]]:
        """The notices as plain values."""
        return [asdict(notice) for notice in self.notices(platform, account)]
