"""The words of status webhooks as values: endpoints, what they are told, and what came of telling them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from channels.model import Sealed
from notifying.numbers import at_ms
from publishing import ids
from publishing.model import utc_moment


class EventKind(StrEnum):
    """What endpoints are told of; the part before the dot is the event's family."""

    PUBLICATION_ACCEPTED = "publication.accepted"
    PUBLICATION_EDITED = "publication.edited"
    PUBLICATION_RESCHEDULED = "publication.rescheduled"
    PUBLICATION_CANCELED = "publication.canceled"
    PUBLICATION_SETTLED = "publication.settled"
    DELIVERY_QUEUED = "delivery.queued"
    DELIVERY_PUBLISHING = "delivery.publishing"
    DELIVERY_PROCESSING = "delivery.processing"
    DELIVERY_UNCERTAIN = "delivery.uncertain"
    DELIVERY_HANDOFF = "delivery.handoff"
    DELIVERY_HELD = "delivery.held"
    DELIVERY_PUBLISHED = "delivery.published"
    DELIVERY_FAILED = "delivery.failed"
    DELIVERY_CANCELED = "delivery.canceled"
    DELIVERY_EXPIRED = "delivery.expired"
    CHANNEL_CREATED = "channel.created"
    CHANNEL_CONNECTED = "channel.connected"
    CHANNEL_RECONNECT_NEEDED = "channel.reconnect_needed"
    CHANNEL_PAUSED = "channel.paused"
    CHANNEL_RESUMED = "channel.resumed"
    CHANNEL_CREDENTIALS_ENDING = "channel.credentials_ending"
    CHANNEL_DELETED = "channel.deleted"
    WEBHOOK_FAILING = "webhook.failing"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST = "webhook.test"


FAMILIES = tuple(dict.fromkeys(f"{kind.partition('.')[0]}.*" for kind in EventKind))


@dataclass(frozen=True, slots=True)
class Notice:
    """One event: what happened to its subject, when (UTC text), and which number it has among the subject's events.

    All of it follows from what the table's stream shows, so that it is the same however often the stream repeats it.
    """

    kind: EventKind
    workspace: str
    subject: str
    at: str
    sequence: int
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What a receiver knows a repetition by; sorts by time."""
        return ids.stamped(
            "evt", at_ms(utc_moment(self.at)), self.workspace, self.subject, self.kind, str(self.sequence)
        )


class DisabledWhy(StrEnum):
    """Why an endpoint is called no more."""

    GONE = "gone"  # it answered 410
    FAILING = "failing"  # nothing but failures for five days
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A customer's address that is told of events: of those `events` names (`delivery.failed`, `channel.*`), or of all.

    `sealed` holds its secret, `previous` the one before, which signs too until `previous_until`. `failing_since`: from
    then on there was nothing but failures; `warned_at`: when its workspace was told so. `slow_until`: till then it has
    no place in the order of first tidings.
    """

    id: str
    workspace: str
    url: str
    name: str
    events: tuple[str, ...]
    sealed: Sealed
    created_at: datetime
    created_by: str
    updated_at: datetime
    version: int = 1
    previous: Sealed | None = None
    previous_until: datetime | None = None
    failing_since: datetime | None = None
    warned_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_why: str = ""
    slow_until: datetime | None = None

    def wants(self, notice: Notice) -> bool:
        """Whether it is told of this; never of what becomes of itself."""
        family = f"{notice.kind.partition('.')[0]}.*"
        asked = not self.events or notice.kind in self.events or family in self.events
        return asked and notice.subject != self.id


class NoticeState(StrEnum):
    """How telling one endpoint of one event stands."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"  # no attempts are left, or the endpoint answered 410
    MISSED = "missed"  # the endpoint was disabled; a replay sends it


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of an endpoint: when, what it answered (0: nothing), how long that took, and why it was no success.

    `excerpt` is the beginning of an answer that was none: the receiver's own words.
    """

    at: str
    status: int = 0
    ms: int = 0
    why: str = ""
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event for one endpoint in the log. `tried` counts the attempts since it was last begun."""

    workspace: str
    endpoint: str
    event: str
    kind: str
    subject: str
    sequence: int
    at: str
    body: str = field(repr=False)
    state: NoticeState = NoticeState.WAITING
    tried: int = 0
    attempts: Sequence[Attempt] = ()
    next_at: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a call: a status (0: none came), or `why` not; `retry_after_s` where the receiver asked for it."""

    status: int = 0
    ms: int = 0
    why: str = ""
    excerpt: str = ""
    retry_after_s: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own
