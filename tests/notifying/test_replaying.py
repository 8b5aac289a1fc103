from __future__ import annotations

from notifying.message import Probe, Replay, Tell
from notifying.model import NoticeState
from notifying.replaying import AT_ONCE, probe
from publishing import ids
from tests.notifying import samples
from tests.notifying.desk import Desk

FIRST, LAST = ids.bounds("evt", 0, 4_000_000_000_000)
WHOLE = Replay(workspace=samples.WORKSPACE, endpoint=samples.endpoint.id, first=FIRST, last=LAST)


def delivered(desk: Desk, count: int) -> list[Tell]:
    """So many events, told."""
    told = []
    for number in range(1, count + 1):
        desk.watch.forward(1)
        told.append(desk.happened(number))
        desk.telling.first(told[-1], again=False)
    return told


def walked(desk: Desk) -> list[Tell]:
    """All that follows from the replay, to its end."""
    found, turns = [], 0
    desk.replaying.replay(WHOLE)
    while desk.queue.sent:
        work, _ = desk.queue.sent.pop(0)
        if isinstance(work, Replay):
            turns += 1
            desk.replaying.replay(work)
        else:
            found.append(work)
    assert turns == len(found) // AT_ONCE
    return found


def test_a_range_is_walked_message_by_message_oldest_first() -> None:
    desk = Desk()
    told = delivered(desk, 2 * AT_ONCE + 3)
    assert walked(desk) == told


def test_what_is_replayed_is_told_with_the_id_it_had() -> None:
    desk = Desk()
    (told,) = delivered(desk, 1)
    desk.replaying.replay(WHOLE.model_copy(update={"first": told.event, "last": told.event}))
    ((again, _),) = desk.queue.sent
    desk.telling.later(again, again=False)
    assert [call[1]["webhook-id"] for call in desk.calls] == [told.event] * 2
    assert len(desk.entry(told).attempts) == 2


def test_of_a_range_only_what_was_not_delivered() -> None:
    desk = Desk()
    delivered(desk, 2)
    waiting = desk.happened(9)
    desk.replaying.replay(WHOLE.model_copy(update={"undelivered": True}))
    assert [work for work, _ in desk.queue.sent] == [waiting]


def test_what_is_being_told_at_this_moment_is_left_alone() -> None:
    desk = Desk()
    tell = desk.happened()
    desk.log.claim(tell.workspace, tell.endpoint, tell.event, 0)
    desk.replaying.replay(WHOLE)
    assert desk.queue.sent == []


def test_a_test_is_written_down_and_told() -> None:
    desk = Desk()
    asked = Probe(workspace=samples.WORKSPACE, endpoint=samples.endpoint.id, at="2026-11-20T12:00:00.000Z")
    tell = desk.replaying.test(asked)
    assert tell.event == probe(asked.workspace, asked.endpoint, asked.at).id
    desk.telling.later(tell, again=False)
    assert (desk.entry(tell).kind, desk.entry(tell).state) == ("webhook.test", NoticeState.DELIVERED)
