"""Edits what has not left: one transaction writes the publication anew and bars its deliveries to who read the old."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from publishing import aws, ids, records
from publishing.change import PERSON
from publishing.clock import Clock
from publishing.decisions import NotNow, told_of
from publishing.failures import told
from publishing.late import is_shelved
from publishing.ledger import new_mark
from publishing.model import DeliveryState, Target, utc_moment, utc_text
from publishing.publication import NEVER, Delivery, Event, Publication, Whole
from publishing.records import Item
from publishing.sending import Sender, SendFailed
from publishing.store import GRACE_S, SHARDS, Publications

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_TARGETS = 99  # a transaction writes 100 items at most, and one is the publication
_WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.HELD})
_OVER = frozenset({DeliveryState.CANCELED, DeliveryState.EXPIRED})
_EDITED = (
    *("content", "title", "targets", "publish_at", "zone", "priority", "expires_at", "late", "slot_of"),
    *("version", "due_at", "due_shard", "planned_in", "sweeps", "written_by"),
)

logger = logging.getLogger(__name__)


class Overtaken(Exception):  # noqa: N818
    """Somebody changed the publication at the same time; nothing was written."""


@dataclass(frozen=True)
class Editing:
    """Edits the publications of the table of that name.

    Who delivers claims one item and has read another, the publication, a little before. So an edit leaves its version
    on every delivery that waits, in the transaction that writes the publication, and a claim asks for it in its own
    condition: whoever read the publication before the edit comes too late, and where somebody came first there is no
    edit. On the happy path this costs nothing.
    """

    publications: Publications
    sender: Sender
    clock: Clock
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def edit(self, seen: Whole, edited: Publication) -> Whole:
        """Make `edited` of a publication as it was seen; its messages and schedules from before do nothing any more.

        Raises:
            NotNow: something of it has left, or all of it is over.
            Overtaken: it was changed since it was seen.
        """
        insist_on_waiting(seen)
        following = replace(
            edited,
            version=seen.publication.version + 1,
            due_at=utc_text(edited.publish_at + timedelta(seconds=GRACE_S)),
            sweeps=0,
            written_by=new_mark(),
        )
        moved = following.publish_at != seen.publication.publish_at
        waiting = [
            _waiting(target, delivery, following, moved=moved)
            for target, delivery in zip(following.targets, seen.deliveries, strict=True)
            if delivery.state in _WAITING
        ]
        if not self._written(following, waiting):
            insist_on_waiting(self._stands(following))
            raise Overtaken
        self._start(following, waiting)
        return self._stands(following)

    def _stands(self, publication: Publication) -> Whole:
        return self.publications.whole(publication.workspace, publication.id) or Whole(publication, {})

    def _written(self, following: Publication, waiting: Sequence[_Waiting]) -> bool:
        writes = [self._publication(following), *(self._bar(following, each) for each in waiting)]
        try:
            self.client().transact_write_items(TransactItems=[{"Update": write} for write in writes])
        except self.client().exceptions.TransactionCanceledException:
            # When only the answer was lost and the SDK wrote twice, the second finds the first in its way.
            return self._stands(following).publication.written_by == following.written_by
        return True

    def _publication(self, following: Publication) -> Any:
        item = records.publication_item(following, shards=SHARDS)
        kept = {name: item[name] for name in _EDITED if name in item} | {"edited_at": utc_text(self.clock())}
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in kept)
        gone = [f"#{name}" for name in _EDITED if name not in item]
        return {
            "TableName": self.publications.table,
            "Key": aws.marshal({"pk": item["pk"], "sk": item["sk"]}),
            "UpdateExpression": f"{update} REMOVE {', '.join(gone)}" if gone else update,
            "ConditionExpression": "#version = :seen AND attribute_not_exists(canceled_at)",
            "ExpressionAttributeNames": {f"#{name}": name for name in (*_EDITED, "edited_at")},
            "ExpressionAttributeValues": aws.marshal(
                {":seen": following.version - 1} | {f":{name}": value for name, value in kept.items()}
            ),
        }

    def _bar(self, following: Publication, waiting: _Waiting) -> Any:
        delivery, now = waiting.delivery, utc_text(self.clock())
        values: Item = {
            ":state": waiting.becomes,
            ":platform": delivery.platform,
            ":id": ids.delivery(following.id, delivery.channel),
            ":schema": records.SCHEMA,
            ":version": following.version,
            ":next": waiting.next_at,
            ":now": now,
            ":mark": following.written_by,
            ":none": [],
            ":event": [records.plain(Event(now, waiting.becomes, delivery.attempt, "edit", PERSON))],
            ":zero": 0,
            ":free": "",
        }
        known = bool(delivery.written_by)
        released = waiting.becomes is not delivery.state
        return {
            "TableName": self.publications.table,
            "Key": aws.marshal(
                {"pk": records.key(following.workspace, following.id), "sk": records.sort_key(waiting.target)}
            ),
            "UpdateExpression": f"{_BAR} REMOVE trouble" if released else _BAR,
            "ConditionExpression": "written_by = :seen" if known else "attribute_not_exists(pk)",
            "ExpressionAttributeNames": {"#state": "state", "#schema": "schema"},
            "ExpressionAttributeValues": aws.marshal(values | ({":seen": delivery.written_by} if known else {})),
        }

    def _start(self, following: Publication, waiting: Sequence[_Waiting]) -> None:
        at = utc_text(following.publish_at)
        try:
            on_time = [each.target for each in waiting if each.next_at == at]
            if on_time:
                self.sender.start(following, on_time)
            for each in _put_off(waiting, at):
                self.sender.again(following, each.target, utc_moment(each.next_at))
        except (SendFailed, *aws.FAILURES) as error:  # it is written down, so the answer is yes
            logger.error("Messages were not sent; the sweep will send them", extra=told(error))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery that has not left, as it was seen, and what the edit makes of it: from when it is to be claimed."""

    target: Target
    delivery: Delivery
    becomes: DeliveryState
    next_at: str


