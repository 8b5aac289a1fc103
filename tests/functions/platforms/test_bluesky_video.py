"""Bluesky's video service on replies written after its lexicons and tutorial (read 2026-11-21), not recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.platforms.bluesky import Bluesky
from publishing.errors import OutcomeUnknown, PublishingError, QuotaSpent, Refused, Unauthorized, Unavailable
from publishing.model import Content, Media, Pending, Post
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import hold, outcome_of, recorded
from tests.functions.platforms.test_bluesky import CHANNEL, DID, OPENED, POST, PUT, RECEIPT, trouble

VIDEO = Media(
    "https://example.org/river.mp4", "A river", type="video/mp4", size_bytes=8, width=1920, height=1080, seconds=9.0
)
FILMED = replace(POST, content=Content(text="Leaves", media=(VIDEO,)))
BLOB = {
    "$type": "blob",
    "ref": {"$link": "bafkreiee3cletygiyko6vzvqqcvfrbt46vahw3wydy5sxgngybb73gk7bm"},
    "mimeType": "video/mp4",
    "size": 8,
}
FILM = httpx.Response(206, content=b"ftypmp42")
TOKEN = httpx.Response(200, json={"token": "eyJ.service.4711"})
LEAVE = httpx.Response(200, json={"canUpload": True, "remainingDailyVideos": 9, "remainingDailyBytes": 9_000})
CREATED = httpx.Response(200, json={"jobId": "cq9", "did": DID, "state": "JOB_STATE_CREATED"})
BEFORE = [OPENED, TOKEN, LEAVE, TOKEN, FILM]
PENDING = Pending({"job": "cq9"}, 4.0)


def published(*answers: httpx.Response | Exception, post: Post = FILMED) -> object:
    return outcome_of(Bluesky().publish(post, CHANNEL), recorded(*answers))


def resumed(*answers: httpx.Response | Exception, pending: Pending = PENDING) -> object:
    return outcome_of(Bluesky().resume(pending, FILMED, CHANNEL), recorded(*answers))


def job(state: str, **told: object) -> httpx.Response:
    return httpx.Response(200, json={"jobStatus": {"jobId": "cq9", "did": DID, "state": state, **told}})


def limits(**told: object) -> httpx.Response:
    return httpx.Response(200, json={"canUpload": False, **told})


def test_a_video_is_handed_to_the_service_of_videos() -> None:
    transport = recorded(*BEFORE, CREATED)
    assert hold(Bluesky().publish(FILMED, CHANNEL), transport) == PENDING
    assert [(request.method, str(request.url.copy_with(query=None))) for request in transport.asked] == [
        ("POST", "https://bsky.social/xrpc/com.atproto.server.createSession"),
        ("GET", "https://bsky.social/xrpc/com.atproto.server.getServiceAuth"),
        ("GET", "https://video.bsky.app/xrpc/app.bsky.video.getUploadLimits"),
        ("GET", "https://bsky.social/xrpc/com.atproto.server.getServiceAuth"),
        ("GET", "https://example.org/river.mp4"),
        ("POST", "https://video.bsky.app/xrpc/app.bsky.video.uploadVideo"),
    ]
    upload = transport.asked[-1]
    assert upload.content == b"ftypmp42"
    assert dict(upload.url.params) == {"did": DID, "name": "dlv_1.mp4"}
    assert (upload.headers["content-type"], upload.headers["content-length"]) == ("video/mp4", "8")
    assert upload.headers["authorization"] == "Bearer eyJ.service.4711"


def asked_of_the_pds(document: object) -> list[dict[str, str]]:
    opened = httpx.Response(200, json={**OPENED.json(), "didDoc": document})
    transport = recorded(opened, TOKEN, LEAVE, TOKEN, FILM, CREATED)
    hold(Bluesky().publish(FILMED, CHANNEL), transport)
    return [dict(transport.asked[place].url.params) for place in (1, 3)]


def pds(address: object) -> dict[str, Any]:
    return {"id": DID, "service": ["x", {"id": "#atproto_pds", "serviceEndpoint": address}]}


def test_a_token_is_for_the_accounts_own_pds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.5)
    assert asked_of_the_pds(pds("https://oyster.example.net")) == [
        {"aud": "did:web:video.bsky.app", "lxm": "app.bsky.video.getUploadLimits", "exp": "1800001800"},
        {"aud": "did:web:oyster.example.net", "lxm": "com.atproto.repo.uploadBlob", "exp": "1800001800"},
    ]


@pytest.mark.parametrize("document", [None, "x", {"service": "x"}, pds({"uri": "x"}), {"service": [{"id": "#other"}]}])
def test_a_pds_that_is_not_told_is_the_channels(document: object) -> None:
    assert asked_of_the_pds(document)[1]["aud"] == "did:web:bsky.social"


@pytest.mark.parametrize("status", [200, 409])
def test_a_video_that_was_there_before_is_the_same_job(status: int) -> None:
    told = {"did": DID, "jobId": "cq9", "error": "already_exists", "state": "JOB_STATE_COMPLETED"}
    assert published(*BEFORE, httpx.Response(status, json=told)) == PENDING


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (limits(remainingDailyVideos=0), QuotaSpent, "Bluesky takes no more videos of this account today."),
        (
            limits(remainingDailyVideos=0, error="unconfirmed_email", message="Email not confirmed"),
            Refused,
            "Bluesky takes no videos of this account: Email not confirmed",
        ),
        (limits(remainingDailyVideos=2, message="No."), Refused, "Bluesky takes no videos of this account: No."),
        (
            httpx.Response(200, json={"canUpload": True, "remainingDailyVideos": 2, "remainingDailyBytes": 7}),
            QuotaSpent,
            "Bluesky takes no more videos of this account today.",
        ),
        (trouble(401, "InvalidToken"), Unauthorized, "Bluesky answered: No."),
        (httpx.Response(200, text="<html>"), Unavailable, "The platform's answer could not be read."),
    ],
)
def test_what_the_account_may_not_upload_is_not_sent(
    answer: httpx.Response, kind: type[PublishingError], message: str
) -> None:
    error = published(OPENED, TOKEN, answer)
    assert isinstance(error, kind)
    assert str(error) == message


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"error": "InvalidRequest", "message": "No."}), Refused),
        (
            httpx.Response(
                200, json={"jobStatus": {"did": "", "error": "unconfirmed_email", "jobId": "", "state": ""}}
            ),
            Refused,
        ),
        (trouble(401, "InvalidToken"), Unauthorized),
        (trouble(413, "PayloadTooLarge"), Refused),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(502), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
    ],
)
def test_no_upload_that_fails_leaves_anything_open(
    answer: httpx.Response | Exception, kind: type[PublishingError]
) -> None:
    assert isinstance(published(*BEFORE, answer), kind)


def test_a_video_nobody_knows_anything_of_is_measured_first() -> None:
    post = replace(FILMED, content=replace(FILMED.content, media=(Media("https://example.org/river.mp4"),)))
    head = httpx.Response(206, headers={"content-range": "bytes 0-0/8", "content-type": "application/octet-stream"})
    assert published(head, *BEFORE, CREATED, post=post) == PENDING
    large = httpx.Response(206, headers={"content-range": "bytes 0-0/300000001"})
    assert isinstance(published(large, post=post), Refused)


def test_while_it_is_worked_on_nothing_is_put() -> None:
    assert resumed(job("JOB_STATE_ENCODING")) == Pending({"job": "cq9", "looks": "1"}, 4.0)
    later = Pending({"job": "cq9", "looks": "30"}, 0.0)
    assert resumed(job("JOB_STATE_COMPLETED"), pending=later) == Pending({"job": "cq9", "looks": "31"}, 60.0)


def test_a_job_without_end_is_given_up() -> None:
    assert isinstance(resumed(job("JOB_STATE_ENCODING"), pending=Pending({"job": "cq9", "looks": "60"}, 0.0)), Refused)


def test_when_it_is_ready_the_record_is_put() -> None:
    transport = recorded(job("JOB_STATE_COMPLETED", blob=BLOB), OPENED, PUT)
    assert hold(Bluesky().resume(PENDING, FILMED, CHANNEL), transport) == RECEIPT
    look, _, put = transport.asked
    assert str(look.url) == "https://video.bsky.app/xrpc/app.bsky.video.getJobStatus?jobId=cq9"
    assert "authorization" not in look.headers
    assert put.extensions["publishes"]
    assert json.loads(put.content)["record"] == {
        "$type": "app.bsky.feed.post",
        "text": "Leaves",
        "createdAt": "2026-11-20T12:00:00.000Z",
        "facets": [],
        "embed": {
            "$type": "app.bsky.embed.video",
            "video": BLOB,
            "alt": "A river",
            "aspectRatio": {"width": 1920, "height": 1080},
        },
    }


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([job("JOB_STATE_FAILED", error="encoding_failure", message="Failed to process video")], Refused),
        ([trouble(400, "InvalidRequest", "Job not found")], Refused),
        ([httpx.Response(502)], Unavailable),
        ([job("JOB_STATE_COMPLETED", blob=BLOB), trouble(502, "UpstreamFailure")], Unavailable),
        ([job("JOB_STATE_COMPLETED", blob=BLOB), OPENED, trouble(502, "UpstreamFailure")], OutcomeUnknown),
        ([job("JOB_STATE_COMPLETED", blob=BLOB), OPENED, httpx.ReadTimeout("")], OutcomeUnknown),
    ],
)
def test_what_goes_wrong_afterwards_is_sorted(
    answers: list[httpx.Response | Exception], kind: type[PublishingError]
) -> None:
    assert isinstance(resumed(*answers), kind)


@pytest.mark.parametrize(
    ("media", "field"),
    [
        ((replace(VIDEO, type="video/quicktime"),), "content.media[0]"),
        ((replace(VIDEO, size_bytes=300_000_001),), "content.media[0]"),
        ((replace(VIDEO, seconds=181.0),), "content.media[0]"),
        ((VIDEO, Media("https://example.org/a.png")), "content.media"),
        ((VIDEO, VIDEO), "content.media"),
        ((Media("https://example.org/a.png", type="image/png", size_bytes=2_000_001),), "content.media[0]"),
    ],
)
def test_what_bluesky_takes_no_such_media_of_is_a_problem(media: tuple[Media, ...], field: str) -> None:
    found = Bluesky().check(replace(FILMED, content=Content(text="Leaves", media=media)))
    assert [problem.field for problem in found] == [field]


def test_handing_a_video_over_can_be_rehearsed() -> None:
    rehearsed = rehearse(Bluesky(), FILMED, replace(CHANNEL, secrets={}), {"app_password"})
    assert rehearsed is not None
    assert (rehearsed.host, rehearsed.publishes) == ("video.bsky.app", False)
