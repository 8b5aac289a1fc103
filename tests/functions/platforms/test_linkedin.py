"""The LinkedIn adapter on replies written after LinkedIn's pages and what others quote of its answers (2026-11-21)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.linkedin import LinkedIn
from publishing.errors import (
    AppRefused,
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Post, Problem, Receipt
from tests.functions.platforms.conversing import NOON, Answer, hold, outcome_of, recorded

TOKEN = "AQXt0ken4711t0ken4711t0ken4711"
PAGE = "urn:li:organization:5515715"
MEMBER = "urn:li:person:8675309abc"
CHANNEL = Channel("chn_1", "wsp_1", "linkedin", settings={"author": PAGE}, secrets={"access_token": TOKEN})
OURS = replace(CHANNEL, settings={"author": MEMBER})
LINK = "https://example.org/rivers"
URN = "urn:li:share:6844785523593134080"
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* (and [brooks](https://example.org/a_b)) carry leaves.",
        summary="On leaves",
        link=LINK,
    ),
    NOON,
)
RIVER, LAKE = Media("https://example.org/a.png", "A river"), Media("https://example.org/b.jpg")

CLIP = Media("https://example.org/a.mp4", "Leaves", type="video/mp4", size_bytes=10_000_000, seconds=12.0)

CREATED = httpx.Response(201, headers={"x-restli-id": URN})
ACCEPTED = [CREATED]
NOTHING = httpx.Response(200, json={"elements": [], "paging": {"start": 0, "count": 50, "links": []}})
VERIFIED = [NOTHING]
PNG = httpx.Response(200, content=b"\x89PNG\r\n\x1a\nriver")
JPEG = httpx.Response(200, content=b"\xff\xd8\xfflake")
ARRIVED = httpx.Response(201)

FEED = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
TEXT = r"All rivers \(and brooks \(https://example.org/a\_b\)\) carry leaves."
EXPECTED = {
    "author": PAGE,
    "commentary": TEXT,
    "visibility": "PUBLIC",
    "distribution": FEED,
    "content": {"article": {"source": LINK, "title": "Rivers in autumn", "description": "On leaves"}},
    "lifecycleState": "PUBLISHED",
    "isReshareDisabledByAuthor": False,
}


def slot(image: str, url: str = "https://www.linkedin.com/dms-uploads/C5/0?ca=vector") -> httpx.Response:
    return httpx.Response(200, json={"value": {"uploadUrlExpiresAt": 1650567510704, "uploadUrl": url, "image": image}})


def trouble(status: int, code: str, message: str, service_code: int | None = None, **headers: str) -> httpx.Response:
    told = {"status": status, "code": code, "message": message}
    service = {} if service_code is None else {"serviceErrorCode": service_code}
    return httpx.Response(status, json={**told, **service}, headers=headers)


DUPLICATE = httpx.Response(
    422,
    json={
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"com.linkedin.content.common.exception.BadRequestException: Content is a duplicate of {URN}",
        "errorDetails": {
            "inputErrors": [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]
        },
        "status": 422,
    },
)


def post_of(**content: object) -> Post:
    return replace(POST, content=Content(**content))  # type: ignore[arg-type]  # fields by name


def requests_of(post: Post, *answers: Answer, channel: Channel = CHANNEL) -> list[httpx.Request]:
    transport = recorded(*answers)
    hold(LinkedIn().publish(post, channel), transport)
    return transport.asked


def body_of(post: Post, *answers: Answer, channel: Channel = CHANNEL) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(requests_of(post, *(answers or ACCEPTED), channel=channel)[-1].content)
    return body


def published(*answers: Answer, post: Post = POST) -> object:
    return outcome_of(LinkedIn().publish(post, CHANNEL), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(LinkedIn().check(post_of(**content)))


def ms(minutes: float) -> int:
    return round((NOON + timedelta(minutes=minutes)).timestamp() * 1000)


def own(minutes: float = 1, **fields: object) -> dict[str, object]:
    return {
        "id": URN,
        "author": PAGE,
        "commentary": r"All rivers \(and brooks \(https://lnkd.in/dG5aE\)\) carry leaves.",
        "content": {"article": {"source": LINK, "title": "Rivers in autumn"}},
        "createdAt": ms(minutes),
        "publishedAt": ms(minutes),
        "lastModifiedAt": ms(minutes),
        "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC",
        **fields,
    }


def posts(*found: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json={"elements": list(found), "paging": {"start": 0, "count": 50, "links": []}})


def found(*answers: Answer, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(LinkedIn().find(post, channel, NOON), recorded(*answers))


def test_the_request_is_the_documented_one() -> None:
    (request,) = requests_of(POST, *ACCEPTED)
    assert (request.method, str(request.url)) == ("POST", "https://api.linkedin.com/rest/posts")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["linkedin-version"] == "202607"
    assert request.headers["x-restli-protocol-version"] == "2.0.0"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == EXPECTED


def test_a_receipt_has_the_posts_urn_from_the_header_and_its_link() -> None:
    assert published(CREATED) == Receipt(URN, f"https://www.linkedin.com/feed/update/{URN}")


def test_an_encoded_urn_is_the_same() -> None:
    answer = httpx.Response(201, headers={"x-restli-id": "urn%3Ali%3AugcPost%3A68447855"})
    assert published(answer) == Receipt(
        "urn:li:ugcPost:68447855", "https://www.linkedin.com/feed/update/urn:li:ugcPost:68447855"
    )


def test_a_member_posts_in_the_same_way() -> None:
    assert body_of(POST, channel=OURS) == EXPECTED | {"author": MEMBER}


def test_an_article_without_a_summary_has_none() -> None:
    content = body_of(post_of(title="T", text="x", link=LINK))["content"]
    assert content == {"article": {"source": LINK, "title": "T"}}


@pytest.mark.parametrize(
    ("content", "commentary"),
    [
        ({"text": "Leaves"}, "Leaves"),
        ({"title": "Rivers", "text": "Leaves"}, "Rivers\n\nLeaves"),
        ({"title": "Rivers"}, "Rivers"),
        ({"text": "Leaves", "link": LINK}, f"Leaves\n\n{LINK}"),
        ({"text": f"Leaves {LINK} here", "link": LINK}, f"Leaves {LINK} here"),
        ({"text": f"Leaves {LINK}/2", "link": LINK}, f"Leaves {LINK}/2\n\n{LINK}"),
        ({"link": LINK}, LINK),
        ({"text": "Leaves", "tags": ("rivers", "日本語")}, "Leaves\n\n{hashtag|\\#|rivers} {hashtag|\\#|日本語}"),
        ({"text": "On #rivers, (#lakes) and #1"}, r"On {hashtag|\#|rivers}, \({hashtag|\#|lakes}\) and \#1"),
        ({"text": "https://example.org/#top C# #a_b"}, r"https://example.org/\#top C\# \#a\_b"),
        ({"text": "`\\ | { } @ [ ] ( ) < > # * _ ~`"}, r"\\ \| \{ \} \@ \[ \] \( \) \< \> \# \* \_ \~"),
        ({"text": r"@\[Acme](urn:li:organization:1)"}, r"\@\[Acme\]\(urn:li:organization:1\)"),
        ({"text": "{hashtag|#|x} - & % \" ' $ ^ ` + ="}, r"""\{hashtag\|\#\|x\} - & % " ' $ ^ ` + ="""),
        ({"text": "One\n\nTwo  \nThree"}, "One\n\nTwo\nThree"),
    ],
)
def test_words_become_little_text(content: dict[str, object], commentary: str) -> None:
    body = body_of(post_of(**content))
    assert body["commentary"] == commentary
    assert "content" not in body


