"""The tables of the DynamoDB in memory, with their indexes, and what a write that did not take place is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests import cloud
from tests.simulation.expressions import Item

Key = tuple[str, ...]


class TransactionCanceled(ClientError):  # noqa: N818 - named as AWS names it
    """A condition of one of its writes did not hold, or somebody wrote one of its items: nothing was written."""

    def __init__(self, reasons: Sequence[str]) -> None:
        response: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
        }
        super().__init__(response, "TransactWriteItems")


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
