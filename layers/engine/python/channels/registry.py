"""The channels of all workspaces, in the table of that name: every change is one conditional write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from channels.model import Connection, StoredChannel
from channels.records import KEY, PREFIX, channel_of, identity_item, item_of, place, renewal_item
from publishing import aws
from publishing.clock import Clock, now
from publishing.memory import Memory
from publishing.model import Channel, Identity, utc_text
from publishing.week import Week

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_KEYS = 100  # DynamoDB's own limit
REMEMBER_S = 30.0
REMEMBER_CHANNELS = 2_000


@dataclass(frozen=True)
class Registry:
    """Channels by workspace and id."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def create(self, channel: StoredChannel) -> bool:
        """Store a new channel; False where there is one with its id already, which stays as it is."""
        return self._written(
            lambda: self.client().put_item(
                TableName=self.table,
                Item=aws.marshal(item_of(channel)),
                ConditionExpression="attribute_not_exists(pk)",
            )
        )

    def find(self, workspace: str, channel: str, *, consistent: bool = False) -> StoredChannel | None:
        """The channel, if the workspace has it; `consistent` shows it as it stands now, at twice the price."""
        answer = self.client().get_item(
            TableName=self.table, Key=aws.marshal(place(workspace, channel)), ConsistentRead=consistent
        )
        return channel_of(aws.unmarshal(answer["Item"])) if "Item" in answer else None

    def week(self, workspace: str, channel: str) -> Week | None:
        """The slots of a channel as they stand now; None where the workspace has no such channel."""
        found = self.find(workspace, channel, consistent=True)
        return found.week if found else None

    def find_many(self, workspace: str, channels: Iterable[str]) -> dict[str, StoredChannel]:
        """Those of the channels the workspace has, by id, in one call for every hundred.

        What an eventually consistent read does not show, a second, consistent one is asked for: a channel can be
        published to as soon as it is made, and only ids that are wrong or very new cost more.
        """
        wanted = list(dict.fromkeys(channels))
        found = {channel.id: channel for channel in self._batch(workspace, wanted, consistent=False)}
        missing = [identifier for identifier in wanted if identifier not in found]
        return found | {channel.id: channel for channel in self._batch(workspace, missing, consistent=True)}

    def page(self, workspace: str, *, limit: int, after: str = "") -> tuple[Sequence[StoredChannel], str]:
        """Channels of a workspace, newest first, and the id after which the next page begins (empty: none)."""
        start: Any = {"ExclusiveStartKey": aws.marshal(place(workspace, after))} if after else {}
        answer = self.client().query(
            TableName=self.table,
            KeyConditionExpression="pk = :workspace AND begins_with(sk, :channels)",
            ExpressionAttributeValues=aws.marshal({":workspace": workspace, ":channels": PREFIX}),
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        channels = [channel_of(aws.unmarshal(item)) for item in answer["Items"]]
        return channels, channels[-1].id if channels and "LastEvaluatedKey" in answer else ""

    def edit(self, seen: StoredChannel, edited: StoredChannel) -> StoredChannel | None:
        """Store what a person made of a channel; None where it was changed, settled or deleted meanwhile."""
        raised = replace(edited, version=seen.version + 1, updated_at=self.clock())
        item = item_of(raised)
        gone = sorted((item_of(seen).keys() | _of_former(seen, raised)) - item.keys())
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in item if name not in KEY)
        written = self.updated(
            seen,
            f"{update} REMOVE {', '.join(f'#{name}' for name in gone)}" if gone else update,
            _AS_SEEN,
            {f":{name}": value for name, value in item.items() if name not in KEY} | _as_seen(seen),
        )
        return raised if written else None

    def settle(
        self,
        seen: StoredChannel,
        connection: Connection,
        *,
        reason: str = "",
        identity: Identity | None = None,
        renew_at: datetime | None = None,
    ) -> bool:
        """Write down what the platform said of a channel's credentials; False where they are no longer these.

        `reason` is for the owner. Good ones are attended to at `renew_at`, where no other time is set.
        """
        update = f"SET {SETTLED}"
        values = {**settled(self.clock(), connection, reason), ":seen": seen.version}
        if identity:
            update += ", #identity = :identity"
            values[":identity"] = identity_item(identity)
        if renew_at:
            update += ", renew_at = if_not_exists(renew_at, :at), renew_shard = if_not_exists(renew_shard, :shard)"
            kept = renewal_item(seen.id, renew_at)
            values |= {":at": kept["renew_at"], ":shard": kept["renew_shard"]}
        if connection is Connection.CONNECTED:
            update += " REMOVE at_risk, at_risk_count"
        return self.updated(seen, update, "version = :seen", values)

    def updated(self, seen: StoredChannel, update: str, condition: str, values: Mapping[str, Any]) -> bool:
        """Write that much of a channel; False where the condition does not hold. Names behind `#` are spelled so."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": aws.marshal(place(seen.workspace, seen.id)),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": aws.marshal(values),
        }
        names = {f"#{name}": name for name in re.findall(r"#(\w+)", f"{update} {condition}")}
        if names:
            request["ExpressionAttributeNames"] = names
        return self._written(lambda: self.client().update_item(**request))

    def delete(self, workspace: str, channel: str, *, seen: StoredChannel | None = None) -> bool:
        """Delete a channel with its credentials; False where it is no more as `seen`. What is gone is deleted."""
        condition: Any = {}
        if seen:
            condition = {
                "ConditionExpression": f"attribute_not_exists(pk) OR ({_AS_SEEN} AND {_AS_VERIFIED})",
                "ExpressionAttributeNames": {"#connection": "connection"},
                "ExpressionAttributeValues": aws.marshal(_as_seen(seen) | {":verified": _verified(seen)}),
            }
        key = aws.marshal(place(workspace, channel))
        return self._written(lambda: self.client().delete_item(TableName=self.table, Key=key, **condition))

    def _written(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except self.client().exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _batch(self, workspace: str, channels: Sequence[str], *, consistent: bool) -> Iterator[StoredChannel]:
        for start in range(0, len(channels), BATCH_KEYS):
            keys = [aws.marshal(place(workspace, each)) for each in channels[start : start + BATCH_KEYS]]
            wanted: Any = {self.table: {"Keys": keys, "ConsistentRead": consistent}}
            while wanted:
                answer = self.client().batch_get_item(RequestItems=wanted)
                yield from (channel_of(aws.unmarshal(item)) for item in answer["Responses"].get(self.table, []))
                wanted = answer.get("UnprocessedKeys")


SETTLED = "#connection = :connection, reason = :reason, verified_at = :now"
OF_CREDENTIALS = frozenset({"at_risk", "at_risk_count", "renew_tries"})
SAME = "(attribute_not_exists(box) OR box = :same)"
_AS_SEEN = f"version = :seen AND #connection = :was AND {SAME}"  # what people, platform and renewal wrote stands
_AS_VERIFIED = "(attribute_not_exists(verified_at) OR verified_at = :verified)"  # and nobody has verified it again


def settled(now: datetime, connection: Connection, reason: str) -> dict[str, Any]:
    """The values of `SETTLED`."""
    return {":connection": connection.value, ":reason": reason, ":now": utc_text(now)}


def _of_former(seen: StoredChannel, edited: StoredChannel) -> frozenset[str]:
    """What workers wrote down of credentials that are others now."""
    return OF_CREDENTIALS if box(edited) != box(seen) else frozenset()


def box(channel: StoredChannel) -> bytes:
    """What `SAME` compares: the channel's secrets as they are sealed."""
    return channel.sealed.box if channel.sealed else b""


