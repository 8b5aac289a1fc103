"""The Douyin adapter on replies written after Douyin's documentation (read 2026-11-21), not recorded from it.

Contract by documentation: no machine-readable one exists. The signature of a link is the example of Douyin's own page
(…/sdk/web-app/h5/share-to-h5). Its page of calls has a body but no digest: that was made with `sha1sum`.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from functions.platforms import _douyin_uploads
from functions.platforms._douyin_share import signature
from functions.platforms._douyin_uploads import parts
from functions.platforms.douyin import Douyin
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
from publishing.model import Channel, Content, Fresh, Handoff, Identity, Media, Metric, Pending, Post, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, Signed, hold, outcome_of, recorded

BASE = "https://open.douyin.com"
KEY, SECRET = "aw4711aw4711", "s3cret4711s3cret4711"
TOKEN, REFRESH = "act.t0ken4711t0ken4711", "rft.t0ken4712t0ken4712"
CHANNEL = Channel(
    "chn_1",
    "wsp_1",
    "douyin",
    settings={"client_key": KEY, "open_id": "open-1"},
    secrets={"client_secret": SECRET, "access_token": TOKEN, "refresh_token": REFRESH},
)
VIDEO = Media("https://example.org/river.mp4", type="video/mp4", size_bytes=8)
POST = Post("dlv_1", Content(text="All *rivers* carry leaves.", media=(VIDEO,)), NOON)
FULL = Content(
    title="Rivers",
    text="All *rivers* carry leaves.",
    link="https://example.org/",
    tags=("rivers", "河流"),
    media=(VIDEO,),
)
WORDS = "Rivers\n\nAll rivers carry leaves.\n\nhttps://example.org/"
A, B = Media("https://example.org/a.png"), Media("https://example.org/b.png")
UPLOADED = Pending({"video": "v0200f"}, 0.0)
ITEM = "@8hxd+/=="


def answer(**told: object) -> httpx.Response:
    return httpx.Response(200, json={"data": {"error_code": 0, **told}, "extra": {"error_code": 0, "logid": "1"}})


def trouble(code: int, words: str = "no", status: int = 200) -> httpx.Response:
    said = {"error_code": code, "description": words}
    return httpx.Response(status, json={"data": said, "extra": said})


def listed(*items: dict[str, object], more: bool = False) -> httpx.Response:
    return answer(list=list(items), cursor=20, has_more=more)


def item(title: str = "All rivers carry leaves.", **fields: object) -> dict[str, object]:
    made = int(NOON.timestamp()) + 1
    told = {
        "item_id": ITEM,
        "title": title,
        "create_time": made,
        "share_url": "https://www.iesdouyin.com/share/video/1",
    }
    return {**told, "statistics": {"play_count": 7, "digg_count": 3, "comment_count": None}, **fields}


BYTES = httpx.Response(206, content=b"riverriv")
PNG = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n...")
IMAGE = answer(image={"image_id": "@img=="})
CREATED = answer(item_id=ITEM, video_id="v0200f")
RECEIPT = Receipt(ITEM, "https://www.iesdouyin.com/share/video/1", "2026-11-20T12:00:01.000Z")
ACCEPTED = [BYTES, answer(video={"video_id": "v0200f", "width": 720, "height": 1280}), listed(), CREATED]
VERIFIED = [httpx.Response(200, json={"data": {"open_id": "open-1", "nickname": "Ann"}, "err_no": 0})]


def with_content(**content: object) -> Post:
    return replace(POST, content=replace(POST.content, **content))  # type: ignore[arg-type]


def published(*answers: httpx.Response, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(Douyin().publish(post, channel), recorded(*answers))


def resumed(*answers: httpx.Response, pending: Pending = UPLOADED, post: Post = POST) -> object:
    return outcome_of(Douyin().resume(pending, post, CHANNEL), recorded(*answers))


def created(answered: httpx.Response) -> object:
    return resumed(listed(), answered)


def found(*answers: httpx.Response) -> object:
    return outcome_of(Douyin().find(POST, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def asked_to_upload(post: Post, *answers: httpx.Response) -> list[httpx.Request]:
    transport = recorded(*answers)
    hold(Douyin().publish(post, CHANNEL), transport)
    return transport.asked


def problems_of(**content: object) -> list[str]:
    return [problem.field for problem in Douyin().check(with_content(**content))]


# Uploading


def test_a_small_video_is_uploaded_at_once_as_a_video() -> None:
    fetch, upload = asked_to_upload(POST, *ACCEPTED[:2])
    assert (str(fetch.url), fetch.headers["range"]) == (VIDEO.url, "bytes=0-7")
    assert (upload.method, str(upload.url)) == ("POST", f"{BASE}/api/douyin/v1/video/upload_video/?open_id=open-1")
    assert upload.headers["access-token"] == TOKEN
    assert b'name="video"; filename="video.mp4"\r\nContent-Type: video/mp4\r\n\r\nriverriv\r\n' in upload.content


def test_what_is_uploaded_is_written_down_before_it_is_published() -> None:
    assert published(*ACCEPTED[:2]) == UPLOADED


def test_a_video_its_server_calls_something_else_is_uploaded_as_a_video() -> None:
    told = httpx.Response(206, content=b"r", headers={"content-range": "bytes 0-0/8", "content-type": "text/plain"})
    post = with_content(media=(Media("https://example.org/river.mp4"),))
    *_, upload = asked_to_upload(post, told, *ACCEPTED[:2])
    assert b"Content-Type: video/mp4\r\n" in upload.content


def test_pictures_are_uploaded_one_by_one_and_named_in_order() -> None:
    post = with_content(media=(A, B))
    transport = recorded(PNG, IMAGE, PNG, answer(image={"image_id": "@second"}))
    assert hold(Douyin().publish(post, CHANNEL), transport) == Pending({"images": "@img== @second"}, 0.0)
    assert [request.url.path for request in transport.asked[1::2]] == ["/api/douyin/v1/video/upload_image/"] * 2
    assert b'name="image"; filename="picture.png"\r\nContent-Type: image/png' in transport.asked[1].content


def test_many_pictures_are_uploaded_in_several_steps() -> None:
    post = with_content(media=(A,) * 4)
    first = published(*[PNG, IMAGE] * 3, post=post)
    assert first == Pending({"images": "@img== @img== @img==", "at": "3"}, 0.0)
    assert resumed(PNG, IMAGE, pending=first, post=post) == Pending({"images": " ".join(["@img=="] * 4)}, 0.0)


@pytest.fixture
def big(monkeypatch: pytest.MonkeyPatch) -> Post:
    """A video of five parts, since here a part is small."""
    for name, size in {"WHOLE_BYTES": 5, "PART_BYTES": 2, "LAST_BYTES": 1}.items():
        monkeypatch.setattr(_douyin_uploads, name, size)
    return with_content(media=(replace(VIDEO, size_bytes=9),))


def test_a_large_video_is_uploaded_in_parts_over_several_steps(big: Post) -> None:
    first = published(answer(upload_id="up+/="), post=big)
    assert isinstance(first, Pending)
    assert {name: first.state[name] for name in ("upload", "at", "size")} == {"upload": "up+/=", "at": "0", "size": "9"}
    piece = httpx.Response(206, content=b"ri")
    transport = recorded(piece, answer(), piece, answer(), piece, answer())
    second = hold(Douyin().resume(first, big, CHANNEL), transport)
    assert second == Pending({**first.state, "at": "3"}, 0.0)
    assert [request.headers["range"] for request in transport.asked[::2]] == ["bytes=0-1", "bytes=2-3", "bytes=4-5"]
    assert str(transport.asked[1].url).endswith("upload_video_part/?open_id=open-1&upload_id=up%2B%2F%3D&part_number=1")
    assert b"Content-Type: video/mp4\r\n\r\nri\r\n" in transport.asked[1].content
    last = httpx.Response(206, content=b"v")
    done = resumed(piece, answer(), last, answer(), answer(video={"video_id": "v0200f"}), pending=second, post=big)
    assert done == UPLOADED


def test_an_upload_that_is_too_old_is_begun_anew(big: Post) -> None:
    old = Pending({"upload": "old", "at": "3", "size": "9", "type": "video/mp4", "begun": "1"}, 0.0)
    again = resumed(answer(upload_id="new"), pending=old, post=big)
    assert isinstance(again, Pending)
    assert (again.state["upload"], again.state["at"]) == ("new", "0")


def test_a_part_that_is_refused_leaves_nothing_open(big: Post) -> None:
    now = str(int(time.time()))
    state = {"upload": "up", "at": "0", "size": "9", "type": "video/mp4", "begun": now}
    piece = httpx.Response(206, content=b"ri")
    assert isinstance(resumed(piece, trouble(28001005), pending=Pending(state, 0.0), post=big), Unavailable)


@pytest.mark.parametrize(("megabytes", "number", "last"), [(20, 1, 20), (60, 3, 20), (63, 3, 23), (66, 4, 6)])
def test_no_part_is_too_small(megabytes: int, number: int, last: int) -> None:
    every = parts(megabytes * 2**20)
    assert (len(every), every[-1][1]) == (number, last * 2**20)
    assert sum(length for _, length in every) == megabytes * 2**20


# Publishing


def test_the_request_that_publishes_is_the_documented_one() -> None:
    transport = recorded(listed(), CREATED)
    hold(Douyin().resume(UPLOADED, with_content(title=FULL.title, tags=FULL.tags), CHANNEL), transport)
    request = transport.asked[-1]
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/api/douyin/v1/video/create_video/?open_id=open-1")
    assert request.headers["access-token"] == TOKEN
    text = "Rivers\n\nAll rivers carry leaves.\n\n#rivers #河流"
    assert json.loads(request.content) == {"video_id": "v0200f", "text": text}


def test_pictures_are_published_together() -> None:
    transport = recorded(listed(), CREATED)
    hold(Douyin().resume(Pending({"images": "@a @b"}, 0.0), with_content(media=(A, B)), CHANNEL), transport)
    request = transport.asked[-1]
    assert request.url.path == "/api/douyin/v1/video/create_image_text/"
    assert json.loads(request.content) == {"image_list": ["@a", "@b"], "text": "All rivers carry leaves."}


def test_what_is_published_waits_for_its_review() -> None:
    assert created(CREATED) == Pending({"item": ITEM}, 60.0)


def test_what_is_out_already_is_not_published_again() -> None:
    assert resumed(listed(item())) == RECEIPT


@pytest.mark.parametrize("code", [2190004, 28001012, 28001018])
def test_without_the_scope_to_look_it_is_published_all_the_same(code: int) -> None:
    assert resumed(trouble(code), CREATED) == Pending({"item": ITEM}, 60.0)


@pytest.mark.parametrize("code", [2100005, 28001007, 10002])
def test_where_it_could_not_be_looked_for_an_invalid_video_may_be_one_that_is_out(code: int) -> None:
    assert isinstance(resumed(trouble(28001012), trouble(code)), OutcomeUnknown)


def test_where_it_could_not_be_looked_for_another_refusal_is_one() -> None:
    assert isinstance(resumed(trouble(28001012), trouble(4711)), Refused)


def test_where_a_look_came_to_no_end_it_is_published_as_what_is_used_up_cannot_be_again() -> None:
    others = listed(*[item("Other")] * 20, more=True)
    assert resumed(others, others, others, CREATED) == Pending({"item": ITEM}, 60.0)


def test_a_token_that_ended_before_the_look_is_renewed_first() -> None:
    assert isinstance(resumed(trouble(28001008)), Unauthorized)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (2100004, OutcomeUnknown),
        (28001005, OutcomeUnknown),
        (28001006, OutcomeUnknown),
        (2100005, Refused),
        (28001007, Refused),
        (10002, Refused),
        (10005, Refused),
        (2190002, Unauthorized),
        (28001003, Unauthorized),
        (2190008, Unauthorized),
        (10008, Unauthorized),
        (28001008, Unauthorized),
        (10010, Unauthorized),
        (10004, Unauthorized),
        (2190004, Unauthorized),
        (28001014, Unauthorized),
        (28001018, Unauthorized),
        (10003, Unauthorized),
        (10013, Unauthorized),
        (28001012, Unauthorized),
        (2190003, Unauthorized),
        (28001015, Unauthorized),
        (28001016, Unauthorized),
        (28001019, Unauthorized),
        (28001056, Unauthorized),
        (28001045, Unauthorized),
        (28001046, Unauthorized),
        (2100009, Unauthorized),
        (4711, Refused),
    ],
)
def test_an_error_is_sorted(code: int, kind: type[PublishingError]) -> None:
    error = created(trouble(code, "参数不合法"))
    assert type(error) is kind
    assert str(error) == "Douyin answered: 参数不合法"
    assert error.code == str(code)


@pytest.mark.parametrize(("code", "wait_s"), [(28003018, 60.0), (10020, 60.0), (28001052, 3_600.0)])
def test_what_is_uploaded_stands_while_douyin_asks_to_wait(code: int, wait_s: float) -> None:
    assert created(trouble(code)) == Pending(UPLOADED.state, wait_s)


@pytest.mark.parametrize("code", [2190001, 28003017])
def test_what_is_uploaded_stands_until_there_is_a_quota_again(code: int) -> None:
    waits = created(trouble(code))
    assert isinstance(waits, Pending)
    assert waits.state == UPLOADED.state
    assert 0 < waits.after_s <= 86_400


def test_a_quota_begins_anew_at_midnight_in_beijing() -> None:
    error = published(BYTES, trouble(28003017))
    assert isinstance(error, QuotaSpent)
    assert (error.until.hour, error.until.minute) == (16, 0)
    assert datetime.now(UTC) < error.until <= datetime.now(UTC) + timedelta(days=1)


def test_an_upload_that_is_too_fast_is_throttled() -> None:
    assert isinstance(published(BYTES, trouble(28003018)), Throttled)


def test_an_upload_while_douyin_is_busy_leaves_nothing_open() -> None:
    assert isinstance(published(BYTES, trouble(2100004)), Unavailable)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"error_code": 28001007, "description": "no"}},
        {"data": {}, "extra": {"error_code": "28001007", "description": "no"}},
        {"data": "", "err_no": 28001007, "err_msg": "no"},
    ],
)
def test_what_was_wrong_stands_in_one_of_three_places(body: dict[str, object]) -> None:
    error = created(httpx.Response(200, json=body))
    assert isinstance(error, Refused)
    assert str(error) == "Douyin answered: no"


def test_secrets_are_blotted_out_of_douyins_words() -> None:
    assert str(created(trouble(28001007, f"No {TOKEN}"))) == "Douyin answered: No …"


def test_an_error_of_its_gateway_is_sorted_by_its_status() -> None:
    assert isinstance(published(BYTES, httpx.Response(502, text="<html>")), Unavailable)


@pytest.mark.parametrize("token", ["", "schlüssel"])
def test_without_a_token_that_can_be_sent_a_new_one_is_to_be_had(token: str) -> None:
    channel = replace(CHANNEL, secrets={**CHANNEL.secrets, "access_token": token})
    assert isinstance(published(channel=channel), Unauthorized)


# Its review


def reviewed(*answers: httpx.Response, looks: int = 0) -> object:
    state = {"item": ITEM, "looks": str(looks)} if looks else {"item": ITEM}
    return resumed(*answers, pending=Pending(state, 60.0))


def test_what_is_listed_is_out() -> None:
    assert reviewed(listed(item())) == RECEIPT


def test_a_look_asks_for_the_work_alone() -> None:
    transport = recorded(listed(item()))
    hold(Douyin().resume(Pending({"item": ITEM}, 60.0), POST, CHANNEL), transport)
    assert transport.asked[0].url.path == "/api/douyin/v1/video/video_data/"
    assert json.loads(transport.asked[0].content) == {"item_ids": [ITEM]}


@pytest.mark.parametrize("answered", [listed(), answer(list=None), listed(item(video_status=4)), trouble(2100005)])
def test_what_is_under_review_is_looked_at_less_and_less_often(answered: httpx.Response) -> None:
    assert reviewed(answered) == Pending({"item": ITEM, "looks": "1"}, 60.0)
    assert reviewed(answered, looks=9) == Pending({"item": ITEM, "looks": "10"}, 3_600.0)


def test_what_is_never_listed_is_for_a_person_to_judge() -> None:
    assert isinstance(reviewed(listed(), looks=24), OutcomeUnknown)


def test_a_work_that_did_not_pass_is_refused_should_douyin_tell() -> None:
    assert isinstance(reviewed(listed(item(video_status=2))), Refused)


def test_what_cannot_be_looked_at_is_taken_as_out() -> None:
    assert reviewed(trouble(28001012)) == Receipt(ITEM)


def test_a_token_that_ended_meanwhile_is_renewed() -> None:
    assert isinstance(reviewed(trouble(28001008)), Unauthorized)


# Looking, counting, asking


def test_what_is_out_is_found_by_its_words() -> None:
    assert found(listed(item("Other"), item("All rivers\ncarry leaves."))) == RECEIPT


def test_a_look_goes_on_to_the_next_page() -> None:
    transport = recorded(listed(*[item("Other")] * 20, more=True), listed(item()))
    assert hold(Douyin().find(POST, CHANNEL, NOON), transport) == RECEIPT
    assert [str(request.url.query, "ascii") for request in transport.asked] == [
        "open_id=open-1&cursor=0&count=20",
        "open_id=open-1&cursor=20&count=20",
    ]


@pytest.mark.parametrize("there", [[], [item("Other")], [item(create_time=1)], [item("Other"), item(create_time=1)]])
def test_what_is_not_among_the_recent_works_is_not_found(there: list[dict[str, object]]) -> None:
    assert found(listed(*there)) is None


def test_a_look_that_comes_to_no_end_does_not_say_no() -> None:
    assert isinstance(found(*[listed(item("Other"), more=True)] * 3), OutcomeUnknown)


def test_what_is_told_is_counted() -> None:
    counted = hold(Douyin().metrics(RECEIPT, CHANNEL), recorded(listed(item())))
    assert counted == {Metric.VIEWS: 7, Metric.LIKES: 3}


def test_of_what_is_not_shown_nothing_is_told() -> None:
    assert hold(Douyin().metrics(RECEIPT, CHANNEL), recorded(listed())) == {}


def test_verifying_asks_whose_grant_it_is() -> None:
    transport = recorded(*VERIFIED)
    assert hold(Douyin().verify(CHANNEL), transport) == Identity("open-1", "Ann")
    assert str(transport.asked[0].url) == f"{BASE}/oauth/userinfo/"
    assert json.loads(transport.asked[0].content) == {"open_id": "open-1", "access_token": TOKEN}


def test_uploading_can_be_rehearsed() -> None:
    post = with_content(media=(A, Media("https://example.org/b.png")))
    rehearsed = rehearse(Douyin(), post, replace(CHANNEL, secrets={}), set(CHANNEL.secrets))
    assert rehearsed is not None
    assert (rehearsed.host, rehearsed.publishes) == ("open.douyin.com", False)


# Grants


def granted(left: str = "2592000") -> httpx.Response:
    return answer(access_token="act.new", expires_in="1296000", refresh_expires_in=left, refresh_token=REFRESH)


def refreshed(*answers: httpx.Response, channel: Channel = CHANNEL) -> object:
    return outcome_of(Douyin().refresh(channel), recorded(*answers))


def test_an_access_token_is_renewed() -> None:
    transport = recorded(granted())
    assert hold(Douyin().refresh(CHANNEL), transport) == Fresh({"access_token": "act.new"}, 1_296_000.0, 2_592_000.0)
    assert str(transport.asked[0].url) == f"{BASE}/oauth/refresh_token/"
    form = {"client_key": [KEY], "grant_type": ["refresh_token"], "refresh_token": [REFRESH]}
    assert parse_qs(transport.asked[0].content.decode()) == form


def test_a_refresh_token_that_would_not_outlive_it_is_renewed_too() -> None:
    transport = recorded(granted("1296000"), answer(refresh_token="rft.new", expires_in="2592000"))
    fresh = hold(Douyin().refresh(CHANNEL), transport)
    assert fresh == Fresh({"access_token": "act.new", "refresh_token": "rft.new"}, 1_296_000.0, 2_592_000.0)
    assert str(transport.asked[1].url) == f"{BASE}/oauth/renew_refresh_token/"
    assert parse_qs(transport.asked[1].content.decode()) == {"client_key": [KEY], "refresh_token": [REFRESH]}


@pytest.mark.parametrize("code", [10004, 10020, 28001005])
def test_a_refresh_token_that_cannot_be_renewed_stays(code: int) -> None:
    assert refreshed(granted("1296000"), trouble(code)) == Fresh({"access_token": "act.new"}, 1_296_000.0, 1_296_000.0)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(10010), Unauthorized),
        (trouble(10002), Refused),
        (trouble(10003), AppRefused),
        (trouble(10013), AppRefused),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
    ],
)
def test_a_token_that_is_not_renewed_is_sorted(answer: httpx.Response, kind: type[Exception]) -> None:
    assert isinstance(refreshed(answer), kind)


def test_without_a_refresh_token_a_person_is_asked() -> None:
    assert isinstance(refreshed(channel=replace(CHANNEL, secrets={"client_secret": SECRET})), Unauthorized)


# Handing off

TICKET = "@ml6sqYBGgTKmQNajnKNkaj8yksCAY++adIhlGIqfTiKyvBqOIkzdJ6WRgP+nO+wtVItqKbX4iZ+mFIYkyPJjpQ=="
ENDS = 4_102_444_800
SHARING = replace(
    CHANNEL, settings={"client_key": KEY}, secrets={"client_secret": SECRET, "ticket": f"{ENDS} {TICKET}"}
)
CLIENT = answer(access_token="clt.1", expires_in=7200)
SHARED = answer(share_id="share-1")


def test_the_signature_is_the_one_of_douyins_example() -> None:
    assert signature(TICKET, "Wm3WZYTPz0wzccnW", "1650941858") == "3f7b739a91a52cb7d85c4f89c5f611fe"


def linked(content: Content) -> tuple[Handoff, dict[str, str]]:
    handoff = hold(Douyin().publish(replace(POST, content=content), SHARING), recorded(CLIENT, SHARED))
    assert isinstance(handoff, Handoff)
    return handoff, {name: value for name, (value,) in parse_qs(urlsplit(handoff.url).query).items()}


def test_without_an_open_id_a_post_becomes_a_link() -> None:
    handoff, words = linked(FULL)
    assert handoff.url.startswith("snssdk1128://openplatform/share?client_key=aw4711aw4711&state=share-1&nonce_str=")
    assert (handoff.expires_at, handoff.reference) == ("2099-12-31T23:50:00.000Z", "share-1")
    signed = {name: words.pop(name) for name in ("nonce_str", "timestamp", "signature")}
    assert signed["signature"] == signature(TICKET, signed["nonce_str"], signed["timestamp"])
    assert abs(int(signed["timestamp"]) - time.time()) < 60
    assert words == {
        "client_key": KEY,
        "state": "share-1",
        "share_type": "h5",
        "title": WORDS,
        "hashtag_list": '["rivers", "河流"]',
        "video_path": VIDEO.url,
        "share_to_publish": "1",
    }


def test_pictures_are_handed_off_to_be_edited() -> None:
    _, words = linked(Content(text="Two", media=(A, B)))
    assert json.loads(words["image_list_path"]) == [A.url, B.url]
    assert not {"share_to_publish", "video_path", "hashtag_list"} & set(words)


def test_a_blank_in_a_link_is_no_plus() -> None:
    handoff, _ = linked(Content(text="a b+c", media=(A,)))
    assert "title=a%20b%2Bc" in handoff.url


def test_a_share_is_asked_for_with_the_apps_stable_token() -> None:
    transport = recorded(CLIENT, SHARED)
    hold(Douyin().publish(POST, SHARING), transport)
    client, share = transport.asked
    assert str(client.url) == f"{BASE}/oauth/stable_client_token/"
    asked = {"grant_type": "client_credential", "client_key": KEY, "client_secret": SECRET}
    assert json.loads(client.content) == asked
    assert (share.method, str(share.url)) == ("GET", f"{BASE}/share-id/?need_callback=true")
    assert share.headers["access-token"] == "clt.1"
    assert not any(request.extensions.get("publishes") for request in transport.asked)


@pytest.mark.parametrize(
    "ticket",
    ["", TICKET, f"{int(time.time()) + 600} {TICKET}", f"soon {TICKET}"],
    ids=["none", "no end", "near", "no number"],
)
def test_a_ticket_that_ends_soon_is_to_be_renewed_first(ticket: str) -> None:
    channel = replace(SHARING, secrets={"client_secret": SECRET, "ticket": ticket})
    assert isinstance(published(channel=channel), Unauthorized)


def test_a_new_ticket_is_kept_with_its_end() -> None:
    transport = recorded(CLIENT, answer(ticket=TICKET, expires_in=7200))
    fresh = hold(Douyin().refresh(SHARING), transport)
    ends, _, ticket = fresh.secrets["ticket"].partition(" ")
    assert (ticket, fresh.lasts_s) == (TICKET, 6_300.0)
    assert 7_100 < int(ends) - time.time() <= 7_200
    request = transport.asked[-1]
    assert (request.method, str(request.url)) == ("GET", f"{BASE}/open/getticket/")
    assert request.headers["access-token"] == "clt.1"


@pytest.mark.parametrize("code", [10002, 10003, 10013])
def test_an_app_that_is_not_known_hands_nothing_off(code: int) -> None:
    assert isinstance(published(trouble(code), channel=SHARING), Refused | Unauthorized)


def test_a_lost_share_leaves_nothing_open() -> None:
    outcome = outcome_of(Douyin().publish(POST, SHARING), recorded(CLIENT, httpx.ReadTimeout("")))
    assert isinstance(outcome, Unavailable)


def test_verifying_asks_whether_key_and_secret_are_good() -> None:
    assert hold(Douyin().verify(SHARING), recorded(CLIENT)) == Identity(KEY)


def test_nobody_was_told_a_link_that_got_lost() -> None:
    assert outcome_of(Douyin().find(POST, SHARING, NOON), recorded()) is None


def test_of_what_was_handed_off_nothing_is_counted() -> None:
    assert hold(Douyin().metrics(RECEIPT, SHARING), recorded()) == {}


def test_handing_off_can_be_rehearsed() -> None:
    rehearsed = rehearse(Douyin(), POST, replace(SHARING, secrets={}), set(SHARING.secrets))
    assert rehearsed is not None
    assert (rehearsed.method, rehearsed.host, rehearsed.publishes) == ("GET", "open.douyin.com", False)


# Hearing


def heard(body: str | bytes, signed: str = "", channel: Channel = SHARING, **headers: str) -> str | Sequence[Heard]:
    data = body.encode() if isinstance(body, str) else body
    given = {"x-douyin-signature": signed or _sha1(data), **{name.replace("_", "-"): headers[name] for name in headers}}
    return Douyin().hear(Call("POST", "https://example.org/in", headers=given, body=data), channel, NOON)


def _sha1(data: bytes) -> str:
    return hashlib.sha1(SECRET.encode() + data).hexdigest()  # noqa: S324 - Douyin's choice


VERIFY = '{"event":"verify_webhook","client_key":"abc","content":{"challenge":12345}}'


def event(content: object, name: str = "create_video") -> str:
    return json.dumps({"event": name, "client_key": KEY, "from_user_id": "u", "log_id": "log-1", "content": content})


def test_a_challenge_is_answered_with_its_number() -> None:
    assert heard(VERIFY, "dda08bd4a5b18dd2b1d3980e3f280d554d6504da") == '{"challenge": 12345}'


DONE = {"share_id": "share-1", "item_id": "item-1", "video_id": "7215678", "has_default_hashtag": False}


@pytest.mark.parametrize("content", [DONE, json.dumps(DONE)])
def test_what_was_handed_off_is_heard_to_be_published(content: object) -> None:
    receipt = Receipt("item-1", "https://www.douyin.com/video/7215678")
    assert heard(event(content), msg_id="m1") == (Heard("share-1", "m1", receipt),)


def test_without_a_number_there_is_no_link() -> None:
    content = {"share_id": "share-1", "item_id": "item-1", "video_id": "v0200f"}
    assert heard(event(content)) == (Heard("share-1", "log-1", Receipt("item-1")),)


def test_without_a_work_something_happened() -> None:
    assert heard(event({"share_id": "share-1"})) == (Heard("share-1", "log-1"),)


@pytest.mark.parametrize(
    "body",
    [
        event({"scopes": ["video.create"]}, "authorize"),
        event({"item_id": "item-1"}),
        event("no object"),
        event("[]"),
        "[]",
        b"\xff",
    ],
)
def test_what_is_of_no_post_says_nothing(body: str | bytes) -> None:
    assert heard(body) == ()


@pytest.mark.parametrize("signed", ["0" * 40, "ä"])
def test_what_is_not_signed_with_the_apps_secret_is_forged(signed: str) -> None:
    with pytest.raises(Forged):
        heard(VERIFY, signed)


def test_without_a_secret_everything_is_forged() -> None:
    with pytest.raises(Forged):
        heard(VERIFY, channel=replace(SHARING, secrets={}))


# Checking


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 1001}, "content.text"),
        ({"title": "x" * 980}, "content.text"),
        ({"tags": tuple("abcdef")}, "content.tags"),
        ({"tags": ("a b",)}, "content.tags[0]"),
        ({"media": ()}, "content.media"),
        ({"media": (VIDEO, VIDEO)}, "content.media"),
        ({"media": (VIDEO, A)}, "content.media"),
        ({"media": (A,) * 31}, "content.media"),
        ({"media": (replace(A, type="image/gif"),)}, "content.media[0]"),
        ({"media": (replace(A, type="image/png", size_bytes=21 * 2**20),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, seconds=901.0),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, size_bytes=5 * 2**30),)}, "content.media[0]"),
    ],
)
def test_what_douyin_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert problems_of(**content) == [field]


def called(body: bytes, secret: str) -> Call:
    digest = hashlib.sha1(secret.encode() + body).hexdigest()  # noqa: S324 - Douyin's choice
    return Call("POST", "https://example.org/in", headers={"x-douyin-signature": digest, "msg-id": "m1"}, body=body)


SIGNED = [
    Signed(SHARING, "client_secret", event(content).encode(), called, "x-douyin-signature", proof)
    for content, proof in (
        (DONE, "dcf80153843ec9d1848072b0cc57a7bc60f1b399"),
        (json.dumps(DONE), "428d4806660b35f369832baca4fbdf4f4b7817b1"),
    )
]
