"""What a caller asks to publish, and why it may not be accepted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from publishing import records
from publishing.model import Content, Late, Priority, Problem, utc_text


@dataclass(frozen=True, slots=True)
class Submission:
    """What a caller asks to publish; nothing of it is checked yet.

    `key` is the Idempotency-Key, empty where none was given. `overrides` by channel, in the order asked.
    `next_slot_of` names the channel whose next free slot is to be the time, in place of `publish_at`.
    """

    workspace: str
    subject: str
    content: Content
    overrides: Mapping[str, Mapping[str, object]]
    key: str = ""
    publish_at: datetime | None = None
    zone: str = ""
    priority: Priority = Priority.NORMAL
    expires_at: datetime | None = None
    late: Late | None = None
    next_slot_of: str = ""
    correlation_id: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same request, whatever the spelling of its JSON."""
        asked: dict[str, Any] = {
            "content": records.content_document(self.content),
            "targets": [[channel, dict(changes)] for channel, changes in self.overrides.items()],
            "publish_at": utc_text(self.publish_at) if self.publish_at else None,
            "zone": self.zone,
            "priority": self.priority,
            "expires_at": utc_text(self.expires_at) if self.expires_at else None,
        }
        if self.late:  # what came later is in it only where it is given: older fingerprints stay what they were
            asked["late"] = asdict(self.late)
        if self.next_slot_of:
            asked["next_slot_of"] = self.next_slot_of
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


class NotAccepted(Exception):  # noqa: N818
    """The publication was not accepted; nothing was stored or sent."""


@dataclass
class Unfit(NotAccepted):
    """The content does not fit its targets, or a target cannot be published to."""

    problems: Sequence[Problem] = field(default_factory=tuple)


@dataclass
class UnknownChannels(NotAccepted):
    """There are no such channels in this workspace."""

    problems: Sequence[Problem] = field(default_factory=tuple)


@dataclass
class Untimely(NotAccepted):
    """A time has passed, or is more than a year ahead, or there is no free slot."""

    problems: Sequence[Problem] = field(default_factory=tuple)


class KeyReused(NotAccepted):
    """This Idempotency-Key was used for another request."""
