"""The audit log: who did what in a workspace, appended to and never changed, and kept for 400 days.

Each actor has a list of its own, so that what one did is one query and an entry is one write. Which actors there were
on a day is noted beside, once a day for each of them; what everybody did is put together day by day from that.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from identity.records import NEW, SCHEMA, TTL, Item, seconds
from publishing import aws
from publishing.clock import Clock
from publishing.memory import Memory
from publishing.model import utc_moment, utc_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=400)
DAY_CHARS, DAY_S = 10, 86_400.0
REMEMBER_ACTORS = 10_000
AFTER_ALL = "~"  # in the order of texts


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did, or was refused. `actor`: a key's or a member's id, or operator; never a name.

    `ids`: what was named in the address; `made`: where what was made is read; `place` is where it stands in the log.
    """

    workspace: str
    actor: str
    operation: str
    status: int
    at: datetime
    correlation_id: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    made: str = ""
    place: str = ""


def _noted() -> Memory[tuple[str, str, str], bool]:
    return Memory(keep_s=DAY_S, most=REMEMBER_ACTORS)


@dataclass(frozen=True)
class Audit:
    """The logs of all workspaces, in the channels table."""

    table: str
    clock: Clock
    client: Callable[[], DynamoDBClient] = aws.dynamodb
    noted: Memory[tuple[str, str, str], bool] = field(default_factory=_noted, repr=False)

    def enter(self, entry: Entry) -> None:
        """Append an entry."""
        place = f"{utc_text(entry.at)}#{secrets.token_hex(8)}"
        self._note(entry, place[:DAY_CHARS])
        kept = {
            "operation": entry.operation,
            "status": entry.status,
            "correlation_id": entry.correlation_id,
            "ids": dict(entry.ids),
            "made": entry.made,
        }
        self._append(_of_actor(entry.workspace, entry.actor), place, kept)

    def page(
        self, workspace: str, *, since: datetime, until: datetime, limit: int, actor: str = "", after: str = ""
    ) -> tuple[Sequence[Entry], str]:
        """Entries from `since` to before `until`, newest first, and after which the next page begins (empty: none).

        `after` is the `place` of the last entry of the page before.
        """
        first, before = utc_text(since), min(after or AFTER_ALL, utc_text(until))
        if first >= before:
            return [], ""
        one = limit + 1  # more than asked for: whether there is a next page
        entries = (
            self._by(workspace, actor, first, before, one) if actor else self._by_all(workspace, first, before, one)
        )
        found = list(islice(entries, one))
        return found[:limit], found[limit - 1].place if len(found) > limit else ""

    def _note(self, entry: Entry, day: str) -> None:
        known = (entry.workspace, day, entry.actor)
        if not self.noted.recall(known):
            self._append(_of_days(entry.workspace), f"{day}#{entry.actor}", {})
            self.noted.keep(known, value=True)

    def _append(self, partition: str, place: str, kept: Item) -> None:
        """Once: where the SDK wrote twice because an answer was lost, or somebody else noted the same, it stands."""
        item = {"pk": partition, "sk": place, "schema": SCHEMA, TTL: seconds(self.clock() + KEPT), **kept}
        with suppress(self.client().exceptions.ConditionalCheckFailedException):
            self.client().put_item(TableName=self.table, Item=aws.marshal(item), ConditionExpression=NEW)

    def _by_all(self, workspace: str, since: str, before: str, limit: int) -> Iterator[Entry]:
        days = self._asked(_of_days(workspace), since[:DAY_CHARS], before[:DAY_CHARS] + AFTER_ALL)
        named = (str(item["sk"]).split("#", 1) for item in days)
        for day, actors in groupby(named, key=itemgetter(0)):
            first, last = max(since, day), min(before, day + AFTER_ALL)
            lists = [list(self._by(workspace, actor, first, last, limit)) for _, actor in actors]
            yield from sorted((entry for each in lists for entry in each), key=_place_of, reverse=True)

    def _by(self, workspace: str, actor: str, since: str, before: str, limit: int) -> Iterator[Entry]:
        found = islice(self._asked(_of_actor(workspace, actor), since, before, limit), limit)
        return (_entry(workspace, actor, item) for item in found)

    def _asked(self, partition: str, first: str, last: str, limit: int = 0) -> Iterator[Item]:
        """The items between two places, the last excluded, newest first."""
        asked: Any = {"Limit": limit} if limit else {}
        while True:
            answer = self.client().query(
                TableName=self.table,
                KeyConditionExpression="pk = :log AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues=aws.marshal({":log": partition, ":first": first, ":last": last}),
                ScanIndexForward=False,
                **asked,
            )
            yield from (item for item in map(aws.unmarshal, answer["Items"]) if item["sk"] != last)
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _of_actor(workspace: str, actor: str) -> str:
    return f"{workspace}#AUDIT#{actor}"


def _of_days(workspace: str) -> str:
    return f"{workspace}#AUDIT"


def _place_of(entry: Entry) -> str:
    return entry.place


def _entry(workspace: str, actor: str, item: Mapping[str, Any]) -> Entry:
    return Entry(
        workspace=workspace,
        actor=actor,
        operation=item["operation"],
        status=int(item["status"]),
        at=utc_moment(item["sk"].partition("#")[0]),
        correlation_id=item["correlation_id"],
        ids=item["ids"],
        made=item["made"],
        place=item["sk"],
    )
