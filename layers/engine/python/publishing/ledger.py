"""The deliveries of the publications table: every transition is one conditional write whose writer knows it again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from publishing import aws, ids, records
from publishing.change import Change, assigned, why
from publishing.clock import Clock
from publishing.model import DeliveryState, Target, utc_text
from publishing.publication import NEVER, Delivery, Event, Publication
from publishing.records import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EARLY = timedelta(seconds=2)
# An edit leaves its version on the deliveries that wait: who has read the publication as it was before comes too late.
_NOT_EDITED = "(attribute_not_exists(since_version) OR since_version <= :version)"


@dataclass(frozen=True)
class Deliveries:
    """The deliveries in the table of that name."""

    table: str
    clock: Clock
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def claim(self, publication: Publication, target: Target, *, lease_s: float) -> tuple[Delivery, bool]:
        """Take a delivery for one attempt; answers how it stands, and whether it was taken.

        The claim is the write-ahead intent: once it is written, the post may be out.
        """
        values = {
            ":publishing": DeliveryState.PUBLISHING,
            ":platform": target.platform,
            ":id": ids.delivery(publication.id, target.channel),
            ":lease": self._lease(lease_s),
            ":schema": records.SCHEMA,
        }
        return self._transition(
            publication,
            target,
            "#state = :publishing, platform = :platform, id = :id, #schema = :schema, lease_until = :lease, "
            "attempt = if_not_exists(attempt, :zero) + :one, fence = if_not_exists(fence, :zero) + :one",
            f"attribute_not_exists(pk) OR (#state IN (:queued, :held) AND next_at <= :now AND {_NOT_EDITED})",
            values
            | {":version": publication.version}
            | {":queued": DeliveryState.QUEUED, ":held": DeliveryState.HELD, ":zero": 0, ":one": 1},
            Event(self._now(), DeliveryState.PUBLISHING),
        )

    def take(self, publication: Publication, target: Target, seen: Delivery, *, lease_s: float) -> Delivery | None:
        """Take a delivery as it was seen, for a look or to go on; None where somebody else was first."""
        taken, mine = self._transition(
            publication,
            target,
            "fence = fence + :one, lease_until = :lease",
            "fence = :fence AND #state = :seen AND next_at <= :now AND lease_until <= :now",
            {":one": 1, ":lease": self._lease(lease_s), ":fence": seen.fence, ":seen": seen.state},
            None,
        )
        return taken if mine else None

    def doubt(self, publication: Publication, target: Target, seen: Delivery, change: Change) -> Delivery | None:
        """Make `uncertain` of a delivery whose worker let its lease run out; None where somebody else was first."""
        return self._write(publication, target, seen, change, "lease_until <= :now AND ")

    def settle(self, publication: Publication, target: Target, taken: Delivery, change: Change) -> Delivery | None:
        """Write what came of a claim; None where the claim was no longer ours and nothing was written."""
        return self._write(publication, target, taken, change, "")

    def close(
        self, publication: Publication, target: Target, change: Change, *, unbegun: bool = False
    ) -> tuple[Delivery, bool]:
        """Settle a delivery nobody has claimed: canceled, expired, held, or failed before it began.

        `unbegun`: only one that was never claimed, nor decided on by a person; what is held for good stays so.
        """
        assignments, values = assigned(change)
        waiting = "#state = :queued" if change.state is DeliveryState.HELD else "#state IN (:queued, :held)"
        if unbegun:
            waiting = "#state IN (:queued, :held) AND next_at <> :never AND fence = :zero"
            values[":never"] = NEVER
        if ":held" in waiting:  # else what is held stays held without being written again
            values[":held"] = DeliveryState.HELD
        values |= {":platform": target.platform, ":id": ids.delivery(publication.id, target.channel), ":zero": 0}
        return self._transition(
            publication,
            target,
            assignments + ", platform = :platform, id = :id, #schema = :schema, "
            "fence = if_not_exists(fence, :zero), attempt = if_not_exists(attempt, :zero)",
            f"attribute_not_exists(pk) OR ({waiting} AND {_NOT_EDITED})",
            values | {":queued": DeliveryState.QUEUED, ":schema": records.SCHEMA, ":version": publication.version},
            Event(self._now(), change.state, why=why(change), by=change.by),
        )

    def put_off(self, publication: Publication, target: Target, until: datetime) -> tuple[Delivery, bool]:
        """Have a delivery wait that is nobody's, and whether that was written: then its message is to come again.

        One that waits already has a message of its own, which may come `EARLY` when its turn was kept for it.
        """
        waiting = "#state IN (:queued, :held, :processing, :uncertain) AND next_at <= :early AND lease_until <= :now"
        states = (DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.PROCESSING, DeliveryState.UNCERTAIN)
        values: Item = {f":{state}": state for state in states}
        values |= {":until": utc_text(until), ":early": utc_text(self.clock() + EARLY), ":free": "", ":zero": 0}
        values |= {":yes": True, ":platform": target.platform, ":id": ids.delivery(publication.id, target.channel)}
        return self._transition(
            publication,
            target,
            "#state = if_not_exists(#state, :queued), lease_until = if_not_exists(lease_until, :free), "
            "next_at = :until, delayed = :yes, platform = :platform, id = :id, #schema = :schema, "
            "fence = if_not_exists(fence, :zero), attempt = if_not_exists(attempt, :zero)",
            f"attribute_not_exists(pk) OR ({waiting} AND {_NOT_EDITED})",
            values | {":schema": records.SCHEMA, ":version": publication.version},
            None,
        )

    def decide(
        self,
        publication: Publication,
        target: Target,
        change: Change,
        *,
        of: Sequence[DeliveryState],
        seen: Delivery | None = None,
    ) -> tuple[Delivery, bool]:
        """Write a person's decision on a delivery in one of these states; answers how it stands, and whether written.

        Where it was `seen`, it must stand as it did then: what is said of one doubt is not true of the next. What is
        to be sent again must not be looked for at this moment; its attempts are counted anew.
        """
        assignments, values = assigned(change)
        states = {f":in{number}": state for number, state in enumerate(of)}
        condition = f"#state IN ({', '.join(states)})"
        if change.state in {
            DeliveryState.QUEUED,
            DeliveryState.PROCESSING,
        }:  # whoever is at it is left alone
            condition += " AND lease_until <= :now"
        if change.state is DeliveryState.QUEUED:
            assignments += ", attempt = :zero, waits = :zero, looks = :zero"
            values[":zero"] = 0
        if seen:
            condition += " AND fence = :fence"
            values[":fence"] = seen.fence
        if DeliveryState.HELD in of:  # held for good, that is: whatever else is held goes on by itself
            condition += " AND next_at = :never"
            values[":never"] = NEVER
        return self._transition(
            publication,
            target,
            assignments + ", fence = fence + :step",
            condition,
            values | states | {":step": 1},
            Event(self._now(), change.state, why=why(change), by=change.by),
        )

    def _write(
        self, publication: Publication, target: Target, seen: Delivery, change: Change, also: str
    ) -> Delivery | None:
        assignments, values = assigned(change)
        written, mine = self._transition(
            publication,
            target,
            assignments,
            also + "fence = :fence AND #state = :seen AND written_by <> :mark",  # a state may be followed by itself
            values | {":fence": seen.fence, ":seen": seen.state},
            Event(self._now(), change.state, seen.attempt, why(change)),
        )
        return written if mine else None

    def _transition(  # noqa: PLR0917 - the four parts of one update expression, in their order
        self,
        publication: Publication,
        target: Target,
        assignments: str,
        condition: str,
        values: Item,
        event: Event | None,
    ) -> tuple[Delivery, bool]:
        mark = new_mark()
        values = values | {":now": self._now(), ":mark": mark}
        update = f"SET {assignments}, updated_at = :now, written_by = :mark"
        if event:
            update += ", history = list_append(if_not_exists(history, :none), :event)"
            values |= {":none": [], ":event": [records.plain(event)]}
        answer: Item = {}
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": aws.marshal(
                {"pk": records.key(publication.workspace, publication.id), "sk": records.sort_key(target)}
            ),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {
                name: name[1:] for name in ("#state", "#schema") if name in update + condition
            },
            "ExpressionAttributeValues": aws.marshal(values),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        old = attempted(self.client(), lambda: answer.update(self.client().update_item(**request)))
        if old is None:
            return records.delivery_of(aws.unmarshal(answer["Attributes"])), True
        stands = records.delivery_of(old)
        return stands, stands.written_by == mark

    def _now(self) -> str:
        return utc_text(self.clock())

    def _lease(self, lease_s: float) -> str:
        return utc_text(self.clock() + timedelta(seconds=lease_s))


def attempted(client: DynamoDBClient, write: Callable[[], object]) -> Item | None:
    """None when `write` went through; else the item that stood in its way."""
    try:
        write()
    except client.exceptions.ConditionalCheckFailedException as error:
        response: Mapping[str, Any] = error.response
        return aws.unmarshal(response.get("Item", {}))
    return None


def new_mark() -> str:
    """What a writer leaves, so that it knows its own write when only the answer was lost and the SDK wrote twice."""
    return secrets.token_hex(8)
