"""Webhooks as callers send and see them. No answer holds a secret but the one that made it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from notifying.model import FAMILIES, DisabledWhy, EventKind, NoticeState
from web.schemas.base import LONGEST_PAGE, PAGE, Given, Page, Taken, Time

MOST_URL_CHARS = 2_000
EVENT = r"evt_[0-9a-hjkmnp-tv-z]{26}"

Id = Annotated[str, Field(description="The webhook's id.", examples=["whk_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
EventId = Annotated[
    str,
    Field(
        description="The event's id: its `webhook-id` in every attempt.", examples=["evt_01jd6q4t2w8x5y7z9a1b3c5d7e"]
    ),
]
Url = Annotated[
    str,
    Field(min_length=1, max_length=MOST_URL_CHARS, description="A public https address, to be sent POST requests."),
    AfterValidator(str.strip),  # with blanks around it, it could not be called
]
Name = Annotated[str, Field(max_length=100, description="For people: whose address this is.")]
_FILTERS = [*(kind.value for kind in EventKind), *FAMILIES]


def _known(name: str) -> str:
    if name in _FILTERS:
        return name
    raise PydanticCustomError("event", "There is no such event, nor family of events; the model EventFilter lists all.")


EventFilter = TypeAliasType(  # a schema of its own, where it would be written out each time
    "EventFilter", Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(_FILTERS)})]
)
Events = Annotated[
    tuple[EventFilter, ...],
    Field(
        max_length=len(_FILTERS),
        description="Which events it is told of, one by one or as families (`delivery.*`); none named: all.",
        examples=[["delivery.*", "publication.settled"]],
    ),
]


class WebhookState(StrEnum):
    """Whether it is called."""

    ACTIVE = "active"
    FAILING = "failing"
    DISABLED = "disabled"


class NewWebhook(Taken):
    """An address to be told of events."""

    url: Url
    name: Name = ""
    events: Events = ()


class WebhookChanges(Taken):
    """What is to change; what is left out stays."""

    url: Annotated[Url | None, Field(description="Another address; the secret stays.")] = None
    name: Annotated[Name | None, Field(description="Another name.")] = None
    events: Annotated[Events | None, Field(description="Another filter; none named: all events.")] = None
    enabled: Annotated[
        StrictBool | None,
        Field(description="false: it is called no more; true: it is again. What it missed, a replay sends."),
    ] = None


class Webhook(Given):
    """An address that is told of events; what is changed of it counts everywhere within half a minute."""

    id: Id
    url: Url
    name: Name
    events: Events
    state: Annotated[
        WebhookState,
        Field(description="failing: nothing but failures for two days, and after five it is disabled; see the log."),
    ]
    failing_since: Annotated[Time | None, Field(description="Since when there was nothing but failures.")] = None
    disabled_at: Time | None = None
    disabled_why: Annotated[
        DisabledWhy | None,
        Field(description="gone: it answered 410; failing: for five days; person: somebody here stopped it."),
    ] = None
    previous_secret_until: Annotated[Time | None, Field(description="Until when the secret before signs, too.")] = None
    created_at: Time
    created_by: Annotated[str, Field(description="Who made it.")]
    updated_at: Time


class WebhookWithSecret(Webhook):
    """A webhook with its new secret."""

    secret: Annotated[str, Field(description="What its signatures are verified with (whsec_…). It is shown this once.")]


class Webhooks(Given):
    """All webhooks of the workspace, oldest first."""

    items: list[Webhook]


class WebhookTested(Given):
    """A test that was sent off."""

    event: EventId


class LogAsked(Taken):
    """Which part of the log."""

    since: Annotated[str, Field(max_length=64, description="RFC 3339 with an offset; empty: 30 days ago.")] = ""
    until: Annotated[str, Field(max_length=64, description="RFC 3339 with an offset; empty: now.")] = ""
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE, description="The most items on the page.")] = PAGE
    cursor: Annotated[
        str, Field(max_length=500, description="Where the page begins: `next` of the page before; empty: the first.")
    ] = ""


class LogAttempt(Given):
    """One call."""

    at: Time
    status: Annotated[int, Field(description="What was answered; 0: nothing.")]
    ms: Annotated[int, Field(ge=0, description="How long that took.")]
    why: Annotated[
        str,
        Field(
            description="Why it was no success: status, timeout, unreachable, address_refused (it leads inside, or to a"
            " port that is not called), address_unreadable, unexpected (ask the operator); empty: it was one."
        ),
    ]
    excerpt: Annotated[str, Field(description="The beginning of an answer that was no success; up to 500 characters.")]


class WebhookLogEntry(Given):
    """One event this webhook is told of."""

    event: EventId
    type: EventKind
    subject: Annotated[str, Field(description="The id of what it is about.")]
    sequence: Annotated[int, Field(description="Grows with every event of the same subject.")]
    at: Annotated[Time, Field(description="When it happened.")]
    state: Annotated[
        NoticeState,
        Field(description="failed: no attempts are left; missed: the webhook was disabled. Either can be replayed."),
    ]
    attempts: Annotated[list[LogAttempt], Field(description="Oldest first; the newest twenty.")]
    next_attempt_at: Time | None = None


class WebhookLog(Page[WebhookLogEntry]):
    """A page of a webhook's log."""


class Replay(Taken):
    """What to tell again: one `event`, or all from `since` to `until`."""

    event: Annotated[str | None, Field(pattern=f"^{EVENT}$", description="One event's id.")] = None
    since: Annotated[str | None, Field(max_length=64, description="RFC 3339 with an offset.")] = None
    until: Annotated[str | None, Field(max_length=64, description="RFC 3339 with an offset; null: now.")] = None
    undelivered: Annotated[StrictBool, Field(description="Of a range, only what was not delivered.")] = False


class Replayed(Given):
    """What will be told again."""

    events: Annotated[int, Field(ge=0, description="How many events there are, delivered or not.")]
    complete: Annotated[bool, Field(description="Whether all were counted; all are replayed in any case.")]
