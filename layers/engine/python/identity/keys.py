"""API keys: shown once, stored as a hash alone, revocable, and bound to one workspace and role."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from identity import records
from identity.authority import Authority
from identity.model import Denial, Denied, Principal, Role
from identity.records import SCHEMA, key_place
from publishing import aws, ids
from publishing.clock import Clock, now
from publishing.model import utc_moment, utc_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

USED_AGAIN = timedelta(hours=1)  # how exact it is told when a key was last used: one write in that time
_PAGE = 100
_SECRET_BYTES = 32  # 256 bits: guessing is out of the question, so a plain hash is enough to store


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: everything but the key. It belongs to its workspace; `created_by` made it."""

    id: str
    workspace: str
    name: str
    role: Role
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return not self.revoked_at and (self.expires_at is None or self.expires_at > now)

    def principal(self, now: datetime) -> Principal:
        """The caller who shows this key.

        Raises:
            Denied: the key is revoked, or has expired by `now`.
        """
        if self.revoked_at:
            raise Denied(Denial.REVOKED_KEY)
        if self.expires_at and self.expires_at <= now:
            raise Denied(Denial.EXPIRED_KEY)
        return Principal(self.workspace, self.id, self.role, self.id)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, and its text, which exists nowhere else."""

    key: ApiKey
    text: str = field(repr=False)


@dataclass(frozen=True)
class Keys:
    """The API keys in the channels table."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def create(self, by: Principal, *, name: str, role: Role, expires_at: datetime | None = None) -> NewKey:
        """Make a key; its text is in the answer and nowhere else.

        Raises:
            NoAuthority: the caller may no longer. Busy: somebody else writes what the caller may.
        """
        made, item = self.made(by.workspace, name=name, role=role, created_by=by.subject, expires_at=expires_at)
        if Authority(self.table, self.clock, self.client).write(by, [records.put(self.table, item)]):
            raise records.Busy
        return made

    def made(
        self, workspace: str, *, name: str, role: Role, created_by: str, expires_at: datetime | None = None
    ) -> tuple[NewKey, records.Item]:
        """A new key, and the item that is to be stored of it."""
        identifier = ids.new("key")
        text = f"pr_{identifier.removeprefix('key_')}_{secrets.token_hex(_SECRET_BYTES)}"
        key = ApiKey(identifier, workspace, name, role, self.clock(), created_by, expires_at)
        return NewKey(key, text), _item(key, hashed(text))

    def find(self, digest: str) -> ApiKey | None:
        """The key of that hash, within a second or so of its making or revoking (an index is read)."""
        answer = self.client().query(
            TableName=self.table,
            IndexName="by_key_hash",
            KeyConditionExpression="key_hash = :hash",
            ExpressionAttributeValues=aws.marshal({":hash": digest}),
            Limit=1,
        )
        return next((_key(aws.unmarshal(item)) for item in answer["Items"]), None)

    def page(self, workspace: str, *, limit: int, after: str = "") -> tuple[Sequence[ApiKey], str]:
        """Keys of a workspace, newest first, and the id after which the next page begins (empty: there is none)."""
        start: Any = {"ExclusiveStartKey": aws.marshal(key_place(workspace, after))} if after else {}
        answer = self.client().query(
            TableName=self.table,
            KeyConditionExpression="pk = :workspace AND begins_with(sk, :keys)",
            ExpressionAttributeValues=aws.marshal({":workspace": workspace, ":keys": "KEY#"}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        keys = [_key(aws.unmarshal(item)) for item in answer["Items"]]
        return keys, keys[-1].id if keys and "LastEvaluatedKey" in answer else ""

    def work_of(self, workspace: str, maker: str) -> Sequence[ApiKey]:
        """Every key that somebody made, or that was made with one of these and so on, good or not; newest first."""
        every, makers, known = self._every(workspace), {maker}, 0
        while known < len(makers):
            known = len(makers)
            for key in reversed(every):  # as they were made, so that once is enough but where clocks differ
                if key.created_by in makers:
                    makers.add(key.id)
        return [key for key in every if key.created_by in makers]

    def _every(self, workspace: str) -> list[ApiKey]:
        found: list[ApiKey] = []
        after = ""
        while True:
            page, after = self.page(workspace, limit=_PAGE, after=after)
            found += page
            if not after:
                return found

    def used(self, key: ApiKey) -> None:
        """Write down that it was used just now, unless that was written within the hour."""
        now = self.clock()
        values = {":now": utc_text(now), ":before": utc_text(now - USED_AGAIN)}
        with suppress(self.client().exceptions.ConditionalCheckFailedException):
            self.client().update_item(
                TableName=self.table,
                Key=aws.marshal(key_place(key.workspace, key.id)),
                UpdateExpression="SET last_used_at = :now",
                ConditionExpression="attribute_exists(pk) AND "
                "(attribute_not_exists(last_used_at) OR last_used_at <= :before)",
                ExpressionAttributeValues=aws.marshal(values),
            )

    def revoke(self, workspace: str, identifier: str) -> bool:
        """Revoke a key, for good; False where the workspace has no such key."""
        try:
            self.client().update_item(
                TableName=self.table,
                Key=aws.marshal(key_place(workspace, identifier)),
                UpdateExpression="SET revoked_at = if_not_exists(revoked_at, :now)",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues=aws.marshal({":now": utc_text(self.clock())}),
            )
        except self.client().exceptions.ConditionalCheckFailedException:
            return False
        return True


def hashed(text: str) -> str:
    """The form a key is stored and looked up in: SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _item(key: ApiKey, digest: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        **key_place(key.workspace, key.id),
        "schema": SCHEMA,
        "key_hash": digest,
        "name": key.name,
        "role": key.role.value,
        "created_at": utc_text(key.created_at),
        "created_by": key.created_by,
    }
    return {**item, "expires_at": utc_text(key.expires_at)} if key.expires_at else item


def _key(item: Mapping[str, Any]) -> ApiKey:
    return ApiKey(
        id=item["sk"].removeprefix("KEY#"),
        workspace=item["pk"],
        name=item["name"],
        role=Role(item["role"]),
        created_at=utc_moment(item["created_at"]),
        created_by=item["created_by"],
        expires_at=_moment(item, "expires_at"),
        revoked_at=_moment(item, "revoked_at"),
        last_used_at=_moment(item, "last_used_at"),
    )


def _moment(item: Mapping[str, Any], name: str) -> datetime | None:
    return utc_moment(item[name]) if item.get(name) else None
