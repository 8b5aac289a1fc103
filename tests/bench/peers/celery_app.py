"""Celery on Redis, at least once as its documentation advises: acknowledged late, requeued when a worker is lost.

`visibility_timeout` is an hour by default; here it is as short as the run must be. Lost answers are tried again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from celery import Celery  # type: ignore[import-not-found]

from tests.bench.peers import job

app = Celery("peers", broker=os.environ["BENCH_REDIS"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=int(os.environ.get("BENCH_PREFETCH", "4")),  # 4 is the default
    broker_transport_options={"visibility_timeout": 5},
    broker_connection_retry_on_startup=True,
)
publish = app.task(
    job.publish, name="publish", autoretry_for=job.LOST, retry_backoff=True, max_retries=10, acks_late=True
)


def send(target: str, content: Mapping[str, Any]) -> None:
    """Put one job on the queue."""
    publish.delay(target, content)
