"""The models of /v1/webhooks. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

# Why an endpoint is called no more.
DisabledWhy = Literal["gone", "failing", "person"]


# EventFilter
EventFilter = Literal[
    "publication.accepted",
    "publication.edited",
    "publication.rescheduled",
    "publication.canceled",
    "publication.settled",
    "delivery.queued",
    "delivery.publishing",
    "delivery.processing",
    "delivery.uncertain",
    "delivery.handoff",
    "delivery.held",
    "delivery.published",
    "delivery.failed",
    "delivery.canceled",
    "delivery.expired",
    "channel.created",
    "channel.connected",
    "channel.reconnect_needed",
    "channel.paused",
    "channel.resumed",
    "channel.credentials_ending",
    "channel.deleted",
    "webhook.failing",
    "webhook.disabled",
    "webhook.test",
    "publication.*",
    "delivery.*",
    "channel.*",
    "webhook.*",
]


# What endpoints are told of; the part before the dot is the event's family.
EventKind = Literal[
    "publication.accepted",
    "publication.edited",
    "publication.rescheduled",
    "publication.canceled",
    "publication.settled",
    "delivery.queued",
    "delivery.publishing",
    "delivery.processing",
    "delivery.uncertain",
    "delivery.handoff",
    "delivery.held",
    "delivery.published",
    "delivery.failed",
    "delivery.canceled",
    "delivery.expired",
    "channel.created",
    "channel.connected",
    "channel.reconnect_needed",
    "channel.paused",
    "channel.resumed",
    "channel.credentials_ending",
    "channel.deleted",
    "webhook.failing",
    "webhook.disabled",
    "webhook.test",
]


class LogAttempt(TypedDict):
    """One call."""

    at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    status: int  # What was answered; 0: nothing.
    ms: int  # How long that took.
    # Why it was no success: status, timeout, unreachable, address_refused (it leads inside, or to a port that is not
    # called), address_unreadable, unexpected (ask the operator); empty: it was one.
    why: str
    excerpt: str  # The beginning of an answer that was no success; up to 500 characters.


class NewWebhook(TypedDict):
    """An address to be told of events."""

    url: str  # A public https address, to be sent POST requests.
    name: NotRequired[str]  # For people: whose address this is.
    # Which events it is told of, one by one or as families (`delivery.*`); none named: all.
    events: NotRequired[list[EventFilter]]


# How telling one endpoint of one event stands.
NoticeState = Literal["waiting", "sending", "delivered", "failed", "missed"]


class Replay(TypedDict):
    """What to tell again: one `event`, or all from `since` to `until`."""

    event: NotRequired[str | None]  # One event's id.
    since: NotRequired[str | None]  # RFC 3339 with an offset.
    until: NotRequired[str | None]  # RFC 3339 with an offset; null: now.
    undelivered: NotRequired[bool]  # Of a range, only what was not delivered.


class Replayed(TypedDict):
    """What will be told again."""

    events: int  # How many events there are, delivered or not.
    complete: bool  # Whether all were counted; all are replayed in any case.


class Webhook(TypedDict):
    """An address that is told of events; what is changed of it counts everywhere within half a minute."""

    id: str  # The webhook's id.
    url: str  # A public https address, to be sent POST requests.
    name: str  # For people: whose address this is.
    events: list[EventFilter]  # Which events it is told of, one by one or as families (`delivery.*`); none named: all.
    state: WebhookState  # failing: nothing but failures for two days, and after five it is disabled; see the log.
    failing_since: str | None  # Since when there was nothing but failures.
    disabled_at: str | None
    disabled_why: DisabledWhy | None  # gone: it answered 410; failing: for five days; person: somebody here stopped it.
    previous_secret_until: str | None  # Until when the secret before signs, too.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it.
    updated_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.


class WebhookChanges(TypedDict):
    """What is to change; what is left out stays."""

    url: NotRequired[str | None]  # Another address; the secret stays.
    name: NotRequired[str | None]  # Another name.
    events: NotRequired[list[EventFilter] | None]  # Another filter; none named: all events.
    enabled: NotRequired[bool | None]  # false: it is called no more; true: it is again. What it missed, a replay sends.


class WebhookLog(TypedDict):
    """A page of a webhook's log."""

    items: list[WebhookLogEntry]
    next: str | None  # The cursor of the next page; null on the last.


class WebhookLogEntry(TypedDict):
    """One event this webhook is told of."""

    event: str  # The event's id: its `webhook-id` in every attempt.
    type: EventKind
    subject: str  # The id of what it is about.
    sequence: int  # Grows with every event of the same subject.
    at: str  # When it happened.
    state: NoticeState  # failed: no attempts are left; missed: the webhook was disabled. Either can be replayed.
    attempts: list[LogAttempt]  # Oldest first; the newest twenty.
    next_attempt_at: str | None


# Whether it is called.
WebhookState = Literal["active", "failing", "disabled"]


class WebhookTested(TypedDict):
    """A test that was sent off."""

    event: str  # The event's id: its `webhook-id` in every attempt.


class WebhookWithSecret(TypedDict):
    """A webhook with its new secret."""

    id: str  # The webhook's id.
    url: str  # A public https address, to be sent POST requests.
    name: str  # For people: whose address this is.
    events: list[EventFilter]  # Which events it is told of, one by one or as families (`delivery.*`); none named: all.
    state: WebhookState  # failing: nothing but failures for two days, and after five it is disabled; see the log.
    failing_since: str | None  # Since when there was nothing but failures.
    disabled_at: str | None
    disabled_why: DisabledWhy | None  # gone: it answered 410; failing: for five days; person: somebody here stopped it.
    previous_secret_until: str | None  # Until when the secret before signs, too.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who made it.
    updated_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    secret: str  # What its signatures are verified with (whsec_…). It is shown this once.


class Webhooks(TypedDict):
    """All webhooks of the workspace, oldest first."""

    items: list[Webhook]
