"""Videos on their way to Pinterest, on replies written after its OpenAPI description (read 2026-11-21)."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from functions.platforms.pinterest import Pinterest
from publishing.adapter import Piped
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Media, Pending, Receipt
from publishing.rehearsal import Rehearsed, rehearse
from tests.functions.platforms.conversing import Answer, hold, outcome_of, recorded
from tests.functions.platforms.test_pinterest import (
    BOARD,
    CHANNEL,
    CLIP,
    CREATED,
    LINK,
    POST,
    RIVER,
    own,
    page,
    published,
    trouble,
)

FILMED = replace(POST, content=replace(POST.content, media=(CLIP,)))
PLACE = {
    "media_id": "5212123920968240771",
    "media_type": "video",
    "upload_url": "https://pinterest-media-upload.s3-accelerate.amazonaws.com/",
    "upload_parameters": {"key": "uploads/11/aa", "policy": "eyJ==", "Content-Type": "multipart/form-data"},
}
REGISTERED = httpx.Response(201, json=PLACE)
PART = httpx.Response(206, content=b"v" * 3_000_000)
ARRIVED = httpx.Response(204)
WRITTEN = {"media": "5212123920968240771"}


def progress(status: str) -> httpx.Response:
    return httpx.Response(200, json={"media_id": WRITTEN["media"], "media_type": "video", "status": status})


def resumed(*answers: Answer, state: dict[str, str] | None = None) -> object:
    pending = Pending(WRITTEN if state is None else state, 0.0)
    return outcome_of(Pinterest().resume(pending, FILMED, CHANNEL), recorded(*answers))


def test_a_video_is_registered_and_handed_over_as_a_form() -> None:
    transport = recorded(REGISTERED, PART, ARRIVED)
    assert hold(Pinterest().publish(FILMED, CHANNEL), transport) == Pending(WRITTEN, 10.0)
    register, read, hand_over = transport.asked
    assert (register.method, str(register.url)) == ("POST", "https://api.pinterest.com/v5/media")
    assert json.loads(register.content) == {"media_type": "video"}
    assert (str(read.url), read.headers["range"]) == ("https://example.org/a.mp4", "bytes=0-2999999")
    assert (hand_over.method, str(hand_over.url)) == ("POST", PLACE["upload_url"])
    assert "authorization" not in hand_over.headers
    assert not any(request.extensions.get("publishes") for request in transport.asked)


def test_the_form_has_pinterests_parameters_first_and_the_file_last() -> None:
    transport = recorded(REGISTERED, PART, ARRIVED)
    hold(Pinterest().publish(FILMED, CHANNEL), transport)
    request = transport.asked[-1]
    piped = request.extensions["piped"]
    assert isinstance(piped, Piped)
    names = [line for line in piped.before.decode().split("\r\n") if line.startswith("Content-Disposition")]
    assert names == [
        'Content-Disposition: form-data; name="key"',
        'Content-Disposition: form-data; name="policy"',
        'Content-Disposition: form-data; name="Content-Type"',
        'Content-Disposition: form-data; name="file"; filename="video"',
    ]
    assert request.headers["content-length"] == str(len(piped)) == str(len(request.content))


@pytest.mark.parametrize("kind", ["video/mp4", "application/octet-stream", ""])
def test_a_video_of_which_nothing_is_known_is_measured_first(kind: str) -> None:
    there = httpx.Response(206, headers={"content-range": "bytes 0-0/3000000", "content-type": kind})
    transport = recorded(there, REGISTERED, PART, ARRIVED)
    unknown = replace(POST, content=replace(POST.content, media=(Media("https://example.org/a.mp4"),)))
    assert isinstance(hold(Pinterest().publish(unknown, CHANNEL), transport), Pending)
    large = httpx.Response(206, headers={"content-range": "bytes 0-0/3000000000", "content-type": "video/mp4"})
    assert isinstance(outcome_of(Pinterest().publish(unknown, CHANNEL), recorded(large)), Refused)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([trouble(401, 2)], Unauthorized),
        ([trouble(429, 8)], Throttled),
        ([httpx.Response(200, json={"media_id": "1"})], Unavailable),
        ([REGISTERED, httpx.Response(404)], Refused),
        ([REGISTERED, PART, httpx.Response(403, text="<Code>AccessDenied</Code>")], Unavailable),
        ([REGISTERED, PART, httpx.ReadTimeout("")], Unavailable),
    ],
)
def test_a_video_that_does_not_arrive_means_nothing_was_published(
    answers: list[Answer], kind: type[PublishingError]
) -> None:
    assert isinstance(published(*answers, post=FILMED), kind)


@pytest.mark.parametrize("status", ["registered", "processing"])
def test_a_video_is_waited_for_less_and_less_often(status: str) -> None:
    assert resumed(progress(status)) == Pending({**WRITTEN, "looks": "1"}, 10.0)
    assert resumed(progress(status), state={**WRITTEN, "looks": "9"}) == Pending({**WRITTEN, "looks": "10"}, 300.0)


def test_a_processed_video_is_looked_for_and_then_pinned() -> None:
    transport = recorded(progress("succeeded"), page(), CREATED)
    receipt = hold(Pinterest().resume(Pending(WRITTEN, 0.0), FILMED, CHANNEL), transport)
    assert isinstance(receipt, Receipt)
    ask, _, create = transport.asked
    assert str(ask.url) == f"https://api.pinterest.com/v5/media/{WRITTEN['media']}"
    assert create.extensions["publishes"]
    assert json.loads(create.content) == {
        "board_id": BOARD,
        "media_source": {"source_type": "video_id", "media_id": WRITTEN["media"], "cover_image_key_frame_time": 0},
        "title": "Rivers in autumn",
        "description": "All rivers carry leaves.",
        "link": LINK,
    }


def test_a_picture_beside_a_video_is_its_cover() -> None:
    post = replace(POST, content=replace(POST.content, media=(CLIP, RIVER)))
    transport = recorded(progress("succeeded"), page(), CREATED)
    hold(Pinterest().resume(Pending(WRITTEN, 0.0), post, CHANNEL), transport)
    assert json.loads(transport.asked[-1].content)["media_source"] == {
        "source_type": "video_id",
        "media_id": WRITTEN["media"],
        "cover_image_url": RIVER.url,
    }


def test_a_pin_that_is_out_is_not_pinned_again_after_a_crash() -> None:
    assert isinstance(resumed(progress("succeeded"), page(own(alt_text=None))), Receipt)


def test_a_look_that_fails_keeps_it_from_being_pinned() -> None:
    assert isinstance(resumed(progress("succeeded"), httpx.Response(500)), Unavailable)


@pytest.mark.parametrize(
    ("answer", "state", "kind"),
    [
        (progress("failed"), WRITTEN, Refused),
        (progress("processing"), {**WRITTEN, "looks": "40"}, Refused),
        (trouble(404, 404, "Media not found"), WRITTEN, Refused),
        (trouble(401, 2), WRITTEN, Unauthorized),
        (httpx.Response(500), WRITTEN, Unavailable),
        (httpx.Response(200), {}, OutcomeUnknown),
    ],
)
def test_a_video_that_is_not_processed_is_sorted(
    answer: httpx.Response, state: dict[str, str], kind: type[PublishingError]
) -> None:
    assert isinstance(resumed(answer, state=state), kind)


def test_a_lost_answer_to_a_late_pin_is_unknown() -> None:
    assert isinstance(resumed(progress("succeeded"), page(), httpx.ReadTimeout("")), OutcomeUnknown)


@pytest.mark.parametrize("media", [CLIP, Media("https://example.org/a.mp4")])
def test_a_video_can_be_rehearsed(media: Media) -> None:
    post = replace(POST, content=replace(POST.content, media=(media,)))
    last = rehearse(Pinterest(), post, CHANNEL, ["access_token"])
    assert last == Rehearsed("POST", "www.pinterest.com", publishes=False, body=None)
