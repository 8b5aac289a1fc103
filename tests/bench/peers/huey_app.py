"""Huey on Redis as it comes, without results: a job that was taken and not done is gone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from huey import RedisHuey  # type: ignore[import-not-found]

from tests.bench.peers import job

huey = RedisHuey("peers", url=os.environ["BENCH_REDIS"], results=False)
publish = huey.task()(job.publish)


def send(target: str, content: Mapping[str, Any]) -> None:
    """Put one job on the queue."""
    publish(target, content)
