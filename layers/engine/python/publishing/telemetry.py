"""Logs and metrics of the functions: JSON lines with ids and states, and CloudWatch metrics written as log lines."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from publishing.model import DeliveryState, Priority, utc_moment
from publishing.publication import Delivery, Publication

SERVICE, NAMESPACE = "postroom", "Postroom"
LEAST_PACED_S = 0.1  # less than that no message waits for its turn: it is what asking takes

_about: ContextVar[dict[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed in place
_OURS = ("publishing", "channels", "identity", "media", "flags", "notifying", "web")

logger = Logger(service=SERVICE)


class _AddAbout(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _about.get().items():
            setattr(record, name, value)
        return True


def _prepare() -> None:
    for name in _OURS:
        logging.getLogger(name)
    copy_config_to_registered_loggers(source_logger=logger, include=set(_OURS), ignore_log_level=False)
    for handler in logger.handlers:
        handler.addFilter(_AddAbout())


_prepare()


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Every line logged within carries these ids, in this thread."""
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


class Tally:
    """The metrics of one platform, or of none, until they are written.

    Each is written once and counts twice: under its platform, and under the service for all platforms together, because
    neither percentiles nor more than ten metrics can be put together afterwards. Every name costs as one custom metric
    for each platform in the hours in which it is written: what is not the case is not written, there are no zeros.
    """

    def __init__(self, platform: str = "") -> None:
        self._platform = platform
        self._lock = threading.Lock()
        # Powertools writes a line by itself at a hundred values, the most that CloudWatch reads of one.
        self._metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)

    def add(self, name: str, value: float, unit: MetricUnit = MetricUnit.Count) -> None:
        """One more value."""
        with self._lock:
            if not self._metrics.metric_set:
                self._address()
            self._metrics.add_metric(name, unit, value)

    def write(self) -> None:
        """Write what was added."""
        with self._lock:
            if self._metrics.metric_set:
                self._metrics.flush_metrics()

    def drop(self) -> None:
        """Forget what was added."""
        with self._lock:
            self._metrics.clear_metrics()

    def _address(self) -> None:
        self._metrics.clear_metrics()
        self._metrics.add_dimension("service", SERVICE)
        if self._platform:
            self._metrics.add_dimension("platform", self._platform)
            self._metrics.add_dimensions(service=SERVICE)


_lock = threading.Lock()
_tallies: dict[str, Tally] = {}


def tally(platform: str = "") -> Tally:
    """The metrics of a platform, or of none."""
    with _lock:
        if platform not in _tallies:
            _tallies[platform] = Tally(platform)
        return _tallies[platform]


def count(name: str, value: float = 1) -> None:
    """Add to a metric that belongs to no platform."""
    tally().add(name, value)


def flush() -> None:
    """Write the metrics added since the last flush."""
    for each in list(_tallies.values()):
        each.write()


def forget() -> None:
    """Drop the metrics that were not written: for tests."""
    for each in list(_tallies.values()):
        each.drop()


_COUNTED = {
    DeliveryState.PUBLISHED: "DeliveryPublished",
    DeliveryState.FAILED: "DeliveryFailed",
    DeliveryState.QUEUED: "DeliveryRetried",
    DeliveryState.UNCERTAIN: "DeliveryUncertain",
    DeliveryState.HELD: "DeliveryHeld",
    DeliveryState.EXPIRED: "DeliveryExpired",
    DeliveryState.CANCELED: "DeliveryCanceled",  # those whose message still came; most are canceled before
}
_STRAIGHT = [DeliveryState.PUBLISHING, DeliveryState.PUBLISHED]


class Observed:
    """Is told of every new state of one platform's deliveries and of how they went; logs and counts them."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._tally = tally(platform)

    def __call__(self, publication: Publication, delivery: Delivery) -> None:
        """`delivery` has just been written as it is."""
        logger.info("delivery %s", delivery.state.value, extra={"platform": self._platform, **_told(delivery)})
        if delivery.state in _COUNTED and not _again_unsure(delivery):
            self._tally.add(_COUNTED[delivery.state], 1)
        if delivery.state is DeliveryState.PUBLISHED:
            name = "DeliverySeconds" if _straight(delivery) else "DelayedSeconds"
            self._seconds(name, since_s(due(publication), utc_moment(delivery.updated_at)))

    def begun(self, publication: Publication, claimed: Delivery) -> None:
        """The first attempt tells how long a delivery was waiting for us: later ones were put off on purpose."""
        if len(claimed.history) == 1 and not claimed.delayed:
            self._seconds(waiting(publication), since_s(due(publication), utc_moment(claimed.updated_at)))

    def asked(self, seconds: float) -> None:
        """The platform was asked, whatever came of it; so long it took."""
        self._seconds("PlatformSeconds", seconds)

    def paced(self, seconds: float) -> None:
        """A message waits so long for its channel's pace, here or in its queue."""
        if seconds >= LEAST_PACED_S:
            self._seconds("PaceSeconds", seconds)

    def breaker_opened(self) -> None:
        """Nobody asks the platform now; told again after each probe in vain."""
        logger.warning("the breaker is open", extra={"platform": self._platform})
        self.shut_out()

    def shut_out(self) -> None:
        """The breaker is open: a gauge, which says 1 as long as there are messages to turn away."""
        self._tally.add("BreakerOpen", 1)

    def probes(self) -> None:
        """The breaker is half open."""
        self._tally.add("BreakerOpen", 0.5)

    def nears_an_end(self) -> None:
        """A delivery was begun on a version of the API that ends soon."""
        self._tally.add("EndingVersion", 1)

    def noted(self, name: str) -> None:
        """One more of what is merely counted."""
        self._tally.add(name, 1)

    def _seconds(self, name: str, seconds: float) -> None:
        self._tally.add(name, round(seconds, 3), MetricUnit.Seconds)


def due(publication: Publication) -> datetime:
    """From when a publication waits for us: not before it was there, even where its time had passed by then."""
    return max(publication.publish_at, publication.created_at)


def waiting(publication: Publication) -> str:
    """The metric of how long its deliveries wait to be begun: told as they begin, and by the sweep until they do."""
    return "UrgentWaitSeconds" if publication.priority is Priority.URGENT else "WaitSeconds"


def _again_unsure(delivery: Delivery) -> bool:
    """Whether it was uncertain before: one more look in vain is not one more doubt."""
    states = [event.state for event in delivery.history[-2:]]
    return states == [DeliveryState.UNCERTAIN, DeliveryState.UNCERTAIN]


def _straight(delivery: Delivery) -> bool:
    """Whether it went out at the first attempt, and nobody put it off: then all the time it took was ours or theirs."""
    return not delivery.delayed and [event.state for event in delivery.history] == _STRAIGHT


def since_s(moment: datetime, now: datetime) -> float:
    """The seconds that have passed, none where the clocks disagree."""
    return max(0.0, (now - moment).total_seconds())


def _told(delivery: Delivery) -> dict[str, Any]:
    trouble = delivery.trouble
    told = {"why": trouble.kind, "code": trouble.code, "status": trouble.status} if trouble else {"why": ""}
    return {"attempt": delivery.attempt, **told}
