"""The series in the publications table: every write is one conditional put whose writer knows it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from publishing import aws, records
from publishing.clock import Clock
from publishing.ledger import attempted, new_mark
from publishing.model import utc_text
from publishing.records import Item
from publishing.series import DUE_SHARD, Series, listed_in, series_item, series_of
from publishing.store import BATCH_KEYS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """Some series, newest first, and where the next page begins (None: there is none)."""

    found: Sequence[Series]
    following: Mapping[str, Any] | None


@dataclass(frozen=True)
class SeriesStore:
    """The series in the publications table; each write is one put of the whole, on the condition of what was seen."""

    table: str
    clock: Clock
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def create(self, series: Series) -> tuple[Series, bool]:
        """Store a new series; answers the stored one, and whether it is the one given."""
        return self._written(series, "attribute_not_exists(pk)", {})

    def replace(self, seen: Series, wanted: Series) -> Series | None:
        """Store what becomes of a series; None where it is no longer as it was seen, and nothing was written."""
        written, ours = self._written(wanted, "written_by = :seen", {":seen": seen.written_by})
        return written if ours else None

    def read(self, workspace: str, series: str) -> Series | None:
        """A series as it stands now (a consistent read)."""
        key = aws.marshal({"pk": records.key(workspace, series), "sk": "SERIES"})
        answer = self.client().get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return series_of(aws.unmarshal(answer["Item"])) if "Item" in answer else None

    def page(self, workspace: str, *, limit: int, start: Mapping[str, Any] | None = None) -> SeriesPage:
        """Series of a workspace, newest first."""
        answer = self._queried("by_workspace", "listed_in = :list", {":list": listed_in(workspace)}, limit, start, -1)
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in map(aws.unmarshal, answer["Items"])]
        found = sorted(map(series_of, self._batch(keys)), key=lambda each: (each.created_at, each.id), reverse=True)
        last = answer.get("LastEvaluatedKey")
        return SeriesPage(found, aws.unmarshal(last) if last else None)

    def due(
        self, *, limit: int, start: Mapping[str, Any] | None = None
    ) -> tuple[list[tuple[str, str]], Mapping[str, Any] | None]:
        """(workspace, series) of those the planner must look at now, longest due first, and where they go on."""
        values = {":shard": DUE_SHARD, ":now": utc_text(self.clock())}
        answer = self._queried("due", "due_shard = :shard AND due_at <= :now", values, limit, start, 1)
        found = [(item["workspace"], item["id"]) for item in map(aws.unmarshal, answer["Items"])]
        last = answer.get("LastEvaluatedKey")
        return found, aws.unmarshal(last) if last else None

    def _written(self, series: Series, condition: str, values: Item) -> tuple[Series, bool]:
        marked = replace(series, written_by=new_mark())
        request: dict[str, Any] = {
            "TableName": self.table,
            "Item": aws.marshal(series_item(marked)),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if values:
            request["ExpressionAttributeValues"] = aws.marshal(values)
        old = attempted(self.client(), lambda: self.client().put_item(**request))
        if old is None:
            return marked, True
        stands = series_of(old)
        return stands, stands.written_by == marked.written_by

    def _queried(  # noqa: PLR0917 - the parts of one query, in their order
        self, index: str, condition: str, values: Item, limit: int, start: Mapping[str, Any] | None, order: int
    ) -> Any:
        options: dict[str, Any] = {"ExclusiveStartKey": aws.marshal(start)} if start else {}
        return self.client().query(
            TableName=self.table,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=aws.marshal(values),
            ScanIndexForward=order > 0,
            Limit=limit,
            **options,
        )

    def _batch(self, keys: Sequence[Item]) -> Iterable[Item]:
        wanted: Any = {self.table: {"Keys": [aws.marshal(each) for each in keys[:BATCH_KEYS]]}} if keys else {}
        while wanted:
            answer = self.client().batch_get_item(RequestItems=wanted)
            yield from map(aws.unmarshal, answer["Responses"].get(self.table, []))
            wanted = answer.get("UnprocessedKeys")