def test_a_picture_is_handed_over_before_the_post_names_it() -> None:
    answers = [PNG, slot("urn:li:image:C4E10"), ARRIVED, CREATED]
    fetch, ask, hand_over, create = requests_of(post_of(text="x", media=(RIVER,)), *answers)
    assert (fetch.method, str(fetch.url)) == ("GET", "https://example.org/a.png")
    assert "authorization" not in fetch.headers
    assert (ask.method, str(ask.url)) == ("POST", "https://api.linkedin.com/rest/images?action=initializeUpload")
    assert json.loads(ask.content) == {"initializeUploadRequest": {"owner": PAGE}}
    assert ask.headers["linkedin-version"] == "202607"
    assert (hand_over.method, hand_over.content) == ("PUT", b"\x89PNG\r\n\x1a\nriver")
    assert str(hand_over.url) == "https://www.linkedin.com/dms-uploads/C5/0?ca=vector"
    assert hand_over.headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(create.content)["content"] == {"media": {"id": "urn:li:image:C4E10", "altText": "A river"}}


def test_several_pictures_are_one_content_and_title_and_link_stand_in_the_text() -> None:
    post = replace(POST, content=replace(POST.content, text="Leaves", media=(RIVER, LAKE)))
    answers = [PNG, slot("urn:li:image:A"), ARRIVED, JPEG, slot("urn:li:image:B"), ARRIVED, CREATED]
    body = body_of(post, *answers)
    assert body["content"] == {
        "multiImage": {"images": [{"id": "urn:li:image:A", "altText": "A river"}, {"id": "urn:li:image:B"}]}
    }
    assert body["commentary"] == f"Rivers in autumn\n\nLeaves\n\n{LINK}"


