"""Dramatiq on Redis as it comes: acknowledged when done, tried again upon any exception.

Two waits are shorter than its defaults, since the run is: jobs of dead workers come back after 5 s instead of 60 (and
are looked for at every tenth command instead of every thousandth), and a first retry after 0.5 s instead of 15.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import dramatiq  # type: ignore[import-not-found]
from dramatiq.brokers.redis import RedisBroker  # type: ignore[import-not-found]

from tests.bench.peers import job

HURRIED = {"heartbeat_timeout": 5_000, "maintenance_chance": 100_000} if "BENCH_PLATFORM" in os.environ else {}

dramatiq.set_broker(RedisBroker(url=os.environ["BENCH_REDIS"], **HURRIED))
publish = dramatiq.actor(job.publish, actor_name="publish", min_backoff=500, max_backoff=5_000)


def send(target: str, content: Mapping[str, Any]) -> None:
    """Put one job on the queue."""
    publish.send(target, content)
