from __future__ import annotations

from datetime import timedelta

import pytest

from notifying.post import Firsts
from publishing.sending import SendFailed
from tests import cloud
from tests.notifying.desk import SETTINGS, Desk
from tests.notifying.test_noticing import URL, Fifo


@pytest.mark.parametrize(("wait_s", "delay_s"), [(-5, 0), (0, 0), (4.2, 5), (900, 900)])
def test_what_comes_soon_is_delayed_in_the_queue(wait_s: float, delay_s: int) -> None:
    desk = Desk()
    tell = desk.happened()
    desk.telling.post.tell(desk.entry(tell), cloud.START + timedelta(seconds=wait_s))
    assert desk.queue.sent == [(tell, delay_s)]


def test_what_comes_later_is_scheduled_once() -> None:
    desk = Desk()
    entry, at = desk.entry(desk.happened()), cloud.START + timedelta(hours=2)
    desk.telling.post.tell(entry, at)
    desk.telling.post.tell(entry, at)
    (schedule,) = desk.scheduler.made.values()
    assert schedule["ScheduleExpression"] == "at(2026-11-20T14:00:00)"
    assert schedule["GroupName"] == SETTINGS.notice_group
    assert schedule["Target"]["Arn"] == SETTINGS.notify_queue_arn
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": SETTINGS.notify_dead_letter_arn}
    assert schedule["ActionAfterCompletion"] == "DELETE"


def test_messages_hold_ids_and_nothing_else() -> None:
    desk = Desk()
    desk.telling.post.tell(desk.entry(desk.happened()), cloud.START)
    (tell, _) = desk.queue.sent[0]
    assert set(tell.model_dump()) == {"schema_version", "workspace", "endpoint", "kind", "event", "tried"}


def test_first_tidings_go_ten_at_a_time_in_order() -> None:
    desk, fifo = Desk(), Fifo()
    entries = [desk.entry(desk.happened(number)) for number in range(1, 24)]
    Firsts(URL, fifo).send(entries)
    assert fifo.batches == [10, 10, 3]
    assert [event for _, event in fifo.taken.values()] == [entry.event for entry in entries]


def test_what_the_queue_does_not_take_is_said() -> None:
    desk, fifo = Desk(), Fifo(refuses=1)
    with pytest.raises(SendFailed, match="Throttled"):
        Firsts(URL, fifo).send([desk.entry(desk.happened())])