def test_as_many_pictures_as_are_allowed_can_be_handed_over() -> None:
    answers = [answer for _ in range(19) for answer in (PNG, slot("urn:li:image:A"), ARRIVED)]
    assert published(*answers, CREATED, post=post_of(media=(RIVER,) * 19)) == Receipt(
        URN, f"https://www.linkedin.com/feed/update/{URN}"
    )


def test_a_picture_without_words_is_a_post() -> None:
    body = body_of(post_of(media=(LAKE,)), JPEG, slot("urn:li:image:A"), ARRIVED, CREATED)
    assert (body["commentary"], body["content"]) == ("", {"media": {"id": "urn:li:image:A"}})


@pytest.mark.parametrize(
    "picture",
    [
        httpx.Response(200, content=b"RIFF\0\0\0\0WEBPVP8 "),
        httpx.Response(200, content=b"\0\0\0\x18ftypmp42"),
        httpx.Response(200, content=b"\x89PNG\r\n\x1a\n" + b"0" * 5_000_000),
        httpx.Response(404),
    ],
)
def test_what_is_no_picture_for_linkedin_is_refused(picture: httpx.Response) -> None:
    assert isinstance(published(picture, post=post_of(media=(RIVER,))), Refused)


@pytest.mark.parametrize(
    "answers",
    [
        [httpx.Response(503)],
        [PNG, httpx.Response(500)],
        [PNG, httpx.Response(200, text="<html>")],
        [PNG, slot("urn:li:image:A", "https://www.linkedin.com.example.org/dms-uploads")],
        [PNG, slot("urn:li:image:A", "https://example.org/www.linkedin.com/dms-uploads")],
        [PNG, slot("urn:li:image:A", "https://example.org/x.linkedin.com/dms-uploads")],
        [PNG, slot("urn:li:image:A"), httpx.Response(500)],
        [PNG, slot("urn:li:image:A"), httpx.ReadTimeout("")],
    ],
)
def test_a_picture_that_cannot_be_handed_over_means_nothing_was_published(answers: list[Answer]) -> None:
    assert isinstance(published(*answers, post=post_of(media=(RIVER,))), Unavailable)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 3_001}, "content.text"),
        ({"text": "x", "title": "x" * 401, "link": LINK}, "content.title"),
        ({"text": "x", "tags": ("ok", "web-dev")}, "content.tags[1]"),
        ({"text": "x", "tags": ("two words",)}, "content.tags[0]"),
        ({"text": "x", "tags": ("2026",)}, "content.tags[0]"),
        ({"text": "x", "tags": ("#rivers",)}, "content.tags[0]"),
        ({"text": "x", "media": (RIVER,) * 20}, "content.media"),
        ({"text": "x", "media": (RIVER, CLIP)}, "content.media"),
        ({"text": "x", "media": (replace(CLIP, seconds=2.9),)}, "content.media[0]"),
        ({"text": "x", "media": (replace(CLIP, size_bytes=500_600_000),)}, "content.media[0]"),
        ({"text": "x", "media": (replace(CLIP, type="video/quicktime"),)}, "content.media[0]"),
        ({"text": "x", "media": (replace(RIVER, type="image/webp"),)}, "content.media[0]"),
        ({"text": "x", "link": "example.org"}, "content.link"),
        ({"text": "a\0"}, "content.text"),
    ],
)
def test_what_linkedin_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize("text", ["x" * 3_000, "🍂" * 1_500, "(" * 1_500])
def test_what_linkedin_takes_is_none(text: str) -> None:
    assert problems_of(text=text) == []


