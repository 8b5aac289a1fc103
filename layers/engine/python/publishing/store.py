"""The publications of the publications table: accepting, reading, and what changes a publication as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from publishing import aws, records
from publishing.clock import Clock
from publishing.ledger import attempted, new_mark
from publishing.model import utc_text
from publishing.publication import Delivery, Publication, Whole
from publishing.records import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARDS = 4
BATCH_KEYS = 100
GRACE_S = 45.0  # how long after its time the sweep leaves a publication to the messages sent for it


@dataclass(frozen=True, slots=True)
class Page:
    """Some publications, newest first, and where the next page begins (None: there is none)."""

    found: Sequence[Whole]
    following: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Due:
    """A publication as the `due` index lists it; `due_at` tells one look the sweep owes it from the next."""

    workspace: str
    publication: str
    due_at: str


@dataclass(frozen=True)
class Publications:
    """Publications and their deliveries in the table of that name."""

    table: str
    clock: Clock
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    # Accepting

    def accept(self, publication: Publication) -> tuple[Publication, bool]:
        """Store a new publication; answers the stored one, and whether it is the one given.

        One conditional put is the acceptance, the record of the idempotency key and the outbox.
        """
        marked = replace(publication, written_by=new_mark())
        item = records.publication_item(marked, shards=SHARDS)
        old = attempted(self.client(), lambda: self._put(item))
        if old is None:
            return marked, True
        stored = records.publication_of(old)
        return stored, stored.written_by == marked.written_by

    # Reading

    def publication(self, workspace: str, publication: str) -> Publication | None:
        """A publication as it stands now (a consistent read)."""
        answer = self.client().get_item(
            TableName=self.table,
            Key=aws.marshal({"pk": records.key(workspace, publication), "sk": "PUBLICATION"}),
            ConsistentRead=True,
        )
        return records.publication_of(aws.unmarshal(answer["Item"])) if "Item" in answer else None

    def publications(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Publication]:
        """The publications of those (workspace, publication) keys that an eventually consistent read shows."""
        wanted = [{"pk": records.key(*each), "sk": "PUBLICATION"} for each in dict.fromkeys(keys)]
        found = (records.publication_of(item) for item in self._batch(wanted))
        return {(publication.workspace, publication.id): publication for publication in found}

    def whole(self, workspace: str, publication: str) -> Whole | None:
        """A publication with its deliveries (a consistent read, in pages of 1 MB)."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": aws.marshal({":pk": records.key(workspace, publication)}),
            "ConsistentRead": True,
        }
        answer = self.client().query(**request)
        items = answer["Items"]
        while last := answer.get("LastEvaluatedKey"):  # many targets with long histories
            answer = self.client().query(**request, ExclusiveStartKey=last)
            items.extend(answer["Items"])
        return records.whole(aws.unmarshal(item) for item in items)

    def page(self, workspace: str, *, limit: int, start: Mapping[str, Any] | None = None) -> Page:
        """Publications of a workspace, newest first; their content is left out."""
        listed, last = self._listed(workspace, limit, {"ExclusiveStartKey": aws.marshal(start)} if start else {})
        return Page(self.with_deliveries(listed), aws.unmarshal(last) if last else None)

    def latest(self, workspace: str, *, limit: int) -> list[Publication]:
        """The newest publications of a workspace, without content: `limit` at most, and no more than 1 MB of them."""
        return self._listed(workspace, limit, {})[0]

    def with_deliveries(self, listed: Sequence[Publication]) -> list[Whole]:
        """Publications with the deliveries of their targets that an eventually consistent read shows."""
        keys = [
            {"pk": records.key(publication.workspace, publication.id), "sk": records.sort_key(target)}
            for publication in listed
            for target in publication.targets
        ]
        known: dict[str, dict[str, Delivery]] = {}
        for item in self._batch(keys):
            delivery = records.delivery_of(item)
            known.setdefault(item["pk"], {})[delivery.channel] = delivery
        return [
            Whole(publication, known.get(records.key(publication.workspace, publication.id), {}))
            for publication in listed
        ]

    def due(self, shard: int, *, since: datetime, until: datetime, limit: int) -> Iterator[Sequence[Due]]:
        """Pages of what one shard of the `due` index lists from `since` to `until`, earliest first, settled or not.

        Each page is asked for when it is wanted; the index shows a little of the past.
        """
        request: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "due",
            "KeyConditionExpression": "due_shard = :shard AND due_at BETWEEN :since AND :until",
            "ExpressionAttributeValues": aws.marshal(
                {":shard": str(shard), ":since": utc_text(since), ":until": utc_text(until)}
            ),
            "Limit": limit,
        }
        more = True
        while more:
            answer = self.client().query(**request)
            if answer["Items"]:
                yield [_due(aws.unmarshal(item)) for item in answer["Items"]]
            more = "LastEvaluatedKey" in answer
            request["ExclusiveStartKey"] = answer.get("LastEvaluatedKey")

    # The publication's own transitions

    def cancel(self, publication: Publication) -> bool:
        """Mark a publication canceled, so that nothing of it begins any more; False where it already was."""
        return self._publication_changed(
            publication,
            "SET canceled_at = :now, version = version + :one",
            "attribute_not_exists(canceled_at)",
            {":now": self._now(), ":one": 1},
        )

    def look_from(self, publication: Publication, at: datetime) -> bool:
        """Put a publication (back) on the sweep's list, to be looked at first at `at`."""
        values = {":at": utc_text(at), ":shard": records.shard(publication.id, SHARDS), ":zero": 0}
        update = "SET due_at = :at, due_shard = :shard, sweeps = :zero"
        return self._publication_changed(publication, update, "attribute_exists(id)", values)

    def look_again(self, publication: Publication, at: datetime) -> bool:
        """Have the sweep look at a publication again at `at`; False where its place on the list has changed."""
        values = {":at": utc_text(at), ":seen": publication.due_at, ":one": 1, ":zero": 0}
        update = "SET due_at = :at, sweeps = if_not_exists(sweeps, :zero) + :one"
        return self._publication_changed(publication, update, "due_at = :seen", values)

    def look_later(self, listed: Due, at: datetime) -> bool:
        """The same of one that could not be read: all that is asked of it is that it is listed as it was seen."""
        values = {":at": utc_text(at), ":seen": listed.due_at}
        return self._changed(listed.workspace, listed.publication, "SET due_at = :at", "due_at = :seen", values)

    def _listed(self, workspace: str, limit: int, options: dict[str, Any]) -> tuple[list[Publication], Any]:
        answer = self.client().query(
            TableName=self.table,
            IndexName="by_workspace",
            KeyConditionExpression="listed_in = :workspace",
            ExpressionAttributeValues=aws.marshal({":workspace": workspace}),
            ScanIndexForward=False,
            Limit=limit,
            **options,
        )
        return [_listed(aws.unmarshal(item)) for item in answer["Items"]], answer.get("LastEvaluatedKey")

    def _publication_changed(self, publication: Publication, update: str, condition: str, values: Item) -> bool:
        return self._changed(publication.workspace, publication.id, update, condition, values)

    def _changed(self, workspace: str, publication: str, update: str, condition: str, values: Item) -> bool:
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": aws.marshal({"pk": records.key(workspace, publication), "sk": "PUBLICATION"}),
            "UpdateExpression": update,
            "ConditionExpression": f"attribute_exists(pk) AND {condition}",
            "ExpressionAttributeValues": aws.marshal(values),
        }
        try:
            self.client().update_item(**request)
        except self.client().exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _put(self, item: Item) -> None:
        self.client().put_item(
            TableName=self.table,
            Item=aws.marshal(item),
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def _batch(self, keys: Sequence[Item]) -> Iterable[Item]:
        for start in range(0, len(keys), BATCH_KEYS):
            wanted: Any = {self.table: {"Keys": [aws.marshal(each) for each in keys[start : start + BATCH_KEYS]]}}
            while wanted:
                answer = self.client().batch_get_item(RequestItems=wanted)
                yield from map(aws.unmarshal, answer["Responses"].get(self.table, []))
                wanted = answer.get("UnprocessedKeys")

    def _now(self) -> str:
        return utc_text(self.clock())


def _due(item: Item) -> Due:
    return Due(item["workspace"], item["id"], item["due_at"])


def _listed(item: Item) -> Publication:
    """What the index shows of a publication: the content is not projected, the title stands for it."""
    return records.publication_of({"content": {"title": item.get("title", "")}, "workspace": item["listed_in"], **item})
