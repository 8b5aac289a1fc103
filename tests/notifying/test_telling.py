from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Reference

from notifying import keyring
from notifying.keyring import BOTH_LAST
from notifying.message import Tell
from notifying.model import Answered, DisabledWhy, NoticeState
from notifying.schedule import WAITS_S
from publishing.clock import now
from tests.notifying import samples
from tests.notifying.desk import DOWN, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def later(desk: Desk, tell: Tell, *, again: bool = False) -> None:
    desk.telling.later(tell, again=again)


def test_an_endpoint_is_called_with_what_is_written_down_signed(desk: Desk) -> None:
    desk.watch.moment = now()  # the library looks at the true time
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    ((url, headers, body),) = desk.calls
    assert (url, headers["webhook-id"], body) == (samples.endpoint.url, tell.event, desk.entry(tell).body)
    assert Reference(desk.secret).verify(body, dict(headers))["type"] == "delivery.published"
    assert headers["content-type"] == "application/json"


def test_while_secrets_change_both_sign(desk: Desk) -> None:
    desk.watch.moment = now()
    after = keyring.made()
    sealed = desk.keyring.seal(samples.WORKSPACE, samples.endpoint.id, after)
    desk.endpoints.rotate(desk.endpoint, sealed, desk.watch.moment + BOTH_LAST)
    desk.telling.first(desk.happened(), again=False)
    ((_, headers, body),) = desk.calls
    assert Reference(desk.secret).verify(body, dict(headers)) == Reference(after).verify(body, dict(headers))


def test_what_was_taken_is_delivered_and_nothing_follows(desk: Desk) -> None:
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    entry = desk.entry(tell)
    assert (entry.state, entry.tried, entry.attempts[0].status) == (NoticeState.DELIVERED, 1, 204)
    assert (desk.queue.sent, desk.scheduler.made) == ([], {})


def test_a_message_that_comes_twice_calls_once(desk: Desk) -> None:
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    desk.telling.first(tell, again=False)
    later(desk, tell, again=True)
    assert len(desk.calls) == 1


def test_an_endpoint_that_never_answers_well_is_called_ten_times_on_schedule(desk: Desk) -> None:
    desk.answers = deque([DOWN] * 20)
    tell, began = desk.happened(), desk.watch.moment
    desk.telling.first(tell, again=False)
    waits = []
    for _ in range(9):
        following, at = desk.following()
        waits.append((at - desk.watch.moment).total_seconds())
        desk.watch.moment = at
        later(desk, following)
    assert waits == list(WAITS_S[1:])
    entry = desk.entry(tell)
    assert (entry.state, entry.tried, len(desk.calls)) == (NoticeState.FAILED, 10, 10)
    assert {call[1]["webhook-id"] for call in desk.calls} == {tell.event}
    assert desk.watch.moment - began < timedelta(hours=76)
    assert (desk.queue.sent, desk.scheduler.made) == ([], {})


def test_what_failed_shows_the_answer_and_when_it_is_tried_next(desk: Desk) -> None:
    desk.answers = deque([DOWN])
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    entry = desk.entry(tell)
    assert (entry.state, entry.next_at) == (NoticeState.WAITING, "2026-11-20T12:00:05.000Z")
    assert (entry.attempts[0].why, entry.attempts[0].excerpt) == ("status", "Out of order.")


def test_a_receiver_that_asks_for_time_is_given_it(desk: Desk) -> None:
    desk.answers = deque([Answered(429, 5, "status", retry_after_s=120.0)])
    desk.telling.first(desk.happened(), again=False)
    assert desk.queue.sent[0][1] == 120


def test_an_earlier_event_that_is_still_tried_holds_up_no_later_one(desk: Desk) -> None:
    desk.answers = deque([DOWN])
    first, second = desk.happened(1), desk.happened(2)
    desk.telling.first(first, again=False)
    desk.telling.first(second, again=False)
    assert (desk.entry(first).state, desk.entry(second).state) == (NoticeState.WAITING, NoticeState.DELIVERED)
    assert desk.entry(first).sequence < desk.entry(second).sequence


def test_who_answers_gone_is_called_no_more(desk: Desk) -> None:
    desk.answers = deque([Answered(410, 5, "status")])
    first, second = desk.happened(1), desk.happened(2)
    desk.telling.first(first, again=False)
    desk.telling.first(second, again=False)
    assert (desk.endpoint.disabled_why, len(desk.calls)) == ("gone", 1)
    assert (desk.entry(first).state, desk.entry(second).state) == (NoticeState.FAILED, NoticeState.MISSED)