def test_characters_are_counted_as_they_are_sent_and_as_java_counts() -> None:
    (problem,) = problems_of(title="Rivers", text="🍂" * 1_490 + "(x)", tags=("a",))
    expected = "The text is 3009 characters (escaped for LinkedIn) long; the most here is 3000: 9 too many."
    assert problem.message == expected


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (trouble(401, "EXPIRED_ACCESS_TOKEN", "The token has expired", 65600), Unauthorized, "The token has expired"),
        (trouble(401, "REVOKED_ACCESS_TOKEN", "It was revoked", 65601), Unauthorized, "It was revoked"),
        (trouble(401, "", "Empty oauth2 access token", 401), Unauthorized, "Empty oauth2 access token"),
        (trouble(400, "MISSING_FIELD", "author is required but missing"), Refused, "author is required but missing"),
        (trouble(404, "NOT_FOUND", "Not Found"), Refused, "Not Found"),
        (trouble(409, "CONFLICT", "Write Conflict"), Refused, "Write Conflict"),
        (trouble(422, "INVALID", "ERROR :: /commentary"), Refused, "ERROR :: /commentary"),
        (trouble(500, "INTERNAL_ERROR", "Internal Error"), OutcomeUnknown, "Internal Error"),
        (trouble(504, "", "Gateway Timeout"), OutcomeUnknown, "Gateway Timeout"),
        (trouble(408, "TIMEOUT", "Request Timeout"), OutcomeUnknown, "Request Timeout"),
    ],
)
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == f"LinkedIn answered: {message}"


def test_linkedins_codes_are_kept() -> None:
    error = published(trouble(401, "REVOKED_ACCESS_TOKEN", "It was revoked", 65601))
    assert isinstance(error, Unauthorized)
    assert (error.code, error.status) == ("REVOKED_ACCESS_TOKEN 65601", 401)