def _as_seen(channel: StoredChannel) -> dict[str, Any]:
    """The values of `_AS_SEEN`."""
    return {":seen": channel.version, ":was": channel.connection.value, ":same": box(channel)}


def _verified(channel: StoredChannel) -> str:
    return utc_text(channel.verified_at) if channel.verified_at else ""


def _memory() -> Memory[tuple[str, str], StoredChannel]:
    return Memory(keep_s=REMEMBER_S, most=REMEMBER_CHANNELS)


@dataclass(frozen=True)
class Remembered:
    """Finds channels through a memory of half a minute. A channel that is missing is never remembered as such."""

    registry: Registry
    memory: Memory[tuple[str, str], StoredChannel] = field(default_factory=_memory, repr=False)

    def find(self, workspace: str, channel: str) -> StoredChannel | None:
        """The channel, as it stood at most half a minute ago."""
        known = self.memory.recall((workspace, channel))
        found = known or self.registry.find(workspace, channel)
        return found if known or found is None else self._kept(found)

    def find_many(self, workspace: str, channels: Iterable[str]) -> dict[str, StoredChannel]:
        """Those of the channels the workspace has, by id, as they stood at most half a minute ago."""
        wanted = list(dict.fromkeys(channels))
        recalled = ((each, self.memory.recall((workspace, each))) for each in wanted)
        known = {identifier: channel for identifier, channel in recalled if channel}
        missing = [each for each in wanted if each not in known]
        found = self.registry.find_many(workspace, missing) if missing else {}
        return known | {identifier: self._kept(channel) for identifier, channel in found.items()}

    def forget(self, channel: StoredChannel | Channel) -> None:
        """Read this channel anew next time: its credentials were refused, or just settled."""
        self.memory.forget((channel.workspace, channel.id))

    def _kept(self, channel: StoredChannel) -> StoredChannel:
        return self.memory.keep((channel.workspace, channel.id), channel)
