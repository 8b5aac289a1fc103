"""The operations table: what workers tell each other for a while. Every item expires, and every read looks at the time.

DynamoDB removes what has expired some days later; until then it is stored and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from publishing import aws
from publishing.clock import Clock
from publishing.ledger import attempted
from publishing.records import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Operations:
    """The items of the table of that name."""

    table: str
    clock: Clock
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    @property
    def now_ms(self) -> int:
        """The present in milliseconds since 1970: numbers in DynamoDB are compared whole."""
        return round(self.clock().timestamp() * 1000)

    def read(self, key: str, *, consistent: bool = False) -> Item:
        """An item as it stood lately, or `consistent` as it stands; empty where there is none."""
        answer = self.client().get_item(TableName=self.table, Key=aws.marshal({"pk": key}), ConsistentRead=consistent)
        return self._living(aws.unmarshal(answer.get("Item", {})))

    def read_many(self, keys: Sequence[str]) -> Mapping[str, Item]:
        """Those of at most a hundred items there are."""
        wanted: Any = {self.table: {"Keys": [aws.marshal({"pk": key}) for key in keys]}}
        found: dict[str, Item] = {}
        while wanted:
            answer = self.client().batch_get_item(RequestItems=wanted)
            items = map(aws.unmarshal, answer["Responses"].get(self.table, []))
            found |= {item["pk"]: self._living(item) for item in items}
            wanted = answer.get("UnprocessedKeys")
        return found

    def write(self, key: str, update: str, condition: str, values: Item, *, lasts_s: int) -> tuple[Item, bool]:
        """Change an item where `condition` holds; answers how it stands, and whether it was changed.

        `update` is what follows `SET`. An item that has expired is still there for `condition`.
        """
        answer: Item = {}
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": aws.marshal({"pk": key}),
            "UpdateExpression": f"SET expires_at = :expires_at, {update}",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": aws.marshal(values | {":expires_at": self.now_ms // 1000 + lasts_s}),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        old = attempted(self.client(), lambda: answer.update(self.client().update_item(**request)))
        stands = old if old is not None else aws.unmarshal(answer["Attributes"])
        return self._living(stands), old is None

    def _living(self, item: Item) -> Item:
        return item if item.get("expires_at", 0) * 1000 > self.now_ms else {}


def moment(since_ms: int) -> datetime:
    """The moment so many milliseconds after the beginning of 1970."""
    return EPOCH + timedelta(milliseconds=int(since_ms))
