"""The Facebook adapter on replies written after Meta's documentation (read 2026-11-21), not recorded from Facebook."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from functions.platforms.facebook import Facebook
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.rehearsal import Rehearsed, rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

TOKEN = "EAAtok3n4711tok3n4711tok3n4711"
PAGE = "100000000000001"
CHANNEL = Channel("chn_1", "wsp_1", "facebook", settings={"page_id": PAGE}, secrets={"access_token": TOKEN})
RIVER, LEAF = Media("https://example.org/a.jpg", "A river"), Media("https://example.org/b.png")
POST = Post("dlv_1", Content(text="All *rivers* carry leaves.", link="https://example.org/rivers"), NOON)
WHOLE = replace(POST, content=replace(POST.content, title="Rivers", tags=("rivers", "water"), media=(RIVER, LEAF)))
BASE = f"https://graph.facebook.com/v25.0/{PAGE}"
POSTED = f"{PAGE}_122"
LINK = "https://www.facebook.com/permalink.php?story_fbid=pfbid0x&id=1"


def told(**document: object) -> httpx.Response:
    return httpx.Response(200, json=document)


def trouble(code: int, subcode: int = 0, status: int = 400, **fields: object) -> httpx.Response:
    error = {"message": "No.", "type": "OAuthException", "code": code, **fields}
    return httpx.Response(status, json={"error": error | ({"error_subcode": subcode} if subcode else {})})


def entries(*messages: str | None) -> httpx.Response:
    shown = {"permalink_url": LINK, "created_time": "2026-11-20T12:00:01+0000"}
    data = [
        {"id": f"{PAGE}_{n}", **shown} | ({"message": message} if message else {}) for n, message in enumerate(messages)
    ]
    return told(data=data, paging={"cursors": {"before": "b", "after": "c"}})


ACCEPTED = [told(id=POSTED)]
VERIFIED = [told(id=PAGE, name="Ann's rivers")]


def published(*answers: httpx.Response | Exception, post: Post = POST) -> tuple[object, list[httpx.Request]]:
    transport = recorded(*answers)
    return outcome_of(Facebook().publish(post, CHANNEL), transport), transport.asked


def bodies(asked: list[httpx.Request]) -> list[object]:
    return [json.loads(request.content) for request in asked]


def problems_of(**content: object) -> list[Problem]:
    return list(Facebook().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def test_a_text_goes_with_its_link_beside_it() -> None:
    _, (request,) = published(*ACCEPTED)
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/feed")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert bodies([request]) == [{"message": "All rivers carry leaves.", "link": "https://example.org/rivers"}]


def test_photos_are_uploaded_unseen_and_posted_together() -> None:
    _, asked = published(told(id="11"), told(id="12"), *ACCEPTED, post=WHOLE)
    assert [str(request.url) for request in asked] == [f"{BASE}/photos", f"{BASE}/photos", f"{BASE}/feed"]
    assert bodies(asked) == [
        {"url": "https://example.org/a.jpg", "published": False, "alt_text_custom": "A river"},
        {"url": "https://example.org/b.png", "published": False},
        {
            "message": "Rivers\n\nAll rivers carry leaves.\n\nhttps://example.org/rivers\n\n#rivers #water",
            "attached_media": [{"media_fbid": "11"}, {"media_fbid": "12"}],
        },
    ]


def test_a_link_alone_is_a_post() -> None:
    post = replace(POST, content=Content(link="https://example.org/rivers"))
    assert bodies(published(*ACCEPTED, post=post)[1]) == [{"link": "https://example.org/rivers"}]


def test_a_receipt_links_to_the_post() -> None:
    assert published(*ACCEPTED)[0] == Receipt(POSTED, f"https://www.facebook.com/{POSTED}")


@pytest.mark.parametrize("page", ["ann", "1/2", "", "\u0661"])
def test_a_page_id_that_is_no_number_holds_the_channel(page: str) -> None:
    channel = replace(CHANNEL, settings={"page_id": page})
    assert isinstance(outcome_of(Facebook().publish(POST, channel), recorded()), Unauthorized)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 63_207}, "content.text"),
        ({"text": "x" * 63_200, "title": "x" * 5}, "content.text"),
        ({"text": "x" * 63_190, "media": (RIVER,)}, "content.text"),
        ({"media": (LEAF,) * 11}, "content.media"),
        ({"media": (Media("https://example.org/a.mp4"),)}, "content.media[0].url"),
        ({"tags": ("two words",)}, "content.tags[0]"),
        ({"link": "example.org"}, "content.link"),
    ],
)
def test_what_facebook_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(190, 460, 401), Unauthorized),
        (trouble(102), Unauthorized),
        (trouble(10), Unauthorized),
        (trouble(200), Unauthorized),
        (trouble(368), Unauthorized),
        (trouble(190, 1404006), Unauthorized),
        (trouble(200, 1404112), Unauthorized),
        (trouble(200, 4854002), Unauthorized),
        (trouble(200, 1404078), Unauthorized),
        (trouble(100, 33), Unauthorized),
        (trouble(4), Throttled),
        (trouble(17), Throttled),
        (trouble(32), Throttled),
        (trouble(613), Throttled),
        (trouble(80001), Throttled),
        (trouble(1, 1390008), Throttled),
        (trouble(324, 1366046), Refused),
        (trouble(1, 1366046), Refused),
        (trouble(368, 1346003), Refused),
        (trouble(200, 1404102), Refused),
        (trouble(100, 1609008), Refused),
        (trouble(100, 2061006), Refused),
        (trouble(100, 1349125), Refused),
        (trouble(100, 2069019), Refused),
        (trouble(100, 1366051), Refused),
        (trouble(506), Refused),
        (trouble(100), Refused),
        (trouble(1, 1363047), OutcomeUnknown),
        (trouble(1, 1609010), OutcomeUnknown),
        (trouble(1), OutcomeUnknown),
        (trouble(2, status=500), OutcomeUnknown),
        (trouble(99, is_transient=True), OutcomeUnknown),
        (httpx.Response(502, text="<html>"), OutcomeUnknown),
        (told(post_id=POSTED), OutcomeUnknown),
    ],
)
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(published(answer)[0], kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(1), Unavailable),
        (trouble(1, 1363047), Unavailable),
        (trouble(324, 1366046), Refused),
        (httpx.Response(502), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
        (told(), Unavailable),
    ],
)
def test_a_photo_that_cannot_be_uploaded_means_nothing_was_published(
    answer: httpx.Response | Exception, kind: type[PublishingError]
) -> None:
    assert isinstance(published(told(id="11"), answer, post=WHOLE)[0], kind)


def test_the_token_is_blotted_out_of_facebooks_words() -> None:
    assert str(published(trouble(100, message=f"No {TOKEN}"))[0]) == "Facebook answered: No …"


def test_what_is_out_is_found_by_its_message() -> None:
    transport = recorded(entries("Other", "All rivers carry leaves."))
    receipt = hold(Facebook().find(POST, CHANNEL, NOON - timedelta(minutes=5)), transport)
    assert receipt == Receipt(f"{PAGE}_1", LINK, "2026-11-20T12:00:01+00:00")
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == f"{BASE}/published_posts"
    assert dict(request.url.params) == {"fields": "id,message,permalink_url,created_time", "limit": "25"}


def test_what_is_not_among_the_recent_posts_is_not_found() -> None:
    assert hold(Facebook().find(POST, CHANNEL, NOON), recorded(entries("Other", None))) is None


def test_a_link_without_a_message_cannot_be_told_from_another() -> None:
    post = replace(POST, content=Content(link="https://example.org/rivers"))
    assert isinstance(outcome_of(Facebook().find(post, CHANNEL, NOON), recorded(entries(None))), OutcomeUnknown)


def test_verifying_asks_whose_token_it_is() -> None:
    identity = Identity(PAGE, "Ann's rivers", f"https://www.facebook.com/{PAGE}")
    assert hold(Facebook().verify(CHANNEL), recorded(*VERIFIED)) == identity


def test_a_persons_own_token_is_not_the_pages() -> None:
    error = outcome_of(Facebook().verify(CHANNEL), recorded(told(id="42", name="Ann")))
    assert isinstance(error, Unauthorized)
    assert "/me/accounts" in str(error)


def test_a_rehearsal_comes_to_the_publishing_request() -> None:
    rehearsed = rehearse(Facebook(), WHOLE, CHANNEL, ["access_token"])
    assert rehearsed is not None
    assert (rehearsed.publishes, rehearsed.host) == (True, "graph.facebook.com")
    assert rehearsed.body is not None
    assert rehearsed.body["attached_media"] == [{"media_fbid": "0"}, {"media_fbid": "0"}]


def test_a_rehearsed_request_is_told_whole() -> None:
    rehearsed = rehearse(Facebook(), POST, CHANNEL, ["access_token"])
    body = {"message": "All rivers carry leaves.", "link": "https://example.org/rivers"}
    assert rehearsed == Rehearsed("POST", "graph.facebook.com", publishes=True, body=body)
