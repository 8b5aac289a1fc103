"""The tables of the DynamoDB in memory, with their indexes, and what a write that did not take place is told."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, MutableMapping, Sequence
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
    projected: frozenset[str]  # everything where it is empty
    primary: tuple[str, ...]
    shown: dict[Key, Item] = field(default_factory=dict)
    places: dict[str, list[Key]] = field(default_factory=dict)  # of each partition, in order

    def entry(self, item: Item | None) -> Item | None:
        """What stands in the index for an item; nothing where one of its keys is missing."""
        if item is None or not all(key in item for key in self.keys):
            return None
        return {name: value for name, value in item.items() if not self.projected or name in self.projected}

    def show(self, key: Key, entry: Item | None) -> None:
        """Show an item so from now on, or not at all."""
        old = self.shown.pop(key, None)
        if old:
            places = self.places[old[self.keys[0]]["S"]]
            del places[bisect_left(places, self.place(old))]
        if entry:
            self.shown[key] = entry
            insort(self.places.setdefault(entry[self.keys[0]]["S"], []), self.place(entry))

    def place(self, item: Item) -> Key:
        """Where an item stands in its partition."""
        return place(item, (self.keys[1], *self.primary))

    def beside(self, partition: str, start: Item | None, *, forward: bool) -> Iterator[Item]:
        """The items of a partition in order, or the other way round, from behind `start`."""
        places = self.places.get(partition, [])
        if forward:
            first = bisect_right(places, self.place(start)) if start else 0
            turns = range(first, len(places))
        else:
            last = bisect_left(places, self.place(start)) if start else len(places)
            turns = range(last - 1, -1, -1)
        return (self.shown[places[turn][1:]] for turn in turns)


def place(item: Item, keys: Sequence[str]) -> tuple[str, ...]:
    """Where an item stands among those of its partition."""
    return tuple(item[name]["S"] for name in keys)


class Table:
    """The items of one table by their keys, and of each the one before for reads that lag behind."""

    def __init__(self, name: str) -> None:
        self.keys = tuple(cloud.KEYS[name])
        self.items: MutableMapping[str, dict[str, Item]] = {}
        self.before: dict[Key, tuple[Item | None, float]] = {}
        self.indexes = {
            index: Index((keys[0], keys[-1]), frozenset(projected and {*keys, *projected, *self.keys}), self.keys)
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
