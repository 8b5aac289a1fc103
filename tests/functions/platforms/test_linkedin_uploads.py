"""Videos on their way to LinkedIn, on replies written after its Videos API (2026-11-21)."""

from __future__ import annotations

import json

import httpx
import pytest

from functions.platforms.linkedin import LinkedIn
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Media, Pending, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import Answer, hold, outcome_of, recorded
from tests.functions.platforms.test_linkedin import (
    CHANNEL,
    CLIP,
    CREATED,
    DENIED,
    DUPLICATE,
    NOTHING,
    OURS,
    PAGE,
    URN,
    own,
    post_of,
    posts,
    published,
    trouble,
)

MB4 = 4_194_304
VIDEO = "urn:li:video:C5F10AQGKQg"
FILMED = post_of(text="Leaves", media=(CLIP,))
URLS = [f"https://www.linkedin.com/dms-uploads/C5/{number}?ca=vector" for number in range(3)]
BYTES = [(0, MB4), (MB4, MB4), (2 * MB4, 10_000_000 - 2 * MB4)]
WRITTEN = {
    "video": VIDEO,
    "token": "t0k",
    "size": "10000000",
    "part": str(MB4),
    "urls": " ".join(URLS),
    "marks": "",
}


def begun(*parts: tuple[int, int]) -> httpx.Response:
    asked = [
        {"uploadUrl": url, "firstByte": first, "lastByte": first + length - 1}
        for url, (first, length) in zip(URLS, parts, strict=False)
    ]
    value = {"uploadUrlsExpireAt": 1_700_000_000_000, "video": VIDEO, "uploadInstructions": asked, "uploadToken": "t0k"}
    return httpx.Response(200, json={"value": value})


def part_of(length: int) -> httpx.Response:
    return httpx.Response(206, content=b"v" * length)


def arrived(mark: str) -> httpx.Response:
    return httpx.Response(200, headers={"etag": mark})


def progress(status: str) -> httpx.Response:
    return httpx.Response(200, json={"id": VIDEO, "status": status})


def resumed(*answers: Answer, state: dict[str, str] | None = None, channel: Channel = CHANNEL) -> object:
    pending = Pending({"video": VIDEO} if state is None else state, 0.0)
    return outcome_of(LinkedIn().resume(pending, FILMED, channel), recorded(*answers))


def test_a_video_begins_with_the_question_where_its_parts_are_to_go() -> None:
    transport = recorded(begun(*BYTES))
    assert hold(LinkedIn().publish(FILMED, CHANNEL), transport) == Pending(WRITTEN, 0.0)
    (ask,) = transport.asked
    assert (ask.method, str(ask.url)) == ("POST", "https://api.linkedin.com/rest/videos?action=initializeUpload")
    assert json.loads(ask.content) == {
        "initializeUploadRequest": {
            "owner": PAGE,
            "fileSizeBytes": 10_000_000,
            "uploadCaptions": False,
            "uploadThumbnail": False,
        }
    }


@pytest.mark.parametrize("kind", ["video/mp4", "application/octet-stream", ""])
def test_a_video_of_which_nothing_is_known_is_measured_first(kind: str) -> None:
    there = httpx.Response(206, headers={"content-range": "bytes 0-0/10000000", "content-type": kind})
    unknown = post_of(media=(Media("https://example.org/a.mp4"),))
    assert published(there, begun(*BYTES), post=unknown) == Pending(WRITTEN, 0.0)
    large = httpx.Response(206, headers={"content-range": "bytes 0-0/600000000", "content-type": "video/mp4"})
    assert isinstance(published(large, post=unknown), Refused)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(401, "EXPIRED_ACCESS_TOKEN", "Expired", 65600), Unauthorized),
        (trouble(403, "", "Accessing this video resource is forbidden"), Unauthorized),
        (trouble(400, "", "fileSizeBytes"), Refused),
        (httpx.Response(500), Unavailable),
        (httpx.Response(200, json={"value": {"video": VIDEO, "uploadInstructions": []}}), Unavailable),
        (begun(*BYTES[:2]), Unavailable),
        (begun((0, MB4), (MB4, 10_000_000 - MB4)), Unavailable),
    ],
)
def test_a_video_that_cannot_begin_means_nothing_was_published(
    answer: httpx.Response, kind: type[PublishingError]
) -> None:
    assert isinstance(published(answer, post=FILMED), kind)


