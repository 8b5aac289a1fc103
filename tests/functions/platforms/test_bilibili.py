"""Contract by documentation: Bilibili's own is not machine-readable; `ARCHIVE` follows the bounds that
contracts/publishing/bilibili-open-api.v1.json of github.com/masterAventador/automation-tool took from its pages.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from functions.platforms.bilibili import Bilibili
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
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, Answer, Signed, hold, outcome_of, recorded

CLIENT, SECRET, TOKEN = "34c0f583f0414123", "abc7736bb78947d5a4a90690c861c456", "d30bedaa4d8eb3128cf35ddc1030e27d"
SETTINGS = {"client_id": CLIENT, "tid": "21"}
SECRETS = {"client_secret": SECRET, "access_token": TOKEN, "refresh_token": "WxFDKwqScZIQDm4iWmKDvetyFugM6HkX"}
CHANNEL = Channel("chn_1", "wsp_1", "bilibili", settings=SETTINGS, secrets=SECRETS)
VIDEO = Media("https://media.example.org/river.mp4", type="video/mp4", size_bytes=7)
COVER = Media("https://media.example.org/river.png", "A river")
POST = Post("dlv_1", Content("Rivers in autumn", "All *rivers*", tags=("rivers", "水"), media=(VIDEO,)), NOON)
RESOURCE, UPLOAD, MIB = "BV17B4y1s7R1", "utoken-1", 2**20
MINUTE_S = 1_763_640_000  # when a turn was written down
PAUSED = {"whole": UPLOAD, "round": "1", "turn": "1"}
WHOLE = Pending({**PAUSED, "signed": str(MINUTE_S)}, 0.0)
REVIEWED = Pending({"resource": RESOURCE, "looks": "1"}, 60.0, RESOURCE)
RECEIPT = Receipt(RESOURCE, f"https://www.bilibili.com/video/{RESOURCE}", "2026-11-20T12:01:00.000Z")

ARCHIVE: dict[str, Callable[[object], bool]] = {
    "title": lambda value: isinstance(value, str) and 0 < len(value) < 80,
    "desc": lambda value: isinstance(value, str) and len(value) < 250,
    "tag": lambda value: isinstance(value, str) and 0 < len(value) < 200 and "" not in value.split(","),
    "tid": lambda value: isinstance(value, int) and value > 0,
    "copyright": lambda value: value in {1, 2},
    "no_reprint": lambda value: value in {0, 1},
    "cover": lambda value: isinstance(value, str) and value.startswith("https://"),
    "source": lambda value: isinstance(value, str) and bool(value),
}


def said(code: int = 0, message: str = "0", http: int = 200, **data: Any) -> httpx.Response:
    return httpx.Response(http, json={"code": code, "message": message, "ttl": 1, **({"data": data} if data else {})})


def piece(length: int = 7) -> httpx.Response:
    return httpx.Response(206, content=b"x" * length)


def archive(state: int = 0, **fields: object) -> dict[str, Any]:
    return {
        "resource_id": RESOURCE,
        "title": "Rivers in autumn",
        "desc": "All rivers",
        "tid": 21,
        "tag": "rivers,水",
        "ctime": int(NOON.timestamp()) + 1,
        "ptime": int(NOON.timestamp()) + 60 if state == 0 else 0,
        "addit_info": {"state": state, "state_desc": "", "reject_reason": ""},
        "video_info": {},
        **fields,
    }


def listed(*archives: dict[str, Any], total: int = 0) -> httpx.Response:
    return said(list=list(archives), page={"pn": 1, "ps": 50, "total": total or len(archives)})


INIT = said(upload_token=UPLOAD)
ADDED = said(resource_id=RESOURCE)
ACCEPTED = [INIT, piece(), said(), said(), listed(), ADDED]
VERIFIED = [said(openid="openid-1", name="ann", face="https://example.org/a.jpg")]


def with_content(**content: object) -> Post:
    return replace(POST, content=replace(POST.content, **content))  # type: ignore[arg-type]


def in_the_channel(**settings: str) -> Channel:
    return replace(CHANNEL, settings={**SETTINGS, **settings})


def published(*answers: Answer, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(Bilibili().publish(post, channel), recorded(*answers))


def resumed(pending: object, *answers: Answer, post: Post = POST, channel: Channel = CHANNEL) -> object:
    assert isinstance(pending, Pending)
    return outcome_of(Bilibili().resume(pending, post, channel), recorded(*answers))


def found(*answers: Answer) -> object:
    return outcome_of(Bilibili().find(POST, CHANNEL, NOON), recorded(*answers))


def asked_for(*answers: Answer, post: Post = POST) -> list[httpx.Request]:
    transport = recorded(*answers)
    hold(Bilibili().publish(post, CHANNEL), transport)
    return transport.asked


def submitted(*answers: Answer, post: Post = POST, channel: Channel = CHANNEL, turn: str = "1") -> list[httpx.Request]:
    transport = recorded(*answers or (listed(), ADDED))
    hold(Bilibili().resume(Pending({**WHOLE.state, "turn": turn}, 0.0), post, channel), transport)
    return transport.asked


def turn_of(outcome: object) -> tuple[str, ...]:
    """The round and the turn that were written down a moment ago, to be sent at once."""
    assert isinstance(outcome, Pending)
    assert 0 <= time.time() - int(outcome.state["signed"]) < 120
    assert (outcome.state["whole"], outcome.after_s) == (UPLOAD, 0.0)
    return outcome.state["round"], outcome.state["turn"]


def problems_of(**content: object) -> list[Problem]:
    return list(Bilibili().check(with_content(**content)))


def is_signed(request: httpx.Request, body: bytes, at_s: float = 0) -> bool:
    """As the page on signatures says, once more and on its own."""
    names = sorted(name for name in request.headers if name.startswith("x-bili-"))
    lines = "\n".join(f"{name}:{request.headers[name]}" for name in names)
    fresh = abs((at_s or time.time()) - int(request.headers["x-bili-timestamp"])) < 120
    whole = request.headers["x-bili-content-md5"] == hashlib.md5(body).hexdigest()  # noqa: S324 - Bilibili's choice
    right = request.headers["authorization"] == hmac.new(SECRET.encode(), lines.encode(), "sha256").hexdigest()
    return fresh and whole and right and len(names) == 6 and request.headers["access-token"] == TOKEN


def test_an_upload_is_begun_in_the_users_name() -> None:
    request, *_ = asked_for(INIT, piece(), said(), said())
    assert (request.method, str(request.url)) == ("POST", "https://member.bilibili.com/arcopen/fn/archive/video/init")
    assert json.loads(request.content) == {"name": "video.mp4", "utype": "0"}
    assert is_signed(request, request.content)
    assert request.headers["x-bili-signature-method"] == "HMAC-SHA256"
    assert request.headers["x-bili-signature-version"] == "2.0"
    assert request.headers["accept"] == request.headers["content-type"] == "application/json"


def test_an_flv_is_named_one() -> None:
    flv = replace(VIDEO, type="video/x-flv")
    request, *_ = asked_for(INIT, piece(), said(), said(), post=with_content(media=(flv,)))
    assert json.loads(request.content)["name"] == "video.flv"


def test_a_small_video_is_one_piece() -> None:
    _, fetch, send, complete = asked_for(INIT, piece(), said(), said())
    assert fetch.headers["range"] == "bytes=0-6"
    assert str(send.url) == ("https://openupos.bilivideo.com/video/v2/part/upload?upload_token=utoken-1&part_number=1")
    assert send.content == b"x" * 7
    assert "authorization" not in send.headers
    assert str(complete.url) == ("https://member.bilibili.com/arcopen/fn/archive/video/complete?upload_token=utoken-1")
    assert is_signed(complete, b"")


def test_what_was_uploaded_is_written_down_before_it_is_submitted() -> None:
    assert turn_of(published(INIT, piece(), said(), said())) == ("1", "1")


def test_of_a_video_at_an_address_the_length_is_asked_first() -> None:
    video = Media("https://media.example.org/river.mp4")
    told = httpx.Response(206, headers={"content-range": "bytes 0-0/7", "content-type": "video/mp4"})
    outcome = published(told, INIT, piece(), said(), said(), post=with_content(media=(video,)))
    assert turn_of(outcome) == ("1", "1")


def test_a_video_too_large_is_refused_once_its_length_is_known() -> None:
    video = Media("https://media.example.org/river.mp4")
    told = httpx.Response(206, headers={"content-range": f"bytes 0-0/{4096 * MIB + 1}"})
    assert isinstance(published(told, post=with_content(media=(video,))), Refused)


def test_a_long_video_is_sent_in_steps_of_eight_pieces() -> None:
    video = replace(VIDEO, size_bytes=65 * MIB)
    pairs = [answer for _ in range(8) for answer in (piece(8 * MIB), said())]
    requests = asked_for(INIT, *pairs, post=with_content(media=(video,)))
    assert [request.url.params["part_number"] for request in requests if request.url.host[0] == "o"] == [*"12345678"]
    outcome = published(INIT, *pairs, post=with_content(media=(video,)))
    assert outcome == Pending({"upload": UPLOAD, "size": str(65 * MIB), "at": str(64 * MIB), "round": "1"}, 0.0)


def test_an_upload_is_gone_on_with_where_it_was() -> None:
    pending = Pending({"upload": UPLOAD, "size": str(65 * MIB), "at": str(64 * MIB), "round": "1"}, 0.0)
    transport = recorded(piece(MIB), said(), said())
    assert turn_of(hold(Bilibili().resume(pending, POST, CHANNEL), transport)) == ("1", "1")
    fetch, send, _ = transport.asked
    assert fetch.headers["range"] == f"bytes={64 * MIB}-{65 * MIB - 1}"
    assert (send.url.params["part_number"], len(send.content)) == ("9", MIB)


def test_what_is_whole_is_submitted() -> None:
    look, add = submitted()
    assert str(look.url) == "https://member.bilibili.com/arcopen/fn/archive/viewlist?pn=1&ps=50&status=all"
    assert str(add.url) == "https://member.bilibili.com/arcopen/fn/archive/add-by-utoken?upload_token=utoken-1"
    assert json.loads(add.content) == {
        "title": "Rivers in autumn",
        "desc": "All rivers",
        "tag": "rivers,水",
        "tid": 21,
        "copyright": 1,
        "no_reprint": 0,
    }
    assert is_signed(add, add.content, MINUTE_S)


def test_a_picture_becomes_the_cover() -> None:
    png = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n...")
    covered = said(url="https://archive.biliimg.com/bfs/archive/a.jpg")
    _, _, upload, add = submitted(listed(), png, covered, ADDED, post=with_content(media=(VIDEO, COVER)))
    assert str(upload.url) == "https://member.bilibili.com/arcopen/fn/archive/cover/upload"
    assert upload.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="picture.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in upload.content
    assert is_signed(upload, b"")
    assert json.loads(add.content)["cover"] == "https://archive.biliimg.com/bfs/archive/a.jpg"


def test_a_reprint_tells_its_source() -> None:
    post = with_content(link="https://example.org/rivers")
    _, add = submitted(listed(), ADDED, post=post, channel=in_the_channel(copyright="2", no_reprint="1"))
    body = json.loads(add.content)
    assert body["desc"] == "All rivers\n\nhttps://example.org/rivers"
    assert (body["copyright"], body["no_reprint"], body["source"]) == (2, 1, "https://example.org/rivers")


@pytest.mark.parametrize("channel", [CHANNEL, in_the_channel(copyright="2", no_reprint="1")])
def test_what_is_submitted_keeps_to_the_contract(channel: Channel) -> None:
    post = with_content(title="河" * 79, text="x" * 200, link="https://example.org/rivers")
    _, add = submitted(listed(), ADDED, post=post, channel=channel)
    assert [name for name, value in json.loads(add.content).items() if not ARCHIVE[name](value)] == []


def test_a_reprint_without_its_source_is_refused_before() -> None:
    assert isinstance(published(channel=in_the_channel(copyright="2")), Refused)


@pytest.mark.parametrize("settings", [{"tid": "music"}, {"tid": "²"}, {"copyright": "3"}, {"no_reprint": "no"}])
def test_a_channel_bilibili_could_not_read_is_held_before_anything_is_sent(settings: dict[str, str]) -> None:
    assert isinstance(published(channel=in_the_channel(**settings)), Unauthorized)


@pytest.mark.parametrize("secrets", [{"access_token": ""}, {"access_token": "schlüssel"}])
def test_a_channel_without_an_access_token_is_to_be_renewed(secrets: dict[str, str]) -> None:
    assert isinstance(published(channel=replace(CHANNEL, secrets={**SECRETS, **secrets})), Unauthorized)


def test_a_turn_says_the_same_nonce_and_time_however_often_it_is_sent() -> None:
    (_, first), (_, second) = submitted(), submitted()
    assert first.headers == second.headers
    assert first.headers["x-bili-timestamp"] == str(MINUTE_S)


def test_another_turn_says_another_nonce() -> None:
    (_, first), (_, second) = submitted(), submitted(turn="2")
    assert first.headers["x-bili-signature-nonce"] != second.headers["x-bili-signature-nonce"]


def test_every_other_request_says_a_nonce_of_its_own() -> None:
    (first, _), (second, _) = submitted(), submitted()
    assert first.headers["x-bili-signature-nonce"] != second.headers["x-bili-signature-nonce"]


@pytest.mark.parametrize("code", [4003, 4004])
def test_a_turn_that_may_have_come_is_looked_for_before_there_is_another(code: int) -> None:
    waiting = resumed(WHOLE, listed(), said(code))
    assert waiting == Pending({**PAUSED, "missed": "1"}, 60.0)
    assert resumed(waiting, listed(archive(-30))) == REVIEWED
    waiting = resumed(waiting, listed())
    assert waiting == Pending({**PAUSED, "missed": "2"}, 240.0)
    waiting = resumed(waiting, listed())
    assert waiting == Pending({**PAUSED, "missed": "3"}, 960.0)
    assert turn_of(resumed(waiting, listed())) == ("1", "2")


@pytest.mark.parametrize("answer", [httpx.ReadTimeout(""), httpx.Response(502), said(4010), said(4011), said(-500)])
def test_a_turn_without_an_answer_leaves_open_what_is_out(answer: Answer) -> None:
    assert isinstance(resumed(WHOLE, listed(), answer), OutcomeUnknown)


@pytest.mark.parametrize("code", [122009, 122010, 123002, 123023, 123039, 123044])
def test_a_turn_that_was_not_taken_is_followed_by_another(code: int) -> None:
    waiting = resumed(WHOLE, listed(), said(code))
    assert waiting == Pending(PAUSED, 60.0)
    assert turn_of(resumed(waiting, listed())) == ("1", "2")


def test_what_was_submitted_is_reviewed() -> None:
    assert resumed(WHOLE, listed(), ADDED) == REVIEWED


@pytest.mark.parametrize(("state", "outcome"), [(0, RECEIPT), (-30, REVIEWED), (-2, REVIEWED)])
def test_what_was_submitted_before_a_crash_is_not_submitted_again(state: int, outcome: object) -> None:
    assert resumed(WHOLE, listed(archive(state))) == outcome


def test_what_is_shown_has_a_receipt() -> None:
    assert resumed(REVIEWED, said(**archive(0))) == RECEIPT


def test_what_is_under_review_is_looked_at_less_and_less_often() -> None:
    assert resumed(REVIEWED, said(**archive(-30))) == Pending({"resource": RESOURCE, "looks": "2"}, 120.0, RESOURCE)
    late = Pending({"resource": RESOURCE, "looks": "50"}, 3600.0, RESOURCE)
    assert resumed(late, said(**archive(-1))) == Pending({"resource": RESOURCE, "looks": "51"}, 3600.0, RESOURCE)


@pytest.mark.parametrize("state", [-2, -4, -16, -100])
def test_what_was_returned_is_refused_with_the_reason(state: int) -> None:
    review = {"state": state, "state_desc": "已退回", "reject_reason": "No rivers"}
    error = resumed(REVIEWED, said(**archive(state, addit_info=review)))
    assert isinstance(error, Refused)
    assert (str(error), error.code) == ("Bilibili's review says: No rivers", str(state))


def test_what_is_not_known_yet_is_asked_for_again() -> None:
    assert isinstance(resumed(REVIEWED, said(123004, "不存在该稿件")), Unavailable)


def test_what_was_deleted_is_refused() -> None:
    assert isinstance(resumed(REVIEWED, said(123005, "稿件已经被删除")), Refused)


def test_an_upload_that_can_no_longer_be_used_is_made_again_after_a_while() -> None:
    assert resumed(WHOLE, listed(), said(127022)) == Pending({"round": "2"}, 60.0)


def test_what_is_made_again_is_looked_for_before() -> None:
    again = Pending({"round": "2"}, 60.0)
    assert resumed(again, listed(archive(0))) == RECEIPT
    assert turn_of(resumed(again, listed(), INIT, piece(), said(), said())) == ("2", "1")


def test_an_upload_is_made_three_times_at_most() -> None:
    assert isinstance(resumed(Pending({**WHOLE.state, "round": "3"}, 0.0), listed(), said(127022)), Refused)


def test_a_title_that_was_just_used_may_be_ours() -> None:
    assert resumed(WHOLE, listed(), said(123015), listed(archive(-30))) == REVIEWED


def test_a_title_that_was_just_used_by_another_video_is_refused() -> None:
    assert isinstance(resumed(WHOLE, listed(), said(123015, "同一个标题"), listed()), Refused)


@pytest.mark.parametrize(("code", "wait_s"), [(127009, 60.0), (127306, 30.0), (123026, 30.0), (123028, 10.0)])
def test_what_comes_too_fast_is_gone_on_with_later(code: int, wait_s: float) -> None:
    assert resumed(WHOLE, listed(), said(code)) == Pending(PAUSED, wait_s)
    assert resumed(WHOLE, said(code)) == Pending(WHOLE.state, wait_s)


def test_a_review_that_is_asked_about_too_often_is_waited_for_under_the_same_reference() -> None:
    assert resumed(Pending(REVIEWED.state, 0.0), said(127306)) == Pending(REVIEWED.state, 30.0, RESOURCE)


@pytest.mark.parametrize("code", [123029, 123036])
def test_what_is_too_much_for_a_day_is_gone_on_with_on_the_next(code: int) -> None:
    outcome = resumed(WHOLE, listed(), said(code))
    assert isinstance(outcome, Pending)
    assert outcome.state == PAUSED
    assert 0 <= outcome.after_s <= 86_400


def test_what_is_too_much_for_a_day_before_the_submission_keeps_its_turn() -> None:
    outcome = resumed(WHOLE, said(123036))
    assert isinstance(outcome, Pending)
    assert outcome.state == WHOLE.state


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *(
            (code, Unavailable)
            for code in (4010, 4011, -500, 4003, 4004, 122009, 122010, 123002, 123023, 123039, 123044)
        ),
        *((code, Unauthorized) for code in (122000, 122001, 122002, 122007, 122008, 127001, 127023)),
        *((code, Unauthorized) for code in (*range(127002, 127009), 127010, 127011, 127304, 127305)),
        *((code, Unauthorized) for code in (123001, 123037, 123042, 123050, 123051)),
        *((code, Refused) for code in (4000, 4001, 4002, 4005, 4006, 4007, 4008, 4009, 4012)),
        *((code, Refused) for code in (123003, 123006, *range(123008, 123015), *range(123016, 123023), 123024)),
        *((code, Refused) for code in (123027, 123030, 123033, 123038, *range(123045, 123050), 123052)),
        *((code, Refused) for code in (123005, 123007, 123040, 123041, 123043, *range(123053, 123057), 999999)),
    ],
)
def test_an_error_is_sorted_by_its_code(code: int, kind: type[PublishingError]) -> None:
    error = published(said(code, "抱歉"))
    assert type(error) is kind
    assert (str(error), error.code, error.status) == ("Bilibili answered: 抱歉", str(code), 200)


@pytest.mark.parametrize(
    ("code", "kind"), [(4010, Unavailable), (127306, Throttled), (123036, QuotaSpent), (127022, Unavailable)]
)
def test_before_anything_is_submitted_nothing_is_open(code: int, kind: type[PublishingError]) -> None:
    assert isinstance(published(said(code)), kind)


def test_an_error_may_come_with_a_status_of_its_own() -> None:
    assert isinstance(published(said(127001, http=401)), Unauthorized)
    assert isinstance(published(said(999999, http=502)), Unavailable)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"code": "0"}', b'{"code": 0, "data": {}}'])
def test_an_upload_that_cannot_be_read_is_unavailable(body: bytes) -> None:
    assert isinstance(published(httpx.Response(200, content=body)), Unavailable)


@pytest.mark.parametrize("body", [b'{"code": 0}', b'{"code": 0, "data": {"resource_id": "av7"}}', b'{"code": true}'])
def test_a_submission_without_its_number_is_unknown(body: bytes) -> None:
    assert isinstance(resumed(WHOLE, listed(), httpx.Response(200, content=body)), OutcomeUnknown)


def test_the_secrets_are_blotted_out_of_bilibilis_words() -> None:
    assert str(published(said(4000, f"no {SECRET}, {TOKEN}"))) == "Bilibili answered: no …, …"


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ({"text": "x" * 250}, ["content.text"]),
        ({"text": "x" * 228, "link": "https://example.org/"}, ["content.text"]),
        ({"title": "x" * 80}, ["content.title"]),
        ({"title": " "}, ["content.title"]),
        ({"media": ()}, ["content.media"]),
        ({"media": (COVER,)}, ["content.media"]),
        ({"media": (VIDEO, VIDEO)}, ["content.media"]),
        ({"media": (VIDEO, COVER, COVER)}, ["content.media", "content.media"]),
        ({"media": (replace(VIDEO, type="video/webm"),)}, ["content.media[0]"]),
        ({"media": (replace(VIDEO, size_bytes=4096 * MIB + 1),)}, ["content.media[0]"]),
        ({"media": (replace(VIDEO, seconds=20_000),)}, ["content.media[0]"]),
        ({"media": (replace(VIDEO, width=8192, height=4096),)}, ["content.media[0]"]),
        ({"media": (VIDEO, replace(COVER, type="image/gif"))}, ["content.media[1]"]),
        ({"media": (VIDEO, replace(COVER, width=640, height=400))}, ["content.media[1]", "content.media[1]"]),
        ({"tags": ()}, ["content.tags"]),
        ({"tags": ("a,b",)}, ["content.tags"]),
        ({"tags": ("a", " ")}, ["content.tags"]),
        ({"tags": ("x" * 99, "x" * 100)}, ["content.tags"]),
    ],
)
def test_what_bilibili_cannot_take_is_a_problem(content: dict[str, object], fields: list[str]) -> None:
    assert [problem.field for problem in problems_of(**content)] == fields


@pytest.mark.parametrize(
    "content",
    [
        {"title": "河" * 79, "text": "x" * 249},
        {"text": "x" * 227, "link": "https://example.org/"},
        {"text": "See https://example.org/ …", "link": "https://example.org/"},
        {"tags": ("x" * 99, "x" * 99)},
        {"media": (VIDEO, replace(COVER, type="image/jpeg", width=1146, height=717))},
    ],
)
def test_what_bilibili_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


@pytest.mark.parametrize(
    "there",
    [
        [],
        [archive(title="Other")],
        [archive(desc="Other")],
        [archive(ctime=int(NOON.timestamp()) - 1)],
    ],
)
def test_what_is_not_among_the_recent_videos_is_not_found(there: list[dict[str, Any]]) -> None:
    assert found(listed(*there)) is None


def test_a_list_without_anything_may_be_null() -> None:
    assert found(said(list=None, page={"total": 0})) is None


def test_what_is_out_is_found_by_its_title_and_text() -> None:
    assert found(listed(archive(title="Other"), archive())) == RECEIPT


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(listed(*[archive(title="Other")] * 50, total=51)), OutcomeUnknown)


def test_a_look_ends_at_the_first_video_from_before() -> None:
    before = archive(title="Other", ctime=int(NOON.timestamp()) - 1)
    assert found(listed(archive(title="Other"), before, total=51)) is None


def test_tokens_are_renewed() -> None:
    ends_s = int(time.time()) + 86_400
    answer = said(access_token="new-1", refresh_token="new-2", expires_in=ends_s)
    transport = recorded(answer)
    fresh = hold(Bilibili().refresh(CHANNEL), transport)
    (request,) = transport.asked
    assert str(request.url) == "https://api.bilibili.com/x/account-oauth2/v1/refresh_token"
    assert parse_qs(request.content.decode()) == {
        "client_id": [CLIENT],
        "client_secret": [SECRET],
        "grant_type": ["refresh_token"],
        "refresh_token": [SECRETS["refresh_token"]],
    }
    assert fresh.secrets == {"access_token": "new-1", "refresh_token": "new-2"}
    assert 86_300 < fresh.lasts_s <= 86_400


def test_a_duration_would_be_taken_for_one() -> None:
    answer = said(access_token="new-1", refresh_token="new-2", expires_in=3600)
    assert hold(Bilibili().refresh(CHANNEL), recorded(answer)) == Fresh(
        {"access_token": "new-1", "refresh_token": "new-2"}, 3600.0
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(122007, "refreshToken不合法"), Unauthorized),
        (said(122000), AppRefused),
        (said(127304), AppRefused),
        (said(4000), Refused),
        (httpx.Response(400), Unavailable),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
        (said(122009), Unavailable),
        (httpx.Response(502), Unavailable),
        (said(access_token="new-1"), Unavailable),
    ],
)
def test_tokens_that_cannot_be_renewed_are_told(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Bilibili().refresh(CHANNEL), recorded(answer)), kind)


def test_without_a_refresh_token_nobody_is_asked() -> None:
    channel = replace(CHANNEL, secrets={"client_secret": SECRET})
    assert isinstance(outcome_of(Bilibili().refresh(channel), recorded()), Unauthorized)


def test_a_video_is_deleted() -> None:
    transport = recorded(said())
    hold(Bilibili().remove(RECEIPT, CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", "https://member.bilibili.com/arcopen/fn/archive/delete")
    assert json.loads(request.content) == {"resource_id": RESOURCE}
    assert is_signed(request, request.content)


@pytest.mark.parametrize("code", [123004, 123005])
def test_what_is_not_there_any_more_counts_as_removed(code: int) -> None:
    assert outcome_of(Bilibili().remove(RECEIPT, CHANNEL), recorded(said(code))) is None


@pytest.mark.parametrize(("code", "kind"), [(123007, Refused), (127001, Unauthorized), (123002, Unavailable)])
def test_what_cannot_be_removed_is_told(code: int, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Bilibili().remove(RECEIPT, CHANNEL), recorded(said(code))), kind)


def test_a_video_is_measured() -> None:
    counts: dict[str, Any] = {"view": 9, "like": "5", "coin": 1, "favorite": 4, "share": 2, "danmaku": 7, "reply": 3}
    transport = recorded(said(**counts))
    assert hold(Bilibili().metrics(RECEIPT, CHANNEL), transport) == {
        Metric.VIEWS: 9,
        Metric.LIKES: 5,
        Metric.COMMENTS: 3,
        Metric.SHARES: 2,
        Metric.SAVES: 4,
    }
    expected = f"https://member.bilibili.com/arcopen/fn/data/arc/stat?resource_id={RESOURCE}"
    assert str(transport.asked[0].url) == expected


def test_what_is_not_counted_is_left_out() -> None:
    assert hold(Bilibili().metrics(RECEIPT, CHANNEL), recorded(said(view=0))) == {Metric.VIEWS: 0}


def event(name: str, **content: object) -> bytes:
    return json.dumps({"event": name, "content": content, "timestamp": "2026-11-20 20:01:00"}).encode()


def about(state: int, name: str) -> bytes:
    return event(name, client_id=CLIENT, openid="o", resource_id=RESOURCE, state=state, state_desc="已退回")


def called(body: bytes, headers: dict[str, str] | None = None) -> Call:
    digest = hashlib.sha1(SECRET.encode() + body).hexdigest()  # noqa: S324 - Bilibili's choice
    return Call("POST", "https://in.example.org/b", headers=headers or {"x-bilibili-signature": digest}, body=body)


def called_as_requests_are(body: bytes, **changes: str) -> Call:
    signed = {
        "x-bili-accesskeyid": CLIENT,
        "x-bili-content-md5": hashlib.md5(body).hexdigest(),  # noqa: S324 - Bilibili's choice
        "x-bili-signature-method": "HMAC-SHA256",
        "x-bili-signature-nonce": "n1",
        "x-bili-signature-version": "2.0",
        "x-bili-timestamp": str(int(NOON.timestamp())),
    }
    signed |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = "\n".join(f"{name}:{value}" for name, value in sorted(signed.items()))
    proof = hmac.new(SECRET.encode(), lines.encode(), "sha256").hexdigest()
    return called(body, {**signed, "authorization": proof})


def test_what_is_shown_is_heard() -> None:
    expected = Heard(RESOURCE, f"video_open:{RESOURCE}:2026-11-20 20:01:00", RECEIPT)
    assert list(Bilibili().hear(called(about(0, "video_open")), CHANNEL, NOON)) == [expected]


def test_what_is_returned_is_heard() -> None:
    (heard,) = list(Bilibili().hear(called(about(-2, "video_fail")), CHANNEL, NOON))
    assert heard == Heard(
        RESOURCE, f"video_fail:{RESOURCE}:2026-11-20 20:01:00", refused="Bilibili's review says: 已退回"
    )


def test_the_reference_is_what_a_submission_waits_under() -> None:
    assert REVIEWED.reference == RESOURCE


def test_an_address_that_is_tried_out_answers_with_the_number() -> None:
    answer = Bilibili().hear(called(event("verify_webhooks", data=1371848576)), CHANNEL, NOON)
    assert isinstance(answer, str)
    assert json.loads(answer) == {"data": 1371848576}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", event("publish_video", share_id="1"), event("video_open")])
def test_what_is_about_something_else_says_nothing(body: bytes) -> None:
    assert list(Bilibili().hear(called(body), CHANNEL, NOON)) == []


def test_a_time_that_cannot_be_read_is_left_out() -> None:
    body = json.dumps({"event": "video_open", "content": {"resource_id": RESOURCE}, "timestamp": "now"}).encode()
    (heard,) = list(Bilibili().hear(called(body), CHANNEL, NOON))
    assert isinstance(heard, Heard)
    assert heard.receipt == replace(RECEIPT, published_at="")


def test_a_call_may_be_signed_as_requests_are() -> None:
    assert Bilibili().hear(called_as_requests_are(about(0, "video_open")), CHANNEL, NOON + timedelta(minutes=9))


@pytest.mark.parametrize(
    "call",
    [
        called(about(0, "video_open"), {"x-bilibili-signature": "0" * 40}),
        called(about(0, "video_open"), {"x-bilibili-signature": "é"}),
        called(about(0, "video_open"), {"authorization": "é"}),
        Call("POST", "https://in.example.org/b", body=about(0, "video_open")),
        replace(called(about(0, "video_open")), body=about(-2, "video_fail")),
        replace(called_as_requests_are(about(0, "video_open")), body=about(-2, "video_fail")),
        called_as_requests_are(about(0, "video_open"), x_bili_accesskeyid="another"),
        called_as_requests_are(about(0, "video_open"), x_bili_timestamp="soon"),
        called_as_requests_are(about(0, "video_open"), x_bili_timestamp=str(int(NOON.timestamp()) - 601)),
    ],
)
def test_what_is_not_bilibilis_is_forged(call: Call) -> None:
    with pytest.raises(Forged):
        Bilibili().hear(call, CHANNEL, NOON)


def test_an_upload_can_be_rehearsed_up_to_its_end() -> None:
    rehearsed = rehearse(Bilibili(), POST, replace(CHANNEL, secrets={}), {"client_secret", "access_token"})
    assert rehearsed is not None
    assert (rehearsed.publishes, rehearsed.host) == (False, "member.bilibili.com")


def test_verifying_asks_whose_token_it_is() -> None:
    transport = recorded(*VERIFIED)
    assert hold(Bilibili().verify(CHANNEL), transport) == Identity("openid-1", "ann")
    assert re.search(r"/arcopen/fn/user/account/info$", str(transport.asked[0].url))


def test_a_day_ends_at_midnight_in_beijing() -> None:
    error = published(said(123036))
    assert isinstance(error, QuotaSpent)
    assert (error.until.hour, error.until.minute) == (16, 0)
    assert timedelta(0) < error.until - datetime.now(UTC) <= timedelta(days=1)


def called_with(body: bytes, secret: str) -> Call:
    digest = hashlib.sha1(secret.encode() + body).hexdigest()  # noqa: S324 - Bilibili's choice
    return called(body, {"x-bilibili-signature": digest})


def called_as_requests_are_with(body: bytes, secret: str) -> Call:
    call = called_as_requests_are(body)
    headers = {name: value for name, value in call.headers.items() if name != "authorization"}
    lines = "\n".join(f"{name}:{value}" for name, value in sorted(headers.items()))
    return called(body, {**headers, "authorization": hmac.new(secret.encode(), lines.encode(), "sha256").hexdigest()})


SIGNED = [
    Signed(
        CHANNEL,
        "client_secret",
        about(0, "video_open"),
        called_with,
        "x-bilibili-signature",
        "f0f314541996b90574d5cbfe07288adcf46275cb",
    ),
    Signed(
        CHANNEL,
        "client_secret",
        about(-2, "video_fail"),
        called_as_requests_are_with,
        "authorization",
        "9c9555b3e550ecadd1d1d3a658e4fa14717e1396078ac68ccef79e1f673452ee",
        timed=True,
    ),
]
