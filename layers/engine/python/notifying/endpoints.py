"""The endpoints of all workspaces, in the table of channels: every change is one conditional write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from channels.model import Sealed
from notifying.model import DisabledWhy, Endpoint
from notifying.records import PREFIX, Item, endpoint_of, item_of, place, sealed_item
from publishing import aws
from publishing.clock import Clock, now
from publishing.ledger import attempted
from publishing.memory import Memory
from publishing.model import utc_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST = 20  # of one workspace
REMEMBER_S = 30.0
REMEMBER_WORKSPACES = 5_000


@dataclass(frozen=True)
class Endpoints:
    """Endpoints by workspace and id."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def create(self, endpoint: Endpoint) -> None:
        """Store a new endpoint."""
        item, key = aws.marshal(item_of(endpoint)), "attribute_not_exists(pk)"
        self.client().put_item(TableName=self.table, Item=item, ConditionExpression=key)

    def find(self, workspace: str, endpoint: str) -> Endpoint | None:
        """The endpoint as it stands now, if the workspace has it."""
        key = aws.marshal(place(workspace, endpoint))
        answer = self.client().get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return endpoint_of(aws.unmarshal(answer["Item"])) if "Item" in answer else None

    def of(self, workspace: str) -> Sequence[Endpoint]:
        """A workspace's endpoints, oldest first: never more than `MOST`, give or take those made at one moment."""
        answer = self.client().query(
            TableName=self.table,
            KeyConditionExpression="pk = :workspace AND begins_with(sk, :webhooks)",
            ExpressionAttributeValues=aws.marshal({":workspace": workspace, ":webhooks": PREFIX}),
            ConsistentRead=True,
        )
        return [endpoint_of(aws.unmarshal(item)) for item in answer["Items"]]

    def delete(self, workspace: str, endpoint: str, *, seen: Endpoint | None = None) -> bool:
        """Forget an endpoint; False where it is no more as `seen`. What is gone is forgotten."""
        request: Any = {"TableName": self.table, "Key": aws.marshal(place(workspace, endpoint))}
        if seen:
            request["ConditionExpression"] = f"attribute_not_exists(pk) OR {_AS_SEEN}"
            request["ExpressionAttributeValues"] = aws.marshal({":seen": seen.version})
        return attempted(self.client(), lambda: self.client().delete_item(**request)) is None

    def edit(self, seen: Endpoint, *, url: str, name: str, events: Sequence[str]) -> Endpoint | None:
        """Store what a person made of it; None where it was changed meanwhile. Another address is not known as slow."""
        values = {":url": url, ":name": name, ":events": list(events)}
        update = "SET #url = :url, #name = :name, events = :events"
        return self._changed(seen, update if url == seen.url else f"{update} REMOVE slow_until", values, _AS_SEEN)

    def rotate(self, seen: Endpoint, sealed: Sealed, until: datetime) -> Endpoint | None:
        """Give it another secret; the one it had signs too, until then. None where it was changed meanwhile."""
        kept = sealed_item("", sealed) | sealed_item("previous_", seen.sealed) | {"previous_until": utc_text(until)}
        update = "SET " + ", ".join(f"{name} = :{name}" for name in kept)
        return self._changed(seen, update, {f":{name}": value for name, value in kept.items()}, _AS_SEEN)

    def enable(self, seen: Endpoint) -> Endpoint | None:
        """Call it again, as if it had never failed; None where it was changed meanwhile."""
        forgotten = "REMOVE disabled_at, disabled_why, failing_since, warned_at, slow_until"
        return self._changed(seen, forgotten, {}, _AS_SEEN)

    def disable(self, seen: Endpoint, why: DisabledWhy) -> Endpoint | None:
        """Call it no more; None where it is disabled already, or gone.

        What an answer says counts against the endpoint that was called: None where it was changed meanwhile, too.
        """
        values = {":at": utc_text(self.clock()), ":why": why.value}
        still = "attribute_exists(pk)" if why is DisabledWhy.PERSON else _AS_SEEN
        condition = f"{still} AND attribute_not_exists(disabled_at)"
        return self._changed(seen, "SET disabled_at = :at, disabled_why = :why", values, condition)

    def ails(self, seen: Endpoint) -> Endpoint | None:
        """It failed, and had not before; None where that is known already, or it was changed meanwhile."""
        condition = f"{_AS_SEEN} AND attribute_not_exists(failing_since)"
        return self._changed(seen, "SET failing_since = :at", {":at": utc_text(self.clock())}, condition)

    def warn(self, seen: Endpoint) -> Endpoint | None:
        """Its workspace is told that it fails without end; None where it was, or it was changed meanwhile."""
        condition = f"{_AS_SEEN} AND attribute_exists(failing_since) AND attribute_not_exists(warned_at)"
        return self._changed(seen, "SET warned_at = :at", {":at": utc_text(self.clock())}, condition)

    def recovers(self, seen: Endpoint) -> Endpoint | None:
        """It answered: what was held against it is forgotten. None where nothing is."""
        return self._changed(seen, "REMOVE failing_since, warned_at", {}, "attribute_exists(failing_since)")

    def slows(self, seen: Endpoint, until: datetime) -> bool:
        """It takes long: until then it has no place in the order; False where somebody else wrote it or changed it.

        It is no other version by that: nobody is shown it.
        """
        values = {":until": utc_text(until)}
        known = "attribute_not_exists(slow_until)"
        if seen.slow_until:
            known, values[":slow"] = "slow_until = :slow", utc_text(seen.slow_until)
        return self._written(seen, "SET slow_until = :until", values, f"{_AS_SEEN} AND {known}") is not None

    def _changed(self, seen: Endpoint, update: str, values: Item, condition: str) -> Endpoint | None:
        step = "SET updated_at = :now, version = version + :one"
        whole = f"{step}, {update.removeprefix('SET ')}" if update.startswith("SET ") else f"{step} {update}"
        return self._written(seen, whole, values | {":now": utc_text(self.clock()), ":one": 1}, condition)

    def _written(self, seen: Endpoint, update: str, values: Item, condition: str) -> Endpoint | None:
        answer: Item = {}
        if ":seen" in condition:
            values = values | {":seen": seen.version}
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": aws.marshal(place(seen.workspace, seen.id)),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": aws.marshal(values),
            "ReturnValues": "ALL_NEW",
        }
        names = {name: name[1:] for name in ("#url", "#name") if name in update}
        if names:
            request["ExpressionAttributeNames"] = names
        old = attempted(self.client(), lambda: answer.update(self.client().update_item(**request)))
        return endpoint_of(aws.unmarshal(answer["Attributes"])) if old is None else None


_AS_SEEN = "version = :seen"


def _memory() -> Memory[str, Sequence[Endpoint]]:
    return Memory(keep_s=REMEMBER_S, most=REMEMBER_WORKSPACES)


@dataclass(frozen=True)
class Remembered:
    """A workspace's endpoints through a memory of half a minute; that there are none is remembered, too."""

    endpoints: Endpoints
    memory: Memory[str, Sequence[Endpoint]] = field(default_factory=_memory, repr=False)

    def of(self, workspace: str) -> Sequence[Endpoint]:
        """The endpoints as they stood at most half a minute ago."""
        known = self.memory.recall(workspace)
        return self.memory.keep(workspace, self.endpoints.of(workspace)) if known is None else known
