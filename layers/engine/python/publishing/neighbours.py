"""What else goes to the same channels around the same time: what a dry run warns of, and nothing else reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from publishing.model import Content, DeliveryState, Target
from publishing.publication import Publication, overridden
from publishing.store import Publications

LATEST = 200  # so many of the workspace's publications are looked at, the newest of them
NEAREST = 50  # and so many of those are compared, the nearest in time
CLOSE_S = 300.0
NOT_OUT = frozenset({DeliveryState.FAILED, DeliveryState.CANCELED, DeliveryState.EXPIRED})


class Concern(StrEnum):
    """A kind of warning."""

    REPEATED = "repeated-content"
    CLOSE = "close-in-time"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What another publication sends to a channel; `apart` is how much later than ours, negative if earlier."""

    publication: Publication
    content: Content
    apart: timedelta

    @property
    def distance_s(self) -> float:
        """How far away in time it is, before or after."""
        return abs(self.apart.total_seconds())


@dataclass(frozen=True)
class Neighbourhood:
    """Finds the neighbours of a publication that is not yet there."""

    publications: Publications

    def around(self, draft: Publication, within_s: float, *, but: str = "") -> Mapping[str, Sequence[Neighbour]]:
        """Its neighbours by channel, the nearest first; neither itself nor `but`, and none that will not go out.

        Eventually consistent: what was accepted or canceled a moment ago may not show.
        """
        latest = self.publications.latest(draft.workspace, limit=LATEST)
        others = [other for other in latest if other.id not in {draft.id, but}]
        near = sorted(_sharing(draft, others, within_s), key=lambda other: abs(other.publish_at - draft.publish_at))
        found: dict[str, list[Neighbour]] = {}
        for other, target in self._going_out(near[:NEAREST]):
            apart = other.publish_at - draft.publish_at
            neighbour = Neighbour(other, overridden(other.content, target.overrides), apart)
            found.setdefault(target.channel, []).append(neighbour)
        return found

    def _going_out(self, near: Sequence[Publication]) -> Iterator[tuple[Publication, Target]]:
        """Their targets that are out or may yet be, each with its publication, now with its content."""
        full = self.publications.publications((other.workspace, other.id) for other in near)
        for whole in self.publications.with_deliveries(near):
            stored = full.get((whole.publication.workspace, whole.publication.id))
            for delivery in whole.deliveries:
                target = stored.target(delivery.channel) if stored else None
                if stored and target and delivery.state not in NOT_OUT:
                    yield stored, target


def _sharing(draft: Publication, others: Iterable[Publication], within_s: float) -> Iterator[Publication]:
    """Those that go to one of its channels within so many seconds, without their targets elsewhere."""
    channels = {target.channel for target in draft.targets}
    for other in others:
        shared = tuple(target for target in other.targets if target.channel in channels)
        if shared and abs((other.publish_at - draft.publish_at).total_seconds()) <= within_s:
            yield replace(other, targets=shared)


def concerns(
    content: Content, neighbours: Sequence[Neighbour], *, repeat_s: float
) -> Iterator[tuple[Concern, Neighbour]]:
    """What speaks against sending `content` among these, the nearest first; each concern once, with the nearest."""
    for neighbour in neighbours:
        if neighbour.distance_s <= repeat_s and fingerprint(neighbour.content) == fingerprint(content):
            yield Concern.REPEATED, neighbour
            break
    if neighbours and neighbours[0].distance_s <= CLOSE_S:
        yield Concern.CLOSE, neighbours[0]


def fingerprint(content: Content) -> tuple[object, ...]:
    """The same for what readers take for the same: words, link and media; not how it is spaced or tagged."""
    words = tuple(" ".join(text.split()) for text in (content.title, content.text, content.link))
    return (*words, tuple(media.url for media in content.media))