def test_what_a_token_lacks_is_told() -> None:
    error = published(trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.CREATE", 100))
    assert isinstance(error, Unauthorized)
    assert "posts.CREATE It takes w_member_social for a member" in str(error)


@pytest.mark.parametrize("minutes", [1, -5])
def test_what_linkedin_has_already_of_this_very_post_is_the_post_itself(minutes: int) -> None:
    transport = recorded(DUPLICATE, httpx.Response(200, json=own(minutes)))
    receipt = hold(LinkedIn().publish(POST, CHANNEL), transport)
    assert receipt == Receipt(URN, f"https://www.linkedin.com/feed/update/{URN}")
    asked = transport.asked[-1]
    assert (asked.method, str(asked.url)) == ("GET", f"https://api.linkedin.com/rest/posts/{URN.replace(':', '%3A')}")


@pytest.mark.parametrize(
    "there",
    [
        httpx.Response(200, json=own(-6)),
        trouble(404, "NOT_FOUND", "Not Found"),
        trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.GET", 100),
    ],
    ids=["from before", "gone", "not to be read"],
)
def test_the_same_text_again_is_refused_and_the_post_that_has_it_is_named(there: httpx.Response) -> None:
    error = published(DUPLICATE, there)
    assert isinstance(error, Refused)
    assert f"Content is a duplicate of {URN}" in str(error)


def test_a_look_at_the_twin_that_fails_means_nothing_was_published() -> None:
    assert isinstance(published(DUPLICATE, httpx.Response(500)), Unavailable)


def test_a_version_that_has_ended_is_nobodys_fault_who_posts() -> None:
    error = published(trouble(426, "NONEXISTENT_VERSION", "Requested version 20260701 is not active"))
    assert isinstance(error, Unavailable)
    assert "202607" in str(error)


def test_a_spent_day_lasts_until_midnight() -> None:
    day = "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
    error = published(trouble(429, "TOO_MANY_REQUESTS", day, 101))
    assert isinstance(error, QuotaSpent)
    assert (error.until.hour, error.until.minute, error.until.tzinfo) == (0, 0, UTC)
    assert timedelta() < error.until - datetime.now(UTC) <= timedelta(days=1)


def test_other_throttling_is_to_wait() -> None:
    error = published(trouble(429, "TOO_MANY_REQUESTS", "The MINUTE limit is reached.", 101, **{"Retry-After": "9"}))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 9.0


def test_the_token_is_blotted_out_of_linkedins_words() -> None:
    assert str(published(trouble(400, "", f"No token {TOKEN}"))) == "LinkedIn answered: No token …"


@pytest.mark.parametrize("urn", ["", "6844785523593134080", "urn:li:person:x", f"{URN}/../x"])
def test_a_201_that_names_no_post_is_unknown(urn: str) -> None:
    assert isinstance(published(httpx.Response(201, headers={"x-restli-id": urn})), OutcomeUnknown)


@pytest.mark.parametrize("author", ["5515715", "urn:li:company:1", "urn:li:person:a b", "urn:li:person:../x", ""])
def test_an_author_that_is_none_holds_the_channel(author: str) -> None:
    channel = replace(CHANNEL, settings={"author": author})
    assert isinstance(outcome_of(LinkedIn().publish(POST, channel), recorded()), Unauthorized)


def test_a_token_http_cannot_carry_holds_the_channel() -> None:
    channel = replace(CHANNEL, secrets={"access_token": "schlüssel"})
    assert isinstance(outcome_of(LinkedIn().publish(POST, channel), recorded()), Unauthorized)


def test_a_look_reads_the_authors_posts_last_touched_first() -> None:
    transport = recorded(NOTHING)
    hold(LinkedIn().find(POST, CHANNEL, NOON), transport)
    (request,) = transport.asked
    assert str(request.url) == (
        "https://api.linkedin.com/rest/posts"
        "?q=author&author=urn%3Ali%3Aorganization%3A5515715&start=0&count=50&sortBy=LAST_MODIFIED"
    )


def test_what_is_out_is_found_by_its_words_although_links_were_shortened() -> None:
    assert found(posts(own(2, id="urn:li:share:1", commentary="Other"), own())) == Receipt(
        URN, f"https://www.linkedin.com/feed/update/{URN}"
    )


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (
            {"text": "Leaves #now", "tags": ("rivers",)},
            {"commentary": "Leaves {hashtag|\\#|now}\n\n{hashtag|#|rivers}", "content": {}},
        ),
        ({"media": (RIVER,)}, {"commentary": "", "content": {"media": {"id": "urn:li:image:A"}}}),
        ({"media": (RIVER,) * 2}, {"commentary": None, "content": {"multiImage": {"images": [{"id": "A"}] * 2}}}),
        ({"title": "T", "link": LINK}, {"commentary": "", "content": {"article": {"title": "T"}}}),
    ],
)
def test_every_kind_of_post_is_found(content: dict[str, object], fields: dict[str, object]) -> None:
    assert isinstance(found(posts(own() | fields), post=post_of(**content)), Receipt)


@pytest.mark.parametrize(
    "there",
    [
        [],
        [own(-1)],
        [own(-9, lastModifiedAt=ms(3))],
        [own(commentary="All rivers")],
        [own(commentary=r"All rivers \(and brooks carry leaves.")],
        [own(content={"article": {"title": "Other"}})],
        [own(content={"media": {"id": "urn:li:image:A"}})],
    ],
)
def test_what_is_not_there_is_not_found(there: list[dict[str, object]]) -> None:
    assert found(posts(*there), NOTHING) is None


def test_a_look_ends_with_a_page_from_before() -> None:
    assert found(posts(own(-1, commentary="x"), own(-2))) is None


@pytest.mark.parametrize("last", [own(commentary="x"), own(0, commentary="x"), own(-9, lastModifiedAt=ms(0))])
def test_a_look_goes_on_while_posts_are_recent(last: dict[str, object]) -> None:
    transport = recorded(posts(last), posts(own(0)))
    assert isinstance(hold(LinkedIn().find(POST, CHANNEL, NOON), transport), Receipt)
    assert transport.asked[-1].url.params["start"] == "50"


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(*[posts(own(commentary="x"))] * 6), OutcomeUnknown)


