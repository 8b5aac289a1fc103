from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publishing import aws, ids
from publishing.acceptance import Acceptance
from publishing.cancellation import cancel
from publishing.editing import Editing
from publishing.model import Content, Problem, PublicationStatus, utc_text
from publishing.publication import Publication
from publishing.slots import QUESTIONED, Slots
from publishing.store import Publications
from publishing.submission import KeyReused, Submission, UnknownChannels, Untimely
from publishing.week import DAYS, NO_SLOTS, Week
from tests.cloud import START
from tests.publishing.turns import Actor, orders
from tests.publishing.workbench import Workbench

QUEUE = "chn_q"
HOURLY = Week.of("Europe/Zurich", {day: [f"{hour:02}:00" for hour in range(14)] for day in DAYS})
DAILY = Week.of("UTC", {day: ["09:00"] for day in DAYS})
WEEKS: Mapping[str, Week] = {QUEUE: DAILY, "chn_1": NO_SLOTS, "chn_hourly": HOURLY}
FIRST, SECOND, THIRD = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (21, 22, 23))
MINUTES_S = 121.0  # after which what is not stored never will be


def slots_of(workbench: Workbench) -> Slots:
    return Slots(workbench.operations, workbench.publications, lambda _workspace, channel: WEEKS.get(channel))


@pytest.fixture
def bench(workbench: Workbench) -> Workbench:
    workbench.acceptance = replace(workbench.acceptance, slots=slots_of(workbench))
    return workbench


def queued(bench: Workbench, **options: Any) -> Publication:
    return bench.submit(**{"next_slot_of": QUEUE, **options}).publication


def listed(bench: Workbench, most: int = 3) -> list[str]:
    return [slot.holder for slot in slots_of(bench).coming("ws_1", QUEUE, DAILY, most=most)]


def left_behind(bench: Workbench, **options: Any) -> Publication:
    """A claim whose publication was never stored."""
    draft = bench.acceptance._drafted(_submission(**options))
    return slots_of(bench).take(draft)


def _submission(**changes: Any) -> Submission:
    base: dict[str, Any] = {"workspace": "ws_1", "subject": "t", "content": Content(text="Hello")}
    return Submission(**{**base, "overrides": {"chn_1": {}}, "next_slot_of": QUEUE, **changes})


def moved(bench: Workbench, publication: Publication, **changes: Any) -> Publication:
    editing = Editing(bench.publications, bench.sender, bench.cloud.watch)
    seen = bench.stored(publication)
    return editing.edit(seen, replace(seen.publication, **changes)).publication


def test_submissions_take_one_slot_after_the_other(bench: Workbench) -> None:
    assert [queued(bench).publish_at for _ in range(3)] == [FIRST, SECOND, THIRD]


def test_a_publication_in_a_slot_is_scheduled_in_the_zone_of_the_slots(bench: Workbench) -> None:
    publication = queued(bench, next_slot_of="chn_hourly")
    stored = bench.stored(publication)
    assert (stored.publication.zone, stored.publication.slot_of) == ("Europe/Zurich", "chn_hourly")
    assert (stored.status(START), stored.publication.due_at) == (
        PublicationStatus.SCHEDULED,
        utc_text(publication.publish_at + timedelta(seconds=45)),
    )
    assert len(bench.cloud.schedules()) == 1


def test_the_same_key_again_answers_the_same_publication_in_the_same_slot(bench: Workbench) -> None:
    before = queued(bench)
    first = queued(bench, key="order-12345")
    cancel(bench.publications, bench.deliveries, bench.stored(before))
    slots_of(bench).release(before)
    again = queued(bench, key="order-12345")
    assert (again.id, again.publish_at) == (first.id, SECOND)
    assert listed(bench) == ["", first.id, ""]


def test_a_repeated_submission_asks_for_no_slot(bench: Workbench) -> None:
    first = queued(bench, key="order-12345")
    slots = slots_of(bench)
    gone = replace(slots, operations=replace(slots.operations, table="gone"))
    bench.acceptance = replace(bench.acceptance, slots=gone)
    assert queued(bench, key="order-12345").id == first.id


def test_the_same_key_with_another_request_takes_no_slot(bench: Workbench) -> None:
    first = queued(bench, key="order-12345")
    with pytest.raises(KeyReused):
        queued(bench, key="order-12345", content=Content(text="Other"))
    assert listed(bench) == [first.id, "", ""]


def test_a_submission_that_crashed_after_its_claim_takes_the_same_slot_when_it_is_repeated(bench: Workbench) -> None:
    claimed = left_behind(bench, key="order-12345")
    queued(bench)
    publication = queued(bench, key="order-12345")
    assert (publication.id, publication.publish_at) == (claimed.id, FIRST)


