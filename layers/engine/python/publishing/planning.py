"""Plans series: makes publications of the occurrences that are near, each exactly once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publishing.batch import Pool
from publishing.clock import Clock
from publishing.failures import told
from publishing.model import utc_text
from publishing.recurrence import Occurrence
from publishing.sending import Sender
from publishing.series import Series, publication_of
from publishing.series_store import SeriesStore
from publishing.store import GRACE_S, Publications

AHEAD = timedelta(hours=24)  # so long nothing is missed while nobody plans
FURTHEST = timedelta(days=366)  # no publication is made further ahead
MISSED = timedelta(hours=1)  # an occurrence that could not be made until so late is passed over
AGAIN = timedelta(seconds=60)
MOST = 50  # occurrences of one series in one run
PAGE = 100
THREADS = 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """What one run did: series looked at, publications made, occurrences missed; and series it failed at."""

    looked: int = 0
    made: int = 0
    missed: int = 0
    failed: int = 0

    def __add__(self, other: Planned) -> Planned:
        return Planned(
            self.looked + other.looked, self.made + other.made, self.missed + other.missed, self.failed + other.failed
        )


@dataclass(frozen=True)
class Planning:
    """Makes the publications of series.

    First one conditional write says which occurrences are made, then each is stored and sent, then a second write says
    that they are. So a person's change comes before all of it or after, and whoever dies in between is followed by
    another, a minute later, whose publications are the same ones: their ids follow from series and occurrence.
    """

    series: SeriesStore
    publications: Publications
    sender: Sender
    clock: Clock
    pool: Pool = ThreadPoolExecutor

    def run(self, *, until: Callable[[], bool]) -> Planned:
        """Plan everything due, until there is none or `until` says time is up."""
        total = Planned()
        with self.pool(THREADS) as workers:
            for page in self._pages(until):
                total = sum(workers.map(self._one, page), total)
        return total

    def plan(self, seen: Series, *, most: int = MOST) -> tuple[Series, Planned]:
        """Make what is near of a series; answers how it stands. One that was changed meanwhile is left as it is."""
        taken, missed = self._taken(seen, most)
        if taken is None:
            return seen, Planned(looked=1)
        for occurrence in taken.unsent:
            self._make(taken, occurrence)
        planned = Planned(looked=1, made=len(taken.unsent), missed=missed)
        if taken.unsent:
            rested = replace(taken, unsent=(), due_at=self._next_look(taken))
            taken = self.series.replace(taken, rested) or taken
        return taken, planned

    def _pages(self, until: Callable[[], bool]) -> Iterator[Sequence[tuple[str, str]]]:
        start, more = None, True
        while more and not until():
            page, start = self.series.due(limit=PAGE, start=start)
            more = start is not None
            yield page

    def _one(self, key: tuple[str, str]) -> Planned:
        """One series, and never more than that one: what fails here is the next minute's to try again."""
        try:
            seen = self.series.read(*key)
            if seen is None or not seen.due_at or seen.due_at > utc_text(self.clock()):
                return Planned()  # the index shows a little of the past
            return self.plan(seen)[1]
        except Exception as error:  # noqa: BLE001 - whatever it is, the others wait for their turn
            logger.error("A series was not planned", extra={"workspace": key[0], "series": key[1], **told(error)})
            return Planned(failed=1)

    def _taken(self, seen: Series, most: int) -> tuple[Series | None, int]:
        """The series with what is now to be made noted in it, and how many occurrences were missed."""
        if seen.unsent:  # noted before, by somebody who may have died
            return self.series.replace(seen, replace(seen, due_at=self._soon())), 0
        missed, near = self._near(seen, most) if seen.goes_on else (0, [])
        noted = replace(
            seen,
            unsent=tuple(near),
            made=seen.made_by(self.clock(), near),
            planned_to=near[-1].wall if near else self._passed(seen),
        )
        due_at = self._soon() if near else self._next_look(noted)
        return self.series.replace(seen, replace(noted, due_at=due_at)), missed

    def _near(self, seen: Series, most: int) -> tuple[int, list[Occurrence]]:
        """How many occurrences were missed, and those to be made now: what is near, and always the next one."""
        now, missed = self.clock(), 0
        waits = bool(seen.made) and seen.made[-1].at > now
        near: list[Occurrence] = []
        for occurrence in seen.recurrence.after(seen.planned_to):
            if occurrence.at < now - MISSED:
                missed += 1
                continue
            ahead = AHEAD if waits or near else FURTHEST
            if len(near) == most or occurrence.at > now + ahead:
                break
            near.append(occurrence)
        return missed, near

    def _passed(self, seen: Series) -> datetime:
        return max(seen.planned_to, seen.recurrence.wall(self.clock() - MISSED))

    def _next_look(self, series: Series) -> str:
        """When something of it is to be made next: when the next occurrence is near, or the last one made is over."""
        following = next(series.recurrence.after(series.planned_to), None) if series.goes_on else None
        if following is None:
            return ""
        near = following.at - (AHEAD if series.made else FURTHEST)
        over = series.made[-1].at if series.made else near
        return utc_text(max(self.clock(), min(near, max(over, following.at - FURTHEST))))

    def _make(self, series: Series, occurrence: Occurrence) -> None:
        due_at = utc_text(occurrence.at + timedelta(seconds=GRACE_S))
        wanted = publication_of(series, occurrence, now=self.clock(), due_at=due_at)
        stored, _ = self.publications.accept(wanted)
        if stored.canceled_at is None:
            self.sender.start(stored)

    def _soon(self) -> str:
        return utc_text(self.clock() + AGAIN)
