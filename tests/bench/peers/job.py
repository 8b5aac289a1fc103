"""The one job all of them do: ask a platform to publish, and write down in Redis what it answered.

Runs in the peers' own environment: the standard library, httpx and redis, nothing of ours. Content and target come in
the message, as these queues' users send them.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

OUTCOMES = "outcomes"  # in Redis: the platform's id for each target
PLATFORM = "https://platform.test/posts"
LOST = (httpx.TransportError,)  # what these queues' users have tried again: the answer was lost, or never came


class Answering(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A platform in this process, which answers after `latency_s` and takes everything."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self._latency_s = latency_s

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait, and answer."""
        if self._latency_s:
            time.sleep(self._latency_s)
        return httpx.Response(200, json={"id": "p-1"}, request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait without holding up others, and answer."""
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        return httpx.Response(200, json={"id": "p-1"}, request=request)


def asking(target: str, content: Mapping[str, Any]) -> httpx.Request:
    """The request that publishes; the same for the peers and for us."""
    said = {"id": target, "title": content["title"], "text": content["text"], "link": content["link"]}
    url = os.environ.get("BENCH_PLATFORM", PLATFORM)
    return httpx.Request("POST", url, json=said, extensions={"publishes": True, "timeout": {"read": 10.0}})


def publish(target: str, content: Mapping[str, Any]) -> None:
    """Do the job."""
    reply = platform().handle_request(asking(target, content))
    reply.read()
    records().hset(OUTCOMES, target, reply.json()["id"])


@cache
def platform() -> httpx.BaseTransport:
    """The platform on loopback where one is named; else the one in this process."""
    if "BENCH_PLATFORM" in os.environ:
        return httpx.HTTPTransport(trust_env=False)
    return Answering(latency_s())


def latency_s() -> float:
    """How long the platform in this process takes."""
    return float(os.environ.get("BENCH_LATENCY_S", "0"))


@cache
def records() -> Any:
    """Where outcomes are written."""
    import redis  # type: ignore[import-not-found]  # noqa: PLC0415 - our side builds the same requests without it

    return redis.Redis.from_url(os.environ["BENCH_REDIS"])
