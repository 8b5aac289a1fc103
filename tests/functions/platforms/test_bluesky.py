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
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
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
BLOB = {"$type": "blob", "ref": {"$link": "bafkreib"}, "mimeType": "image/png", "size": 11}
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
PUT = httpx.Response(200, json={"uri": URI, "cid": "bafyreia", "validationStatus": "valid"})
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
        ({"media": (Media("https://example.org/a.mp4"),)}, "content.media[0].url"),
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
    transport = recorded(OPENED, httpx.Response(200, json={"uri": URI, "cid": "bafyreia", "value": {}}))
    assert hold(Bluesky().find(POST, CHANNEL, NOON), transport) == RECEIPT
    assert transport.asked[-1].url.path == "/xrpc/com.atproto.repo.getRecord"
    assert dict(transport.asked[-1].url.params) == {"repo": DID, "collection": "app.bsky.feed.post", "rkey": KEY}


@pytest.mark.parametrize("error", ["RecordNotFound", "InvalidRequest"])
def test_what_is_not_at_its_key_is_not_out(error: str) -> None:
    assert found(OPENED, trouble(400, error, f"Could not locate record: {URI}")) is None


def test_a_look_that_fails_does_not_say_no() -> None:
    assert isinstance(found(OPENED, trouble(400, "InvalidRequest", "Could not find repo")), Refused)


def test_publishing_with_pictures_can_be_rehearsed() -> None:
    rehearsed = rehearse(Bluesky(), with_content(PICTURES), replace(CHANNEL, secrets={}), {"app_password"})
    assert rehearsed is not None
    assert rehearsed.publishes
    assert rehearsed.body is not None
    assert rehearsed.body["record"]["text"] == "Rivers\n\nLeaves\n\nhttps://example.org/rivers"


def test_verifying_opens_a_session() -> None:
    identity = Identity(DID, "ann.example.org", "https://bsky.app/profile/ann.example.org")
    assert hold(Bluesky().verify(CHANNEL), recorded(*VERIFIED)) == identity
