"""The models that several parts of the API share. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ConsentScope(TypedDict):
    """One thing the person is asked to allow."""

    name: str  # As the platform names it.
    why: str  # What for, in a sentence.
    needed: bool  # Without it no channel is made.


class Content(TypedDict):
    """What is published."""

    title: NotRequired[str]  # The title; platforms without titles leave it out.
    text: NotRequired[str]  # Markdown (CommonMark, tables, strikethrough).
    summary: NotRequired[str]  # A shorter form, for platforms that show one.
    link: NotRequired[str]  # The piece's own address on the web, if it has one.
    tags: NotRequired[list[str]]  # Without #; platforms without tags leave them out.
    media: NotRequired[list[Media]]  # Images and videos, in order.
    # A text that is too long for one post may become several, where the platform knows threads.
    thread: NotRequired[bool]


class ContentChanges(TypedDict):
    """What one channel gets instead; what is left out is as for all."""

    title: NotRequired[str | None]
    text: NotRequired[str | None]
    summary: NotRequired[str | None]
    link: NotRequired[str | None]
    tags: NotRequired[list[str] | None]
    media: NotRequired[list[Media] | None]
    thread: NotRequired[bool | None]


class Delivery(TypedDict):
    """What becomes of one target."""

    id: str  # The delivery's id, constant over all attempts.
    channel: str  # A channel's id.
    platform: str
    state: DeliveryState
    attempts: int  # How often it was tried.
    url: str | None  # Where it is out; in `handoff`, where a person must finish.
    post_id: str | None  # The platform's own id of the post.
    published_at: str | None  # When, as the platform says.
    next_at: str | None  # When something happens next; null: nothing by itself.
    updated_at: str | None
    trouble: Trouble | None


# Where one target of one publication stands.
DeliveryState = Literal[
    "queued", "publishing", "processing", "uncertain", "handoff", "held", "published", "failed", "canceled", "expired"
]


class FieldError(TypedDict):
    """One thing that is wrong with the request."""

    field: str  # Which field, as targets[0].channel.
    message: str  # What is wrong with it.
    remedy: str  # What would help; may be empty.


# What is to become of a delivery that could not begin in time.
IfLate = Literal["post", "hold", "skip"]


class LatePolicy(TypedDict):
    """What becomes of a delivery that could not begin in time; what has begun is seen to its end."""

    after_s: int  # Later than this many seconds is too late.
    then: IfLate  # post: nevertheless; hold: for a person to retry, reschedule or cancel; skip: expired.


class Media(TypedDict):
    """An image or video: at a public address, or uploaded before (POST /v1/media)."""

    url: NotRequired[str | None]  # A public https address.
    id: NotRequired[str | None]  # An uploaded media's id, instead.
    alt: NotRequired[str]  # What it shows, for those who cannot see it.


class Member(TypedDict):
    """A person in the workspace."""

    id: str  # The member's id.
    name: str  # What the others in the workspace see of a member.
    role: Role  # viewer reads, author publishes, editor connects channels, admin all.
    joined_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    invited_by: str  # Who it was: a key's id, a member's id, or operator.
    leaving: bool  # Whether its removal was interrupted: it may do nothing any more; DELETE it again to finish.


class NewTarget(TypedDict):
    """Where it is published."""

    channel: str  # A channel's id.
    overrides: NotRequired[ContentChanges | None]  # What this channel gets instead.


class Nothing(TypedDict):
    """No fields."""


# Urgent publications have a queue of their own.
Priority = Literal["normal", "urgent"]


class ProblemDocument(TypedDict):
    """An RFC 9457 problem. `type` is stable; `title` and `detail` are for people and may change."""

    type: str  # What kind of problem, as urn:postroom:problem:not-found.
    title: str  # The kind in one sentence.
    status: int  # The HTTP status, again.
    detail: str  # What is wrong with this request.
    correlation_id: str  # Names this request in the logs; tell it to support.
    errors: list[FieldError]  # What is wrong, field by field; may be empty.


class Publication(TypedDict):
    """A publication."""

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
    content: Content
    late: LatePolicy | None  # The late policy; null: published, however late.
    slot_of: str | None  # The channel whose slot it has, until it is rescheduled.
    series: str | None  # The series it was made of, if it was.
    occurrence: str | None  # What clocks in `zone` show at the series' occurrence, however it is rescheduled.


# What the deliveries of a publication amount to; derived, never stored.
PublicationStatus = Literal["scheduled", "publishing", "published", "partial", "failed", "canceled", "held"]


# What a caller may do; each role may do what those before it may. They compare by rank, not as text.
Role = Literal["viewer", "author", "editor", "admin"]


class Trouble(TypedDict):
    """Why a delivery is not published."""

    kind: str  # Our word for it, as refused or unauthorized.
    message: str  # For the author.
    code: str  # The platform's own code; may be empty.
    status: int | None  # The HTTP status the platform answered with.


# Whether a workspace can be worked in.
WorkspaceState = Literal["active", "suspended"]
