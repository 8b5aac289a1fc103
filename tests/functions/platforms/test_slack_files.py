"""Slack's files and events on replies and signatures written after its documentation (read 2026-11-21)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from functions.platforms.slack import Slack
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel, Content, Media, Pending, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded
from tests.functions.platforms.test_slack import CHANNEL, HOME, MESSAGE, RECEIPT, TOKEN, page, section

VIDEO = Media("https://example.org/river.mov", "A river", type="video/quicktime", size_bytes=8)
POST = Post("dlv_1", Content("Rivers", "All *rivers*", media=(VIDEO, Media("https://example.org/a.png"))), NOON)
FILM = httpx.Response(206, content=b"12345678")
PLACE = httpx.Response(
    200, json={"ok": True, "upload_url": "https://files.slack.com/upload/v1/CwABAAAA4711", "file_id": "F0RIVER01"}
)
TAKEN = httpx.Response(200, text="OK - 8")
SHARED = httpx.Response(200, json={"ok": True, "files": [{"id": "F0RIVER01", "title": "Rivers", "shares": {}}]})
PENDING = Pending({"file": "F0RIVER01"}, 3.0, reference="F0RIVER01")
OURS = {**MESSAGE, "files": [{"id": "F0RIVER01", "name": "dlv_1.mov", "title": "Rivers"}]}


def refused(error: str) -> httpx.Response:
    return httpx.Response(200, json={"ok": False, "error": error})


def published(*answers: httpx.Response | Exception, post: Post = POST) -> object:
    return outcome_of(Slack().publish(post, CHANNEL), recorded(*answers))


def resumed(*answers: httpx.Response | Exception, pending: Pending = PENDING) -> object:
    return outcome_of(Slack().resume(pending, POST, CHANNEL), recorded(*answers))


def test_a_video_is_uploaded_to_the_address_slack_tells_and_then_shared() -> None:
    transport = recorded(PLACE, FILM, TAKEN, SHARED)
    assert hold(Slack().publish(POST, CHANNEL), transport) == PENDING
    place, _, upload, share = transport.asked
    assert (place.method, str(place.url)) == ("POST", "https://slack.com/api/files.getUploadURLExternal")
    told = {"filename": ["dlv_1.mov"], "length": ["8"], "alt_txt": ["A river"]}
    assert parse_qs(place.content.decode()) == told
    assert place.headers["content-type"] == "application/x-www-form-urlencoded"
    assert str(upload.url) == "https://files.slack.com/upload/v1/CwABAAAA4711"
    assert (upload.content, upload.headers["content-length"]) == (b"12345678", "8")
    tokens = [request.headers.get("authorization") for request in transport.asked]
    assert tokens == [f"Bearer {TOKEN}", None, None, f"Bearer {TOKEN}"]
    assert [bool(request.extensions.get("publishes")) for request in transport.asked] == [False, False, False, True]
    assert json.loads(share.content) == {
        "files": [{"id": "F0RIVER01", "title": "Rivers"}],
        "channel_id": "C0RIVERS01",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Rivers", "emoji": False}},
            section("All _rivers_"),
            {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "Image"},
        ],
    }


@pytest.mark.parametrize(("alt", "title"), [("A river", "A river"), ("", "Video")])
def test_a_video_alone_is_shared_without_blocks(alt: str, title: str) -> None:
    transport = recorded(PLACE, FILM, TAKEN, SHARED)
    content = Content(media=(replace(VIDEO, alt=alt),))
    hold(Slack().publish(replace(POST, content=content), CHANNEL), transport)
    shared = {"files": [{"id": "F0RIVER01", "title": title}], "channel_id": "C0RIVERS01"}
    assert json.loads(transport.asked[-1].content) == shared


def test_a_video_nobody_knows_anything_of_is_measured_first() -> None:
    post = replace(POST, content=replace(POST.content, media=(Media("https://example.org/river.mp4"),)))
    head = httpx.Response(206, headers={"content-range": "bytes 0-0/8", "content-type": "video/mp4"})
    assert published(head, PLACE, FILM, TAKEN, SHARED, post=post) == PENDING
    large = httpx.Response(206, headers={"content-range": f"bytes 0-0/{2**31}"})
    assert isinstance(published(large, post=post), Refused)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([refused("missing_scope")], Unauthorized),
        ([refused("file_uploads_disabled")], Refused),
        ([refused("file_upload_size_restricted")], Refused),
        ([refused("internal_error")], Unavailable),
        ([httpx.Response(200, json={"ok": True, "upload_url": "x", "file_id": "F0"})], Unavailable),
        ([PLACE, httpx.Response(404)], Refused),
        ([PLACE, httpx.Response(503)], Unavailable),
        ([PLACE, FILM, httpx.Response(500)], Unavailable),
        ([PLACE, FILM, httpx.ReadTimeout("")], Unavailable),
        ([PLACE, FILM, httpx.Response(400, text="Length mismatch")], Refused),
        ([PLACE, FILM, TAKEN, refused("channel_not_found")], Refused),
        ([PLACE, FILM, TAKEN, refused("not_in_channel")], Refused),
        ([PLACE, FILM, TAKEN, refused("ratelimited")], Throttled),
        ([PLACE, FILM, TAKEN, refused("token_revoked")], Unauthorized),
        ([PLACE, FILM, TAKEN, refused("internal_error")], OutcomeUnknown),
        ([PLACE, FILM, TAKEN, httpx.Response(200, text="<html>")], OutcomeUnknown),
        ([PLACE, FILM, TAKEN, httpx.ReadTimeout("")], OutcomeUnknown),
    ],
)
def test_only_sharing_leaves_anything_open(
    answers: list[httpx.Response | Exception], kind: type[PublishingError]
) -> None:
    assert isinstance(published(*answers), kind)


def test_the_message_a_video_was_shared_with_is_found_by_its_files_name() -> None:
    assert resumed(HOME, page(MESSAGE | {"files": [{"name": None}]}, OURS)) == RECEIPT
    assert hold(Slack().find(POST, CHANNEL, NOON), recorded(HOME, page(OURS))) == RECEIPT


def test_it_is_looked_for_less_and_less_often() -> None:
    assert resumed(HOME, page()) == Pending({"file": "F0RIVER01", "looks": "1"}, 3.0)
    later = Pending({"file": "F0RIVER01", "looks": "5"}, 0.0)
    assert resumed(HOME, page(), pending=later) == Pending({"file": "F0RIVER01", "looks": "6"}, 96.0)


def test_what_slack_took_and_never_showed_is_for_a_person() -> None:
    pending = Pending({"file": "F0RIVER01", "looks": "6"}, 0.0)
    assert isinstance(resumed(HOME, page(), pending=pending), OutcomeUnknown)


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel", "channel_not_found"])
def test_where_the_app_may_not_look_the_file_is_what_is_told(code: str) -> None:
    assert resumed(HOME, refused(code)) == Receipt("F0RIVER01")


@pytest.mark.parametrize(
    ("answer", "kind"), [(httpx.Response(429), Throttled), (refused("token_revoked"), Unauthorized)]
)
def test_trouble_while_looking_publishes_nothing(answer: httpx.Response, kind: type[PublishingError]) -> None:
    transport = recorded(HOME, answer)
    assert isinstance(outcome_of(Slack().resume(PENDING, POST, CHANNEL), transport), kind)
    assert not any(request.extensions.get("publishes") for request in transport.asked)


def test_a_video_of_another_post_leaves_nothing_open() -> None:
    other = {**MESSAGE, "files": [{"name": "dlv_2.mp4"}]}
    assert hold(Slack().find(POST, CHANNEL, NOON), recorded(HOME, page(other))) is None


def problems_of(*media: Media) -> list[Problem]:
    return list(Slack().check(replace(POST, content=replace(POST.content, media=media))))


def test_one_video_is_taken_and_of_any_address() -> None:
    assert problems_of(replace(VIDEO, url=f"https://example.org/{'x' * 4_000}.mov")) == []
    assert [problem.field for problem in problems_of(VIDEO, VIDEO)] == ["content.media"]
    assert [problem.field for problem in problems_of(replace(VIDEO, alt="x" * 1_001))] == ["content.media[0].alt"]
    assert [problem.field for problem in problems_of(replace(VIDEO, size_bytes=2**31))] == ["content.media[0]"]


def test_a_video_can_be_rehearsed() -> None:
    rehearsed = rehearse(Slack(), POST, CHANNEL, ["bot_token"])
    assert rehearsed is not None
    assert (rehearsed.publishes, (rehearsed.body or {})["channel_id"]) == (True, "C0RIVERS01")


def removed(receipt: Receipt, answer: httpx.Response) -> tuple[object, str, dict[str, Any]]:
    transport = recorded(answer)
    outcome = outcome_of(Slack().remove(receipt, CHANNEL), transport)
    (request,) = transport.asked
    return outcome, str(request.url), json.loads(request.content)


DONE = httpx.Response(200, json={"ok": True})


def test_a_message_is_deleted_by_its_time() -> None:
    asked = {"channel": "C0RIVERS01", "ts": "1795176001.000200"}
    assert removed(RECEIPT, DONE) == (None, "https://slack.com/api/chat.delete", asked)


def test_of_what_only_the_file_is_known_that_is_deleted() -> None:
    expected = (None, "https://slack.com/api/files.delete", {"file": "F0RIVER01"})
    assert removed(Receipt("F0RIVER01"), DONE) == expected


@pytest.mark.parametrize("code", ["message_not_found", "file_not_found", "file_deleted"])
def test_what_is_gone_is_removed(code: str) -> None:
    assert removed(RECEIPT, refused(code))[0] is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused("cant_delete_message"), Refused),
        (refused("token_revoked"), Unauthorized),
        (refused("ratelimited"), Throttled),
        (refused("fatal_error"), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
    ],
)
def test_trouble_while_removing_is_told(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(removed(RECEIPT, answer)[0], kind)


SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SIGNED_AT = datetime.fromtimestamp(1_531_420_618, UTC)
COMMAND = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
    b"803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def listening(secret: str = SECRET) -> Channel:
    return replace(CHANNEL, secrets={**CHANNEL.secrets, "signing_secret": secret})


def called(body: bytes, signature: str = "", at: str = "1531420618") -> Call:
    made = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": at, "x-slack-signature": signature or f"v0={made}"}
    return Call("POST", "https://postroom.example.org/hear", headers=headers, body=body)


def heard(body: object, now: datetime = SIGNED_AT) -> str | Sequence[Heard]:
    return Slack().hear(called(json.dumps(body).encode()), listening(), now)


def test_slacks_own_example_is_genuine_and_says_nothing_of_posts() -> None:
    assert Slack().hear(called(COMMAND, SIGNATURE), listening(), SIGNED_AT) == ()


@pytest.mark.parametrize(
    ("call", "secret", "late_s"),
    [
        (called(COMMAND + b"x", SIGNATURE), SECRET, 0),
        (called(COMMAND, SIGNATURE.replace("v0=", "v1=")), SECRET, 0),
        (called(COMMAND, "ä"), SECRET, 0),
        (called(COMMAND, SIGNATURE, "1531420619"), SECRET, 0),
        (called(COMMAND, SIGNATURE, "now"), SECRET, 0),
        (called(COMMAND, SIGNATURE, "¹"), SECRET, 0),
        (Call("POST", "https://postroom.example.org/hear", body=COMMAND), SECRET, 0),
        (called(COMMAND, SIGNATURE), "another", 0),
        (called(COMMAND, SIGNATURE), "", 0),
        (called(COMMAND, SIGNATURE), SECRET, 301),
        (called(COMMAND, SIGNATURE), SECRET, -301),
    ],
)
def test_what_is_not_signed_so_and_now_is_forged(call: Call, secret: str, late_s: int) -> None:
    with pytest.raises(Forged):
        Slack().hear(call, listening(secret), SIGNED_AT + timedelta(seconds=late_s))


@pytest.mark.parametrize("late_s", [-300, 300])
def test_five_minutes_are_not_too_long(late_s: int) -> None:
    assert (
        heard({"type": "url_verification", "challenge": "3eZbrw1a"}, SIGNED_AT + timedelta(seconds=late_s))
        == "3eZbrw1a"
    )


def test_an_event_tells_that_a_file_was_shared() -> None:
    event = {"type": "file_shared", "file_id": "F0RIVER01", "channel_id": "C0RIVERS01"}
    body = {"type": "event_callback", "event_id": "Ev08MFMKH6", "event": event}
    assert heard(body) == (Heard("F0RIVER01", "Ev08MFMKH6"),)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_uninstalled"}},
        {"type": "event_callback", "event_id": "Ev1", "event": {"type": "file_shared"}},
        {"type": "app_rate_limited"},
        [],
    ],
)
def test_what_else_happens_says_nothing_of_posts(body: object) -> None:
    assert heard(body) == ()
