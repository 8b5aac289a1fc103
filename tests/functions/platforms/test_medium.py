"""The Medium adapter on replies written after Medium's documentation (read 2026-11-21), not recorded from it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from functions.platforms.medium import Medium
from publishing.abilities import Finds
from publishing.errors import (
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from tests.functions.platforms.conversing import NOON, hold, outcome_of, publishes, recorded

TOKEN = "181d415f34379af07b2c11d144dfbe35d"
USER = "5303d74c64f66366f00cb9b2a94f3251bf5"
PUBLICATION = "b45573563f5a"
CHANNEL = Channel("chn_1", "wsp_1", "medium", secrets={"token": TOKEN})
IN_PUBLICATION = replace(CHANNEL, settings={"publication_id": PUBLICATION})
POST = Post(
    "dlv_1",
    Content(
        title="Rivers & leaves",
        text="All *rivers* carry [leaves](https://example.org/leaves). <b>Really</b>",
        summary='On "leaves"',
        link="https://example.org/rivers",
        tags=("rivers", "autumn"),
        media=(Media("https://example.org/a.png?x=1&y=2", 'A "river"'), Media("https://example.org/b.png")),
    ),
    NOON,
)


def story(**fields: object) -> httpx.Response:
    data = {
        "id": "e6f36a",
        "title": "Rivers & leaves",
        "authorId": USER,
        "tags": ["rivers", "autumn"],
        "url": "https://medium.com/@ann/rivers-leaves-e6f36a",
        "canonicalUrl": "https://example.org/rivers",
        "publishStatus": "public",
        "publishedAt": 1442286338435,
        "license": "all-rights-reserved",
        "licenseUrl": "https://medium.com/policy/9db0094a1e0f",
        **fields,
    }
    return httpx.Response(201, json={"data": data})


def trouble(status: int, code: int = 0, message: str = "No.", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"errors": [{"message": message, "code": code}]}, headers=headers)


def listed(*identifiers: str) -> httpx.Response:
    url = "https://medium.com/developers"
    found = [{"id": identifier, "name": f"Paper {identifier[:2]}", "url": url} for identifier in identifiers]
    return httpx.Response(200, json={"data": found})


ME = httpx.Response(
    200, json={"data": {"id": USER, "username": "ann", "name": "Ann", "url": "https://medium.com/@ann", "imageUrl": ""}}
)
CREATED = story()
ACCEPTED = [ME, CREATED]
VERIFIED = [ME]
SPENT = "User has reached the rate limit for publishing today."

EXPECTED = {
    "title": "Rivers & leaves",
    "contentFormat": "html",
    "content": (
        "<h1>Rivers &amp; leaves</h1>\n"
        "<h2>On &quot;leaves&quot;</h2>\n"
        '<p><img src="https://example.org/a.png?x=1&amp;y=2" alt="A &quot;river&quot;"></p>\n'
        '<p><img src="https://example.org/b.png" alt=""></p>\n'
        '<p>All <em>rivers</em> carry <a href="https://example.org/leaves">leaves</a>. &lt;b&gt;Really&lt;/b&gt;</p>'
    ),
    "publishStatus": "public",
    "tags": ["rivers", "autumn"],
    "canonicalUrl": "https://example.org/rivers",
}


def requests_of(channel: Channel = CHANNEL, post: Post = POST) -> list[httpx.Request]:
    transport = recorded(*(ACCEPTED if channel is CHANNEL else [CREATED]))
    hold(Medium().publish(post, channel), transport)
    return transport.asked


def story_of(**content: object) -> dict[str, object]:
    post = replace(POST, content=Content(**content))  # type: ignore[arg-type]  # fields by name
    sent: dict[str, object] = json.loads(requests_of(post=post)[-1].content)
    return sent


def published(*answers: httpx.Response | Exception) -> object:
    return outcome_of(Medium().publish(POST, CHANNEL), recorded(ME, *answers))


def verified(channel: Channel, *answers: httpx.Response) -> object:
    return outcome_of(Medium().verify(channel), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Medium().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def test_the_user_is_asked_for_first_and_the_story_goes_last() -> None:
    first, last = requests_of()
    assert (first.method, str(first.url)) == ("GET", "https://api.medium.com/v1/me")
    assert (last.method, str(last.url)) == ("POST", f"https://api.medium.com/v1/users/{USER}/posts")
    assert (publishes(first), publishes(last)) == (False, True)


def test_a_story_in_a_publication_takes_one_request() -> None:
    assert [str(request.url) for request in requests_of(IN_PUBLICATION)] == [
        f"https://api.medium.com/v1/publications/{PUBLICATION}/posts"
    ]


def test_the_headers_are_the_documented_ones() -> None:
    headers = requests_of()[-1].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"] == headers["accept"] == "application/json"
    assert headers["accept-charset"] == "utf-8"


def test_the_story_is_the_documented_one() -> None:
    assert json.loads(requests_of()[-1].content) == EXPECTED


def test_what_is_not_given_is_left_out() -> None:
    assert story_of(title="Rivers", text="Leaves") == {
        "title": "Rivers",
        "contentFormat": "html",
        "content": "<h1>Rivers</h1>\n<p>Leaves</p>",
        "publishStatus": "public",
    }


@pytest.mark.parametrize("title", ["Rivers", 'Rivers & "leaves" <in> autumn\'s'])
def test_a_text_that_begins_with_its_title_has_it_once(title: str) -> None:
    begun = story_of(title=title, text=f"# {title}\n\nLeaves")
    assert begun["content"] == story_of(title=title, text="Leaves")["content"]


def test_a_receipt_has_the_storys_id_and_address() -> None:
    assert published(CREATED) == Receipt(
        "e6f36a", "https://medium.com/@ann/rivers-leaves-e6f36a", "2015-09-15T03:05:38.435Z"
    )


@pytest.mark.parametrize("moment", [None, "soon", 0, 10**20, 1.5])
def test_a_moment_that_is_none_is_left_out(moment: object) -> None:
    assert published(story(publishedAt=moment)) == Receipt("e6f36a", "https://medium.com/@ann/rivers-leaves-e6f36a")


def test_nothing_can_be_looked_for() -> None:
    assert not isinstance(Medium(), Finds)


def test_the_help_says_that_tokens_are_no_longer_issued() -> None:
    (token,) = (field for field in Medium.credentials.fields if field.secret)
    assert "no longer issues" in token.help


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": " "}, "content.title"),
        ({"title": "x" * 101}, "content.title"),
        ({"tags": ("a", "b", "c", "d")}, "content.tags"),
        ({"tags": ("ok", "x" * 26)}, "content.tags[1]"),
        ({"tags": (" ",)}, "content.tags[0]"),
        ({"text": "|a|b|\n|-|-|\n|1|2|"}, "content.text"),
        ({"text": "So:\n\n- a | b\n  :- | -:\r\n  1 | 2"}, "content.text"),
        ({"text": "> a | b\n> --|--\n> 1 | 2"}, "content.text"),
        ({"media": (Media("https://example.org/a.png"),) * 21}, "content.media"),
        ({"media": (Media("http://example.org/a.png"),)}, "content.media[0].url"),
        ({"media": (Media("https://example.org/a.mov"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a", type="image/webp"),)}, "content.media[0]"),
        ({"link": "example.org"}, "content.link"),
        ({"text": "a\0"}, "content.text"),
    ],
)
def test_what_medium_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "content", [{"title": "🍂" * 100}, {"tags": ("x" * 25, "c++", "日本語")}, {"text": "<table>\n\n---"}]
)
def test_what_medium_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (trouble(400, 2002), Refused, "Medium answered: No."),
        (trouble(401), Unauthorized, "Medium answered: No."),
        (trouble(401, 6000), Unauthorized, "Medium answered: No."),
        (trouble(401, 6003), Unauthorized, "Medium answered: No."),
        (trouble(400, 6001), Unauthorized, "Medium answered: No."),
        (trouble(404, 6004, "User not found"), Unauthorized, "Medium answered: User not found"),
        (trouble(400, 6005, "Application not found"), Unauthorized, "Medium answered: Application not found"),
        (trouble(403, 6026), Unauthorized, "Medium answered: No."),
        (trouble(404), Refused, "Medium answered: No."),
        (httpx.Response(301, headers={"Location": "/x"}), Refused, "The platform answered 301."),
        (httpx.Response(410, json={"errors": []}), Refused, "The platform answered 410."),
        (trouble(500), OutcomeUnknown, "Medium answered: No."),
        (httpx.Response(503, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
    ],
)
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == message


def test_an_error_keeps_mediums_code_and_status() -> None:
    error = published(trouble(400, 2002))
    assert isinstance(error, Refused)
    assert (error.code, error.status) == ("2002", 400)


@pytest.mark.parametrize(("headers", "wait_s"), [({}, 3600), ({"Retry-After": "60"}, 60)])
def test_a_day_that_is_spent_is_asked_for_again(headers: dict[str, str], wait_s: float) -> None:
    error = published(trouble(429, -1, SPENT, **headers))
    assert isinstance(error, QuotaSpent)
    assert abs(error.until - datetime.now(UTC) - timedelta(seconds=wait_s)) < timedelta(seconds=30)


def test_a_429_that_is_not_mediums_own_is_to_wait() -> None:
    error = published(httpx.Response(429, text="slow down", headers={"Retry-After": "7"}))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 7.0


def test_a_429_before_anything_was_published_is_to_wait() -> None:
    outcome = outcome_of(Medium().publish(POST, CHANNEL), recorded(trouble(429, -1, "Slow down")))
    assert isinstance(outcome, Throttled)


def test_the_token_is_blotted_out_of_mediums_words() -> None:
    assert str(published(trouble(400, 0, f"No {TOKEN}"))) == "Medium answered: No …"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"data": null}', b'{"data": {"id": "", "url": "https://medium.com/x"}}', b"[]"]
)
def test_a_201_without_a_story_is_unknown(body: bytes) -> None:
    assert isinstance(published(httpx.Response(201, content=body)), OutcomeUnknown)


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.ReadTimeout(""), httpx.Response(200, json={"data": {"id": "../x"}})]
)
def test_without_its_user_nothing_is_published(answer: httpx.Response | Exception) -> None:
    assert isinstance(outcome_of(Medium().publish(POST, CHANNEL), recorded(answer)), Unavailable)


@pytest.mark.parametrize("given", ["../me", "my paper", "b455/x"])
def test_what_is_no_publications_id_holds_the_channel(given: str) -> None:
    channel = replace(CHANNEL, settings={"publication_id": given})
    assert isinstance(outcome_of(Medium().publish(POST, channel), recorded()), Unauthorized)


def test_a_token_http_cannot_carry_holds_the_channel() -> None:
    channel = replace(CHANNEL, secrets={"token": "schlüssel"})
    assert isinstance(outcome_of(Medium().publish(POST, channel), recorded()), Unauthorized)


def test_publishing_can_be_rehearsed() -> None:
    conversation = Medium().publish(POST, CHANNEL)
    assert publishes(conversation.send(Medium().stand_in(next(conversation))))


def test_verifying_asks_whose_token_it_is() -> None:
    assert verified(CHANNEL, ME) == Identity(USER, "ann", "https://medium.com/@ann")


def test_verifying_looks_for_the_publication() -> None:
    found = verified(IN_PUBLICATION, ME, listed("b969ac62a46b", PUBLICATION))
    assert found == Identity(PUBLICATION, "Paper b4", "https://medium.com/developers")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (listed("b969ac62a46b"), "This publication is none of the token's user. Paper b9 is b969ac62a46b."),
        (listed(), "This publication is none of the token's user. There is none."),
    ],
)
def test_a_publication_that_is_not_listed_is_told_with_those_that_are(answer: httpx.Response, message: str) -> None:
    error = verified(IN_PUBLICATION, ME, answer)
    assert isinstance(error, Unauthorized)
    assert str(error) == message
