"""The WordPress adapter on replies written after its documentation and source (read 2026-11-21), not recorded."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.wordpress import WordPress
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, publishes, recorded

PASSWORD = "abcd EFGH 1234 ijkl MNOP 6789"
CHANNEL = Channel(
    "chn_1",
    "wsp_1",
    "wordpress",
    settings={"site_url": "https://blog.example.org/", "username": "ann"},
    secrets={"application_password": PASSWORD},
)
POST = Post(
    "dlv_1",
    Content(
        title="Rivers & leaves",
        text="All *rivers* carry [leaves](https://example.org/l).\nAlways \\[gallery].",
        summary="On <leaves>",
        link="https://example.org/rivers?a&b",
        tags=("Rivers", "R&D"),
        media=(Media("https://example.org/a.png", "A river"), Media("https://example.org/b.png", 'Its "mouth"')),
    ),
    NOON,
)
SLUG = "rivers-leaves-7f9a94e06526"
API = "https://blog.example.org/wp-json/wp/v2"
PNG = b"\x89PNG\r\n\x1a\n-and-so-on"


def things(*found: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json=list(found))


def trouble(status: int, code: str, message: str = "No.", **data: object) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": message, "data": {"status": status, **data}})


TAGS = things({"id": 7, "name": "rivers"}, {"id": 8, "name": "R&amp;D"}, {"id": 9, "name": "Stranger"})
PICTURE = httpx.Response(200, content=PNG)
UPLOADED = httpx.Response(201, json={"id": 55})
PREPARED = [TAGS, things(), PICTURE, UPLOADED]
CREATED = httpx.Response(
    201, json={"id": 4711, "link": f"https://blog.example.org/{SLUG}/", "date_gmt": "2026-11-20T12:00:01"}
)
ACCEPTED = [*PREPARED, CREATED]
ANN = {"id": 42, "name": "Ann", "link": "https://blog.example.org/author/ann/"}
VERIFIED = [httpx.Response(200, json={**ANN, "capabilities": {"publish_posts": True, "author": True}})]
BARE = replace(POST, content=Content(title="T", text="x"))

EXPECTED = {
    "title": "Rivers &amp; leaves",
    "content": "<!-- wp:html -->\n"
    '<p>All <em>rivers</em> carry <a href="https://example.org/l">leaves</a>.\nAlways &#91;gallery].</p>\n'
    '<figure><img src="https://example.org/b.png" alt="Its &quot;mouth&quot;"></figure>\n'
    '<p><a href="https://example.org/rivers?a&amp;b">https://example.org/rivers?a&amp;b</a></p>\n'
    "<!-- /wp:html -->",
    "excerpt": "On &lt;leaves&gt;",
    "slug": "rivers-leaves-7f9a94e06526",
    "status": "publish",
    "tags": [7, 8],
    "featured_media": 55,
}


def requests_of(*answers: httpx.Response, post: Post = POST, channel: Channel = CHANNEL) -> list[httpx.Request]:
    transport = recorded(*answers)
    hold(WordPress().publish(post, channel), transport)
    return transport.asked


def sent(*before: httpx.Response, **content: object) -> dict[str, Any]:
    post = replace(POST, content=Content(**content))  # type: ignore[arg-type]  # fields by name
    article: dict[str, Any] = json.loads(requests_of(*before, CREATED, post=post)[-1].content)
    return article


def tagged(*answers: httpx.Response, tags: tuple[str, ...]) -> object:
    return sent(*answers, title="T", tags=tags)["tags"]


def published(answer: httpx.Response) -> object:
    return outcome_of(WordPress().publish(BARE, CHANNEL), recorded(answer))


def prepared(*answers: httpx.Response | Exception) -> object:
    """What comes of a publication that ends before the publishing request."""
    return outcome_of(WordPress().publish(POST, CHANNEL), recorded(*answers))


def found(*answers: httpx.Response) -> object:
    return outcome_of(WordPress().find(POST, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(WordPress().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def test_tags_and_the_picture_come_first_and_the_post_goes_last() -> None:
    requests = requests_of(*ACCEPTED)
    assert [(request.method, str(request.url)) for request in requests] == [
        ("GET", f"{API}/tags?slug%5B%5D=Rivers&slug%5B%5D=R%26D&per_page=100&_fields=id%2Cname"),
        ("GET", f"{API}/media?slug=picture-{SLUG}&_fields=id"),
        ("GET", "https://example.org/a.png"),
        ("POST", f"{API}/media?_fields=id"),
        ("POST", f"{API}/posts?_fields=id,link,date_gmt"),
    ]
    assert [publishes(request) for request in requests] == [False, False, False, False, True]


def test_the_post_is_the_documented_one() -> None:
    request = requests_of(*ACCEPTED)[-1]
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == EXPECTED


def test_the_user_logs_in_with_the_application_password() -> None:
    request = requests_of(CREATED, post=BARE)[-1]
    scheme, login = request.headers["authorization"].split()
    assert (scheme, base64.b64decode(login).decode()) == ("Basic", f"ann:{PASSWORD}")


def test_the_password_is_not_shown_to_the_pictures_server() -> None:
    assert "authorization" not in requests_of(*ACCEPTED)[2].headers


def test_the_picture_is_handed_over_as_a_form() -> None:
    upload = requests_of(*ACCEPTED)[3]
    body = upload.content
    assert upload.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert f'name="slug"\r\n\r\npicture-{SLUG}\r\n'.encode() in body
    assert b'name="alt_text"\r\n\r\nA river\r\n' in body
    file = f'name="file"; filename="picture-{SLUG}.png"\r\nContent-Type: image/png\r\n\r\n'
    assert file.encode() + PNG in body


def test_a_picture_an_earlier_attempt_left_there_is_used() -> None:
    requests = requests_of(TAGS, things({"id": 54}), CREATED)
    assert json.loads(requests[-1].content)["featured_media"] == 54


def test_a_tag_the_site_does_not_know_is_made() -> None:
    assert tagged(things({"id": 7, "name": "a"}), httpx.Response(201, json={"id": 10}), tags=("A", "b")) == [7, 10]


def test_a_tag_that_is_there_after_all_is_used() -> None:
    exists = trouble(400, "term_exists", "A term with the name provided already exists.", term_id=11)
    assert tagged(things(), exists, tags=("c++",)) == [11]


def test_a_tag_named_twice_is_one() -> None:
    assert tagged(things(), httpx.Response(201, json={"id": 10}), tags=("b", "B ")) == [10]


def test_long_tags_are_not_looked_up_lest_the_address_gets_too_long() -> None:
    post = replace(POST, content=Content(title="T", tags=("河" * 31, "b")))
    lookup, made, _ = requests_of(things({"id": 1, "name": "b"}), UPLOADED, CREATED, post=post)
    assert lookup.url.params.get_list("slug[]") == ["b"]
    assert json.loads(made.content) == {"name": "河" * 31}


def test_a_receipt_has_the_posts_number_and_address() -> None:
    assert published(CREATED) == Receipt(
        "4711", "https://blog.example.org/rivers-leaves-7f9a94e06526/", "2026-11-20T12:00:01Z"
    )


def test_what_is_not_given_is_left_out() -> None:
    assert sent(title="T", text="x") == {
        "title": "T",
        "content": "<!-- wp:html -->\n<p>x</p>\n<!-- /wp:html -->",
        "slug": "t-7f9a94e06526",
        "status": "publish",
    }
    assert sent(title="T") == {"title": "T", "slug": "t-7f9a94e06526", "status": "publish"}


def test_html_of_the_authors_is_text() -> None:
    article = sent(title="<script>", text="<!-- wp:html --><script>")
    assert article["title"] == "&lt;script&gt;"
    assert "&lt;!-- wp:html --&gt;&lt;script&gt;" in article["content"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Été: l'eau, 2 x", "ete-l-eau-2-x-7f9a94e06526"), ("河川", "post-7f9a94e06526"), ("", "post-7f9a94e06526")],
)
def test_a_slug_is_the_titles_words_and_the_posts_own_mark(title: str, slug: str) -> None:
    assert sent(title=title, text="x")["slug"] == slug


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": "x" * 1_001}, "content.title"),
        ({"tags": ("ok", " ")}, "content.tags[1]"),
        ({"tags": ("a<b",)}, "content.tags[0]"),
        ({"tags": ("100%25",)}, "content.tags[0]"),
        ({"tags": ("x" * 201,)}, "content.tags[0]"),
        ({"tags": ("x",) * 21}, "content.tags"),
        ({"media": (Media("https://example.org/a.mov", type="video/quicktime"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a", type="image/svg+xml"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.png"),) * 21}, "content.media"),
        ({"link": "example.org"}, "content.link"),
        ({"text": "a\0"}, "content.text"),
        ({"title": "", "text": " ", "summary": "", "link": "", "media": POST.content.media[:1]}, "content.text"),
    ],
)
def test_what_wordpress_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "content",
    [
        {"title": ""},
        {"tags": ("C#", "日本語", "50 %")},
        {"title": "", "text": "", "summary": "", "link": ""},
        {"title": "", "text": "", "media": ()},
    ],
)
def test_what_wordpress_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "rest_not_logged_in", Unauthorized),
        (401, "incorrect_password", Unauthorized),
        (401, "invalid_username", Unauthorized),
        (401, "invalid_email", Unauthorized),
        (401, "application_passwords_disabled", Unauthorized),
        (401, "application_passwords_disabled_for_user", Unauthorized),
        (403, "rest_forbidden", Unauthorized),
        (403, "rest_cannot_create", Unauthorized),
        (403, "rest_cannot_publish", Unauthorized),
        (403, "rest_cannot_assign_term", Unauthorized),
        (400, "rest_cannot_create", Unauthorized),
        (400, "rest_invalid_param", Refused),
        (400, "rest_missing_callback_param", Refused),
        (400, "rest_invalid_json", Refused),
        (400, "empty_content", Refused),
        (404, "rest_no_route", Refused),
        (500, "rest_upload_sideload_error", Refused),
        (429, "too_many_requests", Throttled),
        (500, "db_insert_error", OutcomeUnknown),
        (500, "internal_server_error", OutcomeUnknown),
        (503, "", OutcomeUnknown),
    ],
)
def test_an_error_is_sorted_by_wordpresss_own_code_first(status: int, code: str, kind: type[PublishingError]) -> None:
    error = published(trouble(status, code))
    assert isinstance(error, kind)
    assert (str(error), error.code, error.status) == ("WordPress answered: No.", code, status)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (
            httpx.Response(301, headers={"Location": "/"}),
            Refused,
            "The site redirects: connect the address it leads to.",
        ),
        (
            httpx.Response(403, text="<html>"),
            Unauthorized,
            "The platform no longer accepts this channel's credentials.",
        ),
        (httpx.Response(406, text="<html>"), Refused, "The platform answered 406."),
        (httpx.Response(404, text="<html>"), Refused, "The platform answered 404."),
        (httpx.Response(500, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
    ],
)
def test_what_a_firewall_answers_is_sorted_by_its_status(
    answer: httpx.Response, kind: type[PublishingError], message: str
) -> None:
    error = published(answer)
    assert isinstance(error, kind)
    assert str(error) == message


def test_the_password_is_blotted_out_of_wordpresss_words() -> None:
    assert str(published(trouble(400, "rest_invalid_param", f"Not {PASSWORD}"))) == "WordPress answered: Not …"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"id": 0}', b"[]", b"Notice: x\n{}"])
def test_a_201_without_a_post_is_unknown(body: bytes) -> None:
    assert isinstance(published(httpx.Response(201, content=body)), OutcomeUnknown)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([httpx.Response(500)], Unavailable),
        ([trouble(401, "incorrect_password")], Unauthorized),
        ([things(), trouble(403, "rest_cannot_create")], Unauthorized),
        ([things(), httpx.Response(201, text="<html>")], Unavailable),
        ([TAGS, httpx.Response(200, json={})], Unavailable),
        ([TAGS, things(), httpx.Response(404)], Refused),
        ([TAGS, things(), PICTURE, trouble(400, "rest_cannot_create")], Unauthorized),
        ([TAGS, things(), PICTURE, trouble(400, "rest_upload_file_too_big")], Refused),
        ([TAGS, things(), PICTURE, trouble(500, "rest_upload_sideload_error")], Refused),
        ([TAGS, things(), PICTURE, httpx.Response(500)], Unavailable),
        ([TAGS, things(), PICTURE, httpx.ReadTimeout("")], Unavailable),
    ],
)
def test_what_fails_before_the_post_means_that_nothing_is_out(
    answers: list[httpx.Response | Exception], kind: type[PublishingError]
) -> None:
    assert isinstance(prepared(*answers), kind)


def test_a_look_asks_for_the_slug() -> None:
    transport = recorded(things())
    hold(WordPress().find(POST, CHANNEL, NOON), transport)
    assert [str(request.url) for request in transport.asked] == [f"{API}/posts?slug={SLUG}&_fields=id,link,date_gmt"]


def test_what_is_out_is_found() -> None:
    assert found(httpx.Response(200, json=[CREATED.json()])) == published(CREATED)


def test_what_is_not_out_is_not_found() -> None:
    assert found(things()) is None


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(200, json={}), httpx.Response(200, text="<p>")])
def test_a_look_that_fails_does_not_say_no(answer: httpx.Response) -> None:
    assert isinstance(found(answer), Unavailable)


def test_a_rehearsal_comes_to_the_post_through_stand_ins() -> None:
    adapter, post = WordPress(), replace(POST, content=replace(POST.content, tags=("b", "河" * 31)))
    conversation = adapter.publish(post, CHANNEL)
    request = next(conversation)
    asked = [request := conversation.send(adapter.stand_in(request)) for _ in range(3)]
    assert [publishes(each) for each in asked] == [False, False, True]


def test_verifying_asks_who_the_user_is() -> None:
    transport = recorded(*VERIFIED)
    assert hold(WordPress().verify(CHANNEL), transport) == Identity("42", "Ann", "https://blog.example.org/author/ann/")
    assert str(transport.asked[0].url) == f"{API}/users/me?context=edit&_fields=id,name,link,capabilities"


@pytest.mark.parametrize("capabilities", [{"edit_posts": True}, {"publish_posts": False}, [], None])
def test_a_user_who_may_not_publish_is_not_connected(capabilities: object) -> None:
    answer = httpx.Response(200, json={**ANN, "capabilities": capabilities})
    assert isinstance(outcome_of(WordPress().verify(CHANNEL), recorded(answer)), Unauthorized)


def test_a_video_stands_in_the_text_and_is_played_from_where_it_is() -> None:
    article = sent(media=(Media("https://example.org/a.mp4?x&y", 'Its "mouth"'),))
    assert "featured_media" not in article
    assert article["content"] == (
        '<!-- wp:html -->\n<figure><video src="https://example.org/a.mp4?x&amp;y" controls preload="metadata"'
        ' title="Its &quot;mouth&quot;"></video></figure>\n<!-- /wp:html -->'
    )


def test_the_first_picture_is_the_featured_one_wherever_it_stands() -> None:
    media = (Media("https://example.org/a.mp4"), Media("https://example.org/a.png", "A river"))
    asked = requests_of(things(), PICTURE, UPLOADED, CREATED, post=replace(BARE, content=Content(media=media)))
    assert str(asked[1].url) == "https://example.org/a.png"
    assert json.loads(asked[-1].content)["featured_media"] == 55


def removed(answer: httpx.Response) -> object:
    return outcome_of(WordPress().remove(Receipt("4711"), CHANNEL), recorded(answer))


def test_removing_moves_the_post_to_the_trash() -> None:
    transport = recorded(httpx.Response(200, json={"id": 4711}))
    hold(WordPress().remove(Receipt("4711"), CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("DELETE", f"{API}/posts/4711?_fields=id")


@pytest.mark.parametrize("answer", [trouble(404, "rest_post_invalid_id"), trouble(410, "rest_already_trashed")])
def test_a_post_that_is_gone_counts_as_removed(answer: httpx.Response) -> None:
    assert removed(answer) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(403, "rest_cannot_delete"), Unauthorized),
        (trouble(401, "rest_not_logged_in"), Unauthorized),
        (trouble(501, "rest_trash_not_supported"), Refused),
        (trouble(404, "rest_no_route"), Refused),
        (trouble(500, "rest_cannot_delete"), Unavailable),
        (httpx.Response(503), Unavailable),
    ],
)
def test_a_removal_that_fails_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(removed(answer), kind)


HELD = (
    Media("https://uploads.example.org/1?X=1", "A river", "med_1", "image/png", 4),
    Media("https://uploads.example.org/2?X=1", "Leaves", "med_2", "video/mp4", 5),
)
MOVIE = httpx.Response(206, content=b"movie")
SHELVED = httpx.Response(201, json={"id": 56, "source_url": "https://blog.example.org/wp-content/uploads/2.mp4"})


def test_uploads_are_handed_over_for_the_address_they_have_ends() -> None:
    post = replace(BARE, content=Content("T", "x", media=HELD))
    requests = requests_of(MOVIE, SHELVED, things(), PICTURE, UPLOADED, CREATED, post=post)
    hand_over, create = requests[1], requests[-1]
    assert (hand_over.method, str(hand_over.url)) == ("POST", f"{API}/media?_fields=id,source_url")
    assert b'filename="upload.mp4"\r\nContent-Type: video/mp4\r\n\r\nmovie\r\n' in hand_over.content
    assert b'name="alt_text"\r\n\r\nLeaves' in hand_over.content
    article = json.loads(create.content)
    assert article["featured_media"] == 55
    assert '<video src="https://blog.example.org/wp-content/uploads/2.mp4"' in article["content"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(400, "rest_upload_file_too_big"), Refused),
        (trouble(500, "rest_upload_sideload_error"), Refused),
        (trouble(403, "rest_cannot_create"), Unauthorized),
        (httpx.Response(413, text="<html>"), Refused),
        (httpx.Response(502), Unavailable),
        (httpx.Response(201, json={"id": 56}), Unavailable),
    ],
)
def test_an_upload_that_is_not_taken_means_nothing_was_published(
    answer: httpx.Response, kind: type[PublishingError]
) -> None:
    post = replace(BARE, content=Content("T", "x", media=HELD[1:]))
    assert isinstance(outcome_of(WordPress().publish(post, CHANNEL), recorded(MOVIE, answer)), kind)


def test_publishing_uploads_can_be_rehearsed() -> None:
    post = replace(BARE, content=Content("T", "x", media=HELD[1:]))
    last = rehearse(WordPress(), post, CHANNEL, ["application_password"])
    assert last is not None
    assert last.publishes


SITE = "https://public-api.wordpress.com/wp/v2/sites/59285001"
TOKEN = "t0ken#^@(%of-ann"
HOSTED = replace(CHANNEL, settings={"site_url": SITE}, secrets={"access_token": TOKEN})


def test_on_wordpress_com_all_is_asked_of_the_one_site_with_the_token() -> None:
    requests = requests_of(*ACCEPTED, channel=HOSTED)
    assert [(request.method, str(request.url).partition("?")[0]) for request in requests] == [
        ("GET", f"{SITE}/tags"),
        ("GET", f"{SITE}/media"),
        ("GET", "https://example.org/a.png"),
        ("POST", f"{SITE}/media"),
        ("POST", f"{SITE}/posts"),
    ]
    shown = [request.headers.get("authorization") for request in requests]
    assert shown == [f"Bearer {TOKEN}", f"Bearer {TOKEN}", None, f"Bearer {TOKEN}", f"Bearer {TOKEN}"]
    assert json.loads(requests[-1].content) == EXPECTED


def test_uploads_are_handed_over_to_wordpress_com_too() -> None:
    post = replace(BARE, content=Content("T", "x", media=HELD[1:]))
    hand_over = requests_of(MOVIE, SHELVED, CREATED, post=post, channel=HOSTED)[1]
    assert (hand_over.method, str(hand_over.url)) == ("POST", f"{SITE}/media?_fields=id,source_url")
    assert hand_over.headers["authorization"] == f"Bearer {TOKEN}"


def test_what_is_out_on_wordpress_com_is_found_and_removed_there() -> None:
    transport = recorded(things(), httpx.Response(200, json={"id": 4711}))
    hold(WordPress().find(POST, HOSTED, NOON), transport)
    hold(WordPress().remove(Receipt("4711"), HOSTED), transport)
    assert [str(request.url).partition("?")[0] for request in transport.asked] == [
        f"{SITE}/posts",
        f"{SITE}/posts/4711",
    ]


def test_on_wordpress_com_the_channel_is_the_site_whoever_consented() -> None:
    identity = hold(WordPress().verify(HOSTED), recorded(*VERIFIED))
    assert identity == Identity("59285001", "Ann at blog.example.org", "https://blog.example.org/author/ann/")


@pytest.mark.parametrize("secrets", [{}, {"access_token": " "}, {"access_token": "tök"}, {"application_password": "x"}])
def test_without_a_token_nobody_is_asked_on_wordpress_com(secrets: dict[str, str]) -> None:
    error = outcome_of(WordPress().verify(replace(HOSTED, secrets=secrets)), recorded())
    assert isinstance(error, Unauthorized)
    assert "connect it by consent" in str(error)


@pytest.mark.parametrize(
    "site", ["https://blog.example.org", "https://public-api.wordpress.com.example.org/wp/v2/sites/59285001"]
)
def test_a_token_goes_to_no_other_site(site: str) -> None:
    channel = replace(HOSTED, settings={"site_url": site})
    error = outcome_of(WordPress().verify(channel), recorded())
    assert isinstance(error, Unauthorized)
    assert "takes a user name and an application password" in str(error)


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("code", ["invalid_token", "authorization_required"])
def test_a_token_that_is_not_good_takes_a_person(status: int, code: str) -> None:
    answer = httpx.Response(status, json={"error": code, "message": f"Not {TOKEN}."})
    error = outcome_of(WordPress().publish(BARE, HOSTED), recorded(answer))
    assert isinstance(error, Unauthorized)
    assert (str(error), error.code) == ("WordPress answered: Not ….", code)