def test_what_is_refused_takes_no_slot(bench: Workbench) -> None:
    with pytest.raises(UnknownChannels):
        bench.submit("chn_nowhere", next_slot_of=QUEUE)
    assert listed(bench) == ["", "", ""]


def test_a_draft_tells_the_slot_it_would_get_and_takes_none(bench: Workbench) -> None:
    queued(bench)
    assert [bench.acceptance.draft(_submission()).publish_at for _ in range(2)] == [SECOND, SECOND]
    assert listed(bench)[1:] == ["", ""]


def test_a_channel_that_is_not_there_is_named(bench: Workbench) -> None:
    with pytest.raises(UnknownChannels) as refused:
        queued(bench, next_slot_of="chn_nowhere")
    assert refused.value.problems[0].field == "next_slot_of"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"next_slot_of": "chn_1"}, "This channel has no slots."),
        ({"expires_at": FIRST}, "The queue is full: no slot is free before it expires."),
    ],
)
def test_where_there_is_no_slot_it_says_why_and_what_would_help(
    bench: Workbench, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(Untimely) as refused:
        queued(bench, **options)
    assert refused.value.problems == [Problem("next_slot_of", complaint, refused.value.problems[0].remedy)]
    assert refused.value.problems[0].remedy
    assert bench.cloud.items() == []


def test_without_slots_none_can_be_asked_for(workbench: Workbench) -> None:
    with pytest.raises(Untimely):
        queued(workbench)


def test_a_full_queue_is_told(bench: Workbench) -> None:
    times = DAILY.coming(START, most=500)
    _occupied(bench, times)
    with pytest.raises(Untimely):
        queued(bench)
    _occupied(bench, times[365:], by="")
    assert queued(bench).publish_at == times[365]


def _occupied(bench: Workbench, times: Sequence[datetime], by: str = "pub_other") -> None:
    """Write claims as they stand in the table, made this moment."""
    lasts = bench.operations.now_ms // 1000 + 86_400 if by else 0
    items: list[Any] = []
    for at in times:
        item: dict[str, Any] = {"holder": by, "claimed_ms": bench.operations.now_ms, "expires_at": lasts}
        items.append({"PutRequest": {"Item": aws.marshal({"pk": f"slot#ws_1#{QUEUE}#{utc_text(at)}", **item})}})
    for start in range(0, len(items), 25):
        aws.dynamodb().batch_write_item(RequestItems={"operations": items[start : start + 25]})


def test_the_queues_of_two_workspaces_are_two(bench: Workbench) -> None:
    mine = queued(bench)
    theirs = bench.acceptance.accept(_submission(workspace="ws_2")).whole.publication
    assert (theirs.publish_at, theirs.id) == (mine.publish_at, theirs.id)


# What becomes free


def test_a_released_slot_is_free_at_once(bench: Workbench) -> None:
    slots_of(bench).release(queued(bench))
    assert queued(bench).publish_at == FIRST


def test_a_slot_is_released_by_its_holder_alone(bench: Workbench) -> None:
    first = queued(bench)
    slots_of(bench).release(first)
    second = queued(bench)
    slots_of(bench).release(first)
    slots_of(bench).release(replace(second, slot_of=""))
    assert (second.publish_at, listed(bench)[0]) == (FIRST, second.id)


def test_a_slot_that_cannot_be_released_is_told_and_no_failure(
    bench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    publication = queued(bench)
    slots = slots_of(bench)
    replace(slots, operations=replace(slots.operations, table="gone")).release(publication)
    assert "not released" in caplog.text


@pytest.mark.parametrize(("waited_s", "expected"), [(119.0, SECOND), (MINUTES_S, FIRST)])
def test_a_claim_left_behind_by_a_crash_is_taken_over_when_it_is_old(
    bench: Workbench, waited_s: float, expected: datetime
) -> None:
    left_behind(bench)
    bench.cloud.watch.forward(waited_s)
    assert bench.acceptance.draft(_submission()).publish_at == expected
    assert queued(bench).publish_at == expected


def test_the_slot_of_what_was_canceled_and_not_released_is_taken_over(bench: Workbench) -> None:
    publication = queued(bench)
    cancel(bench.publications, bench.deliveries, bench.stored(publication))
    bench.cloud.watch.forward(MINUTES_S)
    assert listed(bench)[0] == ""
    assert queued(bench).publish_at == FIRST


def test_the_slot_of_what_was_rescheduled_and_not_released_is_taken_over(bench: Workbench) -> None:
    publication = moved(bench, queued(bench), publish_at=FIRST + timedelta(hours=1), slot_of="")
    bench.cloud.watch.forward(MINUTES_S)
    assert queued(bench).publish_at == FIRST
    assert bench.stored(publication).publication.slot_of == ""


def test_the_slot_of_what_stands_is_not_taken_over(bench: Workbench) -> None:
    publication = moved(bench, queued(bench), content=Content(text="New"))
    bench.cloud.watch.forward(MINUTES_S)
    assert (queued(bench).publish_at, listed(bench)[0]) == (SECOND, publication.id)


def test_a_repeated_claim_is_not_taken_over_by_who_saw_the_old_one(bench: Workbench) -> None:
    claimed = left_behind(bench, key="order-12345")
    bench.cloud.watch.forward(MINUTES_S)
    slots, other = slots_of(bench), bench.acceptance._drafted(_submission())
    (seen, *_) = slots._open(other, DAILY)
    bench.cloud.watch.forward(1)
    queued(bench, key="order-12345")
    assert (seen.holder, slots._taken(other, seen)) == (claimed.id, False)


def test_of_many_claims_left_behind_the_nearest_are_found_first(bench: Workbench) -> None:
    _occupied(bench, DAILY.coming(START, most=QUESTIONED + 1))
    bench.cloud.watch.forward(MINUTES_S)
    assert [queued(bench).publish_at for _ in range(2)] == [FIRST, SECOND]


def test_slots_are_kept_a_day_after_their_time(bench: Workbench) -> None:
    publication = queued(bench)
    item = bench.operations.read(f"slot#ws_1#{QUEUE}#{utc_text(FIRST)}")
    assert (item["holder"], int(item["expires_at"])) == (publication.id, int(FIRST.timestamp()) + 86_400)


# At the same time


@dataclass
class Rush:
    """Clients who submit at the same time, each with a key of its own or all with one."""

    bench: Workbench
    keys: Mapping[str, str]
    workspace: str = field(default_factory=lambda: ids.new("ws"))
    got: dict[str, Publication] = field(default_factory=dict)

    def run(self, order: Sequence[str], calls: Sequence[str]) -> Rush:
        """Let them take their steps in that order, then all there still is to do."""
        actors = {name: self.actor(name, calls) for name in self.keys}
        for name in order:
            actors[name].step()
        for actor in actors.values():
            actor.finish()
        return self

    def actor(self, name: str, calls: Sequence[str]) -> Actor:
        """The client of that name."""
        return Actor(lambda actor: self._submit(name, actor), calls=calls)

    @property
    def times(self) -> list[datetime]:
        """The slots that were given out."""
        return [each.publish_at for each in self.got.values()]

    def _submit(self, name: str, actor: Actor) -> None:
        submission = _submission(workspace=self.workspace, key=self.keys[name])
        self.got[name] = self._acceptance(actor).accept(submission).whole.publication

    def _acceptance(self, actor: Actor) -> Acceptance:
        store: Publications = replace(self.bench.publications, client=actor.client)
        slots = replace(slots_of(self.bench), operations=replace(self.bench.operations, client=actor.client))
        return replace(self.bench.acceptance, publications=store, slots=replace(slots, publications=store))


def test_two_at_once_never_get_the_same_slot(bench: Workbench) -> None:
    steps, calls = {"a": 3, "b": 3}, ("batch_get_item", "update_item", "put_item")
    ran = [Rush(bench, {"a": "key-a", "b": "key-b"}).run(order, calls) for order in orders(steps)]
    assert (len(ran), {tuple(sorted(rush.times)) for rush in ran}) == (20, {(FIRST, SECOND)})


def test_one_request_twice_at_once_gets_one_slot(bench: Workbench) -> None:
    steps, calls = {"a": 3, "b": 3}, ("batch_get_item", "update_item", "put_item")
    ran = [Rush(bench, {"a": "one-key", "b": "one-key"}).run(order, calls) for order in orders(steps)]
    assert (len(ran), {tuple(rush.times) for rush in ran}) == (20, {(FIRST, FIRST)})


def test_the_second_of_one_request_gives_back_what_became_free_meanwhile(bench: Workbench) -> None:
    before = bench.acceptance.accept(_submission(workspace="ws_r")).whole.publication
    rush = Rush(bench, {"a": "one-key", "b": "one-key"}, workspace="ws_r")
    a, b = (rush.actor(name, ("batch_get_item", "update_item", "put_item")) for name in rush.keys)
    a.step()  # has seen that the first slot is taken
    slots_of(bench).release(before)
    b.step()  # has seen that it is free
    a.finish()
    b.finish()
    held = [slot.holder for slot in slots_of(bench).coming("ws_r", QUEUE, DAILY, most=2)]
    assert (rush.times, held) == ([SECOND, SECOND], ["", rush.got["a"].id])
