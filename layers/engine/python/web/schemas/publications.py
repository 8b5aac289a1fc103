"""Publications and deliveries as callers send and see them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from publishing.model import DeliveryState, IfLate, Priority, PublicationStatus
from web.schemas.base import Given, Page, Taken, Time

Id = Annotated[str, Field(description="The publication's id.", examples=["pub_01jd6q4t2w8x5y7z9a1b3c5d7e"])]
DeliveryId = Annotated[str, Field(description="The delivery's id, constant over all attempts.")]
ChannelId = Annotated[
    str, Field(min_length=1, max_length=64, description="A channel's id.", examples=["chn_01jd6q4t2w8x5y7z9a1b3c5d7e"])
]

Title = Annotated[str, Field(max_length=1_000, description="The title; platforms without titles leave it out.")]
Text = Annotated[str, Field(max_length=200_000, description="Markdown (CommonMark, tables, strikethrough).")]
Summary = Annotated[str, Field(max_length=5_000, description="A shorter form, for platforms that show one.")]
Link = Annotated[str, Field(max_length=2_000, description="The piece's own address on the web, if it has one.")]
Tags = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
    Field(max_length=50, description="Without #; platforms without tags leave them out."),
]


class Media(Taken):
    """An image or video: at a public address, or uploaded before (POST /v1/media)."""

    url: Annotated[str | None, Field(min_length=1, max_length=2_000, description="A public https address.")] = None
    id: Annotated[str | None, Field(min_length=1, max_length=64, description="An uploaded media's id, instead.")] = None
    alt: Annotated[str, Field(max_length=2_000, description="What it shows, for those who cannot see it.")] = ""

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.url is None) == (self.id is None):
            raise ValueError("An image or video has either a url or the id of an upload.")
        return self


MediaList = Annotated[tuple[Media, ...], Field(max_length=20, description="Images and videos, in order.")]


Thread = Annotated[
    StrictBool,
    Field(description="A text that is too long for one post may become several, where the platform knows threads."),
]


class Content(Taken):
    """What is published."""

    title: Title = ""
    text: Text = ""
    summary: Summary = ""
    link: Link = ""
    tags: Tags = ()
    media: MediaList = ()
    thread: Thread = False


class ContentChanges(Taken):
    """What one channel gets instead; what is left out is as for all."""

    title: Title | None = None
    text: Text | None = None
    summary: Summary | None = None
    link: Link | None = None
    tags: Tags | None = None
    media: MediaList | None = None
    thread: Thread | None = None


class NewTarget(Taken):
    """Where it is published."""

    channel: ChannelId
    overrides: Annotated[ContentChanges | None, Field(description="What this channel gets instead.")] = None


class LatePolicy(Taken):
    """What becomes of a delivery that could not begin in time; what has begun is seen to its end."""

    after_s: Annotated[int, Field(ge=60, le=604_800, description="Later than this many seconds is too late.")]
    then: Annotated[
        IfLate,
        Field(description="post: nevertheless; hold: for a person to retry, reschedule or cancel; skip: expired."),
    ]


class NewPublication(Taken):
    """Content, where it goes, and when."""

    content: Content
    targets: Annotated[
        tuple[NewTarget, ...], Field(min_length=1, max_length=100, description="Each channel at most once.")
    ]
    publish_at: Annotated[
        str | None,
        Field(
            max_length=64,
            description="RFC 3339, within 366 days: with an offset, or on the clocks of `zone`. Null: now.",
            examples=["2026-12-24T18:00:00+01:00"],
        ),
    ] = None
    zone: Annotated[
        str | None,
        Field(max_length=64, description="The IANA zone of times without an offset.", examples=["Europe/Zurich"]),
    ] = None
    priority: Annotated[Priority, Field(description="urgent has queues of its own.")] = Priority.NORMAL
    expires_at: Annotated[
        str | None,
        Field(
            max_length=64, description="When it is no longer worth publishing; written like publish_at. Null: never."
        ),
    ] = None
    late: Annotated[LatePolicy | None, Field(description="The late policy. Null: published, however late.")] = None
    next_slot_of: Annotated[
        ChannelId | None,
        Field(description="Take this channel's next free slot in place of publish_at; all targets go out then."),
    ] = None
    dry_run: Annotated[StrictBool, Field(description="Only tell what would be published; nothing is stored.")] = False


class PublicationChanges(Taken):
    """What is to change of a publication of which nothing has left; what is left out stays."""

    content: Annotated[ContentChanges | None, Field(description="The fields of the content that change.")] = None
    targets: Annotated[
        tuple[NewTarget, ...] | None,
        Field(min_length=1, max_length=100, description="Targets whose overrides change; each gets them all anew."),
    ] = None
    publish_at: Annotated[
        str | None, Field(max_length=64, description="Another time, as on submitting; null: now.")
    ] = None
    zone: Annotated[
        str | None, Field(max_length=64, description="The IANA zone of the times given here, else as it was.")
    ] = None
    priority: Annotated[Priority | None, Field(description="Another priority.")] = None
    expires_at: Annotated[str | None, Field(max_length=64, description="Another end of its worth; null: never.")] = None
    late: Annotated[
        LatePolicy | None,
        Field(description="Another late policy; null: none. What is held for being late stays so until rescheduled."),
    ] = None


class Trouble(Given):
    """Why a delivery is not published."""

    kind: Annotated[str, Field(description="Our word for it, as refused or unauthorized.")]
    message: Annotated[str, Field(description="For the author.")]
    code: Annotated[str, Field(description="The platform's own code; may be empty.")]
    status: Annotated[int | None, Field(description="The HTTP status the platform answered with.")] = None


class Delivery(Given):
    """What becomes of one target."""

    id: DeliveryId
    channel: ChannelId
    platform: str
    state: DeliveryState
    attempts: Annotated[int, Field(ge=0, description="How often it was tried.")]
    url: Annotated[str | None, Field(description="Where it is out; in `handoff`, where a person must finish.")] = None
    post_id: Annotated[str | None, Field(description="The platform's own id of the post.")] = None
    published_at: Annotated[str | None, Field(description="When, as the platform says.")] = None
    next_at: Annotated[Time | None, Field(description="When something happens next; null: nothing by itself.")] = None
    updated_at: Time | None = None
    trouble: Trouble | None = None


class Transition(Given):
    """One change of a delivery's state."""

    at: Time
    state: DeliveryState
    attempt: int
    why: Annotated[str, Field(description="The trouble's kind, or what a person decided; may be empty.")]
    by: Annotated[str, Field(description="`person` where a person decided it; else empty.")]


