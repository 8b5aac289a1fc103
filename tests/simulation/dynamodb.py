"""DynamoDB in memory: every write conditional on one item at a time, or on several together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tests import cloud
from tests.simulation.expressions import Given, Item, holds, placeholders, updated
from tests.simulation.faults import Exceptions, Faults, Wire
from tests.simulation.loop import Loop
from tests.simulation.tables import ConditionalCheckFailed, Index, Key, Table, TransactionCanceled

LATENCY_S = (0.002, 0.012)
INDEX_LAG_S = (0.0, 0.5)
STALE_INDEX_S = (1.0, 30.0)
STALE_READ_S = 1.0
OPERATIONS = "operations"
T = TypeVar("T")


class DynamoDB:
    """The client's methods our code calls."""

    exceptions = Exceptions(
        ConditionalCheckFailedException=ConditionalCheckFailed, TransactionCanceledException=TransactionCanceled
    )

    def __init__(self, loop: Loop, faults: Faults) -> None:
        self.loop = loop
        self.faults = faults
        self.tables = {name: Table(name) for name in cloud.KEYS}
        self._wire = Wire("dynamodb", loop, faults, LATENCY_S)
        self.operations_wire = Wire("operations", loop, faults, LATENCY_S)

    # Writing

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Write one item whole."""
        return self._ask(lambda: self._put(request), request["TableName"], [request["Item"]])

    def update_item(self, **request: Any) -> dict[str, Any]:
        """Change one item."""
        return self._ask(lambda: self._update(request), request["TableName"], [request["Key"]])

    def delete_item(self, **request: Any) -> dict[str, Any]:
        """Remove one item."""
        return self._ask(lambda: self._delete(request), request["TableName"], [request["Key"]])

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        """Change several items, all of them or none."""
        updates = [each["Update"] for each in request["TransactItems"]]
        return self._ask(lambda: self._transact(updates), updates[0]["TableName"], [updates[0]["Key"]])

    def _ask(self, effect: Callable[[], T], table: str, keys: Sequence[Item]) -> T:
        if table != OPERATIONS:
            return self._wire.ask(effect, [about for key in keys for about in _about(key)])
        invocation = self.loop.invocation
        try:
            return self.operations_wire.ask(effect, invocation.about if invocation else ())
        except ConditionalCheckFailed:
            raise
        except (BotoCoreError, ClientError):
            self.faults.unshared.update(each for key in keys for each in key["pk"]["S"].split("#"))
            raise

    def _transact(self, updates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        unmet = [self._unmet(update) for update in updates]
        if not any(unmet) and self.faults.pick("transaction", _about(updates[0]["Key"])):
            unmet[0] = "TransactionConflict"
        if any(unmet):
            raise TransactionCanceled([reason or "None" for reason in unmet])
        for update in updates:
            self._update(update)
        return {}

    def _unmet(self, update: Mapping[str, Any]) -> str:
        table = self.tables[update["TableName"]]
        given = _given(table.get(table.key(update["Key"])) or {}, update)
        return "" if holds(update["ConditionExpression"], given) else "ConditionalCheckFailed"

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
        old = table.items.get(key[0], {}).pop(key[-1], None)
        for index in table.indexes.values():
            if index.entry(old):
                self.loop.after(self._index_lag_s(request["Key"]), partial(self._show, table, index, key))
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
        seen = self._ask(lambda: self._seen(table, key, request), request["TableName"], [request["Key"]])
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

        self._ask(read, wanted[0][0], [each for _, each in wanted])
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(self, **request: Any) -> dict[str, Any]:
        """Read what shares a partition, of the table or of an index, in the order of its second key."""
        return self._wire.ask(lambda: self._query(request), _asked_for(request))

    def _query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        items, keys = self._partition(table, request)
        given = {name: request.get(name) for name in ("ExpressionAttributeNames", "ExpressionAttributeValues")}
        found = [item for item in items if holds(request["KeyConditionExpression"], _given(item, given))]
        forward = request.get("ScanIndexForward", True)
        listed = sorted(found, key=lambda item: _place(item, keys), reverse=not forward)
        start = request.get("ExclusiveStartKey")
        if start:  # it need not be there any more: the page begins where it would stand
            after = _place(start, keys)
            listed = [
                item for item in listed if (_place(item, keys) > after if forward else _place(item, keys) < after)
            ]
        page = listed[: request.get("Limit", len(listed))]
        last = {"LastEvaluatedKey": page[-1]} if len(listed) > len(page) else {}
        return {"Items": page, "Count": len(page), **last}

    def _partition(self, table: Table, request: Mapping[str, Any]) -> tuple[list[Item], tuple[str, ...]]:
        asked = [value.get("S", "") for value in request["ExpressionAttributeValues"].values()]
        if "IndexName" in request:
            index = table.indexes[request["IndexName"]]
            partition = index.keys[0]
            shown = [item for item in index.shown.values() if item[partition]["S"] in asked]
            return shown, (index.keys[1], *table.keys)
        partition = next((each for each in asked if each in table.items), "")
        return list(table.items.get(partition, {}).values()), table.keys[1:]

    def _seen(self, table: Table, key: Key, request: Mapping[str, Any]) -> Item | None:
        """The item, or the one before where a read that may lag does."""
        if not request.get("ConsistentRead") and key in table.before:
            before, written_s = table.before[key]
            fresh = self.loop.now_s - written_s > STALE_READ_S
            if not fresh and self.faults.pick("read") == "stale":
                return before
        return table.get(key)


def _place(item: Item, keys: Sequence[str]) -> tuple[str, ...]:
    """Where an item stands among those of its partition."""
    return tuple(item[name]["S"] for name in keys)


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