def fails_at(desk: Desk, moment: datetime) -> None:
    """A new event fails for the first time."""
    desk.watch.moment = moment
    desk.answers = deque([DOWN])
    later(desk, desk.happened())


def test_five_days_of_nothing_but_failures_disable_after_a_warning(desk: Desk) -> None:
    began = desk.watch.moment
    seen = []
    for hours in range(0, 132, 12):
        fails_at(desk, began + timedelta(hours=hours))
        endpoint = desk.endpoint
        seen.append((hours, bool(endpoint.warned_at), endpoint.disabled_why))
    assert next(hours for hours, warned, _ in seen if warned) == 48
    assert next(hours for hours, _, why in seen if why) == 120
    assert desk.endpoint.disabled_why == "failing"


def test_one_success_and_nothing_is_held_against_it(desk: Desk) -> None:
    began = desk.watch.moment
    fails_at(desk, began)
    fails_at(desk, began + timedelta(days=3))
    assert desk.endpoint.warned_at
    desk.answers.clear()
    later(desk, desk.happened(5))
    assert desk.endpoint.warned_at is None
    assert desk.endpoint.failing_since is None
    fails_at(desk, began + timedelta(days=6))
    assert desk.endpoint.disabled_at is None
    assert desk.endpoint.failing_since == began + timedelta(days=6)


def test_who_has_not_answered_for_some_time_gives_up_its_place_in_the_order(desk: Desk) -> None:
    fails_at(desk, desk.watch.moment)
    desk.watch.forward(301)
    desk.queue.sent.clear()
    tell = desk.happened(2)
    desk.telling.first(tell, again=False)
    assert (desk.queue.sent, len(desk.calls)) == ([(tell, 0)], 1)
    later(desk, tell)
    assert desk.entry(tell).state is NoticeState.DELIVERED


SLOW, SILENT = Answered(204, 14_900), Answered(0, 15_000, "timeout")


@pytest.mark.parametrize("answered", [SLOW, SILENT])
def test_who_was_slow_once_gives_up_its_place_at_once(desk: Desk, answered: Answered) -> None:
    desk.answers = deque([answered])
    desk.telling.first(desk.happened(1), again=False)
    desk.queue.sent.clear()
    aside = desk.happened(2)
    desk.telling.first(aside, again=False)
    assert (desk.queue.sent, len(desk.calls)) == ([(aside, 0)], 1)


def test_who_was_slow_once_has_its_place_back_after_ten_minutes(desk: Desk) -> None:
    desk.answers = deque([SLOW])
    desk.telling.first(desk.happened(1), again=False)
    desk.watch.forward(599)
    aside = desk.happened(2)
    desk.telling.first(aside, again=False)
    assert (desk.queue.sent, len(desk.calls)) == ([(aside, 0)], 1)
    desk.watch.forward(1)
    desk.telling.first(desk.happened(3), again=False)
    assert len(desk.calls) == 2


def test_an_endpoint_that_stays_slow_has_its_place_back_at_no_time(desk: Desk) -> None:
    for number in range(60):
        desk.answers = deque([SILENT if number % 4 else SLOW])
        tell = desk.happened(number)
        desk.telling.first(tell, again=False)
        if (tell, 0) in desk.queue.sent:
            later(desk, tell)
        desk.watch.forward(60)
    assert len(desk.calls) == 60
    assert sum(1 for _, delay_s in desk.queue.sent if delay_s == 0) == 59  # all but the first left the order


def test_that_an_endpoint_is_slow_is_not_written_at_every_call(desk: Desk) -> None:
    desk.answers = deque([SLOW] * 20)
    for number in range(20):
        later(desk, desk.happened(number))
        desk.watch.forward(10)
    assert desk.tables.updates == 20 * 2 + 1  # of the log, each call is claimed and settled


def test_an_endpoint_a_person_moved_has_its_place_back(desk: Desk) -> None:
    desk.answers = deque([SLOW])
    desk.telling.first(desk.happened(1), again=False)
    desk.endpoints.edit(desk.endpoint, url="https://new.example/hook", name="", events=[])
    desk.telling.first(desk.happened(2), again=False)
    assert [url for url, _, _ in desk.calls] == [samples.endpoint.url, "https://new.example/hook"]


