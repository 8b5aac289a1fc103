"""Taskiq on Redis: its list broker, the fastest it has (a job that was taken and not done is gone), and async jobs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import redis.asyncio  # type: ignore[import-not-found]
from taskiq_redis import ListQueueBroker  # type: ignore[import-not-found]

from tests.bench.peers import job

broker = ListQueueBroker(os.environ["BENCH_REDIS"])


async def _publish(target: str, content: Mapping[str, Any]) -> None:
    reply = await _platform().handle_async_request(job.asking(target, content))
    await reply.aread()
    await _records().hset(job.OUTCOMES, target, reply.json()["id"])


publish = broker.task("publish")(_publish)


def send(target: str, content: Mapping[str, Any]) -> None:
    """Put one job on the queue."""
    _runner().run(publish.kiq(target, content))


@cache
def _platform() -> job.Answering:
    return job.Answering(job.latency_s())


@cache
def _records() -> Any:
    return redis.asyncio.Redis.from_url(os.environ["BENCH_REDIS"])


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()
