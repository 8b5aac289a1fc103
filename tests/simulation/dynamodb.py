"""DynamoDB in memory: every write conditional on one item at a time, or on several together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tests import cloud
from tests.simulation.expressions import Given, Item, holds, placeholders, updated
from tests.simulation.faults import Exceptions, Faults, Wire
from tests.simulation.loop import Loop
from tests.simulation.tables import ConditionalCheckFailed, Index, Key, Table, TransactionCanceled
from tests.simulation.values import Invalid, distinct

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
        distinct([{"of": {"S": each["TableName"]}, **each["Key"]} for each in updates])
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
        for table, key, new in [self._changed(update) for update in updates]:  # all of them make sense, or none is made
            self._write(table, key, new)
        return {}

    def _unmet(self, update: Mapping[str, Any]) -> str:
        table = self.tables[update["TableName"]]
        given = _given(table.get(table.key(update["Key"])) or {}, update)
        return "" if holds(update["ConditionExpression"], given) else "ConditionalCheckFailed"

    def _put(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        key = table.key(request["Item"])
        if not all(key):
            raise Invalid("an empty key")
        _complete(request)
        self._meets("PutItem", table.get(key), request)
        self._write(table, key, request["Item"])
        return {}

    def _update(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table, key, new = self._changed(request)
        self._write(table, key, new)
        return {"Attributes": new} if request.get("ReturnValues") == "ALL_NEW" else {}

    def _changed(self, request: Mapping[str, Any]) -> tuple[Table, Key, Item]:
        """What an update makes of an item, before it is written."""
        table = self.tables[request["TableName"]]
        key = table.key(request["Key"])
        _complete(request)
        old = table.get(key)
        self._meets("UpdateItem", old, request)
        new = updated(request["UpdateExpression"], _given(old or request["Key"], request))
        if table.key(new) != key:
            raise Invalid("a key cannot be changed")
        return table, key, new

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
        index.show(key, index.entry(table.get(key)))

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
        distinct([{"of": {"S": name}, **each} for name, each in wanted])
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
        table, limit = self.tables[request["TableName"]], request.get("Limit", 0)
        _complete(request)
        given = {name: request.get(name) for name in ("ExpressionAttributeNames", "ExpressionAttributeValues")}
        partition, _ = self._keys(table, request)[-2:]
        for value in request["ExpressionAttributeValues"].values():  # no span may be empty, even where nothing is found
            holds(request["KeyConditionExpression"], _given({partition: value}, given))
        page: list[Item] = []
        for item in self._partition(table, request):
            if holds(request["KeyConditionExpression"], _given(item, given)):
                page.append(item)
                if len(page) == limit:  # even where nothing follows, as DynamoDB does
                    keys = self._keys(table, request)
                    return {"Items": page, "Count": limit, "LastEvaluatedKey": {name: item[name] for name in keys}}
            elif page:  # what holds stands together: the condition is about the very key of the order
                break
        return {"Items": page, "Count": len(page)}

    @staticmethod
    def _keys(table: Table, request: Mapping[str, Any]) -> tuple[str, ...]:
        """What tells where a page ends."""
        return (*table.keys, *(table.indexes[request["IndexName"]].keys if "IndexName" in request else ()))

    def _partition(self, table: Table, request: Mapping[str, Any]) -> Iterable[Item]:
        """What shares a partition, in order, from where the page begins."""
        asked = [value.get("S", "") for value in request["ExpressionAttributeValues"].values()]
        start, forward = request.get("ExclusiveStartKey"), request.get("ScanIndexForward", True)
        if "IndexName" in request:
            index = table.indexes[request["IndexName"]]
            partition = next((each for each in asked if each in index.places), "")
            return index.beside(partition, start, forward=forward)
        partition = next((each for each in asked if each in table.items), "")
        listed = sorted(table.items.get(partition, {}).items(), reverse=not forward)
        if not start:
            return [item for _, item in listed]
        last = start[table.keys[1]]["S"]
        return [item for sort, item in listed if (sort > last if forward else sort < last)]

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
    """Refuse, as DynamoDB does, names and values that no expression uses, or that are not given."""
    expressions = tuple(request.get(f"{kind}Expression", "") for kind in ("Update", "Condition", "KeyCondition"))
    given = [request[kind] for kind in ("ExpressionAttributeNames", "ExpressionAttributeValues") if kind in request]
    if not all(given):
        raise Invalid("no names, or no values, must be left out")
    odd = placeholders(expressions) ^ frozenset(name for names in given for name in names)
    if odd:
        raise Invalid(f"unused, or not given: {sorted(odd)}")