def test_an_address_that_is_gone_disables_none_that_a_person_put_in_its_place(desk: Desk) -> None:
    desk.meanwhile = lambda: desk.endpoints.edit(desk.endpoint, url="https://new.example/hook", name="", events=[])
    desk.answers = deque([Answered(410, 5, "status")])
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    assert (desk.endpoint.url, desk.endpoint.disabled_at) == ("https://new.example/hook", None)
    desk.meanwhile = lambda: None
    following, desk.watch.moment = desk.following()
    later(desk, following)
    assert (desk.calls[-1][0], desk.entry(tell).state) == ("https://new.example/hook", NoticeState.DELIVERED)


def test_a_failure_that_began_before_a_person_enabled_it_ends_nothing(desk: Desk) -> None:
    began = desk.watch.moment
    fails_at(desk, began)
    fails_at(desk, began + timedelta(days=3))
    desk.watch.moment = began + timedelta(days=6)
    desk.meanwhile = lambda: desk.endpoints.enable(desk.endpoint)
    desk.answers = deque([DOWN])
    tell = desk.happened()
    later(desk, tell)
    assert (desk.endpoint.disabled_at, desk.endpoint.failing_since) == (None, None)
    assert desk.entry(tell).state is NoticeState.WAITING


def test_who_is_gone_and_was_renamed_meanwhile_is_asked_once_more(desk: Desk) -> None:
    desk.meanwhile = lambda: desk.endpoints.edit(desk.endpoint, url=samples.endpoint.url, name="Other", events=[])
    desk.answers = deque([Answered(410, 5, "status")] * 2)
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    desk.meanwhile = lambda: None
    following, desk.watch.moment = desk.following()
    later(desk, following)
    assert (desk.endpoint.disabled_why, desk.entry(tell).state) == ("gone", NoticeState.FAILED)


def test_two_that_find_it_gone_at_once_both_end(desk: Desk) -> None:
    desk.meanwhile = lambda: desk.endpoints.disable(desk.endpoint, DisabledWhy.GONE)
    desk.answers = deque([Answered(410, 5, "status")])
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    assert desk.entry(tell).state is NoticeState.FAILED


def test_where_no_time_is_left_it_comes_again_at_once(desk: Desk) -> None:
    tell = desk.happened()
    desk.telling.first(tell, again=False, hurried=True)
    assert (desk.queue.sent, desk.calls) == ([(tell, 0)], [])


def test_what_is_for_a_deleted_endpoint_is_missed(desk: Desk) -> None:
    tell = desk.happened()
    desk.endpoints.delete(samples.WORKSPACE, samples.endpoint.id)
    desk.telling.first(tell, again=False)
    assert (desk.calls, desk.entry(tell).state) == ([], NoticeState.MISSED)


def test_what_a_person_stopped_is_called_again_once_it_is_enabled_and_replayed(desk: Desk) -> None:
    stopped = desk.endpoints.disable(desk.endpoint, DisabledWhy.PERSON)
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    assert desk.entry(tell).state is NoticeState.MISSED
    assert stopped
    desk.endpoints.enable(stopped)
    desk.log.begin_anew(desk.entry(tell))
    later(desk, tell)
    assert desk.entry(tell).state is NoticeState.DELIVERED


def test_a_message_that_comes_too_early_comes_again_in_time(desk: Desk) -> None:
    desk.answers = deque([DOWN, DOWN])
    desk.telling.first(desk.happened(), again=False)
    following, at = desk.following()
    desk.watch.moment = at
    later(desk, following)
    early, at = desk.following()
    later(desk, early)  # five minutes before its time
    assert len(desk.calls) == 2
    assert desk.following() == (early, at)


def test_whose_worker_died_after_it_wrote_and_before_it_sent_is_sent_anew(desk: Desk) -> None:
    desk.answers = deque([DOWN])
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    lost, _ = desk.following()
    later(desk, tell, again=True)
    assert desk.following()[0] == lost
    desk.telling.first(tell, again=True)
    assert desk.following()[0] == lost


def test_a_mere_copy_of_a_message_starts_no_second_chain(desk: Desk) -> None:
    desk.answers = deque([DOWN])
    tell = desk.happened()
    desk.telling.first(tell, again=False)
    desk.queue.sent.clear()
    later(desk, tell)
    assert desk.queue.sent == []


def test_a_message_about_nothing_is_let_go(desk: Desk) -> None:
    unknown = Tell(workspace=samples.WORKSPACE, endpoint=samples.endpoint.id, event="evt_unknown")
    later(desk, unknown, again=True)
    assert (desk.calls, desk.queue.sent) == ([], [])
