"""The Bluesky adapter on replies written after its lexicons and source (read 2026-11-21), not recorded from it.

Contract by documentation: the lexicons are in no package that is pinned here.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.bluesky import Bluesky
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

PASSWORD = "abcd-efgh-ijkl-4711"
CHANNEL = Channel(
    "chn_1", "wsp_1", "bluesky", settings={"handle": "@ann.example.org"}, secrets={"app_password": PASSWORD}
)
POST = Post("dlv_1", Content(text="All *rivers* carry leaves."), NOON)
DID = "did:plc:aaaabbbbccccddddeeeeffff"
KEY = "3n2qjwzwumnka"
URI = f"at://{DID}/app.bsky.feed.post/{KEY}"
RECEIPT = Receipt(URI, f"https://bsky.app/profile/ann.example.org/post/{KEY}")
PNG = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n...")
BLOB = {
    "$type": "blob",
    "ref": {"$link": "bafkreifpvsm7ygpd46zkul6ih32cc26fqzhzay64ye3nwnakkjvi3perdi"},
    "mimeType": "image/png",
    "size": 11,
}
UPLOADED = httpx.Response(200, json={"blob": BLOB})
OPENED = httpx.Response(
    200,
    json={
        "accessJwt": "eyJ.access.4711",
        "refreshJwt": "eyJ.refresh.4711",
        "handle": "ann.example.org",
        "did": DID,
        "email": "ann@example.org",
        "active": True,
    },
)
PUT = httpx.Response(
    200,
    json={
        "uri": URI,
        "cid": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy",
        "validationStatus": "valid",
    },
)
ACCEPTED = [OPENED, PUT]
VERIFIED = [OPENED]
PICTURES = Content(
    title="Rivers",
    text="Leaves",
    link="https://example.org/rivers",
    media=(Media("https://example.org/a.png", "A river"), Media("https://example.org/b.png")),
)


def trouble(code: int, error: str, message: str = "No.", **headers: str) -> httpx.Response:
    return httpx.Response(code, json={"error": error, "message": message}, headers=headers)


def with_content(content: Content) -> Post:
    return replace(POST, content=content)


def asked_for(post: Post = POST, channel: Channel = CHANNEL, *answers: httpx.Response) -> list[httpx.Request]:
    transport = recorded(*answers or ACCEPTED)
    hold(Bluesky().publish(post, channel), transport)
    return transport.asked


def put_of(post: Post = POST, *answers: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(asked_for(post, CHANNEL, *answers)[-1].content)
    return body


def record_of(content: Content, *answers: httpx.Response) -> dict[str, Any]:
    record: dict[str, Any] = put_of(with_content(content), *answers)["record"]
    return record


def facets_of(text: str) -> list[tuple[str, str]]:
    """What each facet's bytes say, and what they lead to."""
    record = record_of(Content(text=text))
    said = record["text"].encode()
    return [
        (
            said[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            next(value for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in record["facets"]
    ]


def published(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(Bluesky().publish(post, CHANNEL), recorded(*answers))


def found(*answers: httpx.Response) -> object:
    return outcome_of(Bluesky().find(POST, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Bluesky().check(with_content(replace(POST.content, **content))))  # type: ignore[arg-type]


def test_a_session_is_opened_and_the_record_put() -> None:
    login, put = asked_for()
    assert (login.method, str(login.url)) == ("POST", "https://bsky.social/xrpc/com.atproto.server.createSession")
    assert json.loads(login.content) == {"identifier": "ann.example.org", "password": PASSWORD}
    assert (put.method, str(put.url)) == ("POST", "https://bsky.social/xrpc/com.atproto.repo.putRecord")
    assert put.headers["authorization"] == "Bearer eyJ.access.4711"


def test_the_record_is_the_documented_one() -> None:
    assert put_of() == {
        "repo": DID,
        "collection": "app.bsky.feed.post",
        "rkey": KEY,
        "record": {
            "$type": "app.bsky.feed.post",
            "text": "All rivers carry leaves.",
            "createdAt": "2026-11-20T12:00:00.000Z",
            "facets": [],
        },
    }


def test_a_key_is_a_tid() -> None:
    assert re.fullmatch("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", put_of()["rkey"])


def test_another_post_has_another_key() -> None:
    assert put_of(replace(POST, id="dlv_2"))["rkey"] != KEY


def test_keys_are_in_the_order_of_time() -> None:
    assert put_of(replace(POST, at=NOON + timedelta(minutes=2)))["rkey"] > KEY


def test_any_pds_can_be_published_to() -> None:
    channel = replace(CHANNEL, settings={**CHANNEL.settings, "service": "https://pds.example.org/"})
    assert {request.url.host for request in asked_for(channel=channel)} == {"pds.example.org"}


def test_a_receipt_has_the_records_address_and_a_link_for_people() -> None:
    assert published(*ACCEPTED) == RECEIPT


def test_an_account_without_a_valid_handle_is_linked_by_its_did() -> None:
    opened = httpx.Response(200, json={"accessJwt": "x", "did": DID, "handle": "handle.invalid"})
    assert published(opened, PUT) == Receipt(URI, f"https://bsky.app/profile/{DID}/post/{KEY}")


def test_a_link_becomes_a_card() -> None:
    content = Content("Rivers", "Leaves", "On leaves", "https://example.org/rivers")
    record = record_of(content)
    assert record["text"] == "Leaves"
    assert record["embed"] == {
        "$type": "app.bsky.embed.external",
        "external": {"uri": "https://example.org/rivers", "title": "Rivers", "description": "On leaves"},
    }


def test_a_card_without_a_title_has_its_address() -> None:
    card = record_of(Content(link="https://example.org/rivers"))["embed"]["external"]
    assert card == {"uri": "https://example.org/rivers", "title": "https://example.org/rivers", "description": ""}


def test_a_title_without_a_link_stands_above_the_text() -> None:
    assert record_of(Content("Rivers", "Leaves", tags=("a", "b")))["text"] == "Rivers\n\nLeaves\n\n#a #b"


def test_pictures_are_fetched_and_uploaded_before_the_record_is_put() -> None:
    requests = asked_for(with_content(PICTURES), CHANNEL, OPENED, PNG, UPLOADED, PNG, UPLOADED, PUT)
    assert [(request.method, request.url.path) for request in requests] == [
        ("POST", "/xrpc/com.atproto.server.createSession"),
        ("GET", "/a.png"),
        ("POST", "/xrpc/com.atproto.repo.uploadBlob"),
        ("GET", "/b.png"),
        ("POST", "/xrpc/com.atproto.repo.uploadBlob"),
        ("POST", "/xrpc/com.atproto.repo.putRecord"),
    ]
    assert "authorization" not in requests[1].headers
    assert requests[2].headers["content-type"] == "image/png"
    assert requests[2].content == PNG.content


def test_beside_pictures_title_and_link_stand_in_the_text() -> None:
    record = record_of(PICTURES, OPENED, PNG, UPLOADED, PNG, UPLOADED, PUT)
    assert record["text"] == "Rivers\n\nLeaves\n\nhttps://example.org/rivers"
    assert record["embed"] == {
        "$type": "app.bsky.embed.images",
        "images": [{"image": BLOB, "alt": "A river"}, {"image": BLOB, "alt": ""}],
    }


def test_a_link_in_the_text_is_not_said_again_beside_pictures() -> None:
    content = replace(PICTURES, title="", text="See https://example.org/rivers.")
    assert record_of(content, OPENED, PNG, UPLOADED, PNG, UPLOADED, PUT)["text"] == "See https://example.org/rivers."


@pytest.mark.parametrize(
    ("text", "facets"),
    [
        ("é🍂 [leaves](https://example.org/a).", [("https://example.org/a",) * 2]),
        ("(see https://en.example.org/A_(b))", [("https://en.example.org/A_(b)",) * 2]),
        ("https://example.org/a?b=1#c, or", [("https://example.org/a?b=1#c",) * 2]),
        ("On #rivers, #2026 and #日本語! a#b", [("#rivers", "rivers"), ("#日本語", "日本語")]),
    ],
)
def test_links_and_tags_are_marked_by_their_bytes(text: str, facets: list[tuple[str, str]]) -> None:
    assert facets_of(text) == facets


def test_a_facet_is_the_documented_one() -> None:
    assert record_of(Content(text="é #ab"))["facets"] == [
        {
            "index": {"byteStart": 3, "byteEnd": 6},
            "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "ab"}],
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 300,
        "👩‍👩‍👧‍👦" * 119,
        "🇩🇪👍🏽1️⃣é" * 75,
        "e\u0301" * 300,
        "\u1112\u1161\u11ab" * 300,
        "क्षत्रिय" * 100,
        "น้ำ" * 300,
        "မြန်မာဘာသာ" * 37,
    ],
)
def test_text_is_counted_as_a_reader_sees_it(text: str) -> None:
    assert problems_of(text=text) == []


@pytest.mark.parametrize("text", ["x" * 301, "🇩🇪" * 301, "日" * 301, "क" * 301, "ာ" * 301])
def test_what_is_one_more_is_too_much(text: str) -> None:
    (problem,) = problems_of(text=text)
    assert "301 characters" in problem.message


def test_text_is_counted_in_bytes_as_well() -> None:
    (problem,) = problems_of(text="👩‍👩‍👧‍👦" * 121)
    assert problem.message == "The text is 3025 bytes long; the most here is 3000: 25 too many."


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": "x" * 280}, "content.text"),
        ({"text": "[rivers]: https://example.org/"}, "content.text"),
        ({"tags": ("x",) * 9}, "content.tags"),
        ({"tags": ("two words",)}, "content.tags[0]"),
        ({"tags": ("ok", "2026")}, "content.tags[1]"),
        ({"tags": ("x" * 65,)}, "content.tags[0]"),
        ({"media": (Media("https://example.org/a.png"),) * 5}, "content.media"),
        ({"media": (Media("https://example.org/a.avi", type="video/x-msvideo"),)}, "content.media[0]"),
        ({"link": "example.org"}, "content.link"),
    ],
)
def test_what_bluesky_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(400, "ExpiredToken"), Unauthorized),
        (trouble(400, "InvalidToken"), Unauthorized),
        (trouble(401, "AuthMissing"), Unauthorized),
        (trouble(401, "AccountTakedown"), Unauthorized),
        (trouble(401, "AccountDeactivated"), Unauthorized),
        (trouble(403, "AccountNotFound"), Unauthorized),
        (trouble(400, "InvalidRequest"), Refused),
        (trouble(400, "InvalidRecord"), Refused),
        (trouble(413, "PayloadTooLarge"), Refused),
        (trouble(429, "RateLimitExceeded"), Throttled),
        (trouble(500, "InternalServerError"), OutcomeUnknown),
        (trouble(502, "UpstreamFailure"), OutcomeUnknown),
    ],
)
def test_an_error_is_sorted_by_its_name_first(answer: httpx.Response, kind: type[PublishingError]) -> None:
    error = published(OPENED, answer)
    assert isinstance(error, kind)
    assert (str(error), error.status) == ("Bluesky answered: No.", answer.status_code)
    assert error.code == answer.json()["error"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(401, "AuthenticationRequired", "Invalid identifier or password"), Unauthorized),
        (trouble(401, "AuthFactorTokenRequired"), Unauthorized),
        (trouble(400, "InvalidRequest"), Unauthorized),
        (trouble(429, "RateLimitExceeded"), Throttled),
        (trouble(502, "UpstreamFailure"), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(200, json={"accessJwt": "a b", "did": DID, "handle": "x"}), Unavailable),
    ],
)
def test_without_a_session_nothing_is_published(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(published(answer), kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(400, "BlobTooLarge"), Refused),
        (trouble(502, "UpstreamFailure"), Unavailable),
        (httpx.Response(200, json={"blob": "x"}), Unavailable),
    ],
)
def test_no_upload_that_fails_leaves_anything_open(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(published(OPENED, PNG, answer, post=with_content(PICTURES)), kind)


def test_a_picture_of_more_than_two_megabytes_is_refused() -> None:
    large = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n" + bytes(2_000_000))
    assert isinstance(published(OPENED, large, post=with_content(PICTURES)), Refused)


def test_the_wait_lasts_until_the_moment_the_limit_is_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
    error = published(OPENED, trouble(429, "RateLimitExceeded", **{"RateLimit-Reset": "1800000100"}))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 100.0


def test_the_password_is_blotted_out_of_what_is_answered() -> None:
    error = published(trouble(401, PASSWORD, f"No {PASSWORD}"))
    assert isinstance(error, Unauthorized)
    assert (str(error), error.code) == ("Bluesky answered: No …", "…")


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"uri": "https://example.org/x"}', b"[]"])
def test_a_200_without_a_record_is_unknown(body: bytes) -> None:
    assert isinstance(published(OPENED, httpx.Response(200, content=body)), OutcomeUnknown)


