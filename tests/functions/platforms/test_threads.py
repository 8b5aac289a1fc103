"""The Threads adapter on replies written after Meta's documentation (read 2026-11-21), not recorded from Threads."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from functions.platforms.threads import Threads
from publishing.errors import (
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.inbound import Call, Forged
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import Rehearsed, rehearse
from tests.functions.platforms.conversing import NOON, Signed, hold, outcome_of, platform, publishes, recorded

TOKEN = "THAAtok3n4711tok3n4711tok3n4711"
CHANNEL = Channel("chn_1", "wsp_1", "threads", secrets={"access_token": TOKEN})
POST = Post(
    "dlv_1",
    Content(text="All *rivers* carry leaves.", link="https://example.org/rivers", tags=("Autumn rivers",)),
    NOON,
)
RIVER, LEAF = Media("https://example.org/a.jpg", "A river"), Media("https://example.org/b.jpg")
PICTURE = replace(POST, content=replace(POST.content, media=(RIVER,)))
CAROUSEL = replace(POST, content=replace(POST.content, media=(RIVER, LEAF)))
WORDLESS = replace(POST, content=Content(media=(RIVER,)))
SHOWN_TEXT = "All rivers carry leaves.\n\nhttps://example.org/rivers"
LINK = "https://www.threads.com/@ann/post/DRx1"


def told(**document: object) -> httpx.Response:
    return httpx.Response(200, json=document)


def staged(status: str, message: str = "") -> httpx.Response:
    return told(status=status, id="17", **({"error_message": message} if message else {}))


def trouble(code: int, subcode: int = 0, status: int = 400, **fields: object) -> httpx.Response:
    error = {"message": "No.", "type": "OAuthException", "code": code, "fbtrace_id": "A", **fields}
    return httpx.Response(status, json={"error": error | ({"error_subcode": subcode} if subcode else {})})


def entry(number: int = 90, **fields: object) -> dict[str, object]:
    shown = {"id": str(number), "text": "All rivers carry leaves.", "permalink": LINK}
    return shown | {"timestamp": "2026-11-20T12:00:01+0000"} | fields


def entries(*found: dict[str, object], more: bool = False) -> httpx.Response:
    paging = {"cursors": {"before": "b", "after": "c"}} | ({"next": "https://graph.threads.net/next"} if more else {})
    return told(data=list(found), paging=paging)


ROOM = told(data=[{"quota_usage": 4, "config": {"quota_total": 250, "quota_duration": 86400}}])
MADE, READY, OUT = told(id="17"), staged("FINISHED"), told(id="90")
ACCEPTED = [ROOM, MADE, READY, OUT]
VERIFIED = [told(id="42", username="ann")]
NOT_FOUND = trouble(24, 4279009)
WRITTEN = {"container": "17"}
PICTURE_MADE = {
    "media_type": "IMAGE",
    "image_url": "https://example.org/a.jpg",
    "alt_text": "A river",
    "text": SHOWN_TEXT,
    "topic_tag": "Autumn rivers",
}


def began(*answers: httpx.Response | Exception, post: Post = POST) -> tuple[object, list[httpx.Request]]:
    transport = recorded(*answers)
    return outcome_of(Threads().publish(post, CHANNEL), transport), transport.asked


def followed(*answers: httpx.Response, post: Post = POST) -> tuple[object, list[httpx.Request]]:
    """What comes of a publication that is gone on with until it is out, and the requests it took."""
    transport = recorded(*answers)
    return outcome_of(platform("threads").publication(transport, post), transport), transport.asked


def resumed(state: Mapping[str, str], *answers: httpx.Response | Exception, post: Post = POST) -> object:
    return outcome_of(Threads().resume(Pending(state, 0.0), post, CHANNEL), recorded(*answers))


def found(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(Threads().find(post, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def bodies(asked: list[httpx.Request]) -> list[dict[str, object]]:
    return [json.loads(request.content) for request in asked if request.method == "POST"]


def problems_of(**content: object) -> list[Problem]:
    return list(Threads().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def test_the_requests_are_the_documented_ones() -> None:
    _, asked = followed(*ACCEPTED)
    assert [(request.method, str(request.url)) for request in asked] == [
        ("GET", "https://graph.threads.net/v1.0/me/threads_publishing_limit?fields=config%2Cquota_usage"),
        ("POST", "https://graph.threads.net/v1.0/me/threads"),
        ("GET", "https://graph.threads.net/v1.0/17?fields=status%2Cerror_message"),
        ("POST", "https://graph.threads.net/v1.0/me/threads_publish"),
    ]
    assert {request.headers["authorization"] for request in asked} == {f"Bearer {TOKEN}"}


def test_a_text_goes_with_its_link_and_topic_beside_it() -> None:
    assert bodies(followed(*ACCEPTED)[1]) == [
        {
            "media_type": "TEXT",
            "text": "All rivers carry leaves.",
            "topic_tag": "Autumn rivers",
            "link_attachment": "https://example.org/rivers",
        },
        {"creation_id": "17"},
    ]


def test_a_picture_leaves_the_link_no_place_but_the_text() -> None:
    assert bodies(began(ROOM, MADE, post=PICTURE)[1]) == [PICTURE_MADE]


def test_several_pictures_are_a_carousel_made_when_all_of_them_are_ready() -> None:
    outcome, asked = followed(ROOM, told(id="11"), told(id="12"), READY, READY, MADE, READY, OUT, post=CAROUSEL)
    assert outcome == Pending({"media": "90"}, 0.0)
    assert bodies(asked) == [
        {
            "media_type": "IMAGE",
            "image_url": "https://example.org/a.jpg",
            "alt_text": "A river",
            "is_carousel_item": True,
        },
        {"media_type": "IMAGE", "image_url": "https://example.org/b.jpg", "is_carousel_item": True},
        {"media_type": "CAROUSEL", "text": SHOWN_TEXT, "topic_tag": "Autumn rivers", "children": "11,12"},
        {"creation_id": "17"},
    ]


def test_a_title_is_the_first_paragraph() -> None:
    post = replace(POST, content=Content(title="Rivers", text="Leaves"))
    assert bodies(began(ROOM, MADE, post=post)[1]) == [{"media_type": "TEXT", "text": "Rivers\n\nLeaves"}]


def test_a_link_alone_is_the_text() -> None:
    post = replace(POST, content=Content(link="https://example.org/rivers"))
    expected = {"media_type": "TEXT", "text": "https://example.org/rivers"}
    assert bodies(began(ROOM, MADE, post=post)[1]) == [expected]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 501}, "content.text"),
        ({"text": "🍂" * 126}, "content.text"),
        ({"text": "x" * 480, "title": "x" * 19}, "content.text"),
        ({"text": "x" * 480, "media": (RIVER,)}, "content.text"),
        ({"tags": ("a", "b")}, "content.tags"),
        ({"tags": ("a.b",)}, "content.tags[0]"),
        ({"tags": ("R&B",)}, "content.tags[0]"),
        ({"tags": ("x" * 51,)}, "content.tags[0]"),
        ({"media": (LEAF,) * 21}, "content.media"),
        ({"media": (RIVER, Media("https://example.org/a", type="image/gif"))}, "content.media[1]"),
        ({"media": (Media("https://example.org/a", type="image/png", size_bytes=8_100_000),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.jpg", width=1101, height=100),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4?x=1", seconds=301),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", width=2160, height=3840),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a", type="video/mp4", codec="AV1"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a", type="video/webm"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", size_bytes=1_100_000_000),)}, "content.media[0]"),
        ({"text": "x " * 6_500, "thread": True}, "content.text"),
        ({"media": (Media("https://example.org/a.jpg", "x" * 1001),)}, "content.media[0].alt"),
        ({"text": " ".join(f"https://example.org/{n}" for n in range(5))}, "content.text"),
    ],
)
def test_what_threads_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "é" * 500},
        {"text": "漢" * 500},
        {"text": "🍂" * 125},
        {"tags": ("x" * 50,)},
        {"media": (LEAF,) * 20},
        {"media": (Media("https://example.org/a.jpg", type="image/jpeg", width=6_000, height=600),)},
        {
            "media": (
                Media("https://example.org/a", type="video/mp4", codec="HEVC", width=1080, height=1920, seconds=9),
            )
        },
        {"text": "x " * 6_000, "thread": True},
        {"text": "\n\n".join(f"https://example.org/{n} {'x ' * 150}" for n in range(9)), "thread": True},
        {"text": " ".join(f"https://example.org/{n}" for n in range(4))},
    ],
)
def test_what_threads_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


def test_a_spent_quota_is_told_before_anything_is_made() -> None:
    spent = told(data=[{"quota_usage": 250, "config": {"quota_total": 250}}])
    error, asked = began(spent)
    assert isinstance(error, QuotaSpent)
    assert str(error) == "All 250 posts Threads allows in a day are used."
    assert timedelta(minutes=59) < error.until - datetime.now(UTC) <= timedelta(hours=1)
    assert len(asked) == 1


@pytest.mark.parametrize("answer", [trouble(100), trouble(10), httpx.Response(500), told(data=[]), told(x=1)])
def test_a_quota_that_cannot_be_read_hinders_nothing(answer: httpx.Response) -> None:
    assert began(answer, MADE)[0] == Pending(WRITTEN, 5.0)


def test_a_dead_token_shows_at_the_first_question() -> None:
    assert isinstance(began(trouble(190, 463, 401))[0], Unauthorized)


@pytest.mark.parametrize("post", [POST, PICTURE, WORDLESS])
def test_a_container_is_written_down_before_it_is_published(post: Post) -> None:
    outcome, asked = began(ROOM, MADE, post=post)
    assert outcome == Pending(WRITTEN, 5.0)
    assert not any(map(publishes, asked))


def test_pictures_are_written_down_before_they_are_one_container() -> None:
    outcome, _ = began(ROOM, told(id="11"), told(id="12"), post=CAROUSEL)
    assert outcome == Pending({"parts": "11,12"}, 5.0)


@pytest.mark.parametrize("status", ["IN_PROGRESS", "NEW_WORD"])
def test_what_is_not_ready_is_looked_at_again(status: str) -> None:
    assert resumed(WRITTEN, staged(status)) == Pending({**WRITTEN, "looks": "1"}, 5.0)
    parts = resumed({"parts": "11,12"}, READY, staged(status), post=CAROUSEL)
    assert parts == Pending({"parts": "11,12", "looks": "1"}, 5.0)


def test_pictures_are_looked_at_again_until_they_are_ready() -> None:
    outcome = resumed({"parts": "11,12", "looks": "1"}, staged("IN_PROGRESS"), post=CAROUSEL)
    assert outcome == Pending({"parts": "11,12", "looks": "2"}, 10.0)


@pytest.mark.parametrize("answer", [httpx.Response(500), trouble(1), httpx.ReadTimeout("")])
def test_trouble_in_reading_a_container_says_nothing_of_it(answer: httpx.Response | Exception) -> None:
    assert isinstance(resumed(WRITTEN, answer), Unavailable)


def test_what_joins_the_pictures_is_written_down_before_it_is_published() -> None:
    outcome = resumed({"parts": "11,12", "looks": "1"}, READY, READY, MADE, post=CAROUSEL)
    assert outcome == Pending({"container": "17", "round": "1"}, 5.0)


def test_a_container_that_is_ready_is_published() -> None:
    assert resumed(WRITTEN, READY, OUT) == Pending({"media": "90"}, 0.0)


def test_a_container_that_is_not_is_looked_at_less_and_less_often() -> None:
    states = [{**WRITTEN, "looks": str(looks)} for looks in (0, 1, 2, 99)]
    waits = [resumed(state, staged("IN_PROGRESS")) for state in states]
    assert [wait.after_s for wait in waits if isinstance(wait, Pending)] == [5.0, 10.0, 20.0, 900.0]


def test_what_is_out_is_told_with_its_link() -> None:
    shown = told(permalink=LINK, timestamp="2026-11-20T12:00:01+0000", id="90")
    assert resumed({"media": "90"}, shown) == Receipt("90", LINK, "2026-11-20T12:00:01+0000")


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), trouble(100, 33), trouble(190), httpx.ReadTimeout(""), told(permalink="x")]
)
def test_what_is_out_is_no_error_for_want_of_a_link(answer: httpx.Response | Exception) -> None:
    assert resumed({"media": "90"}, answer) == Pending({"media": "90", "looks": "1"}, 5.0)
    assert resumed({"media": "90", "looks": "3"}, answer) == Receipt("90")


@pytest.mark.parametrize("lost", [httpx.ReadTimeout(""), httpx.Response(500), trouble(2, status=500), trouble(1)])
def test_an_answer_that_was_lost_leaves_the_outcome_open(lost: httpx.Response | Exception) -> None:
    assert isinstance(resumed(WRITTEN, READY, lost), OutcomeUnknown)


def test_after_a_lost_answer_a_published_container_is_not_published_again() -> None:
    transport = recorded(staged("PUBLISHED"), entries(entry()))
    outcome = hold(Threads().resume(Pending(WRITTEN, 0.0), POST, CHANNEL), transport)
    assert outcome == Receipt("90", LINK, "2026-11-20T12:00:01+00:00")
    assert not any(map(publishes, transport.asked))


@pytest.mark.parametrize("listed", [entries(), trouble(100), httpx.Response(500)])
def test_a_published_container_counts_as_out_even_if_it_is_not_listed(listed: httpx.Response) -> None:
    state = {**WRITTEN, "looks": "9"}
    assert resumed(state, staged("PUBLISHED"), listed) == Pending({**state, "seeks": "1"}, 5.0)
    assert resumed({**state, "seeks": "3"}, staged("PUBLISHED"), listed) == Receipt("17")


def test_a_published_container_without_words_is_not_taken_for_somebody_elses_post() -> None:
    listed = entries(entry(text=None))
    assert resumed({**WRITTEN, "seeks": "3"}, staged("PUBLISHED"), listed, post=WORDLESS) == Receipt("17")


def test_a_repetition_that_is_refused_since_it_is_out_is_no_failure() -> None:
    repeated = resumed(WRITTEN, READY, trouble(100), staged("PUBLISHED"), entries(entry()))
    assert repeated == Receipt("90", LINK, "2026-11-20T12:00:01+00:00")


@pytest.mark.parametrize("stage", [READY, staged("ERROR"), trouble(100)])
def test_a_publication_that_is_refused_is_refused(stage: httpx.Response) -> None:
    assert isinstance(resumed(WRITTEN, READY, trouble(100), stage), Refused)


def test_a_container_publishing_does_not_know_yet_is_tried_again_later() -> None:
    assert resumed(WRITTEN, READY, NOT_FOUND) == Pending({**WRITTEN, "misses": "1"}, 5.0)


def test_a_container_that_stays_unknown_is_made_anew_and_not_published_at_once() -> None:
    state = {**WRITTEN, "misses": "3"}
    assert resumed(state, READY, NOT_FOUND, told(id="18")) == Pending({"container": "18", "round": "2"}, 5.0)


@pytest.mark.parametrize("status", [staged("EXPIRED"), staged("ERROR", "UNKNOWN"), staged("ERROR")])
def test_a_container_that_came_to_nothing_is_made_anew(status: httpx.Response) -> None:
    assert resumed(WRITTEN, status, told(id="18")) == Pending({"container": "18", "round": "2"}, 5.0)


def test_pictures_that_came_to_nothing_are_made_anew() -> None:
    outcome = resumed({"parts": "11,12"}, READY, staged("EXPIRED"), told(id="21"), told(id="22"), post=CAROUSEL)
    assert outcome == Pending({"parts": "21,22", "round": "2"}, 5.0)


def test_making_containers_anew_ends() -> None:
    assert isinstance(resumed({**WRITTEN, "round": "3"}, staged("ERROR", "UNKNOWN")), Refused)


def test_a_picture_threads_cannot_take_is_refused_in_its_words() -> None:
    error = resumed(WRITTEN, staged("ERROR", "INVALID_ASPEC_RATIO"))
    assert isinstance(error, Refused)
    assert str(error) == "Threads answered: INVALID_ASPEC_RATIO"


@pytest.mark.parametrize(
    "refusal", [trouble(100, 33), trouble(100), trouble(24), trouble(10), httpx.Response(404), told(id="17")]
)
def test_a_container_that_cannot_be_read_may_be_out_and_is_looked_for(refusal: httpx.Response) -> None:
    assert isinstance(resumed(WRITTEN, refusal, entries(entry())), Receipt)
    assert isinstance(resumed(WRITTEN, refusal, entries()), Unavailable)


def test_pictures_that_cannot_be_read_are_asked_for_again() -> None:
    assert isinstance(resumed({"parts": "11"}, trouble(100, 33), post=CAROUSEL), Unavailable)


def test_what_was_made_outlasts_a_throttling_and_a_spent_quota() -> None:
    slow = httpx.Response(429, headers={"Retry-After": "7"})
    assert resumed(WRITTEN, slow) == Pending(WRITTEN, 7.0)
    assert resumed(WRITTEN, READY, trouble(9, 2207042)) == Pending(WRITTEN, 3600.0)


def test_a_state_that_is_lost_is_for_a_person() -> None:
    assert isinstance(resumed({}), OutcomeUnknown)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(190, 463, 401), Unauthorized),
        (trouble(10), Unauthorized),
        (trouble(200), Unauthorized),
        (trouble(4), Throttled),
        (trouble(613), Throttled),
        (trouble(4, 2207051), Unauthorized),
        (trouble(100), Refused),
        (trouble(24, 4279013), Refused),
        (trouble(9004, 2207052), Unavailable),
        (trouble(1), Unavailable),
        (trouble(99, is_transient=True), Unavailable),
        (httpx.Response(503), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
    ],
)
def test_an_error_in_making_a_container_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(began(ROOM, answer)[0], kind)


def test_what_is_out_is_found_by_its_text() -> None:
    transport = recorded(entries(entry(text="Other"), entry(text="All rivers\ncarry leaves. ")))
    receipt = hold(Threads().find(POST, CHANNEL, NOON - timedelta(minutes=5)), transport)
    assert receipt == Receipt("90", LINK, "2026-11-20T12:00:01+00:00")
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == "https://graph.threads.net/v1.0/me/threads"
    assert dict(request.url.params) == {"fields": "id,text,permalink,timestamp", "limit": "25"}


@pytest.mark.parametrize("listed", [[], [entry(text="Other")], [entry(timestamp="2026-11-20T11:54:59+0000")]])
def test_what_is_not_among_the_recent_posts_is_not_found(listed: list[dict[str, object]]) -> None:
    assert found(entries(*listed)) is None


def test_a_look_goes_on_while_posts_are_recent() -> None:
    assert isinstance(found(entries(entry(text="Other"), more=True), entries(entry())), Receipt)


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(*[entries(entry(text="Other"), more=True)] * 8), OutcomeUnknown)


def test_a_post_without_words_is_found_only_missing() -> None:
    assert found(entries(entry()), post=WORDLESS) is None
    assert isinstance(found(entries(entry(text=None)), post=WORDLESS), OutcomeUnknown)


def test_verifying_asks_whose_token_it_is() -> None:
    identity = Identity("42", "ann", "https://www.threads.com/@ann")
    assert hold(Threads().verify(CHANNEL), recorded(*VERIFIED)) == identity


def test_a_token_http_cannot_carry_holds_the_channel() -> None:
    channel = replace(CHANNEL, secrets={"access_token": "schlüssel"})
    assert isinstance(outcome_of(Threads().publish(POST, channel), recorded()), Unauthorized)


def test_the_token_is_blotted_out_of_threads_words() -> None:
    error = began(ROOM, trouble(100, message=f"No {TOKEN}"))[0]
    assert str(error) == "Threads answered: No …"


def test_a_rehearsal_shows_the_container() -> None:
    rehearsed = rehearse(Threads(), PICTURE, CHANNEL, ["access_token"])
    assert rehearsed == Rehearsed("POST", "graph.threads.net", publishes=False, body=PICTURE_MADE)


RAPIDS = Media("https://example.org/r.mp4", "Rapids")
FIRST, SECOND, THIRD = "All rivers carry leaves. " * 19, "Some carry boats. " * 27, "None carries both."
LONG = replace(
    POST, content=Content(text=f"{FIRST}\n\n{SECOND}\n\n{THIRD}", tags=("Autumn rivers",), media=(RIVER,), thread=True)
)
SHOWN = told(permalink=LINK, timestamp="2026-11-20T12:00:01+0000", id="90")
CHAIN = [ROOM, MADE, READY, OUT, told(id="18"), READY, told(id="91"), told(id="19"), READY, told(id="92"), SHOWN]


def gone_on_with(*answers: httpx.Response | Exception, post: Post = LONG) -> tuple[list[object], list[httpx.Request]]:
    """All that comes of a publication, step by step."""
    transport = recorded(*answers)
    outcomes = [outcome_of(Threads().publish(post, CHANNEL), transport)]
    while isinstance(outcomes[-1], Pending):
        outcomes.append(outcome_of(Threads().resume(outcomes[-1], post, CHANNEL), transport))
    return list(outcomes), transport.asked


def test_a_video_is_given_by_its_address_with_its_description() -> None:
    post = replace(POST, content=Content(text="Rapids", media=(RAPIDS,)))
    assert bodies(began(ROOM, MADE, post=post)[1]) == [
        {"media_type": "VIDEO", "video_url": "https://example.org/r.mp4", "alt_text": "Rapids", "text": "Rapids"}
    ]


def test_videos_stand_beside_pictures() -> None:
    post = replace(POST, content=Content(text="Both", media=(RIVER, RAPIDS)))
    item = {"media_type": "VIDEO", "video_url": "https://example.org/r.mp4", "alt_text": "Rapids"}
    assert bodies(began(ROOM, told(id="11"), told(id="12"), post=post)[1])[1] == item | {"is_carousel_item": True}


def test_a_long_text_is_a_thread_of_posts_that_answer_each_other() -> None:
    outcomes, asked = gone_on_with(*CHAIN)
    assert outcomes == [
        Pending({"container": "17"}, 5.0),
        Pending({"media": "90"}, 0.0),
        Pending({"container": "18", "out": "90"}, 5.0),
        Pending({"media": "91", "out": "90"}, 0.0),
        Pending({"container": "19", "out": "90,91"}, 5.0),
        Pending({"media": "92", "out": "90,91"}, 0.0),
        Receipt("90,91,92", LINK, "2026-11-20T12:00:01+0000"),
    ]
    assert [body for body in bodies(asked) if body.keys() != {"creation_id"}] == [
        {
            "media_type": "IMAGE",
            "image_url": "https://example.org/a.jpg",
            "alt_text": "A river",
            "text": FIRST.strip(),
            "topic_tag": "Autumn rivers",
        },
        {"media_type": "TEXT", "text": SECOND.strip(), "reply_to_id": "90"},
        {"media_type": "TEXT", "text": THIRD, "reply_to_id": "91"},
    ]
    assert str(asked[-1].url).startswith("https://graph.threads.net/v1.0/90?")


def test_a_short_text_is_one_post_even_where_a_thread_may_be() -> None:
    post = replace(POST, content=replace(POST.content, thread=True))
    assert bodies(began(ROOM, MADE, post=post)[1]) == bodies(began(ROOM, MADE)[1])


def test_the_link_of_a_thread_is_looked_for_again_without_losing_the_thread() -> None:
    state = {"media": "92", "out": "90,91"}
    waiting = resumed(state, httpx.Response(500), post=LONG)
    assert waiting == Pending({**state, "looks": "1"}, 5.0)
    assert resumed(waiting.state, SHOWN, post=LONG) == Receipt("90,91,92", LINK, "2026-11-20T12:00:01+0000")
    assert resumed({**state, "looks": "3"}, httpx.Response(500), post=LONG) == Receipt("90,91,92")


@pytest.mark.parametrize("lost", [httpx.ReadTimeout(""), httpx.Response(500), httpx.Response(200, text="<html>")])
def test_what_became_of_a_later_post_its_container_tells(lost: httpx.Response | Exception) -> None:
    state = {"container": "18", "out": "90"}
    waiting = resumed(state, READY, lost, post=LONG)
    assert waiting == Pending({**state, "lost": "1"}, 5.0)
    listed = entries(entry(91, text=SECOND))
    assert resumed(waiting.state, staged("PUBLISHED"), listed, post=LONG) == Pending({"media": "91", "out": "90"}, 0.0)
    assert resumed(waiting.state, READY, told(id="91"), post=LONG) == Pending({"media": "91", "out": "90"}, 0.0)
    assert isinstance(resumed({**state, "lost": "3"}, READY, lost, post=LONG), OutcomeUnknown)


def test_what_became_of_the_first_post_is_looked_for() -> None:
    assert isinstance(resumed(WRITTEN, READY, httpx.ReadTimeout(""), post=LONG), OutcomeUnknown)
    listed = entries(entry(90, text=FIRST))
    assert resumed(WRITTEN, staged("PUBLISHED"), listed, post=LONG) == Pending({"media": "90"}, 0.0)


def test_a_post_that_is_out_but_nowhere_listed_cannot_be_answered() -> None:
    state = {"container": "18", "out": "90", "seeks": "3", "lost": "3"}
    error = resumed(state, staged("PUBLISHED"), entries(), post=LONG)
    assert isinstance(error, OutcomeUnknown)
    assert str(error) == "Post 2 of the thread is out, but Threads does not list it."


def test_a_later_post_waits_as_the_first_does() -> None:
    state = {"container": "18", "out": "90"}
    assert resumed(state, staged("IN_PROGRESS"), post=LONG) == Pending({**state, "looks": "1"}, 5.0)
    assert resumed(state, READY, trouble(9, 2207042), post=LONG) == Pending(state, 3600.0)
    assert resumed(state, staged("EXPIRED"), told(id="28"), post=LONG) == Pending(
        {"container": "28", "round": "2", "out": "90"}, 5.0
    )


@pytest.mark.parametrize(
    ("state", "answers"),
    [({"media": "90"}, [trouble(100)]), ({"container": "18", "out": "90"}, [READY, trouble(100), READY])],
)
def test_a_thread_that_is_refused_halfway_says_how_much_of_it_is_out(
    state: dict[str, str], answers: list[httpx.Response]
) -> None:
    error = resumed(state, *answers, post=LONG)
    assert isinstance(error, Refused)
    assert str(error) == "Of the thread's 3 posts this many are out: 1. Threads answered: No."


def test_a_thread_that_cannot_go_on_just_now_goes_on_later() -> None:
    assert isinstance(resumed({"media": "90"}, httpx.Response(500), post=LONG), Unavailable)


def test_a_whole_thread_is_found_where_posts_and_answers_are_listed() -> None:
    answers = entries(entry(92, text=THIRD), entry(91, text=SECOND))
    transport = recorded(entries(entry(90, text=FIRST)), answers, answers)
    receipt = hold(Threads().find(LONG, CHANNEL, NOON - timedelta(minutes=5)), transport)
    assert receipt == Receipt("90,91,92", LINK, "2026-11-20T12:00:01+00:00")
    assert [request.url.path for request in transport.asked] == [
        f"/v1.0/me/{edge}" for edge in ("threads", "replies", "replies")
    ]


def test_of_a_thread_that_is_out_in_part_it_is_told_where_to_go_on() -> None:
    listed = entries(entry(90, text=FIRST))
    assert found(listed, entries(), post=LONG) == Pending({"media": "90"}, 0.0)
    answers = entries(entry(91, text=SECOND))
    waiting = found(listed, answers, answers, post=LONG)
    assert waiting == Pending({"media": "91", "out": "90"}, 0.0)
    assert resumed(waiting.state, told(id="19"), post=LONG) == Pending({"container": "19", "out": "90,91"}, 5.0)
    assert found(entries(), post=LONG) is None


def test_posts_of_the_same_words_are_told_apart() -> None:
    same = replace(LONG, content=Content(text=f"{FIRST}\n\n{SECOND}\n\n{SECOND}", thread=True))
    one = entries(entry(91, text=SECOND))
    assert found(entries(entry(90, text=FIRST)), one, one, post=same) == Pending({"media": "91", "out": "90"}, 0.0)


def test_a_token_is_renewed() -> None:
    transport = recorded(told(access_token="THAAnew", token_type="bearer", expires_in=5_184_000))
    assert hold(Threads().refresh(CHANNEL), transport) == Fresh({"access_token": "THAAnew"}, 5_184_000.0)
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == "https://graph.threads.net/refresh_access_token"
    assert dict(request.url.params) == {"grant_type": "th_refresh_token", "access_token": TOKEN}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(190, 463, 401), Unauthorized),
        (trouble(100), Refused),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
        (trouble(4), Throttled),
        (trouble(2), Unavailable),
        (httpx.Response(500), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
        (told(token_type="bearer"), Unavailable),
    ],
)
def test_a_token_that_is_not_renewed_needs_a_person(
    answer: httpx.Response | Exception, kind: type[PublishingError]
) -> None:
    assert isinstance(outcome_of(Threads().refresh(CHANNEL), recorded(answer)), kind)


def removed(identifier: str, *answers: httpx.Response | Exception) -> tuple[object, list[tuple[str, str]]]:
    transport = recorded(*answers)
    outcome = outcome_of(Threads().remove(Receipt(identifier), CHANNEL), transport)
    return outcome, [(request.method, request.url.path) for request in transport.asked]


def test_a_post_is_removed() -> None:
    assert removed("90", told(success=True)) == (None, [("DELETE", "/v1.0/90")])


def test_a_thread_is_removed_from_its_end() -> None:
    _, asked = removed("90,91", told(success=True), told(success=True))
    assert asked == [("DELETE", "/v1.0/91"), ("DELETE", "/v1.0/90")]


def test_what_is_gone_counts_as_removed() -> None:
    assert removed("90", trouble(100, 33), trouble(100, 33))[0] is None
    assert removed("90", httpx.Response(404), httpx.Response(404))[0] is None


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([trouble(100, 33), told(id="90")], Unauthorized),
        ([trouble(100, 33), trouble(10)], Unauthorized),
        ([trouble(190, 463, 401)], Unauthorized),
        ([trouble(4)], Throttled),
        ([trouble(100)], Refused),
        ([httpx.Response(500)], Unavailable),
        ([httpx.ReadTimeout("")], Unavailable),
        ([told(success=False)], Unavailable),
    ],
)
def test_what_is_not_removed_is_told(answers: list[httpx.Response | Exception], kind: type[PublishingError]) -> None:
    assert isinstance(removed("90", *answers)[0], kind)


def counts(**counted: int) -> httpx.Response:
    return told(data=[{"name": name, "period": "lifetime", "values": [{"value": n}]} for name, n in counted.items()])


def measured(identifier: str, *answers: httpx.Response) -> object:
    return outcome_of(Threads().metrics(Receipt(identifier), CHANNEL), recorded(*answers))


def test_a_posts_counts_are_told() -> None:
    transport = recorded(counts(views=30, likes=5, replies=4, reposts=3, quotes=2, shares=1))
    assert hold(Threads().metrics(Receipt("90"), CHANNEL), transport) == {
        Metric.VIEWS: 30,
        Metric.LIKES: 5,
        Metric.COMMENTS: 4,
        Metric.SHARES: 6,
    }
    (request,) = transport.asked
    assert request.url.path == "/v1.0/90/insights"
    assert dict(request.url.params) == {"metric": "views,likes,replies,reposts,quotes,shares"}


def test_a_threads_counts_are_those_of_all_its_posts() -> None:
    assert measured("90,91", counts(views=30, likes=5), counts(views=3)) == {Metric.VIEWS: 33, Metric.LIKES: 5}


def test_what_is_not_counted_is_left_out() -> None:
    assert measured("90", told(data=[{"name": "views", "values": []}, {"name": "new", "values": [{"value": 1}]}])) == {}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(10), Refused),
        (trouble(100), Refused),
        (trouble(190, 463, 401), Unauthorized),
        (trouble(4), Throttled),
        (httpx.Response(500), Unavailable),
        (told(data="x"), Unavailable),
    ],
)
def test_counts_that_cannot_be_had_leave_the_channel_as_it_is(answer: httpx.Response, kind: type) -> None:
    assert isinstance(measured("90", answer), kind)


HOOKED = replace(CHANNEL, secrets={"access_token": TOKEN, "app_secret": "s3cr3t", "verify_token": "plausible"})
ASKED = {"hub.mode": "subscribe", "hub.verify_token": "plausible", "hub.challenge": "1158201444"}
BODY = b'{"app_id":"1","values":[{"value":{"text":"\\u00e9"},"field":"replies"}]}'
SIGNATURE = "sha256=" + hmac.new(b"s3cr3t", BODY, hashlib.sha256).hexdigest()


def called(body: bytes = BODY, signature: str = SIGNATURE, channel: Channel = HOOKED) -> object:
    call = Call("POST", "https://example.org/hook", headers={"x-hub-signature-256": signature}, body=body)
    return Threads().hear(call, channel, NOON)


def test_metas_question_is_answered_where_it_knows_the_word() -> None:
    assert Threads().hear(Call("GET", "https://example.org/hook", ASKED), HOOKED, NOON) == "1158201444"


@pytest.mark.parametrize(
    ("query", "channel"),
    [
        ({**ASKED, "hub.verify_token": "wrong"}, HOOKED),
        ({**ASKED, "hub.verify_token": "schlüssel"}, HOOKED),
        ({**ASKED, "hub.mode": "unsubscribe"}, HOOKED),
        ({**ASKED, "hub.verify_token": ""}, CHANNEL),
        ({}, HOOKED),
    ],
)
def test_nobody_else_is_answered(query: dict[str, str], channel: Channel) -> None:
    with pytest.raises(Forged):
        Threads().hear(Call("GET", "https://example.org/hook", query), channel, NOON)


def test_what_meta_signed_says_nothing_of_posts() -> None:
    assert called() == ()


@pytest.mark.parametrize(
    ("body", "signature", "channel"),
    [
        (BODY + b" ", SIGNATURE, HOOKED),
        (BODY, SIGNATURE.replace("sha256=", ""), HOOKED),
        (BODY, "", HOOKED),
        (BODY, "sha256=ü", HOOKED),
        (BODY, "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest(), CHANNEL),
    ],
)
def test_what_meta_did_not_sign_is_not_heard(body: bytes, signature: str, channel: Channel) -> None:
    with pytest.raises(Forged):
        called(body, signature, channel)


def hooked(body: bytes, secret: str) -> Call:
    proof = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return Call("POST", "https://example.org/hook", headers={"x-hub-signature-256": f"sha256={proof}"}, body=body)


PROOF = "sha256=aa8ba88e46b73f09601c526f283b150ff8d7393487a4c766e35ed87e96a36eb7"
SIGNED = [Signed(HOOKED, "app_secret", BODY, hooked, "x-hub-signature-256", PROOF)]