def _waiting(target: Target, delivery: Delivery, following: Publication, *, moved: bool) -> _Waiting:
    """Another time is a new chance for what came too late; any other edit leaves it to a person, as it was."""
    if not is_shelved(delivery):
        return _Waiting(target, delivery, delivery.state, _next_at(delivery, following))
    if moved:
        return _Waiting(target, delivery, DeliveryState.QUEUED, utc_text(following.publish_at))
    return _Waiting(target, delivery, delivery.state, NEVER)


_BAR = (
    "SET #state = :state, platform = :platform, id = :id, #schema = :schema, since_version = :version, "
    "next_at = :next, updated_at = :now, written_by = :mark, "
    "fence = if_not_exists(fence, :zero), attempt = if_not_exists(attempt, :zero), "
    "lease_until = if_not_exists(lease_until, :free), "
    "history = list_append(if_not_exists(history, :none), :event)"
)


def insist_on_waiting(whole: Whole) -> None:
    """Go on only where nothing of a publication has left, and something waits.

    Raises:
        NotNow: it has, or nothing does.
    """
    if whole.publication.canceled_at is not None:
        raise NotNow("The publication was canceled.")
    left = [each for each in whole.deliveries if each.state not in _WAITING | _OVER]
    if left:
        raise NotNow(f"{ids.delivery(whole.publication.id, left[0].channel)} has left: {told_of(left[0])}")
    waiting = sum(each.state in _WAITING for each in whole.deliveries)
    if not waiting:
        raise NotNow("Nothing of it waits to be published any more.")
    if waiting > MOST_TARGETS:
        raise NotNow(f"More than {MOST_TARGETS} targets are not changed at once. Cancel it, and submit it anew.")


def _next_at(delivery: Delivery, following: Publication) -> str:
    """Its publication's time; what the platform has put off keeps waiting as long as it would have."""
    at = utc_text(following.publish_at)
    return max(delivery.next_at, at) if delivery.attempt or delivery.waits else at


def _put_off(waiting: Sequence[_Waiting], at: str) -> Iterator[_Waiting]:
    return (each for each in waiting if at < each.next_at < NEVER)
