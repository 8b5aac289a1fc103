"""The words of publishing as values: what is published, where to, and what became of it. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


def utc_text(moment: datetime) -> str:
    """A moment as UTC text of one fixed width (milliseconds, `Z`), so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def utc_moment(text: str) -> datetime:
    """The aware moment that `utc_text` wrote."""
    return datetime.fromisoformat(text)


class DeliveryState(StrEnum):
    """Where one target of one publication stands."""

    QUEUED = "queued"
    PUBLISHING = "publishing"
    PROCESSING = "processing"  # the platform is still working on it; we ask again
    UNCERTAIN = "uncertain"  # it may be out; we look before we touch
    HANDOFF = "handoff"  # a person must tap "publish" in the platform's app
    HELD = "held"  # waits for an approval, a reconnection or a quota; or, come too late, for a person
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"  # too late to be worth publishing


TERMINAL = frozenset({DeliveryState.PUBLISHED, DeliveryState.FAILED, DeliveryState.CANCELED, DeliveryState.EXPIRED})


class PublicationStatus(StrEnum):
    """What the deliveries of a publication amount to; derived, never stored."""

    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELED = "canceled"
    HELD = "held"


class Priority(StrEnum):
    """Urgent publications have a queue of their own."""

    NORMAL = "normal"
    URGENT = "urgent"


class IfLate(StrEnum):
    """What is to become of a delivery that could not begin in time."""

    POST = "post"
    HOLD = "hold"  # for a person to send out or to call off
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Late:
    """A publication's late policy: what becomes of a delivery that could not begin within `after_s` of its time."""

    after_s: int
    then: IfLate


_VIDEO = re.compile(r"\.(?:mp4|m4v|mov|webm|avi|mkv|mpe?g|3gp|wmv|ogv|flv)(?:[?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Media:
    """An image or video: at a public HTTPS address, or uploaded (`id`) and then addressed for as long as it is needed.

    What was uploaded was looked at: `type` (`video/mp4`), `size_bytes`, `width` and `height` in pixels, `seconds`,
    `codec`. Of what is only an address nothing of that is known: 0 or empty.
    """

    url: str = ""
    alt: str = ""
    id: str = ""
    type: str = ""
    size_bytes: int = 0
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    codec: str = ""

    @property
    def is_video(self) -> bool:
        """Whether it is a video, as far as can be told: by its type, or by its address where that is unknown."""
        return self.type.startswith("video/") if self.type else bool(_VIDEO.search(self.url))


@dataclass(frozen=True, slots=True)
class Content:
    """What is published. `text` is Markdown; `link` is the canonical address of the piece elsewhere.

    `thread`: a text that is too long for one post may become several, one answering the other.
    """

    title: str = ""
    text: str = ""
    summary: str = ""
    link: str = ""
    tags: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    thread: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """What an adapter publishes: one content for one target.

    `id` is the delivery's: constant over all attempts, so it serves wherever a platform takes an idempotency key.
    `at` is when it was due, and likewise constant.
    """

    id: str
    content: Content
    at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """One connected destination as its adapter sees it.

    `settings` and `secrets` hold the fields the adapter declares in its credentials; `aws` the addresses of the AWS
    resources it declares in `uses` (see `publishing.adapter.Resource`), by resource name.
    """

    id: str
    workspace: str
    platform: str
    name: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    aws: Mapping[str, str] = field(default_factory=dict)


_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


def link(told: str) -> str:
    """What a platform says is a link, if it is one; empty where following it could do anything but open a page."""
    return told if _LINK.fullmatch(told) else ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """It is out: the platform's own id, and the public link where there is one."""

    id: str
    url: str = ""
    published_at: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", link(self.url))


@dataclass(frozen=True, slots=True)
class Pending:
    """The platform is still working; `state` (small, JSON) is what `resume` needs, not before `after_s` seconds.

    `reference` is what the platform's callbacks name it by, where it calls back.
    """

    state: Mapping[str, str]
    after_s: float
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Handoff:
    """A person must finish in the platform's app, at `url`, before `expires_at` (UTC text) where it expires.

    `reference` is what the platform's callbacks name it by, where it calls back.
    """

    url: str
    expires_at: str = ""
    reference: str = ""


Outcome = Receipt | Pending | Handoff


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose credentials these are, as the platform names them."""

    id: str
    name: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", link(self.url))


@dataclass(frozen=True, slots=True)
class Fresh:
    """Renewed secrets by the names of their fields, and for how many seconds they last (0: nobody said).

    `renewable_s`: after so many seconds they cannot be renewed without a person any more (0: nobody said).
    """

    secrets: Mapping[str, str] = field(repr=False)
    lasts_s: float = 0.0
    renewable_s: float = 0.0


class Metric(StrEnum):
    """What platforms count of a post; each counts in its own way."""

    VIEWS = "views"
    REACH = "reach"
    LIKES = "likes"
    COMMENTS = "comments"
    SHARES = "shares"  # reposts, boosts, retweets
    SAVES = "saves"
    CLICKS = "clicks"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be published as it is: which field, what is wrong, what would help."""

    field: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One channel in a publication; `overrides` replaces fields of the content for this channel alone."""

    channel: str
    platform: str
    overrides: Mapping[str, object] = field(default_factory=dict)


def status_of(states: Iterable[DeliveryState], *, waiting: bool) -> PublicationStatus:
    """What a publication's deliveries amount to; `waiting` says its time has not come yet."""
    seen = set(states)
    if seen == {DeliveryState.CANCELED}:
        return PublicationStatus.CANCELED
    if seen <= TERMINAL:
        return _settled(seen - {DeliveryState.CANCELED})
    if seen & {DeliveryState.HELD, DeliveryState.HANDOFF} and not seen & _MOVING:
        return PublicationStatus.HELD
    if waiting and seen <= {DeliveryState.QUEUED, DeliveryState.CANCELED}:
        return PublicationStatus.SCHEDULED
    return PublicationStatus.PUBLISHING


_MOVING = frozenset(
    {DeliveryState.QUEUED, DeliveryState.PUBLISHING, DeliveryState.PROCESSING, DeliveryState.UNCERTAIN},
)


def _settled(seen: set[DeliveryState]) -> PublicationStatus:
    if seen == {DeliveryState.PUBLISHED}:
        return PublicationStatus.PUBLISHED
    return PublicationStatus.PARTIAL if DeliveryState.PUBLISHED in seen else PublicationStatus.FAILED
