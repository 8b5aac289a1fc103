"""I11: what was counted is what happened, once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from publishing import ids
from publishing.model import DeliveryState
from publishing.publication import Whole
from tests.simulation.observations import Observations, Told
from tests.simulation.violation import Violation

METRICS = {
    DeliveryState.PUBLISHED: "DeliveryPublished",
    DeliveryState.FAILED: "DeliveryFailed",
    DeliveryState.EXPIRED: "DeliveryExpired",
}
# These are made by the api, too, or told by another metric.
ELSEWHERE = frozenset({DeliveryState.PUBLISHING, DeliveryState.CANCELED})


def broken(observations: Observations, stored: Iterable[Whole], doubtful: set[str]) -> Iterator[Violation]:
    """What was told must be written, no transition told twice, and none untold unless a worker may have died there."""
    told = Counter((each.delivery, each.state, each.at) for each in observations.told)
    written = Counter(
        (ids.delivery(whole.publication.id, delivery.channel), DeliveryState(event.state), event.at)
        for whole in stored
        for delivery in whole.deliveries
        for event in delivery.history
        if not event.by
    )
    for each in told - written:
        yield Violation("I11", f"{each} was told more often than it happened")
    for each in written - told:
        if each[1] not in ELSEWHERE and ids.delivery_parts(each[0])[0] not in doubtful:  # type: ignore[index]
            yield Violation("I11", f"{each} was never told")
    yield from _metrics(observations.metrics, observations.told)


def _metrics(metrics: Counter[tuple[str, str]], told: Sequence[Told]) -> Iterator[Violation]:
    expected = Counter((each.platform, METRICS[each.state]) for each in told if each.state in METRICS)
    counted = Counter({key: count for key, count in metrics.items() if key[1] in METRICS.values()})
    if counted != expected:
        yield Violation("I11", f"counted {counted - expected} too much and {expected - counted} too little")
