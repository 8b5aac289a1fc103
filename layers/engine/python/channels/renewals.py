"""Finds the channels whose credentials are to be attended to, and asks their platforms' own functions to do it."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from channels.records import SHARDS, place
from channels.registry import Registry
from publishing import aws
from publishing.batch import Pool
from publishing.failures import told
from publishing.message import Renew
from publishing.model import Priority, utc_text
from publishing.sending import Parcel, Sender, SendFailed, lane

INDEX = "renewals"
PAGE = 100
THREADS = 8
FIRST_AGAIN_S = 600.0
LONGEST_AGAIN_S = 21_600.0  # credentials that last so short a time are renewed when they are refused, too

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A channel as the `renewals` index lists it; `tries`: how often it was asked for in vain."""

    workspace: str
    channel: str
    platform: str
    renew_at: str
    tries: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What one look did: so many channels were asked for; and so many times that failed."""

    asked: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Renewals:
    """Looks through the channels table; `draw` gives numbers in [0, 1)."""

    registry: Registry
    sender: Sender
    pool: Pool = ThreadPoolExecutor
    draw: Callable[[], float] = random.random

    def run(self, *, until: Callable[[], bool]) -> Asked:
        """Ask for everything due, until there is none or `until` says time is up."""
        asked = failed = 0
        with self.pool(THREADS) as workers:
            for page in self._pages(until):
                done = list(workers.map(self._one, page))
                asked, failed = asked + done.count(True), failed + done.count(False)
        return Asked(asked, failed)

    def _pages(self, until: Callable[[], bool]) -> Iterator[Sequence[Wanted]]:
        """Another shard comes first each minute, should time not suffice for all."""
        first = int(self.registry.clock().timestamp() // 60)
        for number in range(SHARDS):
            for page in self._shard((first + number) % SHARDS):
                if until():
                    return
                yield page

    def _one(self, wanted: Wanted) -> bool | None:
        """Whether it was asked for; None where somebody else was first, or it is not due any more."""
        try:
            renew_at = self._put_off(wanted)
            if renew_at:
                work = Renew(workspace=wanted.workspace, channel=wanted.channel, renew_at=renew_at)
                self.sender.send([Parcel(lane(wanted.platform, Priority.NORMAL), work)])
        except (SendFailed, *aws.FAILURES) as error:
            ids = {"workspace": wanted.workspace, "channel": wanted.channel}
            logger.error("A channel's credentials were not asked for", extra={**ids, **told(error)})
            return False
        return True if renew_at else None

    def _put_off(self, wanted: Wanted) -> str:
        """First its next time, then the message: what is lost, or fails for now, is asked for again by then."""
        wait_s = min(FIRST_AGAIN_S * 2 ** min(wanted.tries, 10), LONGEST_AGAIN_S) * (1 - self.draw() / 4)
        again = utc_text(self.registry.clock() + timedelta(seconds=wait_s))
        values = {":again": again, ":seen": wanted.renew_at, ":tries": wanted.tries + 1}
        client = self.registry.client()
        try:
            client.update_item(
                TableName=self.registry.table,
                Key=aws.marshal(place(wanted.workspace, wanted.channel)),
                UpdateExpression="SET renew_at = :again, renew_tries = :tries",
                ConditionExpression="renew_at = :seen",
                ExpressionAttributeValues=aws.marshal(values),
            )
        except client.exceptions.ConditionalCheckFailedException:
            return ""
        return again

    def _shard(self, shard: int) -> Iterator[Sequence[Wanted]]:
        due = {":shard": str(shard), ":now": utc_text(self.registry.clock())}
        request: dict[str, Any] = {
            "TableName": self.registry.table,
            "IndexName": INDEX,
            "KeyConditionExpression": "renew_shard = :shard AND renew_at <= :now",
            "ExpressionAttributeValues": aws.marshal(due),
            "Limit": PAGE,
        }
        more = True
        while more:
            answer = self.registry.client().query(**request)
            if answer["Items"]:
                yield [_wanted(aws.unmarshal(item)) for item in answer["Items"]]
            more = "LastEvaluatedKey" in answer
            request["ExclusiveStartKey"] = answer.get("LastEvaluatedKey")


def _wanted(item: dict[str, Any]) -> Wanted:
    channel = item["sk"].partition("#")[2]
    return Wanted(item["pk"], channel, item["platform"], item["renew_at"], int(item.get("renew_tries", 0)))