def test_what_is_out_is_found_at_its_key() -> None:
    transport = recorded(
        OPENED,
        httpx.Response(
            200, json={"uri": URI, "cid": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy", "value": {}}
        ),
    )
    assert hold(Bluesky().find(POST, CHANNEL, NOON), transport) == RECEIPT
    assert transport.asked[-1].url.path == "/xrpc/com.atproto.repo.getRecord"
    assert dict(transport.asked[-1].url.params) == {"repo": DID, "collection": "app.bsky.feed.post", "rkey": KEY}


@pytest.mark.parametrize("error", ["RecordNotFound", "InvalidRequest"])
def test_what_is_not_at_its_key_is_not_out(error: str) -> None:
    assert found(OPENED, trouble(400, error, f"Could not locate record: {URI}")) is None


def test_a_look_that_fails_does_not_say_no() -> None:
    assert isinstance(found(OPENED, trouble(400, "InvalidRequest", "Could not find repo")), Refused)


LONG = Content(text="All rivers carry leaves. " * 30, thread=True, link="https://example.org/rivers")
PLACES = (KEY, "3n2qjwzwumnkb", "3n2qjwzwumnkc")
FIRST = Pending(
    {
        "part": "1",
        "root": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy",
        "parent": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy",
    },
    0.0,
)
SECOND = Pending(
    {
        "part": "2",
        "root": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy",
        "parent": "bafyreiedbol7pt75unntwq2lfqz3qazlylwftebwl3uqez4iuzccaanmxu",
    },
    0.0,
)


def put(place: int) -> httpx.Response:
    cid = (
        "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy",
        "bafyreiedbol7pt75unntwq2lfqz3qazlylwftebwl3uqez4iuzccaanmxu",
        "bafyreig25aqtj3g4wosnkvdywgyyumir4soxq6dffe4etlmbsbrtc6amle",
    )[place]
    return httpx.Response(200, json={"uri": f"at://{DID}/app.bsky.feed.post/{PLACES[place]}", "cid": cid})


def gone(place: int) -> httpx.Response:
    return trouble(400, "RecordNotFound", f"Could not locate record: at://{DID}/app.bsky.feed.post/{PLACES[place]}")


def resumed(pending: Pending, *answers: httpx.Response) -> tuple[object, dict[str, Any]]:
    transport = recorded(*answers)
    outcome = hold(Bluesky().resume(pending, with_content(LONG), CHANNEL), transport)
    return outcome, json.loads(transport.asked[-1].content)


def test_a_text_that_is_too_long_becomes_a_thread_where_that_was_asked_for() -> None:
    transport = recorded(OPENED, put(0))
    assert hold(Bluesky().publish(with_content(LONG), CHANNEL), transport) == FIRST
    record = json.loads(transport.asked[-1].content)["record"]
    assert record["text"] == " ".join(["All rivers carry leaves."] * 12)
    assert record["embed"]["external"]["uri"] == "https://example.org/rivers"
    assert "reply" not in record


def test_each_post_of_a_thread_answers_the_one_before() -> None:
    outcome, body = resumed(FIRST, OPENED, put(1))
    assert outcome == SECOND
    assert body["rkey"] == PLACES[1]
    assert body["record"]["createdAt"] == "2026-11-20T12:00:00.001Z"
    assert "embed" not in body["record"]
    root = {"uri": URI, "cid": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy"}
    assert body["record"]["reply"] == {"root": root, "parent": root}


def test_the_receipt_of_a_thread_is_its_first_posts() -> None:
    outcome, body = resumed(SECOND, OPENED, put(2))
    assert outcome == RECEIPT
    parent = {
        "uri": f"at://{DID}/app.bsky.feed.post/{PLACES[1]}",
        "cid": "bafyreiedbol7pt75unntwq2lfqz3qazlylwftebwl3uqez4iuzccaanmxu",
    }
    assert body["record"]["reply"] == {
        "root": {"uri": URI, "cid": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy"},
        "parent": parent,
    }
    assert body["record"]["text"] == " ".join(["All rivers carry leaves."] * 6)


@pytest.mark.parametrize("spoiler", [httpx.ReadTimeout(""), httpx.Response(502)])
def test_a_lost_answer_in_a_thread_is_unknown_and_putting_it_again_says_the_same(
    spoiler: httpx.Response | Exception,
) -> None:
    first, second = recorded(OPENED, spoiler), recorded(OPENED, put(1))
    conversations = [Bluesky().resume(FIRST, with_content(LONG), CHANNEL) for _ in range(2)]
    assert isinstance(outcome_of(conversations[0], first), OutcomeUnknown)
    assert outcome_of(conversations[1], second) == SECOND
    assert first.asked[-1].content == second.asked[-1].content


@pytest.mark.parametrize(
    ("there", "outcome"),
    [
        ([gone(0)], None),
        ([put(0), gone(1)], FIRST),
        ([put(0), put(1), gone(2)], SECOND),
        ([put(0), put(1), put(2)], RECEIPT),
    ],
)
def test_of_a_thread_is_found_how_much_is_out(there: list[httpx.Response], outcome: object) -> None:
    assert hold(Bluesky().find(with_content(LONG), CHANNEL, NOON), recorded(OPENED, *there)) == outcome


def test_a_short_text_is_no_thread() -> None:
    assert published(*ACCEPTED, post=with_content(replace(LONG, text="Leaves"))) == RECEIPT


@pytest.mark.parametrize("text", ["rivers " * 1_200, "x" * 60_000, "👩‍👩‍👧‍👦" * 4_000])
def test_a_thread_without_end_is_a_problem(text: str) -> None:
    (problem,) = problems_of(text=text, thread=True)
    assert (problem.field, "more than 25 posts" in problem.message) == ("content.text", True)


def test_the_bytes_of_a_threads_posts_are_counted_too() -> None:
    content = Content(text="👩‍👩‍👧‍👦" * 300, thread=True)
    assert 2_900 < len(record_of(content, OPENED, put(0))["text"].encode()) <= 3_000


def removed(*answers: httpx.Response) -> list[tuple[str, str]]:
    transport = recorded(OPENED, *answers)
    hold(Bluesky().remove(RECEIPT, CHANNEL), transport)
    bodies = [request for request in transport.asked if request.url.path.endswith("deleteRecord")]
    assert [request.method for request in bodies] == ["POST"] * len(bodies)
    return [(json.loads(each.content)["collection"], json.loads(each.content)["rkey"]) for each in bodies]


def answering(place: int, root: str = URI) -> httpx.Response:
    told = put(place).json() | {
        "value": {
            "reply": {"root": {"uri": root, "cid": "bafyreiea6vylmf7oznl6sgqi3t3c3xog3loqx7koqed34z3yveeohuxyfy"}}
        }
    }
    return httpx.Response(200, json=told)


DELETED = httpx.Response(200, json={})


def test_a_post_is_removed_by_its_key() -> None:
    assert removed(gone(1), DELETED) == [("app.bsky.feed.post", KEY)]


def test_of_a_thread_the_last_post_is_removed_first() -> None:
    keys = [key for _, key in removed(answering(1), answering(2), gone(2), DELETED, DELETED, DELETED)]
    assert keys == [PLACES[2], PLACES[1], PLACES[0]]


def test_no_more_is_removed_than_a_thread_can_have() -> None:
    assert len(removed(*[answering(1)] * 24, *[DELETED] * 25)) == 25


@pytest.mark.parametrize("other", [put(1), answering(1, "at://did:plc:x/app.bsky.feed.post/x")])
def test_what_is_of_no_thread_stays(other: httpx.Response) -> None:
    assert removed(other, DELETED) == [("app.bsky.feed.post", KEY)]


@pytest.mark.parametrize(
    ("answer", "kind"), [(trouble(401, "ExpiredToken"), Unauthorized), (httpx.Response(502), Unavailable)]
)
def test_trouble_while_removing_is_told(answer: httpx.Response, kind: type[PublishingError]) -> None:
    transport = recorded(OPENED, gone(1), answer)
    assert isinstance(outcome_of(Bluesky().remove(RECEIPT, CHANNEL), transport), kind)


def counted(answer: httpx.Response) -> object:
    transport = recorded(answer)
    outcome = outcome_of(Bluesky().metrics(RECEIPT, CHANNEL), transport)
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == "https://public.api.bsky.app/xrpc/app.bsky.feed.getPosts"
    assert dict(request.url.params) == {"uris": URI}
    return outcome


def test_counts_are_asked_for_without_a_session() -> None:
    shown = {"uri": URI, "likeCount": 3, "repostCount": 2, "quoteCount": 1, "replyCount": 4}
    expected = {Metric.LIKES: 3, Metric.SHARES: 3, Metric.COMMENTS: 4}
    assert counted(httpx.Response(200, json={"posts": [shown]})) == expected
    told = httpx.Response(200, json={"posts": [{**shown, "bookmarkCount": 5}]})
    assert counted(told) == {**expected, Metric.SAVES: 5}


def test_what_is_not_out_has_no_counts() -> None:
    assert counted(httpx.Response(200, json={"posts": []})) == {}


def test_trouble_while_counting_is_told() -> None:
    assert isinstance(counted(httpx.Response(502)), Unavailable)


def test_publishing_with_pictures_can_be_rehearsed() -> None:
    rehearsed = rehearse(Bluesky(), with_content(PICTURES), replace(CHANNEL, secrets={}), {"app_password"})
    assert rehearsed is not None
    assert rehearsed.publishes
    assert rehearsed.body is not None
    assert rehearsed.body["record"]["text"] == "Rivers\n\nLeaves\n\nhttps://example.org/rivers"


def test_publishing_a_video_nobody_knows_anything_of_can_be_rehearsed() -> None:
    post = with_content(Content(text="Leaves", media=(Media("https://example.org/river.mp4"),)))
    assert rehearse(Bluesky(), post, replace(CHANNEL, secrets={}), {"app_password"}) is not None


def test_verifying_opens_a_session() -> None:
    identity = Identity(DID, "ann.example.org", "https://bsky.app/profile/ann.example.org")
    assert hold(Bluesky().verify(CHANNEL), recorded(*VERIFIED)) == identity
