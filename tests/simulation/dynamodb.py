"""DynamoDB in memory: one table after another with their indexes, every write conditional on one item at a time."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tests import cloud
from tests.simulation.expressions import Given, Item, holds, placeholders, updated
from tests.simulation.faults import Exceptions, Faults, Wire
from tests.simulation.loop import Loop

INDEX_LAG_S = (0.0, 0.5)
STALE_INDEX_S = (1.0, 30.0)
STALE_READ_S = 1.0
Key = tuple[str, ...]


class ConditionalCheckFailed(ClientError):  # noqa: N818 - named as AWS names it
    """The condition did not hold; the item that stood in its way comes with it where it was asked for."""

    def __init__(self, operation: str, item: Item | None) -> None:
        response: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "The condition failed"}}
        super().__init__(response | ({"Item": item} if item else {}), operation)


@dataclass
class Index:
    """What an index shows, which is a little of the past."""

    keys: tuple[str, str]
    projected: frozenset[str]
    shown: dict[Key, Item] = field(default_factory=dict)

    def entry(self, item: Item | None) -> Item | None:
        """What stands in the index for an item; nothing where one of its keys is missing."""
        if item is None or not all(key in item for key in self.keys):
            return None
        return {name: value for name, value in item.items() if name in self.projected}


class Table:
    """The items of one table by their keys, and of each the one before for reads that lag behind."""

    def __init__(self, name: str) -> None:
        self.keys = tuple(cloud.KEYS[name])
        self.items: dict[str, dict[str, Item]] = {}
        self.before: dict[Key, tuple[Item | None, float]] = {}
        self.indexes = {
            index: Index((keys[0], keys[-1]), frozenset({*keys, *projected, *self.keys}))
            for index, (keys, projected) in cloud.INDEXES[name].items()
        }

    def key(self, item: Item) -> Key:
        """The primary key of an item, as plain text."""
        return tuple(item[name]["S"] for name in self.keys)

    def get(self, key: Key) -> Item | None:
        """An item as it stands."""
        return self.items.get(key[0], {}).get(key[-1])

    def put(self, key: Key, item: Item, now_s: float) -> None:
        """Write an item, remembering what lagging reads still see."""
        self.before[key] = (self.get(key), now_s)
        self.items.setdefault(key[0], {})[key[-1]] = item


class DynamoDB:
    """The client's methods our code calls."""

    exceptions = Exceptions(ConditionalCheckFailedException=ConditionalCheckFailed)

    def __init__(self, loop: Loop, faults: Faults) -> None:
        self.loop = loop
        self.faults = faults
        self.tables = {name: Table(name) for name in cloud.KEYS}
        self._wire = Wire("dynamodb", loop, faults, (0.002, 0.012))

    # Writing

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Write one item whole."""
        return self._wire.ask(lambda: self._put(request), _about(request["Item"]))

    def update_item(self, **request: Any) -> dict[str, Any]:
        """Change one item."""
        return self._wire.ask(lambda: self._update(request), _about(request["Key"]))

    def delete_item(self, **request: Any) -> dict[str, Any]:
        """Remove one item."""
        return self._wire.ask(lambda: self._delete(request), _about(request["Key"]))

    def _put(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        key = table.key(request["Item"])
        _complete(request)
        self._meets("PutItem", table.get(key), request)
        self._write(table, key, request["Item"])
        return {}

    def _update(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        key = table.key(request["Key"])
        _complete(request)
        old = table.get(key)
        self._meets("UpdateItem", old, request)
        new = updated(request["UpdateExpression"], _given(old or request["Key"], request))
        self._write(table, key, new)
        return {"Attributes": new} if request.get("ReturnValues") == "ALL_NEW" else {}

    def _delete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        key = table.key(request["Key"])
        self._meets("DeleteItem", table.get(key), request)
        table.items.get(key[0], {}).pop(key[-1], None)
        return {}

    def _meets(self, operation: str, old: Item | None, request: Mapping[str, Any]) -> None:
        condition = request.get("ConditionExpression")
        if condition and not holds(condition, _given(old or {}, request)):
            wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise ConditionalCheckFailed(operation, old if wanted else None)

    def _write(self, table: Table, key: Key, item: Item) -> None:
        old = table.get(key)
        table.put(key, item, self.loop.now_s)
        for index in table.indexes.values():
            if index.entry(old) != index.entry(item):
                self.loop.after(self._index_lag_s(item), partial(self._show, table, index, key))

    def _index_lag_s(self, item: Item) -> float:
        stale = self.faults.pick("index", _about(item)) == "stale"
        return self.loop.rng.uniform(*(STALE_INDEX_S if stale else INDEX_LAG_S))

    @staticmethod
    def _show(table: Table, index: Index, key: Key) -> None:
        entry = index.entry(table.get(key))
        if entry is None:
            index.shown.pop(key, None)
        else:
            index.shown[key] = entry

    # Reading

    def get_item(self, **request: Any) -> dict[str, Any]:
        """Read one item."""
        table = self.tables[request["TableName"]]
        key = table.key(request["Key"])
        seen = self._wire.ask(lambda: self._seen(table, key, request), _about(request["Key"]))
        return {"Item": seen} if seen else {}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        """Read some items, in any order."""
        wanted = [(name, each) for name, asked in request["RequestItems"].items() for each in asked["Keys"]]
        found: dict[str, list[Item]] = {name: [] for name in request["RequestItems"]}

        def read() -> None:
            for items in found.values():
                items.clear()
            for name, each in wanted:
                table = self.tables[name]
                seen = self._seen(table, table.key(each), request["RequestItems"][name])
                found[name].extend([seen] if seen else [])

        self._wire.ask(read, [about for _, each in wanted for about in _about(each)])
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(self, **request: Any) -> dict[str, Any]:
        """Read what shares a partition, of the table or of an index, in the order of its second key."""
        return self._wire.ask(lambda: self._query(request), _asked_for(request))

    def _query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        items, keys = self._partition(table, request)
        given = {name: request.get(name) for name in ("ExpressionAttributeNames", "ExpressionAttributeValues")}
        found = [item for item in items if holds(request["KeyConditionExpression"], _given(item, given))]
        ordered: list[tuple[tuple[str, ...], int, Item]] = []
        for number, item in enumerate(found):
            insort(ordered, (tuple(item[name]["S"] for name in keys), number, item), key=lambda each: each[:2])
        listed = [item for _, _, item in (ordered if request.get("ScanIndexForward", True) else reversed(ordered))]
        return self._page(table, listed, request)

    def _partition(self, table: Table, request: Mapping[str, Any]) -> tuple[list[Item], tuple[str, ...]]:
        if "IndexName" in request:
            index = table.indexes[request["IndexName"]]
            return list(index.shown.values()), (index.keys[1], *table.keys)
        asked = [value.get("S", "") for value in request["ExpressionAttributeValues"].values()]
        partition = next((each for each in asked if each in table.items), "")
        return list(table.items.get(partition, {}).values()), table.keys[1:]

    @staticmethod
    def _page(table: Table, listed: list[Item], request: Mapping[str, Any]) -> dict[str, Any]:
        start = request.get("ExclusiveStartKey")
        if start:
            keys = [table.key(item) for item in listed]
            listed = listed[keys.index(table.key(start)) + 1 :] if table.key(start) in keys else []
        limit = request.get("Limit", len(listed))
        page = listed[:limit]
        last = {"LastEvaluatedKey": page[-1]} if len(listed) > limit else {}
        return {"Items": page, "Count": len(page), **last}

    def _seen(self, table: Table, key: Key, request: Mapping[str, Any]) -> Item | None:
        """The item, or the one before where a read that may lag does."""
        if not request.get("ConsistentRead") and key in table.before:
            before, written_s = table.before[key]
            fresh = self.loop.now_s - written_s > STALE_READ_S
            if not fresh and self.faults.pick("read") == "stale":
                return before
        return table.get(key)


def _given(item: Item, request: Mapping[str, Any]) -> Given:
    return Given(item, request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {})


def _about(item: Item) -> tuple[str, ...]:
    """The publication an item or a key belongs to."""
    return (item["pk"]["S"].rpartition("#")[2],)


def _asked_for(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The publication a query is for, if it is for one."""
    texts = [value.get("S", "") for value in request["ExpressionAttributeValues"].values()]
    return tuple(text.rpartition("#")[2] for text in texts if "#" in text)


def _complete(request: Mapping[str, Any]) -> None:
    """Refuse, as DynamoDB does, names and values that no expression uses."""
    expressions = tuple(request.get(name, "") for name in ("UpdateExpression", "ConditionExpression"))
    given = (*request.get("ExpressionAttributeNames", ()), *request.get("ExpressionAttributeValues", ()))
    unused = frozenset(given) - placeholders(expressions)
    if unused:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": f"unused: {sorted(unused)}"}}, "Write")
