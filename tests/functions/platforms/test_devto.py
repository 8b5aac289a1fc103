"""The DEV adapter on replies written after Forem's documentation and source (read 2026-11-20), not recorded from it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from functions.platforms.devto import DevTo
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Metric, Post, Problem, Receipt
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

KEY = "k3y4711k3y4711k3y4711xyz"
CHANNEL = Channel("chn_1", "wsp_1", "devto", secrets={"api_key": KEY})
LINK = "https://example.org/rivers"
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry leaves.\n\n```\nls\n```\n",
        summary="On leaves",
        link=LINK,
        tags=("rivers", "autumn"),
        media=(Media("https://example.org/a.png", "A river"),),
    ),
    NOON,
)
UNLINKED = replace(POST, content=replace(POST.content, link=""))


def article(number: int = 1, **fields: object) -> dict[str, object]:
    return {
        "type_of": "article",
        "id": number,
        "title": "Rivers in autumn",
        "url": f"https://dev.to/ann/rivers-in-autumn-{number}",
        "canonical_url": LINK,
        "published_at": "2026-11-20T12:00:01Z",
        "published_timestamp": "2026-11-20T12:00:01Z",
        "body_markdown": "All *rivers* carry leaves.\n\n```shell\nls\n```",
        "page_views_count": 0,
        **fields,
    }


def articles(*found: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json=list(found))


def trouble(status: int, error: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "status": status}, headers=headers)


CREATED = httpx.Response(201, json=article(4711))
ACCEPTED = [CREATED]
VERIFIED = [httpx.Response(200, json={"type_of": "user", "id": 42, "username": "ann", "name": "Ann"})]
TAKEN = trouble(422, "Canonical url has already been taken. Email support@dev.to for further details.")
RECENT = trouble(422, "Title has already been used in the last five minutes")
STRANGER = article(9, canonical_url="https://example.org/other", title="Other")

EXPECTED = {
    "article": {
        "title": "Rivers in autumn",
        "body_markdown": "All *rivers* carry leaves.\n\n```\nls\n```\n",
        "published": True,
        "tags": ["rivers", "autumn"],
        "description": "On leaves",
        "canonical_url": "https://example.org/rivers",
        "main_image": "https://example.org/a.png",
    }
}


def request_of(channel: Channel = CHANNEL, post: Post = POST) -> httpx.Request:
    transport = recorded(*ACCEPTED)
    hold(DevTo().publish(post, channel), transport)
    (request,) = transport.asked
    return request


def sent(channel: Channel = CHANNEL, post: Post = POST) -> object:
    return json.loads(request_of(channel, post).content)


def published(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(DevTo().publish(post, CHANNEL), recorded(*answers))


def found(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(DevTo().find(post, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(DevTo().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def test_the_request_is_the_documented_one() -> None:
    request = request_of()
    assert (request.method, str(request.url)) == ("POST", "https://dev.to/api/articles")
    assert request.headers["api-key"] == KEY
    assert request.headers["accept"] == "application/vnd.forem.api-v1+json"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "Postroom/0.1"  # without one DEV answers 403 "Forbidden Bots"
    assert json.loads(request.content) == EXPECTED


def test_a_receipt_has_the_articles_id_and_address() -> None:
    receipt = Receipt("4711", "https://dev.to/ann/rivers-in-autumn-4711", "2026-11-20T12:00:01Z")
    assert published(CREATED) == receipt


def test_the_channels_series_and_organization_are_named() -> None:
    channel = replace(CHANNEL, settings={"series": "Water", "organization_id": "17"})
    assert sent(channel) == {"article": EXPECTED["article"] | {"series": "Water", "organization_id": 17}}


def test_an_organization_id_that_is_no_number_holds_the_channel() -> None:
    channel = replace(CHANNEL, settings={"organization_id": "acme"})
    assert isinstance(outcome_of(DevTo().publish(POST, channel), recorded()), Unauthorized)


def test_any_forem_site_can_be_published_to() -> None:
    channel = replace(CHANNEL, settings={"base_url": "https://community.example.org/"})
    assert str(request_of(channel).url) == "https://community.example.org/api/articles"


def test_a_key_http_cannot_carry_holds_the_channel() -> None:
    channel = replace(CHANNEL, secrets={"api_key": "schlüssel"})
    assert isinstance(outcome_of(DevTo().publish(POST, channel), recorded()), Unauthorized)


def test_front_matter_does_not_reach_dev_where_it_would_override_the_rest() -> None:
    text = "---\ntitle: Other\npublished: false\n---\n\nLeaves"
    assert sent(post=replace(POST, content=replace(POST.content, text=text))) == {
        "article": EXPECTED["article"] | {"body_markdown": "\nLeaves"}
    }


def test_what_is_not_given_is_left_out() -> None:
    assert sent(post=Post("dlv_1", Content(title="T", text="x"), NOON)) == {
        "article": {"title": "T", "body_markdown": "x", "published": True, "tags": []}
    }


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": " "}, "content.title"),
        ({"title": "x" * 129}, "content.title"),
        ({"text": "---\ntitle: x\n---\n"}, "content.text"),
        ({"tags": ("a", "b", "c", "d", "e")}, "content.tags"),
        ({"tags": ("ok", "web-dev")}, "content.tags[1]"),
        ({"tags": ("two words",)}, "content.tags[0]"),
        ({"tags": ("x" * 31,)}, "content.tags[0]"),
        ({"tags": ("",)}, "content.tags[0]"),
        ({"media": (Media("https://example.org/a.png"),) * 2}, "content.media"),
        ({"media": (Media("http://example.org/a.png"),)}, "content.media[0].url"),
        ({"link": "example.org"}, "content.link"),
        ({"text": "a\0"}, "content.text"),
    ],
)
def test_what_dev_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize("content", [{"title": "🍂" * 128}, {"tags": ("日本語", "ab1")}, {"text": "x" * 819_200}])
def test_what_dev_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


def test_a_text_is_counted_in_bytes() -> None:
    (problem,) = problems_of(text="é" * 409_601)
    assert problem.message == "The text is 819202 bytes long; the most here is 819200: 2 too many."


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (trouble(401, "unauthorized"), Unauthorized, "DEV answered: unauthorized"),
        (trouble(403, "Forbidden Bots"), Unauthorized, "DEV answered: Forbidden Bots"),
        (trouble(404, "not found"), Refused, "DEV answered: not found"),
        (trouble(422, "Tag list exceed 4 tags"), Refused, "DEV answered: Tag list exceed 4 tags"),
        (httpx.Response(301, headers={"Location": "/x"}), Refused, "The platform answered 301."),
        (trouble(500, "oops"), OutcomeUnknown, "DEV answered: oops"),
        (httpx.Response(503, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
    ],
)  # fmt: skip
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == message


def test_too_many_articles_are_to_wait() -> None:
    error = published(trouble(429, "Rate limit reached, try again in 30 seconds", **{"Retry-After": "30"}))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 30.0


def test_the_key_is_blotted_out_of_devs_words() -> None:
    assert str(published(trouble(422, f"No key {KEY}"))) == "DEV answered: No key …"


def test_of_a_created_article_no_more_is_needed_than_its_id_and_address() -> None:
    answer = httpx.Response(201, json={"id": 1, "url": "https://dev.to/ann/x", "title": None, "published_at": "odd"})
    assert published(answer) == Receipt("1", "https://dev.to/ann/x")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"id": 0, "url": "https://dev.to/x"}', b'{"id": 1, "url": "javascript:x"}', b"[]"]
)
def test_a_201_without_an_article_is_unknown(body: bytes) -> None:
    assert isinstance(published(httpx.Response(201, content=body)), OutcomeUnknown)


def test_a_taken_canonical_url_of_our_own_is_the_post_itself() -> None:
    assert published(TAKEN, articles(STRANGER, article(3))) == Receipt(
        "3", "https://dev.to/ann/rivers-in-autumn-3", "2026-11-20T12:00:01Z"
    )


def test_a_taken_canonical_url_is_looked_for_on_older_pages_too() -> None:
    outcome = published(TAKEN, articles(*[STRANGER] * 30), articles(article(3)))
    assert isinstance(outcome, Receipt)


def test_a_canonical_url_somebody_else_took_is_refused_in_devs_words() -> None:
    outcome = published(TAKEN, articles(STRANGER))
    assert isinstance(outcome, Refused)
    assert "Canonical url has already been taken" in str(outcome)


def test_the_search_for_a_taken_canonical_url_ends() -> None:
    assert isinstance(published(TAKEN, *[articles(*[STRANGER] * 30)] * 10), Refused)


def test_a_search_that_fails_means_nothing_was_published() -> None:
    assert isinstance(published(TAKEN, httpx.Response(500)), Unavailable)


def test_a_title_used_just_now_for_the_same_text_is_the_post_itself() -> None:
    assert isinstance(published(RECENT, articles(article(3, canonical_url=None)), post=UNLINKED), Receipt)


def test_what_was_used_just_now_is_on_the_first_page() -> None:
    assert isinstance(published(RECENT, articles(*[STRANGER] * 30), post=UNLINKED), Refused)


def test_a_title_used_just_now_for_another_text_is_refused() -> None:
    assert isinstance(published(RECENT, articles(article(3, body_markdown="Else")), post=UNLINKED), Refused)


def test_texts_of_blank_lines_are_compared_in_no_time() -> None:
    blank = article(3, canonical_url=None, body_markdown="\n" * 60_000)
    began = time.monotonic()
    published(RECENT, articles(blank), post=UNLINKED)
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize(
    "post", [POST, UNLINKED, replace(UNLINKED, content=replace(UNLINKED.content, title="RIVERS  in ✨autumn"))]
)
def test_what_is_out_is_found_by_address_or_title(post: Post) -> None:
    assert isinstance(found(articles(STRANGER, article(3)), post=post), Receipt)


@pytest.mark.parametrize(
    "there",
    [
        [],
        [STRANGER],
        [article(3, canonical_url="https://example.org/else")],
        [article(3, published_at="2026-11-20T11:54:59Z")],
        [article(3, published_at=None)],
    ],
)
def test_what_is_not_among_the_recent_articles_is_not_found(there: list[dict[str, object]]) -> None:
    assert found(articles(*there)) is None


def test_a_look_goes_on_while_articles_are_recent() -> None:
    assert isinstance(found(articles(*[STRANGER] * 30), articles(article(3))), Receipt)


def test_a_look_ends_at_the_first_article_from_before() -> None:
    old = article(8, canonical_url="https://example.org/old", published_at="2026-11-19T12:00:00Z")
    assert found(articles(*[STRANGER] * 29, old)) is None


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(*[articles(*[STRANGER] * 30)] * 10), OutcomeUnknown)


def test_a_look_reads_pages_of_published_articles() -> None:
    transport = recorded(articles())
    hold(DevTo().find(POST, CHANNEL, NOON), transport)
    (request,) = transport.asked
    assert str(request.url) == "https://dev.to/api/articles/me/published?page=1&per_page=30"


def test_verifying_asks_whose_key_it_is() -> None:
    assert hold(DevTo().verify(CHANNEL), recorded(*VERIFIED)) == Identity("42", "ann", "https://dev.to/ann")


RECEIPT = Receipt("4711", "https://dev.to/ann/rivers-in-autumn-4711")


def test_a_video_is_no_cover() -> None:
    (problem,) = problems_of(media=(Media("https://example.org/a.mp4"),))
    assert (problem.field, problem.message) == ("content.media[0]", "Videos are not published here.")


def test_removing_unpublishes_the_article() -> None:
    transport = recorded(httpx.Response(200, json=article(4711)))
    hold(DevTo().remove(RECEIPT, CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("PUT", "https://dev.to/api/articles/4711")
    assert json.loads(request.content) == {"article": {"published": False}}


def test_an_article_that_is_gone_counts_as_removed() -> None:
    assert outcome_of(DevTo().remove(RECEIPT, CHANNEL), recorded(trouble(404, "not found"))) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(401, "unauthorized"), Unauthorized),
        (trouble(422, "Body markdown is too long"), Refused),
        (trouble(429, "Rate limit reached"), Throttled),
        (httpx.Response(500), Unavailable),
    ],
)
def test_a_removal_that_fails_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(DevTo().remove(RECEIPT, CHANNEL), recorded(answer)), kind)


def counted(*answers: httpx.Response) -> object:
    return outcome_of(DevTo().metrics(RECEIPT, CHANNEL), recorded(*answers))


COUNTED = article(4711, page_views_count=99, public_reactions_count=7, comments_count=0)


def test_an_articles_counts_stand_in_the_authors_own_list() -> None:
    expected = {Metric.VIEWS: 99, Metric.LIKES: 7, Metric.COMMENTS: 0}
    assert counted(articles(*[STRANGER] * 30), articles(COUNTED)) == expected


def test_of_an_old_article_views_are_not_told() -> None:
    old = article(4711, positive_reactions_count=7, comments_count=0) | {"page_views_count": None}
    answers = [articles(*[STRANGER] * 30)] * 10
    assert counted(*answers, httpx.Response(200, json=old)) == {Metric.LIKES: 7, Metric.COMMENTS: 0}


def test_of_an_article_that_is_gone_nothing_is_told() -> None:
    assert isinstance(counted(articles(), trouble(404, "not found")), Refused)
