from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from postroom_client import Postroom, Problem, Unanswered
from postroom_client.schemas import NewPublication
from tests.client.talk import KEY, ok, problem, talk

BODY: NewPublication = {"content": {"text": "Hi"}, "targets": [{"channel": "chn_1"}]}
NO_ANSWER = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("no connection"),
    httpx.PoolTimeout("no room"),
    httpx.ReadTimeout("too slow"),
    httpx.WriteTimeout("too slow"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("closed"),
]
ONCE: list[Callable[[Postroom], object]] = [
    lambda postroom: postroom.change_publication("pub_1", {"content": {"title": "New"}}),
    lambda postroom: postroom.change_channel("chn_1", {"paused": True}, if_match='"1"'),
]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_post_is_asked_again_with_the_same_key(status: int) -> None:
    api = talk(status, status, ok({"id": "pub_1"}, 202))
    assert api.client().publish(BODY)["id"] == "pub_1"
    assert len(api.keys) == 3
    assert len(set(api.keys)) == 1


@pytest.mark.parametrize("error", NO_ANSWER, ids=lambda error: type(error).__name__)
def test_what_was_not_answered_is_asked_again_with_the_same_key(error: Exception) -> None:
    api = talk(error, ok({"id": "pub_1"}, 202))
    assert api.client().publish(BODY)["id"] == "pub_1"
    assert (len(api.keys), len(set(api.keys))) == (2, 1)


def test_the_callers_own_key_is_sent() -> None:
    api = talk(503, ok({"id": "pub_1"}, 202))
    api.client().submit_publication(BODY, idempotency_key="autumn-2026")
    assert api.keys == ["autumn-2026", "autumn-2026"]


def test_every_post_has_a_key_of_its_own() -> None:
    api = talk(ok({"id": "pub_1"}, 202))
    for _ in range(2):
        api.client().submit_publication(BODY)
    assert len(set(api.keys)) == 2
    assert all(8 <= len(key) <= 255 for key in api.keys)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413, 422, 500])
def test_what_is_refused_is_asked_once(status: int) -> None:
    api = talk(status)
    with pytest.raises(Problem) as told:
        api.client().submit_publication(BODY)
    assert (len(api.asked), told.value.status) == (1, status)


@pytest.mark.parametrize("ask", ONCE)
@pytest.mark.parametrize("come", [429, 503, 504, httpx.ConnectError("refused"), httpx.ReadTimeout("too slow")])
def test_what_might_do_it_twice_is_asked_once(ask: Callable[[Postroom], object], come: int | Exception) -> None:
    api = talk(come)
    with pytest.raises((Problem, Unanswered)):
        ask(api.client())
    assert len(api.asked) == 1
    assert "Idempotency-Key" not in api.asked[0].headers


def test_what_is_still_worked_on_is_asked_again_with_the_same_key() -> None:
    api = talk(httpx.ReadTimeout("too slow"), problem(409, retry_after="2"), ok({"id": "pub_1"}, 202), drawn=0.0)
    assert api.client().publish(BODY)["id"] == "pub_1"
    assert (len(api.keys), len(set(api.keys)), api.waited_s) == (3, 1, [0.0, 2.0])


def test_reading_is_asked_again() -> None:
    api = talk(502, httpx.ReadTimeout("too slow"), ok({"id": "pub_1"}))
    assert api.client().read_publication("pub_1")["id"] == "pub_1"


def test_waits_are_drawn_from_ever_longer_spans_up_to_the_longest() -> None:
    api = talk(503)
    with pytest.raises(Problem):
        api.client(total_s=1_000, tries=8).read_publication("pub_1")
    assert api.waited_s == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_a_wait_may_be_none_at_all() -> None:
    api = talk(503, ok(), drawn=0.0)
    api.client().read_publication("pub_1")
    assert api.waited_s == [0.0]


def test_retry_after_is_waited_for() -> None:
    api = talk(problem(429, retry_after="7"), ok(), drawn=0.0)
    api.client().read_publication("pub_1")
    assert api.waited_s == [7.0]