class DeliveryWithHistory(Delivery):
    """A delivery with everything that happened to it."""

    publication: Id
    history: Annotated[list[Transition], Field(description="Oldest first.")]


class Resolution(Taken):
    """What a person found: whether a delivery in doubt is published. `url` and `post_id` only where it is."""

    outcome: Annotated[Literal["published", "not_published"], Field(description="not_published: it is sent again.")]
    url: Annotated[
        str | None,
        Field(
            max_length=2_000,
            pattern=r"^https?://\S+$",
            description="Where it is out.",
            examples=["https://a.example/1"],
        ),
    ] = None
    post_id: Annotated[str | None, Field(min_length=1, max_length=500, description="The platform's own id.")] = None


class PublicationSummary(Given):
    """A publication without its content."""

    id: Id
    status: PublicationStatus
    title: Annotated[str, Field(description="The title, or how the text begins.")]
    publish_at: Time
    zone: Annotated[str, Field(description="The zone it was asked in; may be empty.")]
    priority: Priority
    expires_at: Time | None = None
    created_at: Time
    created_by: Annotated[str, Field(description="Who submitted it: a key's id or a member's id.")]
    canceled_at: Time | None = None
    deliveries: Annotated[list[Delivery], Field(description="One for each target, in their order.")]


class Publications(Page[PublicationSummary]):
    """A page of publications."""


class Publication(PublicationSummary):
    """A publication."""

    content: Content
    late: Annotated[LatePolicy | None, Field(description="The late policy; null: published, however late.")] = None
    slot_of: Annotated[str | None, Field(description="The channel whose slot it has, until it is rescheduled.")] = None
    series: Annotated[str | None, Field(description="The series it was made of, if it was.")] = None
    occurrence: Annotated[
        str | None,
        Field(description="What clocks in `zone` show at the series' occurrence, however it is rescheduled."),
    ] = None
