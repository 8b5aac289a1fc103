"""Clients who come at even intervals, whether or not those before them were answered, and ask until they are."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.load.weather import Weather

ACCEPTED, BROKEN, TOO_MANY = 202, 500, 429
TRIES, AGAIN_S, TIMEOUT_S = 5, 2.0, 30.0
HEALTH_EVERY_S = 1.0
WARMINGS, BUSY_S = 3, 0.2  # a warm function is busy with a request for less than that

Channels = Mapping[str, Mapping[str, str]]  # by platform: the id of each account's channel


@dataclass(frozen=True, slots=True)
class Load:
    """So many publications a second, for so many seconds."""

    per_s: float
    lasts_s: float

    @property
    def count(self) -> int:
        """How many publications that makes."""
        return max(1, round(self.per_s * self.lasts_s))


@dataclass
class Driven:
    """What clients were answered."""

    accepted: dict[str, str] = field(default_factory=dict)  # the mark of each publication, by its id
    refused: int = 0
    unanswered: int = 0
    again: int = 0  # how often somebody had to ask once more
    answered_s: dict[str, float] = field(default_factory=dict)  # by correlation id, from when it was due to be asked
    health: list[str] = field(default_factory=list)  # correlation ids
    faults: Counter[str] = field(default_factory=Counter)  # that came over the platforms
    took_s: float = 0.0
    settled_s: float = 0.0


@dataclass
class Driver:
    """Drives the API behind `http`, which shows a key; one target on each platform for each publication."""

    http: httpx.AsyncClient
    sandbox: httpx.AsyncClient
    channels: Channels
    weather: Weather
    load: Load
    driven: Driven = field(default_factory=Driven)

    async def warm(self) -> None:
        """Have functions started, as many as are needed at once: starting them takes the emulator seconds.

        A steady load on cold ones would be met with one more start for each client that comes meanwhile.
        """
        body = _body("Warm", self._next_channels(0)) | {"dry_run": True}
        for _ in range(WARMINGS):
            at_once = 1 + math.ceil(self.load.per_s * BUSY_S)
            clients = (self.http.post("/v1/publications", json=body) for _ in range(at_once))
            await asyncio.gather(*clients, return_exceptions=True)  # who waits too long has had one started

    async def run(self) -> Driven:
        """Put the load on; the clients' last answers are waited for."""
        began_s = time.monotonic()
        async with asyncio.TaskGroup() as group:
            health = group.create_task(self._ask_for_health())
            async with asyncio.TaskGroup() as clients:
                for number in range(self.load.count):
                    due_s = began_s + number / self.load.per_s
                    await asyncio.sleep(due_s - time.monotonic())
                    clients.create_task(self._client(number, due_s))
            health.cancel()
        self.driven.took_s, self.driven.faults = time.monotonic() - began_s, self.weather.made
        return self.driven

    async def _client(self, number: int, due_s: float) -> None:
        await self.weather.come(self.sandbox, self._next_accounts(number))
        for _ in range(TRIES):
            reply = await self._submitted(number)
            if reply is not None:
                self._answered(number, reply, time.monotonic() - due_s)
                return
            self.driven.again += 1
            await asyncio.sleep(AGAIN_S)
        self.driven.unanswered += 1

    def _next_accounts(self, number: int) -> dict[str, str]:
        return {platform: turn(list(known), number) for platform, known in self.channels.items()}

    def _next_channels(self, number: int) -> list[str]:
        return [self.channels[platform][account] for platform, account in self._next_accounts(number).items()]

    async def _submitted(self, number: int) -> httpx.Response | None:
        """The answer; None where there was none, or one that says to ask again."""
        mark = mark_of(number)
        body = _body(mark, self._next_channels(number))
        try:
            reply = await self.http.post("/v1/publications", json=body, headers={"Idempotency-Key": mark})
        except httpx.TransportError:
            return None
        return None if reply.status_code >= BROKEN or reply.status_code == TOO_MANY else reply

    def _answered(self, number: int, reply: httpx.Response, took_s: float) -> None:
        if reply.status_code == ACCEPTED:
            self.driven.accepted[reply.json()["id"]] = mark_of(number)
            self.driven.answered_s[reply.headers["X-Correlation-Id"]] = took_s
        else:
            self.driven.refused += 1

    async def _ask_for_health(self) -> None:
        """Ask for what costs nothing: what that takes here is the emulator's."""
        while True:
            await asyncio.sleep(HEALTH_EVERY_S)
            try:
                reply = await self.http.get("/v1/health")
            except httpx.TransportError:
                continue
            self.driven.health.append(reply.headers.get("X-Correlation-Id", ""))


def _body(mark: str, channels: Sequence[str]) -> dict[str, Any]:
    content = {"title": mark, "text": f"The text of {mark}."}
    return {"content": content, "targets": [{"channel": channel} for channel in channels]}


def mark_of(number: int) -> str:
    """What tells the publication of this number wherever it is seen."""
    return f"Load-{number:06}"


def turn(accounts: Sequence[str], number: int) -> str:
    """Whose turn it is, each after the other: so no channel's pace is asked for more than its share."""
    return accounts[number % len(accounts)]


def client(base_url: str = "", key: str = "") -> httpx.AsyncClient:
    """Connections, as many as there are clients."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncClient(base_url=base_url, headers=headers, timeout=TIMEOUT_S, limits=limits, trust_env=False)
