"""The uploads of all workspaces, in the publications table: every change is one conditional write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from media.model import Stage, StoredMedia
from publishing import aws, records
from publishing.model import Media, utc_moment, utc_text
from publishing.publication import media_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SCHEMA, KIND = 1, "MEDIA"
BY_WORKSPACE = "by_workspace"
BATCH_KEYS = 100  # DynamoDB's own limit
Item = dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """Uploads by workspace and id."""

    table: str
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def add(self, media: StoredMedia) -> StoredMedia:
        """Store a new upload; one that is there already stands, and is answered."""
        item = aws.marshal(item_of(media))
        try:
            self.client().put_item(TableName=self.table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except self.client().exceptions.ConditionalCheckFailedException:
            return self.find(media.workspace, media.id) or media
        return media

    def find(self, workspace: str, media: str) -> StoredMedia | None:
        """The upload as it stands, if the workspace has it."""
        key = aws.marshal(_place(workspace, media))
        answer = self.client().get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return media_from(aws.unmarshal(answer["Item"])) if "Item" in answer else None

    def ready(self, workspace: str, ids: Iterable[str]) -> Mapping[str, Media]:
        """What is known of those of at most a hundred uploads that are ready, by id."""
        return {each.id: each.facts for each in self._many(workspace, ids) if each.stage is Stage.READY}

    def settle(self, media: StoredMedia) -> StoredMedia:
        """Write down what was found of an awaited upload; what was written first stands, and is answered."""
        try:
            self.client().put_item(
                TableName=self.table,
                Item=aws.marshal(item_of(media)),
                ConditionExpression="stage = :awaited",
                ExpressionAttributeValues=aws.marshal({":awaited": Stage.AWAITED.value}),
            )
        except self.client().exceptions.ConditionalCheckFailedException:
            return self.find(media.workspace, media.id) or media
        return media

    def page(
        self, workspace: str, *, limit: int, after: Sequence[str] = ()
    ) -> tuple[Sequence[StoredMedia], Sequence[str]]:
        """Uploads of a workspace, newest first, and the place after which the next page begins (empty: none).

        A place is when an upload was made, and its id: it is one even where that upload was deleted since.
        """
        start: Any = {"ExclusiveStartKey": aws.marshal(_listed(workspace, *after))} if after else {}
        answer = self.client().query(
            TableName=self.table,
            IndexName=BY_WORKSPACE,
            KeyConditionExpression="listed_in = :workspace",
            ExpressionAttributeValues=aws.marshal({":workspace": _list(workspace)}),
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        ids = [aws.unmarshal(item)["id"] for item in answer["Items"]]
        found = {each.id: each for each in self._many(workspace, ids)}
        page = [found[each] for each in ids if each in found]
        last = aws.unmarshal(answer.get("LastEvaluatedKey", {}))
        return page, (last["created_at"], ids[-1]) if ids and last else ()

    def delete(self, workspace: str, media: str, *, seen: StoredMedia | None = None) -> bool:
        """Forget an upload; False where it is no more as `seen`. What is gone is forgotten."""
        request: Any = {"TableName": self.table, "Key": aws.marshal(_place(workspace, media))}
        if seen:  # once it is looked at, nothing of it changes any more
            request["ConditionExpression"] = "attribute_not_exists(pk) OR stage = :seen"
            request["ExpressionAttributeValues"] = aws.marshal({":seen": seen.stage.value})
        try:
            self.client().delete_item(**request)
        except self.client().exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _many(self, workspace: str, ids: Iterable[str]) -> Iterator[StoredMedia]:
        keys = [aws.marshal(_place(workspace, each)) for each in list(dict.fromkeys(ids))[:BATCH_KEYS]]
        wanted: Any = {self.table: {"Keys": keys, "ConsistentRead": True}} if keys else {}
        while wanted:
            answer = self.client().batch_get_item(RequestItems=wanted)
            yield from (media_from(aws.unmarshal(item)) for item in answer["Responses"].get(self.table, []))
            wanted = answer.get("UnprocessedKeys")


def _place(workspace: str, media: str) -> Item:
    return {"pk": records.key(workspace, media), "sk": KIND}


def _listed(workspace: str, created_at: str, media: str) -> Item:
    return {**_place(workspace, media), "listed_in": _list(workspace), "created_at": created_at}


def _list(workspace: str) -> str:
    return f"{workspace}#media"


def item_of(media: StoredMedia) -> Item:
    """An upload as it is stored."""
    item: Item = {
        **_place(media.workspace, media.id),
        "schema": SCHEMA,
        "id": media.id,
        "workspace": media.workspace,
        "listed_in": _list(media.workspace),
        "size_bytes": media.size_bytes,
        "created_at": utc_text(media.created_at),
        "created_by": media.created_by,
        "stage": media.stage.value,
        "facts": records.plain(media.facts),
        "reason": media.reason,
        "made_from": media.made_from,
    }
    return {name: value for name, value in item.items() if value != ""}


def media_from(item: Mapping[str, Any]) -> StoredMedia:
    """The upload an item holds; fields a later version adds are passed over."""
    return StoredMedia(
        id=item["id"],
        workspace=item["workspace"],
        size_bytes=int(item["size_bytes"]),
        created_at=utc_moment(item["created_at"]),
        created_by=item["created_by"],
        stage=Stage(item["stage"]),
        facts=media_of(item.get("facts", {})),
        reason=item.get("reason", ""),
        made_from=item.get("made_from", ""),
    )
