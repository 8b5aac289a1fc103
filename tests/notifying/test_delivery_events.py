from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from notifying.events import changed, notices
from notifying.model import Notice
from publishing import aws, records
from publishing.change import Change
from publishing.ledger import Deliveries
from publishing.model import DeliveryState, Receipt, Target
from publishing.publication import Trouble
from tests.cloud import Watch
from tests.notifying import samples
from tests.publishing.tables import Tables

TARGET = Target(samples.CHANNEL, "webhook")
AGAIN = Change(DeliveryState.QUEUED, trouble=Trouble("unavailable", "It is down.", "E1"))
DONE = Change(DeliveryState.PUBLISHED, receipt=Receipt("post_1", "https://example.org/1"))
FAILED = Change(DeliveryState.FAILED, trouble=Trouble("refused", "Too long.", status=400))


class Life:
    """A delivery that lives through changes in a table in memory, and the records its stream would show."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.tables = cast("Any", Tables())
        self.deliveries = Deliveries("publications", self.watch, self.tables)
        self.records: list[dict[str, Any]] = []
        self.last: dict[str, Any] | None = None

    def attempted(self, change: Change) -> Life:
        """One attempt that came to this."""
        at = self.watch.moment if change.state is DeliveryState.QUEUED else None
        made = Change(change.state, next_at=at, receipt=change.receipt, trouble=change.trouble)
        taken, _ = self.deliveries.claim(samples.publication, TARGET, lease_s=60)
        self._show()
        self.watch.forward(1)
        self.deliveries.settle(samples.publication, TARGET, taken, made)
        self._show()
        return self

    def put_off(self) -> Life:
        """It is made to wait, which is no change of its state."""
        self.deliveries.put_off(samples.publication, TARGET, self.watch.moment + timedelta(seconds=1))
        self._show()
        self.watch.forward(2)
        return self

    def told(self) -> list[Notice]:
        """The events of all records."""
        return [notice for record in self.records for notice in notices(changed(record))]

    def _show(self) -> None:
        key = aws.marshal({"pk": records.key(samples.WORKSPACE, samples.PUBLICATION), "sk": records.sort_key(TARGET)})
        found = aws.unmarshal(self.tables.get_item(TableName="publications", Key=key, ConsistentRead=True)["Item"])
        self.records.append(samples.record(self.last, found))
        self.last = found


def test_a_delivery_that_is_published_tells_of_the_attempt_and_of_the_post() -> None:
    begun, published = Life().attempted(DONE).told()
    assert (begun.kind, begun.sequence, begun.data["attempt"]) == ("delivery.publishing", 1, 1)
    assert (published.kind, published.sequence) == ("delivery.published", 2)
    assert (published.subject, published.data["url"]) == (samples.DELIVERY, "https://example.org/1")
    assert published.data["error"] is None


def test_a_delivery_that_fails_tells_why() -> None:
    failed = Life().attempted(FAILED).told()[-1]
    assert failed.data["error"] == {"kind": "refused", "code": "", "message": "Too long."}
    assert (failed.data["next_at"], failed.data["url"]) == (None, None)


def test_trouble_of_before_is_no_trouble_of_the_next_attempt() -> None:
    queued, begun = Life().attempted(AGAIN).attempted(DONE).told()[1:3]
    assert (queued.data["why"], queued.data["next_at"]) == ("unavailable", "2026-11-20T12:00:00.000Z")
    assert (begun.kind, begun.data["error"]) == ("delivery.publishing", None)


def test_waiting_for_a_turn_is_no_event() -> None:
    assert [each.kind for each in Life().put_off().attempted(DONE).told()] == [
        "delivery.publishing",
        "delivery.published",
    ]


def test_nothing_of_the_content_is_told() -> None:
    assert "anary" not in json.dumps([each.data for each in Life().attempted(FAILED).told()])


def test_a_message_is_cut() -> None:
    long = Change(DeliveryState.FAILED, trouble=Trouble("refused", "x" * 5_000))
    error: Any = Life().attempted(long).told()[-1].data["error"]
    assert len(error["message"]) == 500


changes = st.lists(st.sampled_from([AGAIN, DONE, FAILED, None]), min_size=1, max_size=6)


def lived(wanted: Sequence[Change | None]) -> Life:
    life = Life()
    for change in wanted:
        if change is None:
            life.put_off()
        else:
            life.attempted(change)
        if change in (DONE, FAILED):
            break
    return life


@given(changes)
def test_numbers_count_every_transition_and_leave_none_out(wanted: list[Change | None]) -> None:
    told = lived(wanted).told()
    assert [each.sequence for each in told] == list(range(1, len(told) + 1))


@given(changes, st.data())
def test_a_stream_that_is_read_again_tells_the_same_events(wanted: list[Change | None], data: st.DataObject) -> None:
    life = lived(wanted)
    once = life.told()
    place = data.draw(st.integers(0, len(life.records) - 1))
    life.records = life.records + life.records[place:]
    assert {each.id for each in life.told()} == {each.id for each in once}
    assert len({each.id for each in once}) == len(once)
