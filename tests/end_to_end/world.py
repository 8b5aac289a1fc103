"""The running cloud as the tests use it: through the API like a caller, through AWS like an operator."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import httpx

from functions import platforms
from infra.local.channels import sample
from infra.local.cloud import Cloud
from postroom_client import Postroom
from postroom_client.schemas import Delivery, DeliveryWithHistory
from postroom_client.schemas import Publication as Shown
from publishing import ids
from publishing.ledger import Deliveries
from publishing.model import Content, Target, utc_text
from publishing.publication import Publication
from publishing.store import Publications

T = TypeVar("T")
POLL_S, TIMEOUT_S = 0.2, 30.0
SETTLED = frozenset({"published", "failed", "canceled", "expired"})


@dataclass
class World:
    """One workspace of a deployed stack. Channels are named as their accounts at the stand-ins."""

    cloud: Cloud
    workspace: str
    key: str

    @cached_property
    def http(self) -> httpx.Client:
        """The API with the workspace's admin key, for what is about HTTP itself."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.cloud.api_url, headers=headers, timeout=TIMEOUT_S, trust_env=False)

    @cached_property
    def api(self) -> Postroom:
        """The API with that key, as programs use it."""
        return self.cloud.api(self.key)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
        self.api.close()

    # Through the API

    def connected(self, platform: str, account: str) -> str:
        """Connect a channel; answers its id."""
        credentials = self.credentials(platform, account)
        return self.api.connect_channel({"platform": platform, "name": account, "credentials": credentials})["id"]

    def verified(self, platform: str, account: str) -> str:
        """Connect a channel, and wait until it is verified: what comes next meets nothing of that any more."""
        channel = self.connected(platform, account)
        self.until(lambda: self.api.read_channel(channel)["connection"] == "connected", within_s=60)
        return channel

    def credentials(self, platform: str, account: str) -> dict[str, str]:
        """What connects an account at the platform's stand-in, or at none."""
        stand_ins = self.cloud.stand_ins
        if platform in stand_ins.addresses:
            return dict(stand_ins.account(platform, account))
        return dict(sample(platforms.load(platform).credentials.fields))

    def submitted(self, channels: Sequence[str], title: str, *, key: str = "", **more: object) -> Shown:
        """Submit a small publication of that title; answers it as it was accepted."""
        content = {"title": title, "text": f"The text of {title}."}
        body: Any = {"content": content, "targets": [{"channel": channel} for channel in channels], **more}
        return self.api.publish(body, idempotency_key=key or None)

    def settled(self, identifier: str, *, within_s: float = 60.0) -> list[DeliveryWithHistory]:
        """A publication's deliveries with their histories, once all of them have settled."""

        def rest() -> list[Delivery] | None:
            found = self.api.read_publication(identifier)["deliveries"]
            return found if all(each["state"] in SETTLED for each in found) else None

        found = self.until(rest, within_s=within_s)
        return [self.api.read_delivery(each["id"]) for each in found]

    # At the stand-ins

    def posts(self, platform: str, account: str) -> list[dict[str, Any]]:
        """What was published with an account."""
        query = {"platform": platform, "account": account}
        found: list[dict[str, Any]] = self._door(platform, "GET", "posts", params=query).json()
        return found

    def fault(self, platform: str, account: str, kind: str, **more: object) -> None:
        """Have something go wrong the next time the account publishes."""
        self._door(platform, "POST", "faults", json={"platform": platform, "account": account, "kind": kind, **more})

    def _door(self, platform: str, method: str, name: str, **more: Any) -> httpx.Response:
        url = f"{self.cloud.stand_ins.addresses[platform]}/_sandbox/{name}"
        return httpx.request(method, url, trust_env=False, **more).raise_for_status()

    # Through AWS

    def stored(
        self, channel: str, platform: str, title: str, *, publish_at: datetime, due_at: datetime | None = None
    ) -> Publication:
        """A publication that was accepted and for which no message was ever sent; the sweep sees it from `due_at`."""
        publication = Publication(
            id=ids.new("pub"),
            workspace=self.workspace,
            content=Content(title=title, text=f"The text of {title}."),
            targets=(Target(channel, platform),),
            created_at=datetime.now(UTC),
            created_by="test",
            publish_at=publication_time(publish_at),
            fingerprint="none",
            due_at=utc_text(due_at or publish_at),
        )
        table = self.cloud.outputs["PublicationsTable"]
        accepted, new = Publications(table, lambda: datetime.now(UTC), self._dynamodb).accept(publication)
        assert new
        return accepted

    def abandoned(self, publication: Publication, *, lease_s: float) -> None:
        """Claim the publication's one delivery as a worker that then dies."""
        table = self.cloud.outputs["PublicationsTable"]
        deliveries = Deliveries(table, lambda: datetime.now(UTC), self._dynamodb)
        _, mine = deliveries.claim(publication, publication.targets[0], lease_s=lease_s)
        assert mine

    def sweep(self) -> dict[str, int]:
        """Have the sweep run now; answers what it did."""
        return self._invoked("SweepFunction")

    def renew(self) -> dict[str, int]:
        """Have what is due renewed now; answers how much that is."""
        return self._invoked("RenewFunction")

    def due_for_renewal(self, channel: str) -> None:
        """Put a channel ahead on the list of renewals: it is due."""
        self._dynamodb().update_item(
            TableName=self.cloud.outputs["ChannelsTable"],
            Key={"pk": {"S": self.workspace}, "sk": {"S": f"CHANNEL#{channel}"}},
            UpdateExpression="SET renew_at = :past",
            ConditionExpression="attribute_exists(renew_shard)",
            ExpressionAttributeValues={":past": {"S": utc_text(datetime.now(UTC) - timedelta(seconds=1))}},
        )

    def _invoked(self, function: str) -> dict[str, int]:
        functions = self.cloud.emulator.client("lambda")
        (name,) = [each for each in self.functions() if function in each]
        done: dict[str, int] = json.loads(functions.invoke(FunctionName=name)["Payload"].read())
        return done

    def functions(self) -> dict[str, str]:
        """The role of each function, by the function's name."""
        found = self.cloud.emulator.client("lambda").list_functions()["Functions"]
        return {each["FunctionName"]: each["Role"] for each in found}

    def queue_url(self, queue: str) -> str:
        """The address of a queue."""
        return self.cloud.outputs["QueueUrlTemplate"].replace("{queue}", queue)

    def _dynamodb(self) -> Any:
        return self.cloud.emulator.client("dynamodb")

    @staticmethod
    def until(look: Callable[[], T | None], *, within_s: float) -> T:
        """What `look` answers once it answers something."""
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            seen = look()
            if seen:
                return seen
            time.sleep(POLL_S)
        raise AssertionError(f"Nothing came of it within {within_s:.0f} s.")


def publication_time(moment: datetime) -> datetime:
    """A moment in the precision that is stored."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def states(delivery: DeliveryWithHistory) -> list[str]:
    """The states a delivery went through."""
    return [transition["state"] for transition in delivery["history"]]
