"""The deployed stack as the load finds it: a workspace with channels, its books, and those of the platforms."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import boto3

from functions import platforms
from infra.local.cloud import Cloud
from infra.local.programs import Failed
from postroom_client.schemas import PublicationSummary
from publishing.adapter import Adapter
from publishing.publication import Whole
from publishing.store import Publications
from tests.end_to_end.world import World
from tests.load.driver import Load
from tests.load.verdict import Post

FEWEST, ROOM = 4, 2.0  # accounts of each platform, and how much more their paces allow than is asked for
VERIFIED_S, POLL_S = 120.0, 0.5
PAGE = 100
MARK = re.compile(r"Load-\d{6}")
DURATION = re.compile(r"REPORT RequestId: \S+\tDuration: ([\d.]+) ms")
CORRELATION = re.compile(r'"correlation_id":"([^"]+)"')


@dataclass(frozen=True)
class Site:
    """One workspace of a deployed stack."""

    world: World

    @property
    def cloud(self) -> Cloud:
        """What runs."""
        return self.world.cloud

    def connected(self, load: Load) -> dict[str, dict[str, str]]:
        """Connect as many accounts as the load needs, and wait until they are verified.

        Of the platforms to begin with: all of them would be more functions than a laptop can start and keep.
        """
        made: dict[str, dict[str, str]] = {}
        for platform in self.cloud.stand_ins.demonstrated:
            names = [f"load-{number}" for number in range(accounts(platforms.load(platform), load))]
            made[platform] = {name: self.world.connected(platform, name) for name in names}
        end_s = time.monotonic() + VERIFIED_S
        while not all(item["connection"] == "connected" for item in self.world.api.list_channels(limit=PAGE)):
            if time.monotonic() > end_s:
                raise Failed("Not all channels were verified.", self.cloud.emulator.log)
            time.sleep(POLL_S)
        return made

    def shown(self) -> list[PublicationSummary]:
        """Every publication, as the API lists it."""
        return list(self.world.api.list_publications(limit=PAGE))

    def posts(self) -> list[Post]:
        """Everything of this load that hangs at the stand-ins, once for each time it does."""
        return [
            Post(platform, marked[0], each["id"])
            for platform in self.cloud.stand_ins.demonstrated
            for each in self.world.posts(platform, account="")
            if (marked := MARK.search(str(each["document"])))
        ]

    def stored(self, identifier: str) -> Whole | None:
        """A publication with the histories of its deliveries, as the table holds it."""
        table = self.cloud.outputs["PublicationsTable"]
        store = Publications(table, lambda: datetime.now(UTC), lambda: self.cloud.emulator.client("dynamodb"))
        return store.whole(self.world.workspace, identifier)

    def invocations_s(self, function: str) -> dict[str, float]:
        """How long the emulator reports that a function's invocations took, by correlation id."""
        logs = self._logs
        groups = logs.describe_log_groups()["logGroups"]
        (group,) = [each["logGroupName"] for each in groups if function in each["logGroupName"]]
        streams: dict[str, dict[str, str]] = {}
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                found = streams.setdefault(event["logStreamName"], {})
                for name, pattern in (("duration", DURATION), ("correlation", CORRELATION)):
                    told = pattern.search(event["message"])
                    found |= {name: told[1]} if told else {}
        whole = (each for each in streams.values() if len(each) > 1)
        return {each["correlation"]: float(each["duration"]) / 1_000 for each in whole}

    @cached_property
    def _logs(self) -> Any:
        made: Callable[..., Any] = boto3.client
        told = self.cloud.emulator.environment
        return made(
            "logs",
            endpoint_url=self.cloud.emulator.endpoint,
            region_name=told["AWS_REGION"],
            aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        )


def accounts(adapter: Adapter, load: Load) -> int:
    """How many accounts a load needs, so that no channel's own pace holds it up."""
    rate = adapter.limits.rate
    return max(FEWEST, math.ceil(ROOM * load.per_s * rate.per_s / rate.requests)) if rate else FEWEST
