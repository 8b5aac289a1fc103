"""Logs and metrics of the functions: JSON lines with ids and states, and CloudWatch metrics written as log lines."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit

from publishing.model import DeliveryState, utc_moment
from publishing.records import Delivery, Publication

_about: ContextVar[dict[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed in place
_OURS = ("publishing", "channels", "identity", "web")

logger = Logger(service="postroom")
metrics = Metrics(namespace="Postroom", service="postroom")


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


_COUNTED = {
    DeliveryState.PUBLISHED: "DeliveryPublished",
    DeliveryState.FAILED: "DeliveryFailed",
    DeliveryState.QUEUED: "DeliveryRetried",
    DeliveryState.UNCERTAIN: "DeliveryUncertain",
    DeliveryState.HELD: "DeliveryHeld",
}


class Observed:
    """Is told of every new state of one platform's deliveries, by many threads; logs and counts them."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._lock = threading.Lock()
        metrics.set_default_dimensions(platform=platform)

    def __call__(self, publication: Publication, delivery: Delivery) -> None:
        """`delivery` has just been written as it is."""
        logger.info(
            "delivery %s",
            delivery.state.value,
            extra={"platform": self._platform, "attempt": delivery.attempt, "why": _why(delivery)},
        )
        with self._lock:
            if delivery.state in _COUNTED:
                metrics.add_metric(_COUNTED[delivery.state], MetricUnit.Count, 1)
            if delivery.state is DeliveryState.PUBLISHED:
                since_s = (utc_moment(delivery.updated_at) - publication.publish_at).total_seconds()
                metrics.add_metric("DeliverySeconds", MetricUnit.Seconds, max(0.0, since_s))

    def breaker_opened(self) -> None:
        """Nobody asks the platform now; told again after each probe in vain."""
        logger.warning("the breaker is open", extra={"platform": self._platform})
        with self._lock:
            metrics.add_metric("BreakerOpen", MetricUnit.Count, 1)


def count(name: str, value: float = 1) -> None:
    """Add to a metric that belongs to no platform."""
    metrics.add_metric(name, MetricUnit.Count, value)


def flush() -> None:
    """Write the metrics added since the last flush."""
    if metrics.metric_set:
        metrics.flush_metrics()


def _why(delivery: Delivery) -> str:
    return delivery.trouble.kind if delivery.trouble else ""
