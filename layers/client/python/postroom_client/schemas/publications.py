"""The models of /v1/publications. Generated: `make client`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from postroom_client.schemas.shared import (
    Content,
    ContentChanges,
    Delivery,
    FieldError,
    LatePolicy,
    NewTarget,
    Priority,
    PublicationStatus,
)


class Caution(TypedDict):
    """Something to consider about a target; it can be published all the same."""

    # repeated-content: another publication has the same title, text, link and media for this channel, within a day
    # before or after unless the platform has another window. close-in-time: another goes to this channel within 5
    # minutes. More codes may come.
    code: Concern
    field: str  # The field of the request to change.
    message: str  # For the author.
    remedy: str  # What would help.
    publication: str  # The other publication; where there are several, the nearest in time.


# A kind of warning.
Concern = Literal["repeated-content", "close-in-time"]


class NewPublication(TypedDict):
    """Content, where it goes, and when."""

    content: Content
    targets: list[NewTarget]  # Each channel at most once.
    # RFC 3339, within 366 days: with an offset, or on the clocks of `zone`. Null: now.
    publish_at: NotRequired[str | None]
    zone: NotRequired[str | None]  # The IANA zone of times without an offset.
    priority: NotRequired[Priority]  # urgent has queues of its own.
    expires_at: NotRequired[str | None]  # When it is no longer worth publishing; written like publish_at. Null: never.
    late: NotRequired[LatePolicy | None]  # The late policy. Null: published, however late.
    # Take this channel's next free slot in place of publish_at; all targets go out then.
    next_slot_of: NotRequired[str | None]
    dry_run: NotRequired[bool]  # Only tell what would be published; nothing is stored.


class Preview(TypedDict):
    """What would be published, were it not a dry run."""

    publish_at: str  # When; with next_slot_of the slot free at this moment.
    late: LatePolicy | None  # The late policy; null: published, however late.
    cost_usd: str  # The sum of the targets' costs.
    targets: list[TargetPreview]


class PublicationChanges(TypedDict):
    """What is to change of a publication of which nothing has left; what is left out stays."""

    content: NotRequired[ContentChanges | None]  # The fields of the content that change.
    targets: NotRequired[list[NewTarget] | None]  # Targets whose overrides change; each gets them all anew.
    publish_at: NotRequired[str | None]  # Another time, as on submitting; null: now.
    zone: NotRequired[str | None]  # The IANA zone of the times given here, else as it was.
    priority: NotRequired[Priority | None]  # Another priority.
    expires_at: NotRequired[str | None]  # Another end of its worth; null: never.
    # Another late policy; null: none. What is held for being late stays so until rescheduled.
    late: NotRequired[LatePolicy | None]


class PublicationSummary(TypedDict):
    """A publication without its content."""

    id: str  # The publication's id.
    status: PublicationStatus
    title: str  # The title, or how the text begins.
    publish_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    zone: str  # The zone it was asked in; may be empty.
    priority: Priority
    expires_at: str | None
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    created_by: str  # Who submitted it: a key's id or a member's id.
    canceled_at: str | None
    deliveries: list[Delivery]  # One for each target, in their order.


class PublicationToValidate(TypedDict):
    """A publication that is only asked about; `dry_run` makes no difference."""

    content: Content
    targets: list[NewTarget]  # Each channel at most once.
    # RFC 3339, within 366 days: with an offset, or on the clocks of `zone`. Null: now.
    publish_at: NotRequired[str | None]
    zone: NotRequired[str | None]  # The IANA zone of times without an offset.
    priority: NotRequired[Priority]  # urgent has queues of its own.
    expires_at: NotRequired[str | None]  # When it is no longer worth publishing; written like publish_at. Null: never.
    late: NotRequired[LatePolicy | None]  # The late policy. Null: published, however late.
    # Take this channel's next free slot in place of publish_at; all targets go out then.
    next_slot_of: NotRequired[str | None]
    dry_run: NotRequired[bool]  # Only tell what would be published; nothing is stored.
    edits: NotRequired[str | None]  # The publication that is being edited, if one is: it is not warned of.


class Publications(TypedDict):
    """A page of publications."""

    items: list[PublicationSummary]
    next: str | None  # The cursor of the next page; null on the last.


class Request(TypedDict):
    """A request to a platform, with stand-ins for what is secret."""

    method: str
    host: str  # `hidden.invalid` where the address is secret; `aws:ses` and the like for AWS.
    publishes: bool  # Whether it makes the post visible; else it prepares that.
    body: dict[str, Any] | None  # The JSON that would be sent; null where it is none.


class TargetPreview(TypedDict):
    """What one target would get."""

    channel: str  # A channel's id.
    platform: str
    content: Content
    problems: list[FieldError]  # Why the platform cannot take it; empty: it can.
    # What is worth considering; empty: nothing. Of the 200 publications submitted last, the 50 nearest in time are
    # compared, without what is canceled, failed or expired; what happened in the last seconds may be missed.
    warnings: list[Caution]
    would_send: Request | None  # The publishing request, or what comes before it; null where that takes the secrets.
    # What AWS charges for this target, in US dollars: an estimate for the first attempt in a busy hour, at the prices
    # of us-east-1 read on 2026-11-21, with its share of what all targets need. Not in it: free tiers, what is paid by
    # the month, a mail's recipients beyond the first, and what the platform charges.
    cost_usd: str