def test_who_is_told_to_wait_longer_than_there_is_patience_does_not_ask_too_early() -> None:
    api = talk(problem(429, retry_after="3600"))
    with pytest.raises(Problem) as told:
        api.client(total_s=60).read_publication("pub_1")
    assert (told.value.retry_after_s, api.waited_s, len(api.asked)) == (3600.0, [], 1)


@pytest.mark.parametrize("told", ["soon", "-1", "1e9", "", "Fri, 99 Nov 2026 12:00:00 GMT"])
def test_a_retry_after_that_cannot_be_read_says_nothing(told: str) -> None:
    api = talk(problem(503, retry_after=told), ok(), drawn=0.0)
    api.client().read_publication("pub_1")
    assert api.waited_s == [0.0]


def test_tries_end_in_time_however_long_each_takes() -> None:
    api = talk(httpx.ReadTimeout("too slow"), took_s=25.0)
    with pytest.raises(Unanswered, match="GET /v1/publications/pub_1 was not answered: too slow"):
        api.client(total_s=60).read_publication("pub_1")
    assert (len(api.asked), api.now_s) == (3, 60.0)
    assert [each.extensions["timeout"]["read"] for each in api.asked] == [30.0, 30.0, 7.0]


def test_tries_are_numbered() -> None:
    api = talk(503)
    with pytest.raises(Problem):
        api.client(tries=3).read_publication("pub_1")
    assert len(api.asked) == 3


@pytest.mark.parametrize("lost", [503, 504, httpx.ReadTimeout("too slow")])
def test_a_deletion_whose_answer_was_lost_is_done_where_the_thing_is_gone(lost: int | Exception) -> None:
    api = talk(lost, 404)
    api.client().delete_channel("chn_1")
    assert len(api.asked) == 2


@pytest.mark.parametrize("come", [429, httpx.ConnectError("refused")])
def test_a_deletion_that_never_began_does_not_count_as_done(come: int | Exception) -> None:
    api = talk(come, 404)
    with pytest.raises(Problem, match="404"):
        api.client().delete_channel("chn_1")


def test_a_thing_that_never_was_there_cannot_be_deleted() -> None:
    with pytest.raises(Problem, match="404"):
        talk(404).client().delete_channel("chn_1")


def test_a_deletion_that_should_tell_something_says_that_its_answer_was_lost() -> None:
    with pytest.raises(Unanswered, match="is done; its answer was lost"):
        talk(504, 404).client().end_series("ser_1")


def test_who_gave_up_knows_the_key_to_ask_again_with() -> None:
    api = talk(httpx.ReadTimeout("too slow"))
    with pytest.raises(Unanswered) as told:
        api.client().submit_publication(BODY)
    assert told.value.idempotency_key == api.keys[0]


def test_health_that_nobody_can_tell_is_asked_for_again() -> None:
    api = talk(503, ok({"status": "ok"}))
    assert api.client().read_health()["status"] == "ok"


def test_the_key_is_shown_where_it_is_needed_alone() -> None:
    api = talk(ok())
    api.client().read_health()
    api.client().read_publication("pub_1")
    assert [each.headers.get("Authorization") for each in api.asked] == [None, f"Bearer {KEY}"]


def test_the_key_is_in_no_error() -> None:
    api = talk(httpx.ReadTimeout("too slow"))
    with pytest.raises(Unanswered) as told:
        api.client().read_publication("pub_1")
    assert KEY not in repr(told.value)
    assert KEY not in repr(api.client()._asking)


def test_nothing_follows_where_an_answer_leads() -> None:
    api = talk(httpx.Response(302, headers={"Location": "https://elsewhere.test/file"}))
    assert api.client().read_file("ws_1", "med_1") == "https://elsewhere.test/file"
    assert len(api.asked) == 1


def test_a_redirection_that_is_no_answer_is_a_problem() -> None:
    with pytest.raises(Problem, match="302"):
        talk(httpx.Response(302, headers={"Location": "https://elsewhere.test/"})).client().read_publication("pub_1")
