"""What the sweep finds unsettled: how long the oldest work waits to be begun, or for a person."""

from __future__ import annotations

import threading
from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from publishing.clock import Clock
from publishing.model import DeliveryState, utc_moment
from publishing.publication import NEVER, Delivery, Publication, Whole
from publishing.telemetry import due, since_s, tally, waiting


class Unsettled:
    """Is shown what the sweep finds unsettled; keeps the longest waits of each platform and `report`s them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._oldest_s: dict[tuple[str, str], float] = {}

    def __call__(self, whole: Whole) -> None:
        """`whole` is due, and not all of it is settled."""
        for delivery in whole.deliveries:
            name, since = _waits(whole.publication, delivery)
            if name:
                self._keep((delivery.platform, name), since_s(since, self._clock()))

    def report(self) -> None:
        """Write down the oldest of each, and begin anew."""
        with self._lock:
            oldest_s, self._oldest_s = self._oldest_s, {}
        for (platform, name), seconds in oldest_s.items():
            tally(platform).add(name, round(seconds, 3), MetricUnit.Seconds)

    def _keep(self, key: tuple[str, str], seconds: float) -> None:
        with self._lock:
            self._oldest_s[key] = max(seconds, self._oldest_s.get(key, 0.0))


def _waits(publication: Publication, delivery: Delivery) -> tuple[str, datetime]:
    """What a delivery waits for and since when; nothing where it waits for its time, its platform or its channel."""
    now = due(publication)
    if delivery.state is DeliveryState.UNCERTAIN and delivery.next_at == NEVER:
        return "UncertainSeconds", _unsure_since(delivery)
    if delivery.state is DeliveryState.QUEUED and delivery.next_at != NEVER:
        return waiting(publication), max(now, utc_moment(delivery.next_at))
    return "", now


def _unsure_since(delivery: Delivery) -> datetime:
    since = delivery.updated_at
    for event in reversed(delivery.history):
        if event.state != DeliveryState.UNCERTAIN:
            break
        since = event.at
    return utc_moment(since)