def test_the_parts_are_handed_over_one_by_one_without_the_token() -> None:
    answers = [each for _, length in BYTES for each in (part_of(length), arrived(f'"mark-{length}"'))]
    transport = recorded(*answers)
    outcome = hold(LinkedIn().resume(Pending(WRITTEN, 0.0), FILMED, CHANNEL), transport)
    marks = f"mark-{MB4} mark-{MB4} mark-{10_000_000 - 2 * MB4}"
    assert outcome == Pending({**WRITTEN, "urls": "", "marks": marks}, 0.0)
    reads, puts = transport.asked[::2], transport.asked[1::2]
    assert [each.headers["range"] for each in reads] == [
        "bytes=0-4194303",
        "bytes=4194304-8388607",
        "bytes=8388608-9999999",
    ]
    assert [(each.method, str(each.url)) for each in puts] == [("PUT", url) for url in URLS]
    assert [each.headers["content-length"] for each in puts] == [str(length) for _, length in BYTES]
    assert {each.headers["content-type"] for each in puts} == {"application/octet-stream"}
    assert not any("authorization" in each.headers for each in puts)


def test_parts_that_arrived_are_not_handed_over_again() -> None:
    state = {**WRITTEN, "urls": URLS[2], "marks": "one two"}
    transport = recorded(part_of(BYTES[2][1]), arrived("three"))
    hold(LinkedIn().resume(Pending(state, 0.0), FILMED, CHANNEL), transport)
    assert [str(each.url) for each in transport.asked] == [CLIP.url, URLS[2]]


def test_a_step_hands_over_sixteen_parts_at_most() -> None:
    size = 17 * MB4
    urls = [f"https://www.linkedin.com/dms-uploads/{number}" for number in range(17)]
    state = {**WRITTEN, "size": str(size), "urls": " ".join(urls)}
    answers = [each for _ in range(16) for each in (part_of(MB4), arrived("m"))]
    outcome = resumed(*answers, state=state)
    assert isinstance(outcome, Pending)
    assert (outcome.state["urls"], outcome.state["marks"]) == (urls[16], " ".join(["m"] * 16))


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([httpx.Response(404)], Refused),
        ([part_of(MB4), httpx.Response(400)], Refused),
        ([part_of(MB4), httpx.Response(403)], Refused),
        ([part_of(MB4), httpx.Response(429, headers={"Retry-After": "9"})], Throttled),
        ([part_of(MB4), httpx.Response(503)], Unavailable),
        ([part_of(MB4), httpx.Response(200)], Unavailable),
        ([part_of(MB4), httpx.ReadTimeout("")], Unavailable),
    ],
)
def test_a_part_that_does_not_arrive_is_sorted(answers: list[Answer], kind: type[PublishingError]) -> None:
    assert isinstance(resumed(*answers, state=WRITTEN), kind)


ARRIVED_ALL = {**WRITTEN, "urls": "", "marks": "one two three"}


def test_when_all_parts_are_there_linkedin_is_told_by_their_marks() -> None:
    transport = recorded(httpx.Response(200))
    outcome = hold(LinkedIn().resume(Pending(ARRIVED_ALL, 0.0), FILMED, CHANNEL), transport)
    assert outcome == Pending({"video": VIDEO}, 5.0)
    (tell,) = transport.asked
    assert (tell.method, str(tell.url)) == ("POST", "https://api.linkedin.com/rest/videos?action=finalizeUpload")
    assert json.loads(tell.content) == {
        "finalizeUploadRequest": {
            "video": VIDEO,
            "uploadToken": "t0k",
            "uploadedPartIds": ["one", "two", "three"],
        }
    }