def test_a_token_that_may_not_read_leaves_it_open() -> None:
    denied = trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.FINDER-author", 100)
    assert isinstance(found(denied, channel=OURS), OutcomeUnknown)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), Unauthorized),
        (httpx.Response(500), Unavailable),
        (httpx.Response(200, json={"elements": [{"id": URN}]}), Unavailable),
    ],
)
def test_a_look_that_fails_says_nothing(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(found(answer), kind)


def test_verifying_a_page_reads_its_posts() -> None:
    assert hold(LinkedIn().verify(CHANNEL), recorded(*VERIFIED)) == Identity(
        PAGE, "", "https://www.linkedin.com/company/5515715/"
    )


def test_verifying_a_member_asks_whose_token_it_is() -> None:
    transport = recorded(httpx.Response(200, json={"sub": "8675309abc", "name": "Ann Example", "locale": "en_US"}))
    assert hold(LinkedIn().verify(OURS), transport) == Identity(MEMBER, "Ann Example")
    assert str(transport.asked[0].url) == "https://api.linkedin.com/v2/userinfo"


def test_a_token_of_another_member_is_told() -> None:
    answer = httpx.Response(200, json={"sub": "other"})
    assert isinstance(outcome_of(LinkedIn().verify(OURS), recorded(answer)), Unauthorized)


def test_a_rehearsal_gets_as_far_as_the_post() -> None:
    adapter = LinkedIn()
    conversation = adapter.publish(post_of(text="x", media=(RIVER,)), CHANNEL)
    request = next(conversation)
    for _ in range(3):
        request = conversation.send(adapter.stand_in(request))
    assert request.extensions["publishes"]


DENIED = trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.FINDER-author", 100)
RECEIPT = Receipt(URN)


def test_removing_deletes_the_post() -> None:
    transport = recorded(httpx.Response(204))
    hold(LinkedIn().remove(RECEIPT, CHANNEL), transport)
    (request,) = transport.asked
    address = f"https://api.linkedin.com/rest/posts/{URN.replace(':', '%3A')}"
    assert (request.method, str(request.url)) == ("DELETE", address)
    assert request.headers["x-restli-method"] == "DELETE"


def test_a_post_that_is_gone_counts_as_removed() -> None:
    gone = trouble(404, "NOT_FOUND", "Not Found")
    assert outcome_of(LinkedIn().remove(RECEIPT, CHANNEL), recorded(gone)) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(403, "ACCESS_DENIED", "Not enough permissions to access: posts.DELETE", 100), Unauthorized),
        (trouble(429, "TOO_MANY_REQUESTS", "The MINUTE limit is reached.", 101), Throttled),
        (httpx.Response(500), Unavailable),
    ],
)
def test_a_removal_that_fails_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(LinkedIn().remove(RECEIPT, CHANNEL), recorded(answer)), kind)


def counted(*answers: httpx.Response, channel: Channel = CHANNEL, urn: str = URN) -> object:
    return outcome_of(LinkedIn().metrics(Receipt(urn), channel), recorded(*answers))


STATISTICS = {
    "uniqueImpressionsCount": 17,
    "shareCount": 1,
    "engagement": 0.25,
    "clickCount": 3,
    "likeCount": 5,
    "impressionCount": 21,
    "commentCount": 0,
}
SHARE = httpx.Response(200, json={"elements": [{"share": URN, "totalShareStatistics": STATISTICS}]})
ACTIONS = httpx.Response(
    200,
    json={
        "likesSummary": {"totalLikes": 5, "aggregatedTotalLikes": 5},
        "commentsSummary": {"totalFirstLevelComments": 1, "aggregatedTotalComments": 2},
    },
)


@pytest.mark.parametrize(("urn", "which"), [(URN, "shares"), ("urn:li:ugcPost:7", "ugcPosts")])
def test_a_pages_statistics_of_a_post_are_told(urn: str, which: str) -> None:
    transport = recorded(SHARE)
    assert hold(LinkedIn().metrics(Receipt(urn), CHANNEL), transport) == {
        Metric.VIEWS: 21,
        Metric.REACH: 17,
        Metric.LIKES: 5,
        Metric.COMMENTS: 0,
        Metric.SHARES: 1,
        Metric.CLICKS: 3,
    }
    assert str(transport.asked[0].url) == (
        "https://api.linkedin.com/rest/organizationalEntityShareStatistics?q=organizationalEntity"
        f"&organizationalEntity=urn%3Ali%3Aorganization%3A5515715&{which}=List({urn.replace(':', '%3A')})"
    )


