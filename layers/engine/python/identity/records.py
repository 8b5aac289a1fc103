"""Where identity keeps its items in the channels table, and how several of them are written together.

Beside the keys and the workspace itself there are, under the workspace, its members and invitations; and under what
stands for a person, the workspaces it is a member of. What has an end is removed by the table's TTL some time later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from publishing import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SCHEMA = 1
TTL = "gone_at"  # the attribute infra names as the table's: seconds since 1970
NEW = "attribute_not_exists(pk)"
Item = dict[str, Any]


class Busy(Exception):  # noqa: N818 - named for what is so
    """Somebody else wrote the same at this moment; asked again, it may go through."""


def workspace_place(workspace: str) -> Item:
    """The key of a workspace's own item."""
    return {"pk": workspace, "sk": "WORKSPACE"}


def key_place(workspace: str, identifier: str) -> Item:
    """The key of an API key's item."""
    return {"pk": workspace, "sk": f"KEY#{identifier}"}


def member_place(workspace: str, identifier: str) -> Item:
    """The key of a member's item."""
    return {"pk": workspace, "sk": f"MEMBER#{identifier}"}


def invitation_place(workspace: str, identifier: str) -> Item:
    """The key of an invitation's item."""
    return {"pk": workspace, "sk": f"INVITATION#{identifier}"}


def person_place(person: str, workspace: str) -> Item:
    """The key of the item that says of a person that it is a member of a workspace."""
    return {"pk": f"SUBJECT#{person}", "sk": workspace}


def put(table: str, item: Mapping[str, Any], condition: str = NEW) -> Any:
    """One write of several: an item, new unless said otherwise."""
    return {"Put": {"TableName": table, "Item": aws.marshal(item), "ConditionExpression": condition}}


def deletion(table: str, place: Item, condition: str, values: Item | None = None) -> Any:
    """One write of several: an item is gone."""
    return {"Delete": _conditional(table, place, condition, values or {})}


def check(table: str, place: Item, condition: str, values: Item | None = None) -> Any:
    """One of several writes that writes nothing: the condition must hold for the others."""
    return {"ConditionCheck": _conditional(table, place, condition, values or {})}


def update(table: str, place: Item, change: str, condition: str, values: Item) -> Any:
    """One write of several: an item is changed."""
    request = _conditional(table, place, condition, values, change)
    return {"Update": {**request, "UpdateExpression": change}}


def _conditional(table: str, place: Item, condition: str, values: Item, also: str = "") -> Item:
    names = {name: name[1:] for name in ("#name", "#role") if name in condition + also}
    request: Item = {"TableName": table, "Key": aws.marshal(place), "ConditionExpression": condition}
    request |= {"ExpressionAttributeNames": names} if names else {}
    return request | ({"ExpressionAttributeValues": aws.marshal(values)} if values else {})


def together(client: DynamoDBClient, writes: Sequence[Any]) -> list[str]:
    """Write all of it or nothing; answers why each was not written, and nothing where all were.

    boto3 sends a token with it: where only the answer was lost, the second sending is not done again.
    """
    try:
        client.transact_write_items(TransactItems=list(writes))
    except client.exceptions.TransactionCanceledException as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        return [str(reason.get("Code", "None")) for reason in reasons] or ["TransactionConflict"]
    return []


def is_unmet(reasons: Sequence[str], place: int) -> bool:
    """Whether it was the condition of that write that did not hold."""
    return place < len(reasons) and reasons[place] == "ConditionalCheckFailed"


def seconds(moment: datetime) -> int:
    """A moment as the table's TTL reads it."""
    return int(moment.timestamp())