def test_what_was_told_before_a_crash_need_not_be_told_again() -> None:
    told = trouble(400, "", "The upload is finalized")
    assert resumed(told, progress("PROCESSING"), state=ARRIVED_ALL) == Pending({"video": VIDEO}, 5.0)
    assert isinstance(resumed(told, progress("WAITING_UPLOAD"), state=ARRIVED_ALL), Refused)
    assert isinstance(resumed(httpx.Response(500), state=ARRIVED_ALL), Unavailable)


@pytest.mark.parametrize("status", ["PROCESSING", "WAITING_UPLOAD"])
def test_a_video_is_waited_for_less_and_less_often(status: str) -> None:
    assert resumed(progress(status)) == Pending({"video": VIDEO, "looks": "1"}, 5.0)
    assert resumed(progress(status), state={"video": VIDEO, "looks": "9"}) == Pending(
        {"video": VIDEO, "looks": "10"}, 300.0
    )


@pytest.mark.parametrize(
    ("answer", "state", "kind"),
    [
        (progress("PROCESSING_FAILED"), {"video": VIDEO}, Refused),
        (progress("PROCESSING"), {"video": VIDEO, "looks": "40"}, Refused),
        (httpx.Response(500), {"video": VIDEO}, Unavailable),
        (httpx.Response(200), {}, OutcomeUnknown),
    ],
)
def test_a_video_that_is_not_processed_is_sorted(
    answer: httpx.Response, state: dict[str, str], kind: type[PublishingError]
) -> None:
    assert isinstance(resumed(answer, state=state), kind)


def test_a_video_that_is_ready_is_looked_for_and_then_posted() -> None:
    transport = recorded(progress("AVAILABLE"), NOTHING, CREATED)
    receipt = hold(LinkedIn().resume(Pending({"video": VIDEO}, 0.0), FILMED, CHANNEL), transport)
    assert receipt == Receipt(URN, f"https://www.linkedin.com/feed/update/{URN}")
    ask, _, create = transport.asked
    assert str(ask.url) == "https://api.linkedin.com/rest/videos/urn%3Ali%3Avideo%3AC5F10AQGKQg"
    assert create.extensions["publishes"]
    body = json.loads(create.content)
    assert (body["commentary"], body["content"]) == ("Leaves", {"media": {"id": VIDEO, "altText": "Leaves"}})


def test_a_video_that_is_out_is_not_posted_again_after_a_crash() -> None:
    out = posts(own(commentary="Leaves", content={"media": {"id": VIDEO}}))
    assert isinstance(resumed(progress("AVAILABLE"), out), Receipt)


def test_a_look_that_cannot_come_to_an_end_keeps_it_from_being_posted() -> None:
    endless = [posts(own(commentary="x"))] * 6
    assert isinstance(resumed(progress("AVAILABLE"), *endless), OutcomeUnknown)


def test_where_nothing_may_be_read_the_post_is_made_and_linkedin_keeps_it_from_being_another() -> None:
    assert isinstance(resumed(progress("AVAILABLE"), DENIED, CREATED, channel=OURS), Receipt)
    unread = resumed(progress("AVAILABLE"), DENIED, DUPLICATE, DENIED, channel=OURS)
    assert isinstance(unread, OutcomeUnknown)
    assert URN in str(unread)


@pytest.mark.parametrize("media", [CLIP, Media("https://example.org/a.mp4")])
def test_a_video_can_be_rehearsed(media: Media) -> None:
    last = rehearse(LinkedIn(), post_of(text="x", media=(media,)), CHANNEL, ["access_token"])
    assert last is not None
    assert (last.host, last.publishes) == ("api.linkedin.com", False)
    assert last.body is not None
    assert last.body["initializeUploadRequest"]["owner"] == PAGE
