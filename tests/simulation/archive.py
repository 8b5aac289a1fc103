"""Publications of a long run: those that are settled lie packed, and are unpacked when somebody asks for them again."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping

from publishing import aws, records
from publishing.publication import Whole
from tests.simulation.expressions import Item
from tests.simulation.run import settled
from tests.simulation.tables import Table

QUIET_S = 30.0

Items = dict[str, Item]


class Archive(MutableMapping[str, Items]):
    """The items of the publications table by partition, in the place of a dictionary."""

    def __init__(self) -> None:
        self.live: dict[str, Items] = {}
        self.packed: dict[str, bytes] = {}

    def __getitem__(self, key: str) -> Items:
        if key in self.packed:
            self.live[key] = self.seen(key)
            del self.packed[key]
        return self.live[key]

    def __setitem__(self, key: str, items: Items) -> None:
        self.packed.pop(key, None)
        self.live[key] = items

    def __delitem__(self, key: str) -> None:
        del self[key], self.live[key]

    def __contains__(self, key: object) -> bool:
        return key in self.live or key in self.packed

    def __iter__(self) -> Iterator[str]:
        return iter([*self.live, *self.packed])

    def __len__(self) -> int:
        return len(self.live) + len(self.packed)

    def seen(self, key: str) -> Items:
        """The items of a partition, without unpacking them for good."""
        found: Items = pickle.loads(zlib.decompress(self.packed[key])) if key in self.packed else self.live[key]  # noqa: S301 - packed below
        return found

    def pack(self, table: Table, now_s: float) -> None:
        """Pack what is settled and was not written of late, and forget what it was before."""
        for key in [key for key, items in self.live.items() if settled(items)]:
            places = [(key, sort) for sort in self.live[key]]
            written_s = max((table.before[place][1] for place in places if place in table.before), default=0.0)
            if now_s - written_s > QUIET_S:
                self.packed[key] = zlib.compress(pickle.dumps(self.live.pop(key)), 1)
                for place in places:
                    table.before.pop(place, None)


class Stored(Mapping[str, Whole]):
    """The publications of an archive by their id, each read when it is asked for."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._keys = {key.rpartition("#")[2]: key for key in archive}

    def __getitem__(self, publication: str) -> Whole:
        items: Iterable[Item] = self._archive.seen(self._keys[publication]).values()
        whole = records.whole(aws.unmarshal(item) for item in items)
        assert whole is not None, "deliveries without a publication"
        return whole

    def __contains__(self, publication: object) -> bool:
        return publication in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
