"""The Ghost adapter on replies written after Ghost's documentation and source (read 2026-11-21), not recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from functions.platforms.ghost import Ghost
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

KEY_ID = "6748592f4b9b7700010f6564"
SECRET = "b1b5b9c1d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1"
CHANNEL = Channel(
    "chn_1",
    "wsp_1",
    "ghost",
    settings={"admin_url": "https://blog.example.org"},
    secrets={"admin_key": f"{KEY_ID}:{SECRET}"},
)
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry leaves.\n",
        summary="On leaves",
        link="https://example.org/rivers",
        tags=("rivers", "Late autumn"),
        media=(Media("https://example.org/a.png", "A river"), Media("https://example.org/b.png", 'Its "mouth"')),
    ),
    NOON,
)
SLUG = "rivers-in-autumn-7f9a94e06526"
PUBLISHED = {
    "id": "673dd7a1c5e1f20001a1b2c3",
    "uuid": "b0f0a1c2-0000-4000-8000-000000000000",
    "title": "Rivers in autumn",
    "slug": SLUG,
    "status": "published",
    "url": f"https://blog.example.org/{SLUG}/",
    "published_at": "2026-11-20T12:00:01.000Z",
    "lexical": "{}",
}
SITE = {"site": {"title": "Waters", "url": "https://blog.example.org/", "version": "6.10"}}
CREATED = httpx.Response(201, json={"posts": [PUBLISHED]})
ACCEPTED = [CREATED]
VERIFIED = [httpx.Response(200, json={"posts": [], "meta": {}}), httpx.Response(200, json=SITE)]

EXPECTED = {
    "posts": [
        {
            "title": "Rivers in autumn",
            "slug": "rivers-in-autumn-7f9a94e06526",
            "html": "<p>All <em>rivers</em> carry leaves.</p>\n"
            '<figure><img src="https://example.org/b.png" alt="Its &quot;mouth&quot;"></figure>\n',
            "status": "published",
            "tags": [{"name": "rivers"}, {"name": "Late autumn"}],
            "custom_excerpt": "On leaves",
            "canonical_url": "https://example.org/rivers",
            "feature_image": "https://example.org/a.png",
            "feature_image_alt": "A river",
        }
    ]
}


def trouble(status: int, kind: str, code: str | None = None, message: str = "No.", **headers: str) -> httpx.Response:
    told = {"message": message, "context": None, "type": kind, "details": None, "code": code, "id": "x"}
    return httpx.Response(status, json={"errors": [told]}, headers=headers)


def request_of(channel: Channel = CHANNEL, post: Post = POST) -> httpx.Request:
    transport = recorded(*ACCEPTED)
    hold(Ghost().publish(post, channel), transport)
    (request,) = transport.asked
    return request


def sent(**content: object) -> dict[str, Any]:
    post = replace(POST, content=replace(POST.content, **content))  # type: ignore[arg-type]  # fields by name
    article: dict[str, Any] = json.loads(request_of(post=post).content)["posts"][0]
    return article


def published(answer: httpx.Response) -> object:
    return outcome_of(Ghost().publish(POST, CHANNEL), recorded(answer))


def found(*answers: httpx.Response) -> object:
    return outcome_of(Ghost().find(POST, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Ghost().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def with_key(key: str) -> Channel:
    return replace(CHANNEL, secrets={"admin_key": key})


def test_the_request_is_the_documented_one() -> None:
    request = request_of()
    assert (request.method, str(request.url)) == (
        "POST",
        "https://blog.example.org/ghost/api/admin/posts/?source=html",
    )
    assert request.headers["accept-version"] == "v5.0"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == EXPECTED


def test_a_token_is_signed_with_the_keys_bytes_and_good_for_five_minutes() -> None:
    scheme, token = request_of().headers["authorization"].split()
    claims = jwt.decode(token, bytes.fromhex(SECRET), algorithms=["HS256"], audience="/admin/")
    assert scheme == "Ghost"
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": KEY_ID}
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] % 60 == 0  # so that a second sending in the same minute is the same


@pytest.mark.parametrize(
    "key", ["", KEY_ID, f"{KEY_ID}:abc", f"{KEY_ID}:{SECRET}x", f"{KEY_ID}:{'z' * 64}", "schlüssel"]
)
def test_what_is_no_admin_key_holds_the_channel(key: str) -> None:
    assert isinstance(outcome_of(Ghost().publish(POST, with_key(key)), recorded()), Unauthorized)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("https://blog.example.org/", "https://blog.example.org/ghost/api/admin/posts/?source=html"),
        ("https://blog.example.org/ghost/", "https://blog.example.org/ghost/api/admin/posts/?source=html"),
        ("https://example.org/blog", "https://example.org/blog/ghost/api/admin/posts/?source=html"),
    ],
)
def test_every_spelling_of_the_address_leads_to_the_api(given: str, asked: str) -> None:
    assert str(request_of(replace(CHANNEL, settings={"admin_url": given})).url) == asked


def test_a_receipt_has_the_posts_id_and_address() -> None:
    assert published(CREATED) == Receipt(
        "673dd7a1c5e1f20001a1b2c3",
        "https://blog.example.org/rivers-in-autumn-7f9a94e06526/",
        "2026-11-20T12:00:01.000Z",
    )


def test_what_is_not_given_is_left_out() -> None:
    assert sent(text="x", summary="", link="", tags=(), media=()) == {
        "title": "Rivers in autumn",
        "slug": "rivers-in-autumn-7f9a94e06526",
        "html": "<p>x</p>\n",
        "status": "published",
        "tags": [],
    }


def test_html_of_the_authors_is_text() -> None:
    assert "&lt;!--kg-card-begin: html--&gt;" in sent(text="<!--kg-card-begin: html--><script>")["html"]


def test_addresses_are_sent_as_ascii() -> None:
    article = sent(link="https://example.org/flüsse", media=(Media("https://example.org/fluß.png"),))
    assert article["canonical_url"] == "https://example.org/fl%C3%BCsse"
    assert article["feature_image"] == "https://example.org/flu%C3%9F.png"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Été: l'eau, 2 x", "ete-l-eau-2-x-7f9a94e06526"),
        ("河川", "post-7f9a94e06526"),
        ("ab " * 85, f"{'ab-' * 39}ab-7f9a94e06526"),
    ],
)
def test_a_slug_is_the_titles_words_and_the_posts_own_mark(title: str, slug: str) -> None:
    assert sent(title=title)["slug"] == slug


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": " "}, "content.title"),
        ({"title": "x" * 256}, "content.title"),
        ({"summary": "x" * 301}, "content.summary"),
        ({"link": f"https://example.org/{'x' * 1_981}"}, "content.link"),
        ({"link": "example.org"}, "content.link"),
        ({"tags": ("ok", " ")}, "content.tags[1]"),
        ({"tags": ("#internal",)}, "content.tags[0]"),
        ({"tags": (",comma",)}, "content.tags[0]"),
        ({"tags": ("x" * 192,)}, "content.tags[0]"),
        ({"tags": ("x",) * 51}, "content.tags"),
        ({"media": (Media("https://example.org/a.png", "x" * 192),)}, "content.media[0].alt"),
        ({"media": (Media(f"https://example.org/{'x' * 1_981}"),)}, "content.media[0].url"),
        (
            {"media": (Media("https://example.org/b.mp4"), Media("https://example.org/a.png", "x" * 192))},
            "content.media[1].alt",
        ),
        ({"media": (Media("https://example.org/b", type="video/quicktime"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.png"),) * 21}, "content.media"),
        ({"text": "a\0"}, "content.text"),
    ],
)
def test_what_ghost_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "content",
    [
        {"title": "🍂" * 255, "text": ""},
        {"summary": "x" * 300},
        {"media": (Media("https://example.org/a.png", "x" * 191),)},
        {"tags": ("C#", "日本語")},
    ],
)
def test_what_ghost_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (trouble(401, "UnauthorizedError", "INVALID_JWT"), Unauthorized, "INVALID_JWT"),
        (trouble(401, "UnauthorizedError", "UNKNOWN_ADMIN_API_KEY"), Unauthorized, "UNKNOWN_ADMIN_API_KEY"),
        (trouble(400, "BadRequestError", "INVALID_JWT"), Unauthorized, "INVALID_JWT"),
        (trouble(400, "BadRequestError", "MISSING_ADMIN_API_KID"), Unauthorized, "MISSING_ADMIN_API_KID"),
        (trouble(403, "NoPermissionError"), Unauthorized, "NoPermissionError"),
        (trouble(403, "HostLimitError"), Unauthorized, "HostLimitError"),
        (trouble(422, "ValidationError"), Refused, "ValidationError"),
        (trouble(400, "BadRequestError"), Refused, "BadRequestError"),
        (trouble(413, "RequestEntityTooLargeError"), Refused, "RequestEntityTooLargeError"),
        (trouble(404, "NotFoundError"), Refused, "NotFoundError"),
        (trouble(406, "RequestNotAcceptableError", "UPDATE_CLIENT"), Refused, "UPDATE_CLIENT"),
        (trouble(409, "UpdateCollisionError", "UPDATE_COLLISION"), OutcomeUnknown, "UPDATE_COLLISION"),
        (trouble(429, "TooManyRequestsError"), Throttled, "TooManyRequestsError"),
        (trouble(503, "MaintenanceError"), Unavailable, "MaintenanceError"),
        (trouble(500, "InternalServerError"), OutcomeUnknown, "InternalServerError"),
    ],
)
def test_an_error_is_sorted_by_ghosts_own_words_first(
    answer: httpx.Response, kind: type[PublishingError], code: str
) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert (str(error), error.code, error.status) == ("Ghost answered: No.", code, answer.status_code)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (
            httpx.Response(301, headers={"Location": "/"}),
            Refused,
            "The site redirects: connect the address it leads to.",
        ),
        (httpx.Response(404, text="<html>"), Refused, "The platform answered 404."),
        (httpx.Response(503, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
        (httpx.Response(422, json={"errors": "odd"}), Refused, "The platform answered 422."),
    ],
)
def test_what_another_answers_in_ghosts_stead_is_sorted_by_its_status(
    answer: httpx.Response, kind: type[PublishingError], message: str
) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == message


def test_too_many_posts_are_to_wait() -> None:
    error = published(trouble(429, "TooManyRequestsError", **{"Retry-After": "30"}))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 30.0


def test_the_authors_mistake_is_named_and_the_key_blotted_out() -> None:
    told = {"message": "Validation error.", "context": f"Not {KEY_ID}:{SECRET}", "type": "ValidationError"}
    error = published(httpx.Response(422, json={"errors": [told]}))
    assert str(error) == "Ghost answered: Validation error. Not …"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"posts": []}', b'{"posts": [{"id": "x"}]}', b'{"posts": [{"url": "https://x"}]}']
)
def test_a_201_without_a_post_is_unknown(body: bytes) -> None:
    assert isinstance(published(httpx.Response(201, content=body)), OutcomeUnknown)


def test_a_look_asks_for_what_is_published_under_the_slug() -> None:
    transport = recorded(httpx.Response(200, json={"posts": []}))
    hold(Ghost().find(POST, CHANNEL, NOON), transport)
    (request,) = transport.asked
    assert (request.method, request.url.path) == ("GET", "/ghost/api/admin/posts/")
    assert dict(request.url.params) == {
        "filter": "slug:'rivers-in-autumn-7f9a94e06526'+status:[published,sent]",
        "limit": "1",
    }


def test_what_is_out_is_found() -> None:
    assert found(CREATED) == published(CREATED)


def test_what_is_not_out_is_not_found() -> None:
    assert found(httpx.Response(200, json={"posts": [], "meta": {}})) is None


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(200, text="<html>"), trouble(503, "MaintenanceError")]
)
def test_a_look_that_fails_does_not_say_no(answer: httpx.Response) -> None:
    assert isinstance(found(answer), Unavailable)


def test_verifying_uses_the_key_and_names_the_site() -> None:
    transport = recorded(*VERIFIED)
    identity = hold(Ghost().verify(CHANNEL), transport)
    assert identity == Identity("https://blog.example.org/", "Waters", "https://blog.example.org/")
    assert [request.url.path for request in transport.asked] == ["/ghost/api/admin/posts/", "/ghost/api/admin/site/"]


def test_a_video_has_a_card_of_html_and_the_first_picture_is_above_all() -> None:
    video = Media("https://example.org/b.MP4?x=1&y", 'Its "mouth"')
    article = sent(text="x", media=(video, Media("https://example.org/a.png", "A river")))
    assert article["feature_image"] == "https://example.org/a.png"
    assert article["html"] == (
        "<p>x</p>\n<!--kg-card-begin: html-->\n"
        '<figure><video src="https://example.org/b.MP4?x=1&amp;y" controls preload="metadata"'
        ' title="Its &quot;mouth&quot;"></video></figure>\n'
        "<!--kg-card-end: html-->\n"
    )


def test_a_post_of_a_video_has_no_picture_above_it() -> None:
    article = sent(text="x", media=(Media("https://example.org/b.webm"),))
    assert "feature_image" not in article
    assert '<video src="https://example.org/b.webm" controls preload="metadata"></video>' in article["html"]


RECEIPT = Receipt("673dd7a1c5e1f20001a1b2c3")


def test_removing_deletes_the_post() -> None:
    transport = recorded(httpx.Response(204))
    hold(Ghost().remove(RECEIPT, CHANNEL), transport)
    (request,) = transport.asked
    address = "https://blog.example.org/ghost/api/admin/posts/673dd7a1c5e1f20001a1b2c3/"
    assert (request.method, str(request.url)) == ("DELETE", address)
    assert "publishes" not in request.extensions


def test_a_post_that_is_gone_counts_as_removed() -> None:
    gone = trouble(404, "NotFoundError", message="Resource could not be found.")
    assert outcome_of(Ghost().remove(RECEIPT, CHANNEL), recorded(gone)) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(401, "UnauthorizedError", "INVALID_JWT"), Unauthorized),
        (trouble(403, "NoPermissionError"), Unauthorized),
        (httpx.Response(404, text="<html>"), Refused),
        (httpx.Response(502), Unavailable),
    ],
)
def test_a_removal_that_fails_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Ghost().remove(RECEIPT, CHANNEL), recorded(answer)), kind)


HELD = (
    Media("https://uploads.example.org/1?X=1", "A river", "med_1", "image/png", 4),
    Media("https://uploads.example.org/2?X=1", "Leaves", "med_2", "video/mp4", 5),
)
TAKEN = [
    httpx.Response(206, content=b"png!"),
    httpx.Response(201, json={"images": [{"url": "https://blog.example.org/content/images/1.png", "ref": None}]}),
    httpx.Response(206, content=b"movie"),
    httpx.Response(201, json={"media": [{"url": "https://blog.example.org/content/media/2.mp4"}]}),
]


def test_uploads_are_handed_over_for_the_address_they_have_ends() -> None:
    post = replace(POST, content=Content("T", "x", media=HELD))
    transport = recorded(*TAKEN, CREATED)
    hold(Ghost().publish(post, CHANNEL), transport)
    _, image, _, video, create = transport.asked
    api = "https://blog.example.org/ghost/api/admin"
    assert [str(each.url) for each in (image, video)] == [f"{api}/images/upload/", f"{api}/media/upload/"]
    assert [b'filename="upload.png"' in image.content, b'filename="upload.mp4"' in video.content] == [True, True]
    assert b'name="purpose"\r\n\r\nimage' in image.content
    assert not any("publishes" in each.extensions for each in (image, video))
    article = json.loads(create.content)["posts"][0]
    assert article["feature_image"] == "https://blog.example.org/content/images/1.png"
    assert '<video src="https://blog.example.org/content/media/2.mp4"' in article["html"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(415, "UnsupportedMediaTypeError"), Refused),
        (trouble(413, "RequestEntityTooLargeError"), Refused),
        (trouble(403, "NoPermissionError"), Unauthorized),
        (httpx.Response(500), Unavailable),
        (httpx.Response(201, json={"images": []}), Unavailable),
    ],
)
def test_an_upload_that_is_not_taken_means_nothing_was_published(
    answer: httpx.Response, kind: type[PublishingError]
) -> None:
    post = replace(POST, content=Content("T", "x", media=HELD[:1]))
    assert isinstance(outcome_of(Ghost().publish(post, CHANNEL), recorded(TAKEN[0], answer)), kind)


def test_publishing_uploads_can_be_rehearsed() -> None:
    last = rehearse(Ghost(), replace(POST, content=Content("T", "x", media=HELD)), CHANNEL, ["admin_key"])
    assert last is not None
    assert last.publishes
