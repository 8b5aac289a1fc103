"""Counts AWS calls and DynamoDB's read and write units by its published rules, index by index.

moto's own ConsumedCapacity is a constant, so units are worked out from the items before and after each write:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html (read 2026-11-20).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from tests import cloud

WRITE_BYTES = 1_024
READ_BYTES = 4_096
Item = Mapping[str, Any]


def size_bytes(item: Item) -> int:
    """An item's size as DynamoDB counts it: names and values, with 3 bytes and 1 an element for lists and maps."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "N":
            return len(inner.strip("-0.")) // 2 + 2
        case "B":
            return len(inner)
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in inner)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in inner.items())
    return 1


@dataclass(frozen=True)
class Index:
    """A global secondary index: its keys, and what it projects beside the table's keys."""

    keys: tuple[str, ...]
    projected: frozenset[str]

    def entry(self, item: Item) -> Item:
        """What stands in the index for an item: nothing where a key is missing."""
        if not all(key in item for key in self.keys):
            return {}
        kept = {*self.keys, *self.projected, "pk", "sk"}
        return {name: value for name, value in item.items() if name in kept}

    def units(self, before: Item, after: Item) -> int:
        """Write units of bringing the index up to date."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        moved = bool(old and new) and any(old[key] != new[key] for key in self.keys)
        return (
            _units(old, WRITE_BYTES) + _units(new, WRITE_BYTES)
            if moved
            else _units(max(old, new, key=size_bytes), WRITE_BYTES)
        )


def _units(item: Item, unit_bytes: int) -> int:
    return math.ceil(size_bytes(item) / unit_bytes)


@dataclass
class Meter:
    """What was asked of AWS through the clients it was attached to."""

    calls: Counter[str] = field(default_factory=Counter)
    write_units: float = 0
    index_units: float = 0
    read_units: float = 0

    @contextmanager
    def attached(self, *clients: Any) -> Iterator[None]:
        """Count what these clients do meanwhile."""
        hooks: dict[str, Any] = {"before-parameter-build.*.*": self._before, "after-call.*.*": self._after}
        for client in clients:
            for event, hook in hooks.items():
                client.meta.events.register(event, hook)
        yield
        for client in clients:
            for event, hook in hooks.items():
                client.meta.events.unregister(event, hook)

    def _before(self, params: Any, model: Any, context: Any, **_: Any) -> None:
        context["params"] = params
        self.calls[f"{model.service_model.service_name}.{model.name}"] += 1
        if model.name in {"PutItem", "UpdateItem", "DeleteItem"}:
            context["before"] = _stored(params)

    def _after(self, parsed: Any, model: Any, context: Any, **_: Any) -> None:
        params = context["params"]
        if "before" in context:
            self._wrote(params["TableName"], context["before"], _stored(params))
        elif model.name == "GetItem":
            self._read([parsed.get("Item", {})], consistent=params.get("ConsistentRead", False))
        elif model.name == "Query":
            everything = {str(number): {"M": item} for number, item in enumerate(parsed.get("Items", []))}
            self._read([everything], consistent=params.get("ConsistentRead", False))
        elif model.name == "BatchGetItem":
            for table, items in parsed.get("Responses", {}).items():
                self._read(items, consistent=params["RequestItems"][table].get("ConsistentRead", False))

    def _wrote(self, table: str, before: Item, after: Item) -> None:
        self.write_units += max(1, _units(max(before, after, key=size_bytes), WRITE_BYTES))
        self.index_units += sum(index.units(before, after) for index in INDEXES.get(table, ()))

    def _read(self, items: list[Any], *, consistent: bool) -> None:
        self.read_units += sum(max(1, _units(item, READ_BYTES)) for item in items) * (1.0 if consistent else 0.5)


def _stored(params: Any) -> Item:
    key = params.get("Key") or {name: params["Item"][name] for name in ("pk", "sk") if name in params["Item"]}
    client = boto3.client("dynamodb", region_name=cloud.REGION)
    return client.get_item(TableName=params["TableName"], Key=key, ConsistentRead=True).get("Item", {})


def _indexes(table: str) -> tuple[Index, ...]:
    return tuple(Index(tuple(keys), frozenset(projected)) for keys, projected in cloud.INDEXES[table].values())


INDEXES = {table: _indexes(table) for table in cloud.INDEXES}
