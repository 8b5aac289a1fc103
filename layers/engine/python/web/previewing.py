"""What a submission would become, target by target: the request, what speaks against it, when, and for how much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from channels.model import StoredChannel
from publishing import costs
from publishing.acceptance import Acceptance
from publishing.adapter import Adapter
from publishing.model import Channel, Post, utc_text
from publishing.neighbours import CLOSE_S, Concern, Neighbour, Neighbourhood, concerns
from publishing.publication import Publication
from publishing.rehearsal import rehearse
from publishing.submission import Submission
from web import accepting, views
from web.schemas.base import FieldError
from web.schemas.previews import Caution, Preview, TargetPreview
from web.schemas.previews import Request as SentRequest

Channels = Callable[[str, Iterable[str]], Mapping[str, StoredChannel]]  # of a workspace, by id
HOURS = 120  # from so many minutes on a distance is told in hours


@dataclass(frozen=True)
class Previews:
    """Tells what submissions would become; nothing is stored."""

    acceptance: Acceptance
    channels: Channels
    neighbourhood: Neighbourhood

    def of(self, submitted: Submission, *, edits: str = "") -> Preview:
        """What would be published, and what speaks against it; `edits` is the publication it would change.

        Raises:
            Refusal: 404, 422, a channel is not in the workspace, or a time is wrong.
        """
        draft = accepting.or_refused(lambda: self.acceptance.draft(submitted))
        adapters = [self.acceptance.adapter(target.platform) for target in draft.targets]
        prices = costs.in_usd(draft, (adapter.uses for adapter in adapters), self.acceptance.clock())
        return Preview(
            publish_at=utc_text(draft.publish_at),
            late=views.late(draft.late),
            cost_usd=costs.text(sum(prices)),
            targets=list(self._targets(draft, adapters, prices, edits)),
        )

    def _targets(
        self, draft: Publication, adapters: Sequence[Adapter], prices: Sequence[float], edits: str
    ) -> Iterator[TargetPreview]:
        channels = self.channels(draft.workspace, [target.channel for target in draft.targets])
        window_s = max(CLOSE_S, *(adapter.limits.repeat_s for adapter in adapters))
        near = self.neighbourhood.around(draft, window_s, but=edits)
        for target, adapter, price in zip(draft.targets, adapters, prices, strict=True):
            post, channel = draft.post(target), channels.get(target.channel)
            problems = adapter.check(post)
            yield TargetPreview(
                channel=target.channel,
                platform=target.platform,
                content=views.content(post.content),
                problems=[FieldError(**asdict(problem)) for problem in problems],
                warnings=list(_cautions(adapter, post, near.get(target.channel, ()))),
                would_send=_would_send(adapter, post, channel) if channel and not problems else None,
                cost_usd=costs.text(price),
            )


def _would_send(adapter: Adapter, post: Post, stored: StoredChannel) -> SentRequest | None:
    bare = Channel(stored.id, stored.workspace, stored.platform, stored.name, stored.settings)
    rehearsed = rehearse(adapter, post, bare, stored.secret_fields)
    return SentRequest(**asdict(rehearsed)) if rehearsed else None


_WORDS = {
    Concern.REPEATED: (
        "content",
        "“{title}” has the same content for this channel, {when}.",
        "Change the title, text, link or media for this channel, or leave the channel out.",
    ),
    Concern.CLOSE: (
        "publish_at",
        "“{title}” goes to this channel, too, {when}.",
        f"Choose a time more than {CLOSE_S / 60:.0f} minutes away from it.",
    ),
}


def _cautions(adapter: Adapter, post: Post, near: Sequence[Neighbour]) -> Iterator[Caution]:
    for concern, neighbour in concerns(post.content, near, repeat_s=adapter.limits.repeat_s):
        field, message, remedy = _WORDS[concern]
        said = message.format(title=views.title(neighbour.content), when=_when(neighbour))
        yield Caution(code=concern, field=field, message=said, remedy=remedy, publication=neighbour.publication.id)


def _when(neighbour: Neighbour) -> str:
    minutes = round(neighbour.distance_s / 60)
    if minutes == 0:
        return "at the same time"
    distance = f"{minutes} min" if minutes < HOURS else f"{round(minutes / 60)} h"
    return f"{distance} {'later' if neighbour.apart.total_seconds() > 0 else 'earlier'}"
