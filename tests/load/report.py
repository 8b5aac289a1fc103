"""What is told of a load in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table

from tests.load.deployed import Site
from tests.load.driver import Driven, Load
from tests.load.latency import Split, answers_split, deliveries_split, spread
from tests.load.verdict import Verdict

TOLD = 5
HOW = (
    "Ours in an answer is what submit's invocation took beyond one of /v1/health, asked once a second; ours in a "
    "delivery is from claim to outcome. Both include waiting for the emulator's tables and queues, the latter for the "
    "stand-in, too. The emulator's is the rest: gateway, authorizer, queues, event source mappings, starting them. "
    "Deliveries that met a fault are left out of the times. None of this says how fast AWS is."
)


@dataclass(frozen=True)
class Report:
    """Of one load."""

    load: Load
    driven: Driven
    verdict: Verdict
    answers: Split
    deliveries: Split

    @classmethod
    def of(cls, site: Site, load: Load, driven: Driven, verdict: Verdict) -> Report:
        """What `site` knows of it, put together."""
        health = site.invocations_s("RestLog")
        idle_s = [health[name] for name in driven.health if name in health]
        answers = answers_split(driven.answered_s, site.invocations_s("SubmitLog"), idle_s)
        stored = filter(None, map(site.stored, driven.accepted))
        return cls(load, driven, verdict, answers, deliveries_split(stored))

    def tables(self) -> Group:
        """The figures, and the times."""
        title = f"{self.load.per_s:g} publications a second for {self.load.lasts_s:g} s, on the local cloud"
        figures = Table("what", "figure", title=title)
        for row in self._figures():
            figures.add_row(*row)
        times = Table("seconds", "n", "p50", "p95", "p99", "most", title="How long it took, and whose time it was")
        for column in times.columns[1:]:
            column.justify = "right"
        for name, times_s in self._times():
            found = spread(times_s)
            values = (found.p50_s, found.p95_s, found.p99_s, found.most_s)
            times.add_row(name, f"{found.count:,}", *(f"{value:.3f}" for value in values))
        return Group(figures, times)

    def sentences(self) -> Iterator[str]:
        """What was found wrong, and how the times were split."""
        for found in (self.verdict.lost, self.verdict.doubled, self.verdict.lies):
            yield from found[:TOLD]
        yield HOW

    def _figures(self) -> Iterator[tuple[str, str]]:
        verdict, driven = self.verdict, self.driven
        yield "publications accepted", f"{verdict.publications:,} of {self.load.count:,}"
        yield "  refused, never answered, asked again", f"{driven.refused}, {driven.unanswered}, {driven.again}"
        yield "  achieved rate", f"{verdict.publications / driven.took_s:.2f}/s of {self.load.per_s:g}/s"
        yield "targets settled", f"{verdict.settled:,} of {verdict.targets:,}"
        person = verdict.targets - verdict.settled - verdict.looked_for - len(verdict.lost)
        yield "for a person to decide, still looked for", f"{person:,}, {verdict.looked_for:,}"
        for state, count in verdict.states.most_common():
            yield f"  {state}", f"{count:,}"
        yield "lost", str(len(verdict.lost))
        yield "doubled", str(len(verdict.doubled))
        yield "told wrongly", str(len(verdict.lies))
        yield "all that was waited for had settled after", f"{driven.settled_s:.0f} s"
        yield "faults of the platforms", ", ".join(f"{kind} {count}" for kind, count in driven.faults.most_common())

    def _times(self) -> Iterator[tuple[str, list[float]]]:
        yield "an answer to POST /v1/publications", list(self.answers.whole_s)
        yield "  ours", list(self.answers.ours_s)
        yield "  the emulator's", list(self.answers.emulators_s)
        yield "a target, from accepted to out", list(self.deliveries.whole_s)
        yield "  ours", list(self.deliveries.ours_s)
        yield "  the emulator's", list(self.deliveries.emulators_s)
