"""B03: what a million targets cost on AWS, part by part, at the prices of `publishing.prices`.

Metered by `flow`: DynamoDB's units, requests to queues, schedules and keys, and what the functions log. Assumed, in
`publishing.costs`: how long functions run, how many invocations are traced, and what Lambda and API Gateway log. As
`flow` publishes: less than 1 KB to four platforms, at once, at the first attempt, in batches of ten, through functions
that know their channels. What timed ones and channels that rested cost more is told beside. Without free tiers, and
without what is paid by the month, whatever is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from publishing import costs, ids
from publishing.clock import now
from publishing.costs import running
from publishing.model import Target
from publishing.prices import MILLION, Charge, Use, together, usd
from publishing.publication import Publication
from publishing.records import content_of
from tests.bench.flow import CONTENT, PLATFORMS, WORKSPACE, Cost

WATCHING = ("logs", "traces")


@dataclass(frozen=True)
class Bill:
    """What one target uses, by part; and `timed`, what it uses more where its publication is."""

    parts: Mapping[str, Use]
    timed: Use

    @property
    def used(self) -> Use:
        """Everything together."""
        return together(*self.parts.values())

    @property
    def parts_usd(self) -> dict[str, float]:
        """A million targets, by part."""
        return {name: a_million(use) for name, use in self.parts.items()}

    @property
    def published_usd(self) -> float:
        """A million targets, published: what B01 and B02 count, the requests and the functions' time."""
        return sum(part for name, part in self.parts_usd.items() if name not in WATCHING)

    @property
    def watched_usd(self) -> float:
        """A million targets, with their logs and traces."""
        return a_million(self.used)


def a_million(use: Use) -> float:
    """What it costs a million times, in US dollars."""
    return MILLION * usd(use)


def bill(cost: Cost) -> Bill:
    """The bill for what was metered."""
    targets, metered = cost.published_targets, cost.publishing
    asked, batches = cost.publications / targets, metered.calls["sqs.ReceiveMessage"] / targets
    functions = {
        "authorize": running(asked, costs.AUTHORIZING_S),
        "submit": running(asked, costs.ACCEPTING_S),
        "publish": running(batches, costs.PUBLISHING_S),
    }
    around = together(*functions.values())
    logged = (cost.logged.ingested_bytes + cost.publications * costs.ACCESS_BYTES) / targets
    parts = {
        "dynamodb": {
            Charge.WRITE_UNITS: (metered.write_units + metered.index_units) / targets,
            Charge.READ_UNITS: metered.read_units / targets,
        },
        "sqs": costs.queued(_calls(cost, "sqs.") / targets),
        "scheduler": {Charge.SCHEDULES: _calls(cost, "scheduler.CreateSchedule") / targets},
        "kms": {Charge.KEY_REQUESTS: _calls(cost, "kms.") / targets},
        "api_gateway": {Charge.API_REQUESTS: asked},
        **{name: _only(use, Charge.INVOCATIONS, Charge.GB_SECONDS) for name, use in functions.items()},
        "closing_sweep": {
            Charge.WRITE_UNITS: (cost.closing.write_units + cost.closing.index_units) / cost.closed_targets,
            Charge.READ_UNITS: cost.closing.read_units / cost.closed_targets,
        },
        "logs": {Charge.LOGGED_BYTES: around[Charge.LOGGED_BYTES] + logged},
        "traces": _only(around, Charge.TRACES),
    }
    dispatched = together(costs.TIMED, {Charge.READ_UNITS: 1, Charge.WRITE_UNITS: 1})  # it stands in the plan, too
    return Bill(parts, {charge: count * asked for charge, count in dispatched.items()})


def foretold(cost: Cost) -> Use:
    """What a dry run would have said that one of these targets uses."""
    platforms = PLATFORMS[: cost.published_targets // cost.publications]
    at = now()
    draft = Publication(
        id=ids.new("pub"),
        workspace=WORKSPACE,
        content=content_of(CONTENT),
        targets=tuple(Target(ids.new("chn"), platform) for platform in platforms),
        created_at=at,
        created_by="key_bench",
        publish_at=at,
        fingerprint="f" * 64,
        correlation_id="bench-10",
        due_at="2026-11-21T12:00:45.000Z",
    )
    part = {charge: count / len(platforms) for charge, count in costs.shared(draft, now()).items()}
    return together(part, costs.delivered(draft))


def _calls(cost: Cost, name: str) -> int:
    return sum(count for call, count in cost.publishing.calls.items() if call.startswith(name))


def _only(use: Use, *charges: Charge) -> Use:
    return {charge: use[charge] for charge in charges}
