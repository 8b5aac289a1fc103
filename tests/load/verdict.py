"""What became of a load: what the API says of each target, held against what the platform itself knows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from postroom_client.schemas import Delivery, PublicationSummary
from publishing.model import TERMINAL, utc_moment

OVERDUE = timedelta(minutes=2)  # a look that is later than that does not come by itself any more
WAITS_FOR_A_PERSON = frozenset({"held", "handoff", "uncertain"})


@dataclass(frozen=True, slots=True)
class Post:
    """Something that hangs at a platform, with the mark of the publication it is of."""

    platform: str
    mark: str
    id: str


@dataclass
class Verdict:
    """The count of it."""

    publications: int = 0
    states: Counter[str] = field(default_factory=Counter)
    looked_for: int = 0  # in doubt, until the platform is asked once more
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)

    @property
    def targets(self) -> int:
        """How many there were."""
        return self.states.total()

    @property
    def settled(self) -> int:
        """How many have come to their end."""
        return sum(count for state, count in self.states.items() if state in TERMINAL)

    @property
    def fine(self) -> bool:
        """Whether something was accepted, and all that was is where it should be, and said to be."""
        return bool(self.publications) and not (self.lost or self.doubled or self.lies)


def rests(delivery: Delivery) -> bool:
    """Whether nothing more happens to a delivery by itself."""
    return delivery["state"] in TERMINAL or (delivery["state"] in WAITS_FOR_A_PERSON and delivery["next_at"] is None)


def looked_for(delivery: Delivery, until: datetime) -> bool:
    """Whether a delivery in doubt is looked for again, and not before then."""
    return bool(delivery["state"] == "uncertain" and delivery["next_at"] and utc_moment(delivery["next_at"]) > until)


def judged(
    accepted: Mapping[str, str], shown: Iterable[PublicationSummary], posts: Iterable[Post], now: datetime
) -> Verdict:
    """Judge what was accepted: marks by publications' ids, as clients were answered."""
    known, found = {publication["id"]: publication for publication in shown}, Verdict(publications=len(accepted))
    out: dict[tuple[str, str], list[str]] = defaultdict(list)
    for post in posts:
        out[post.platform, post.mark].append(post.id)
    found.doubled += [f"{mark} is at {platform} {len(ids)} times" for (platform, mark), ids in out.items() if ids[1:]]
    for identifier, mark in accepted.items():
        if identifier not in known:
            found.states["not there"] += 1
            found.lost.append(f"{mark} was accepted as {identifier}, and is not there")
            continue
        for delivery in known[identifier]["deliveries"]:
            found.looked_for += looked_for(delivery, now - OVERDUE)
            _one(found, mark, delivery, out[delivery["platform"], mark], now)
    return found


def _one(found: Verdict, mark: str, delivery: Delivery, out: Sequence[str], now: datetime) -> None:
    found.states[delivery["state"]] += 1
    what = f"{mark} to {delivery['platform']} is said to be {delivery['state']}"
    if not rests(delivery) and not looked_for(delivery, now - OVERDUE):
        found.lost.append(f"{what}, and does not settle")
    if delivery["state"] == "published" and delivery["post_id"] not in out:
        found.lies.append(f"{what} as {delivery['post_id']!r}, and there is {list(out)}")
    if delivery["state"] in TERMINAL - {"published"} and out:
        found.lies.append(f"{what}, and is out")