def test_a_post_without_statistics_has_no_counts() -> None:
    assert counted(httpx.Response(200, json={"elements": []})) == {}


def test_where_statistics_may_not_be_read_likes_and_comments_may() -> None:
    assert counted(DENIED, ACTIONS) == {Metric.LIKES: 5, Metric.COMMENTS: 2}


def test_of_a_members_post_likes_and_comments_are_told() -> None:
    transport = recorded(ACTIONS)
    assert hold(LinkedIn().metrics(RECEIPT, OURS), transport) == {Metric.LIKES: 5, Metric.COMMENTS: 2}
    assert str(transport.asked[0].url) == f"https://api.linkedin.com/rest/socialActions/{URN.replace(':', '%3A')}"


@pytest.mark.parametrize(
    ("answer", "kind"), [(DENIED, Refused), (httpx.Response(401), Unauthorized), (httpx.Response(500), Unavailable)]
)
def test_counts_that_cannot_be_had_are_no_zeros(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(counted(answer, channel=OURS), kind)


RENEWABLE = replace(
    CHANNEL,
    settings={"author": PAGE, "client_id": "77abc"},
    secrets={"access_token": TOKEN, "refresh_token": "AQWr3fresh", "client_secret": "s3cret"},
)


def test_an_access_token_is_renewed_as_linkedin_documents_it() -> None:
    granted = {
        "access_token": "AQXnew",
        "expires_in": 5_184_000,
        "refresh_token": "AQWr3fresh",
        "refresh_token_expires_in": 439_200,
    }
    transport = recorded(httpx.Response(200, json=granted))
    fresh = hold(LinkedIn().refresh(RENEWABLE), transport)
    assert fresh == Fresh({"access_token": "AQXnew", "refresh_token": "AQWr3fresh"}, 5_184_000, 439_200)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", "https://www.linkedin.com/oauth/v2/accessToken")
    assert httpx.QueryParams(request.content.decode()) == httpx.QueryParams(
        grant_type="refresh_token", refresh_token="AQWr3fresh", client_id="77abc", client_secret="s3cret"
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"error": "invalid_request", "error_description": "revoked"}), Unauthorized),
        (httpx.Response(400, json={"error": "invalid_grant"}), Unauthorized),
        (httpx.Response(401, json={"error": "invalid_client"}), AppRefused),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
        (httpx.Response(500), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
    ],
)
def test_a_token_that_is_not_renewed_is_sorted(answer: Answer, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(LinkedIn().refresh(RENEWABLE), recorded(answer)), kind)


def test_what_has_nothing_to_be_renewed_with_is_for_a_person() -> None:
    assert isinstance(outcome_of(LinkedIn().refresh(CHANNEL), recorded()), Unauthorized)


def test_without_an_access_token_nothing_is_asked() -> None:
    bare = replace(RENEWABLE, secrets={"refresh_token": "AQWr3fresh"})
    assert isinstance(outcome_of(LinkedIn().publish(POST, bare), recorded()), Unauthorized)


@pytest.mark.parametrize(("pinned", "version"), [("", "202607"), ("202607", "202607"), (" 202606", "202606")])
def test_a_channel_may_pin_the_version_it_speaks(pinned: str, version: str) -> None:
    channel = replace(CHANNEL, settings={**CHANNEL.settings, "api_version": pinned})
    (request,) = requests_of(POST, *ACCEPTED, channel=channel)
    assert request.headers["linkedin-version"] == version


def test_a_version_we_do_not_speak_holds_the_channel() -> None:
    channel = replace(CHANNEL, settings={**CHANNEL.settings, "api_version": "202401"})
    error = outcome_of(LinkedIn().publish(POST, channel), recorded())
    assert isinstance(error, Unauthorized)
    assert "202607 and 202606" in str(error)


def test_every_version_ends_after_the_one_before() -> None:
    ends = [version.ends for version in LinkedIn.versions if version.ends]
    assert ends == sorted(ends, reverse=True)
    assert len(ends) == len(LinkedIn.versions) == 2
