"""The log: every event for every endpoint with the attempts at telling it, for thirty days; and who is at which now.

One conditional write claims an attempt, another says what came of it. Whoever comes twice, or late, finds that out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from notifying.model import Attempt, Entry, NoticeState
from notifying.records import Item, entry_item, entry_key, entry_of
from publishing import aws
from publishing.clock import Clock
from publishing.ledger import attempted, new_mark
from publishing.model import utc_text
from publishing.records import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=30)
LEASE_S = 60.0  # longer than a call and what is written after it
KEPT_ATTEMPTS = 20  # of one event, replays and all; the newest
EARLY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and the event after which the next page begins (empty: there is none)."""

    found: Sequence[Entry]
    following: str = ""


@dataclass(frozen=True)
class Log:
    """The log in the table of that name."""

    table: str
    clock: Clock
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def record(self, entry: Entry) -> Entry:
        """Write an event down for an endpoint; where it is written down already, as it stands."""
        item = {**entry_item(entry), "expires_at": int((self.clock() + KEPT).timestamp())}
        old = attempted(self.client(), lambda: self._put(item))
        return entry if old is None else entry_of(old)

    def claim(self, workspace: str, endpoint: str, event: str, tried: int) -> tuple[Entry | None, bool]:
        """Take one attempt; answers how the entry stands (None: there is none), and whether it was taken."""
        moment = self.clock()
        values: Item = {
            ":waiting": NoticeState.WAITING.value,
            ":sending": NoticeState.SENDING.value,
            ":tried": tried,
            ":now": utc_text(moment),
            ":early": utc_text(moment + EARLY),
            ":until": utc_text(moment + timedelta(seconds=LEASE_S)),
        }
        return self._written(
            entry_key(workspace, endpoint, event),
            "SET #state = :sending, lease_until = :until, mark = :mark",
            "tried = :tried AND ((#state = :waiting AND (attribute_not_exists(next_at) OR next_at <= :early))"
            " OR (#state = :sending AND lease_until <= :now))",
            values,
        )

    def settle(
        self, taken: Entry, state: NoticeState, attempt: Attempt | None = None, next_at: datetime | None = None
    ) -> bool:
        """Write what came of a claim; False where it was no longer ours."""
        attempts = [*taken.attempts, *([attempt] if attempt else [])][-KEPT_ATTEMPTS:]
        values: Item = {
            ":state": state.value,
            ":seen": taken.mark,
            ":sending": NoticeState.SENDING.value,
            ":attempts": [plain(each) for each in attempts],
            ":tried": taken.tried + (1 if attempt else 0),
            ":next": utc_text(next_at) if next_at else "",
        }
        _, ours = self._written(
            entry_key(taken.workspace, taken.endpoint, taken.event),
            "SET #state = :state, attempts = :attempts, tried = :tried, next_at = :next, mark = :mark",
            "#state = :sending AND mark = :seen",
            values,
        )
        return ours

    def begin_anew(self, entry: Entry) -> Entry | None:
        """Have an entry told again from its first attempt on; None where somebody is at it, or it is gone."""
        stands, ours = self._written(
            entry_key(entry.workspace, entry.endpoint, entry.event),
            "SET #state = :waiting, tried = :zero, next_at = :soon, mark = :mark",
            "attribute_exists(pk) AND (#state <> :sending OR lease_until <= :now)",
            {
                ":waiting": NoticeState.WAITING.value,
                ":sending": NoticeState.SENDING.value,
                ":zero": 0,
                ":soon": "",
                ":now": utc_text(self.clock()),
            },
        )
        return stands if ours else None

    def page(
        self,
        workspace: str,
        endpoint: str,
        *,
        first: str,
        last: str,
        limit: int,
        after: str = "",
        newest_first: bool = True,
    ) -> Page:
        """Entries from one event id to another, both among them, behind `after`; one page is at most 1 MB."""
        start = {"ExclusiveStartKey": aws.marshal(entry_key(workspace, endpoint, after))} if after else {}
        request = self._between(workspace, endpoint, first, last) | start
        answer = self.client().query(**request, ScanIndexForward=not newest_first, Limit=limit)
        found = [entry_of(aws.unmarshal(item)) for item in answer["Items"]]
        return Page(found, found[-1].event if found and "LastEvaluatedKey" in answer else "")

    def count(self, workspace: str, endpoint: str, *, first: str, last: str, pages: int) -> tuple[int, bool]:
        """How many entries there are between two ids, and whether that is all, as far as so many pages tell."""
        request = self._between(workspace, endpoint, first, last) | {"Select": "COUNT"}
        counted = 0
        for _ in range(pages):
            answer = self.client().query(**request)
            counted += answer["Count"]
            if "LastEvaluatedKey" not in answer:
                return counted, True
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return counted, False

    def _between(self, workspace: str, endpoint: str, first: str, last: str) -> Any:
        values = {":pk": entry_key(workspace, endpoint, "")["pk"], ":first": first, ":last": last}
        return {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": aws.marshal(values),
        }

    def _put(self, item: Item) -> None:
        self.client().put_item(
            TableName=self.table,
            Item=aws.marshal(item),
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def _written(self, key: Item, update: str, condition: str, values: Item) -> tuple[Entry | None, bool]:
        mark, answer = new_mark(), dict[str, Any]()
        request: Any = {
            "TableName": self.table,
            "Key": aws.marshal(key),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": aws.marshal(values | {":mark": mark}),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        old = attempted(self.client(), lambda: answer.update(self.client().update_item(**request)))
        if old is None:
            return entry_of(aws.unmarshal(answer["Attributes"])), True
        stands = entry_of(old) if old else None
        return stands, stands is not None and stands.mark == mark
