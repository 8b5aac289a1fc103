"""The TikTok adapter on replies written after TikTok's documentation (read 2026-11-21), not recorded from it.

Contract by documentation: TikTok publishes no machine-readable one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from functions.platforms._tiktok_posts import chunks
from functions.platforms.tiktok import TikTok
from publishing.abilities import Finds, Hears, Measures, Refreshes, Rehearses, Removes, Resumes
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
from publishing.model import (
    Channel,
    Content,
    Fresh,
    Handoff,
    Identity,
    Media,
    Metric,
    Pending,
    Post,
    Problem,
    Receipt,
)
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, Answer, Signed, hold, outcome_of, recorded

API = "https://open.tiktokapis.com/v2/"
ADDRESS = "https://open-upload.tiktokapis.com/video/?upload_id=67890&upload_token=Xza123"
FILE = b"hello world"
VIDEO = Media("https://example.org/river.mp4", "A river", type="video/mp4", size_bytes=len(FILE), seconds=9.0)
PHOTOS = (Media("https://example.org/a.jpg", type="image/jpeg"), Media("https://example.org/b.webp"))
CONTENT = Content(text="All *rivers* carry leaves.", media=(VIDEO,))
POST = Post("dlv_1", CONTENT, NOON)
SECRETS = {"access_token": "act.t0ken4711", "refresh_token": "rft.r3fresh4711", "client_secret": "s3cret-4711"}
SETTINGS = {"client_key": "aw4711", "privacy": "PUBLIC_TO_EVERYONE"}
CHANNEL = Channel("chn_1", "wsp_1", "tiktok", settings=SETTINGS, secrets=SECRETS)
INBOX = replace(CHANNEL, settings={**SETTINGS, "mode": "inbox"})
ID = "v_pub_file~v2-1.4711"


def enveloped(**data: object) -> httpx.Response:
    return httpx.Response(200, json={"data": data, "error": {"code": "ok", "message": "", "log_id": "2026"}})


def trouble(status: int, code: str, message: str = "No.") -> httpx.Response:
    return httpx.Response(status, json={"data": {}, "error": {"code": code, "message": message, "log_id": "2026"}})


def creator(**changes: object) -> httpx.Response:
    known = {
        "creator_username": "ann",
        "creator_nickname": "Ann",
        "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
        "comment_disabled": False,
        "duet_disabled": False,
        "stitch_disabled": True,
        "max_video_post_duration_sec": 300,
    }
    return enveloped(**{**known, **changes})


def told(status: str, **data: object) -> httpx.Response:
    return enveloped(status=status, **data)


CREATOR = creator()
BEGUN = enveloped(publish_id=ID, upload_url=ADDRESS)
PULLED = enveloped(publish_id="v_pub_url~v2.4711")
EMPTY = told("PROCESSING_UPLOAD", uploaded_bytes=0)
SOURCE = httpx.Response(206, content=FILE)
WHOLE = httpx.Response(201)
ME = enveloped(user={"open_id": "o-4711", "display_name": "Ann"})
ACCEPTED = [CREATOR, BEGUN, EMPTY, SOURCE, WHOLE]
VERIFIED = [ME]
CLOSES = str(int(time.time()) + 3_600)
FOLLOWED = {"kind": "video", "round": "1", "user": "ann", "public": "1", "id": ID}
STATE = {**FOLLOWED, "size": "11", "type": "video/mp4", "address": ADDRESS, "closes": CLOSES}


def with_content(**changes: object) -> Post:
    return replace(POST, content=replace(CONTENT, **changes))  # type: ignore[arg-type]


def having(**settings: str) -> Channel:
    return replace(CHANNEL, settings={**SETTINGS, **settings})


def asked_for(post: Post = POST, channel: Channel = CHANNEL, *answers: Answer) -> list[httpx.Request]:
    transport = recorded(*answers or [CREATOR, BEGUN])
    hold(TikTok().publish(post, channel), transport)
    return transport.asked


def body_of(request: httpx.Request) -> dict[str, object]:
    body: dict[str, object] = json.loads(request.content)
    return body


def published(*answers: Answer, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(TikTok().publish(post, channel), recorded(*answers))


def resumed(
    *answers: Answer, state: Mapping[str, str] = STATE, post: Post = POST, channel: Channel = CHANNEL
) -> object:
    return outcome_of(TikTok().resume(Pending(state, 0.0), post, channel), recorded(*answers))


def state_after(*answers: Answer, state: Mapping[str, str] = STATE, post: Post = POST) -> Mapping[str, str]:
    outcome = resumed(*answers, state=state, post=post)
    assert isinstance(outcome, Pending)
    return outcome.state


def chunk_after(uploaded: int, size_bytes: int, **state: str) -> httpx.Request:
    """The request that hands over the next chunk, as the engine would be given it: nothing is read or sent."""
    post = with_content(media=(replace(VIDEO, size_bytes=size_bytes),))
    conversation = TikTok().resume(Pending({**STATE, "size": str(size_bytes), **state}, 0.0), post, CHANNEL)
    asked = next(conversation)
    answer = told("PROCESSING_UPLOAD", uploaded_bytes=uploaded)
    answer.request = asked
    return conversation.send(answer)


def found(*answers: Answer, post: Post = POST) -> object:
    return outcome_of(TikTok().find(post, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(TikTok().check(with_content(**content)))


def signed(body: bytes, at_s: float = NOON.timestamp(), secret: bytes = b"s3cret-4711") -> str:
    moment = str(int(at_s))
    return f"t={moment},s={hmac.new(secret, moment.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def heard(event: str, content: Mapping[str, object], signature: str | None = None) -> list[Heard]:
    said = {"client_key": "aw4711", "event": event, "create_time": 1732104000, "user_openid": "o-4711"}
    body = json.dumps({**said, "content": json.dumps(content)}).encode()
    headers = {"tiktok-signature": signed(body) if signature is None else signature}
    said_of = TikTok().hear(Call("POST", "https://example.org/in", headers=headers, body=body), CHANNEL, NOON)
    assert not isinstance(said_of, str)
    return list(said_of)


def test_its_abilities_are_what_tiktok_has() -> None:
    abilities = (Finds, Hears, Measures, Refreshes, Rehearses, Resumes)
    assert [isinstance(TikTok(), ability) for ability in abilities] == [True] * 6
    assert not isinstance(TikTok(), Removes)


def test_a_video_is_begun_with_the_documented_requests() -> None:
    asked, begin = asked_for()
    assert (asked.method, str(asked.url)) == ("POST", f"{API}post/publish/creator_info/query/")
    assert (begin.method, str(begin.url)) == ("POST", f"{API}post/publish/video/init/")
    assert {request.headers["authorization"] for request in (asked, begin)} == {"Bearer act.t0ken4711"}
    assert {request.headers["content-type"] for request in (asked, begin)} == {"application/json; charset=UTF-8"}
    assert asked.content == b""
    assert body_of(begin) == {
        "post_info": {
            "title": "All rivers carry leaves.",
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "disable_comment": True,
            "disable_duet": True,
            "disable_stitch": True,
            "brand_content_toggle": False,
            "brand_organic_toggle": False,
        },
        "source_info": {
            "source": "FILE_UPLOAD",
            "video_size": 11,
            "chunk_size": 11,
            "total_chunk_count": 1,
        },
    }


def test_to_begin_a_video_that_is_handed_over_publishes_nothing() -> None:
    assert [bool(request.extensions.get("publishes")) for request in asked_for()] == [False, False]


def test_what_is_begun_is_written_down_before_it_is_handed_over() -> None:
    outcome = published(CREATOR, BEGUN)
    assert isinstance(outcome, Pending)
    assert {**outcome.state, "closes": CLOSES} == STATE
    assert abs(int(outcome.state["closes"]) - time.time() - 3_600) < 60
    assert (outcome.after_s, outcome.reference) == (0.0, ID)


def test_the_caption_has_title_text_link_and_tags() -> None:
    post = with_content(title="Rivers", link="https://example.org/r", tags=("rivers", "autumn"))
    info = body_of(asked_for(post)[1])["post_info"]
    assert isinstance(info, dict)
    assert info["title"] == "Rivers\n\nAll rivers carry leaves.\n\nhttps://example.org/r\n\n#rivers #autumn"


def test_what_others_may_do_is_what_channel_and_creator_both_allow() -> None:
    info = body_of(asked_for(POST, having(allow="comment, stitch", promotes="own"))[1])["post_info"]
    assert isinstance(info, dict)
    assert [info[f"disable_{deed}"] for deed in ("comment", "duet", "stitch")] == [False, True, True]
    assert (info["brand_content_toggle"], info["brand_organic_toggle"]) == (False, True)


@pytest.mark.parametrize("setting", [{"mode": "post"}, {"privacy": ""}, {"promotes": "me"}, {"allow": "likes"}])
def test_a_setting_there_is_not_holds_the_channel(setting: dict[str, str]) -> None:
    assert isinstance(published(CREATOR, channel=having(**setting)), Unauthorized)


@pytest.mark.parametrize("token", ["", "schlüssel", "a\nb"])
def test_without_an_access_token_nothing_is_asked(token: str) -> None:
    assert isinstance(published(channel=replace(CHANNEL, secrets={**SECRETS, "access_token": token})), Unauthorized)
    assert isinstance(published(channel=replace(CHANNEL, secrets={})), Unauthorized)


def test_a_privacy_the_account_does_not_offer_is_refused_with_what_it_offers() -> None:
    outcome = published(creator(privacy_level_options=["FOLLOWER_OF_CREATOR", "SELF_ONLY"]))
    assert isinstance(outcome, Refused)
    assert "FOLLOWER_OF_CREATOR, SELF_ONLY" in str(outcome)


def test_a_video_longer_than_the_creator_may_post_is_refused() -> None:
    outcome = published(creator(max_video_post_duration_sec=8))
    assert isinstance(outcome, Refused)
    assert str(outcome) == "The video lasts 9 s; the most of this account is 8 s."


@pytest.mark.parametrize("address", ["", "http://open-upload.tiktokapis.com/", "https://example.org/", "https://a:b"])
def test_an_address_elsewhere_is_none(address: str) -> None:
    assert isinstance(published(CREATOR, enveloped(publish_id=ID, upload_url=address)), Unavailable)


def test_a_video_that_is_only_an_address_is_measured_first() -> None:
    length = httpx.Response(206, headers={"content-range": "bytes 0-0/11", "content-type": "video/webm"})
    outcome = published(CREATOR, length, BEGUN, post=with_content(media=(Media("https://example.org/a.mov"),)))
    assert isinstance(outcome, Pending)
    assert (outcome.state["size"], outcome.state["type"]) == ("11", "video/webm")


@pytest.mark.parametrize(
    ("size_bytes", "expected"),
    [
        (4_194_304, (4_194_304, 1)),
        (59_999_999, (59_999_999, 1)),
        (60_000_000, (30_000_000, 2)),
        (89_999_999, (30_000_000, 2)),
        (4_000_000_000, (30_000_000, 133)),
    ],
)
def test_chunks_are_counted_down_and_the_last_takes_the_rest(size_bytes: int, expected: tuple[int, int]) -> None:
    assert chunks(size_bytes) == expected


def test_a_chunk_goes_where_tiktok_said_without_our_token() -> None:
    transport = recorded(EMPTY, SOURCE, WHOLE)
    outcome = hold(TikTok().resume(Pending(STATE, 0.0), POST, CHANNEL), transport)
    assert outcome == Pending({**STATE, "at": "11"}, 5.0)
    asked, _, chunk = transport.asked
    assert (asked.method, str(asked.url)) == ("POST", f"{API}post/publish/status/fetch/")
    assert body_of(asked) == {"publish_id": ID}
    assert (chunk.method, str(chunk.url), chunk.content) == ("PUT", ADDRESS, FILE)
    assert (chunk.headers["content-type"], chunk.headers["content-range"]) == ("video/mp4", "bytes 0-10/11")
    assert (chunk.headers["content-length"], "authorization" in chunk.headers) == ("11", False)


@pytest.mark.parametrize(
    ("uploaded", "at", "span", "last"),
    [
        (0, "0", "bytes 0-29999999/89999999", False),
        (30_000_000, "0", "bytes 30000000-89999998/89999999", True),
        (0, "30000000", "bytes 30000000-89999998/89999999", True),
        (30_000_007, "0", "bytes 30000000-89999998/89999999", True),
        (7, "0", "bytes 0-29999999/89999999", False),
    ],
)
def test_the_next_chunk_is_the_one_that_is_missing(uploaded: int, at: str, span: str, last: bool) -> None:  # noqa: FBT001
    chunk = chunk_after(uploaded, 89_999_999, at=at)
    assert chunk.headers["content-range"] == span
    assert chunk.extensions.get("publishes", False) is last


def test_where_more_is_wanted_it_is_gone_on_with_at_once() -> None:
    state, post = {**STATE, "size": "60000001"}, with_content(media=(replace(VIDEO, size_bytes=60_000_001),))
    answers = (EMPTY, httpx.Response(206, content=bytes(30_000_000)), httpx.Response(206))
    assert resumed(*answers, state=state, post=post) == Pending({**state, "at": "30000000"}, 0.0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadTimeout(""), OutcomeUnknown),
        (httpx.Response(200), OutcomeUnknown),
        (httpx.Response(206), OutcomeUnknown),
        (httpx.Response(503), OutcomeUnknown),
        (httpx.Response(400), Unavailable),
        (httpx.Response(403), Unavailable),
        (httpx.Response(404), Unavailable),
        (httpx.Response(416), Unavailable),
        (httpx.Response(401), Unauthorized),
    ],
)
def test_what_was_not_taken_as_the_last_chunk_is_told_by_the_status_later(
    answer: Answer, error: type[PublishingError]
) -> None:
    assert type(resumed(EMPTY, SOURCE, answer)) is error


@pytest.mark.parametrize(
    "answer", [httpx.ReadTimeout(""), httpx.Response(201), httpx.Response(500), httpx.Response(416)]
)
def test_what_was_not_taken_as_any_other_chunk_is_merely_unavailable(answer: Answer) -> None:
    state, post = {**STATE, "size": "60000001"}, with_content(media=(replace(VIDEO, size_bytes=60_000_001),))
    source = httpx.Response(206, content=bytes(30_000_000))
    assert type(resumed(EMPTY, source, answer, state=state, post=post)) is Unavailable


@pytest.mark.parametrize("state", [STATE, {**STATE, "at": "11"}])
def test_a_worker_that_died_after_the_last_chunk_hands_over_none_again(state: Mapping[str, str]) -> None:
    transport = recorded(told("PROCESSING_UPLOAD", uploaded_bytes=11))
    outcome = hold(TikTok().resume(Pending(state, 0.0), POST, CHANNEL), transport)
    assert outcome == Pending({**state, "looks": "1"}, 5.0)


def test_what_tiktok_took_is_not_handed_over_again_where_the_status_lags() -> None:
    assert resumed(EMPTY, state={**STATE, "at": "11"}) == Pending({**STATE, "at": "11", "looks": "1"}, 5.0)


def test_an_address_that_is_about_to_end_is_left_to_end() -> None:
    state = {**STATE, "closes": str(int(time.time()) + 200)}
    outcome = resumed(EMPTY, state=state)
    assert isinstance(outcome, Pending)
    assert (outcome.state, 300 < outcome.after_s < 330) == (state, True)


def test_another_is_asked_for_only_when_it_is_dead() -> None:
    dead = {**STATE, "closes": str(int(time.time()) - 130)}
    renewed = state_after(EMPTY, CREATOR, BEGUN, state=dead)
    assert {**renewed, "closes": CLOSES} == {**STATE, "round": "2"}


def test_a_video_is_begun_three_times_at_most() -> None:
    dead = {**STATE, "closes": str(int(time.time()) - 130), "round": "3"}
    assert isinstance(resumed(EMPTY, state=dead), Refused)


def test_a_post_that_is_out_has_its_id_and_link() -> None:
    outcome = resumed(told("PUBLISH_COMPLETE", publicaly_available_post_id=[7340000000000000001]), state=FOLLOWED)
    assert outcome == Receipt("7340000000000000001", "https://www.tiktok.com/@ann/video/7340000000000000001")


def test_photos_that_are_out_have_a_link_of_their_kind() -> None:
    state = {**FOLLOWED, "kind": "photo"}
    outcome = resumed(told("PUBLISH_COMPLETE", publicaly_available_post_id=["734"]), state=state)
    assert outcome == Receipt("734", "https://www.tiktok.com/@ann/photo/734")


def test_the_id_of_what_is_moderated_is_waited_for_a_while() -> None:
    complete = told("PUBLISH_COMPLETE", publicaly_available_post_id=[])
    assert resumed(complete, state=FOLLOWED) == Pending({**FOLLOWED, "seeks": "1"}, 5.0)
    assert resumed(complete, state={**FOLLOWED, "seeks": "12"}) == Receipt(ID, "https://www.tiktok.com/@ann")


def test_what_is_not_for_everybody_never_has_a_link_of_its_own() -> None:
    state = {name: value for name, value in FOLLOWED.items() if name != "public"}
    assert resumed(told("PUBLISH_COMPLETE"), state=state) == Receipt(ID, "https://www.tiktok.com/@ann")


@pytest.mark.parametrize("status", ["PROCESSING_UPLOAD", "PROCESSING_DOWNLOAD", "SOMETHING_NEW"])
def test_what_is_worked_on_is_asked_about_less_and_less_often(status: str) -> None:
    assert resumed(told(status), state=FOLLOWED) == Pending({**FOLLOWED, "looks": "1"}, 5.0)
    later = resumed(told(status), state={**FOLLOWED, "looks": "20"})
    assert later == Pending({**FOLLOWED, "looks": "21"}, 900.0)


def test_what_is_worked_on_for_ever_is_doubted() -> None:
    assert isinstance(resumed(told("PROCESSING_DOWNLOAD"), state={**FOLLOWED, "looks": "100"}), OutcomeUnknown)


@pytest.mark.parametrize("kind", ["video", "photo"])
@pytest.mark.parametrize(
    "reason",
    [
        "file_format_check_failed",
        "duration_check_failed",
        "frame_rate_check_failed",
        "picture_size_check_failed",
        "invalid_file_upload",
        "photo_pull_failed",
        "publish_cancelled",
        "auth_removed",
        "spam_risk_user_banned_from_posting",
        "spam_risk_text",
        "spam_risk",
        "",
    ],
)
def test_what_failed_for_good_is_refused_with_the_reason(kind: str, reason: str) -> None:
    outcome = resumed(told("FAILED", fail_reason=reason), state={**FOLLOWED, "kind": kind})
    assert isinstance(outcome, Refused)
    assert (outcome.code, str(outcome)) == (reason, f"TikTok could not publish it: {reason}.")


@pytest.mark.parametrize("reason", ["internal", "internal_error", "video_pull_failed"])
def test_a_video_that_failed_for_now_is_handed_over_again(reason: str) -> None:
    failed = told("FAILED", fail_reason=reason)
    again = state_after(failed, CREATOR, BEGUN, state=FOLLOWED)
    assert {**again, "closes": CLOSES} == {**STATE, "round": "2"}
    assert isinstance(resumed(failed, state={**FOLLOWED, "round": "3"}), Refused)


@pytest.mark.parametrize("reason", ["internal", "spam_risk_too_many_posts"])
def test_photos_that_failed_are_never_begun_again_by_themselves(reason: str) -> None:
    assert isinstance(resumed(told("FAILED", fail_reason=reason), state={**FOLLOWED, "kind": "photo"}), Refused)


def test_a_video_too_many_is_begun_again_tomorrow() -> None:
    waiting = resumed(told("FAILED", fail_reason="spam_risk_too_many_posts"))
    assert waiting == Pending({"round": "1"}, 86_400.0)
    assert {**state_after(CREATOR, BEGUN, state={"round": "1"}), "closes": CLOSES} == {**STATE, "round": "2"}


def test_what_is_spent_or_slowed_keeps_what_was_handed_over() -> None:
    slow = httpx.Response(429, headers={"retry-after": "7"})
    assert [resumed(slow), resumed(EMPTY, SOURCE, slow)] == [Pending(STATE, 7.0)] * 2
    waiting = resumed(CREATOR, trouble(403, "reached_active_user_cap"), state={"round": "1"})
    assert isinstance(waiting, Pending)
    assert (waiting.state, 86_000 < waiting.after_s <= 86_400) == ({"round": "1"}, True)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "access_token_invalid", Unauthorized),
        (401, "scope_not_authorized", Unauthorized),
        (401, "scope_permission_missed", Unauthorized),
        (429, "rate_limit_exceeded", Throttled),
        (403, "spam_risk_too_many_posts", QuotaSpent),
        (200, "spam_risk_too_many_posts", QuotaSpent),
        (403, "spam_risk_too_many_pending_share", QuotaSpent),
        (403, "reached_active_user_cap", QuotaSpent),
        (403, "spam_risk_user_banned_from_posting", Unauthorized),
        (200, "spam_risk_user_banned_from_posting", Unauthorized),
        (403, "spam_risk_text", Refused),
        (403, "spam_risk", Refused),
        (403, "unaudited_client_can_only_post_to_private_accounts", Unauthorized),
        (403, "url_ownership_unverified", Refused),
        (403, "privacy_level_option_mismatch", Refused),
        (400, "invalid_param", Refused),
        (400, "invalid_params", Refused),
        (403, "app_version_check_failed", Refused),
        (400, "file_format_check_failed", Refused),
        (400, "duration_check_failed", Refused),
        (400, "frame_rate_check_failed", Refused),
        (400, "picture_size_check_failed", Refused),
        (400, "invalid_file_upload", Refused),
        (400, "invalid_publish_id", Refused),
        (400, "token_not_authorized_for_specified_publish_id", Refused),
        (500, "internal_error", Unavailable),
        (200, "internal_error", Unavailable),
        (502, "", Unavailable),
        (200, "something_new", Refused),
    ],
)
def test_every_documented_code_is_known(status: int, code: str, error: type[PublishingError]) -> None:
    outcome = published(CREATOR, trouble(status, code))
    assert type(outcome) is error
    assert isinstance(outcome, PublishingError)
    assert outcome.code == code


def test_the_creator_is_asked_first_whether_anything_may_be_posted() -> None:
    assert isinstance(published(trouble(200, "spam_risk_too_many_posts")), QuotaSpent)
    assert isinstance(published(trouble(401, "access_token_invalid")), Unauthorized)


def test_tiktoks_own_words_are_told() -> None:
    outcome = published(CREATOR, trouble(400, "invalid_param", "The title of act.t0ken4711 is invalid"))
    assert str(outcome) == "TikTok answered: The title of … is invalid"


def test_a_video_at_a_verified_address_is_fetched_from_there() -> None:
    _, begin = asked_for(POST, having(pull_from="https://example.org/"), CREATOR, PULLED)
    assert str(begin.url) == f"{API}post/publish/video/init/"
    assert body_of(begin)["source_info"] == {"source": "PULL_FROM_URL", "video_url": VIDEO.url}
    assert begin.extensions["publishes"]


def test_a_video_elsewhere_is_handed_over_all_the_same() -> None:
    _, begin = asked_for(POST, having(pull_from="https://media.example.org/"))
    assert body_of(begin)["source_info"] == {
        "source": "FILE_UPLOAD",
        "video_size": 11,
        "chunk_size": 11,
        "total_chunk_count": 1,
    }


def test_what_tiktok_fetches_is_followed_by_its_id() -> None:
    outcome = published(CREATOR, PULLED, channel=having(pull_from="https://example.org/"))
    assert outcome == Pending({**FOLLOWED, "id": "v_pub_url~v2.4711"}, 5.0, "v_pub_url~v2.4711")


def test_a_video_that_could_not_be_fetched_is_handed_over() -> None:
    failed = told("FAILED", fail_reason="video_pull_failed")
    transport = recorded(failed, CREATOR, BEGUN)
    hold(TikTok().resume(Pending(FOLLOWED, 0.0), POST, having(pull_from="https://example.org/")), transport)
    assert not any(request.extensions.get("publishes") for request in transport.asked)


@pytest.mark.parametrize("answer", [httpx.ReadTimeout(""), trouble(500, "internal_error"), enveloped()])
def test_a_lost_answer_to_a_post_tiktok_fetches_is_unknown(answer: Answer) -> None:
    assert isinstance(published(CREATOR, answer, post=with_content(media=PHOTOS)), OutcomeUnknown)
    assert isinstance(published(CREATOR, answer, channel=having(pull_from="https://example.org/")), OutcomeUnknown)


def test_photos_are_posted_by_their_addresses() -> None:
    post = with_content(title="Rivers", media=PHOTOS, tags=("rivers",))
    _, begin = asked_for(post, having(allow="comment duet"), CREATOR, PULLED)
    assert str(begin.url) == f"{API}post/publish/content/init/"
    assert begin.extensions["publishes"]
    assert body_of(begin) == {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": {
            "title": "Rivers",
            "description": "All rivers carry leaves.\n\n#rivers",
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "disable_comment": False,
            "brand_content_toggle": False,
            "brand_organic_toggle": False,
            "auto_add_music": False,
        },
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_cover_index": 0,
            "photo_images": ["https://example.org/a.jpg", "https://example.org/b.webp"],
        },
    }


def test_a_channel_that_chooses_the_inbox_asks_nothing_of_the_creator() -> None:
    (begin,) = asked_for(POST, INBOX, BEGUN)
    assert str(begin.url) == f"{API}post/publish/inbox/video/init/"
    assert list(body_of(begin)) == ["source_info"]


@pytest.mark.parametrize("code", ["scope_not_authorized", "scope_permission_missed"])
def test_a_channel_that_may_not_post_directly_has_the_inbox(code: str) -> None:
    _, begin = asked_for(POST, CHANNEL, trouble(401, code), BEGUN)
    assert str(begin.url) == f"{API}post/publish/inbox/video/init/"


def test_photos_go_to_the_inbox_with_their_words() -> None:
    (begin,) = asked_for(with_content(media=PHOTOS), INBOX, PULLED)
    body = body_of(begin)
    assert (body["post_mode"], body["post_info"]) == ("MEDIA_UPLOAD", {"description": "All rivers carry leaves."})


def test_the_last_chunk_is_what_reaches_the_inbox() -> None:
    state = {name: value for name, value in STATE.items() if name not in {"user", "public"}}
    transport = recorded(EMPTY, SOURCE, WHOLE)
    hold(TikTok().resume(Pending(state, 0.0), POST, INBOX), transport)
    assert transport.asked[-1].extensions["publishes"]


def test_what_is_in_the_inbox_is_for_the_creator_to_finish() -> None:
    state = {"kind": "video", "round": "1", "id": ID}
    outcome = resumed(told("SEND_TO_USER_INBOX"), state=state, channel=INBOX)
    assert outcome == Handoff("https://www.tiktok.com/", reference=ID)
    done = resumed(told("PUBLISH_COMPLETE", publicaly_available_post_id=[734]), state=state, channel=INBOX)
    assert done == Receipt("734")


def listed(**changes: object) -> httpx.Response:
    video = {
        "id": "734",
        "create_time": int(NOON.timestamp()),
        "share_url": "https://www.tiktok.com/@ann/video/734?utm_source=x",
        "video_description": "All rivers carry leaves.",
    }
    return enveloped(videos=[{**video, **changes}], cursor=1, has_more=changes.pop("more", False))


OUT = Receipt("734", "https://www.tiktok.com/@ann/video/734", "2026-11-20T12:00:00.000Z")


def test_a_public_video_is_found_by_its_caption() -> None:
    transport = recorded(listed())
    assert hold(TikTok().find(POST, CHANNEL, NOON), transport) == OUT
    (request,) = transport.asked
    fields = "id%2Ccreate_time%2Cshare_url%2Cvideo_description"
    assert (request.method, str(request.url)) == ("POST", f"{API}video/list/?fields={fields}")
    assert body_of(request) == {"max_count": 20}


def test_a_long_caption_is_known_by_what_is_told_of_it() -> None:
    words = "leaves " * 100
    assert found(listed(video_description=words[:150]), post=with_content(text=words)) == OUT
    assert isinstance(found(listed(video_description=words[:20]), post=with_content(text=words)), OutcomeUnknown)


def test_older_pages_are_looked_through_while_they_are_recent() -> None:
    other = listed(video_description="Other", more=True)
    assert found(other, listed(create_time=int(NOON.timestamp()))) == OUT
    assert isinstance(found(*[other] * 5), OutcomeUnknown)


@pytest.mark.parametrize(
    "answer",
    [
        listed(video_description="Other"),
        listed(video_description=""),
        listed(create_time=int(NOON.timestamp()) - 301),
        enveloped(videos=[]),
        trouble(401, "scope_not_authorized"),
    ],
)
def test_what_is_not_to_be_seen_is_never_taken_to_be_missing(answer: httpx.Response) -> None:
    assert isinstance(found(answer), OutcomeUnknown)


def test_an_access_token_that_ended_while_looking_is_renewed_first() -> None:
    assert isinstance(found(trouble(401, "access_token_invalid")), Unauthorized)


def test_a_refresh_token_brings_both_tokens_anew() -> None:
    answer = {
        "access_token": "act.n3w",
        "expires_in": 86400,
        "refresh_token": "rft.n3w",
        "refresh_expires_in": 31536000,
    }
    transport = recorded(httpx.Response(200, json=answer))
    fresh = hold(TikTok().refresh(CHANNEL), transport)
    assert fresh == Fresh({"access_token": "act.n3w", "refresh_token": "rft.n3w"}, 86_400.0, 31_536_000.0)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", f"{API}oauth/token/")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert dict(httpx.QueryParams(request.content.decode())) == {
        "grant_type": "refresh_token",
        "client_key": "aw4711",
        "client_secret": "s3cret-4711",
        "refresh_token": "rft.r3fresh4711",
    }


def test_a_refresh_token_that_is_not_told_anew_stays() -> None:
    fresh = hold(TikTok().refresh(CHANNEL), recorded(httpx.Response(200, json={"access_token": "act.n3w"})))
    assert fresh == Fresh({"access_token": "act.n3w"}, 0.0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={"error": "invalid_grant", "error_description": "x", "log_id": "1"}), Unauthorized),
        (httpx.Response(400, json={"error": "invalid_client"}), AppRefused),
        (httpx.Response(401), Unavailable),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
        (httpx.Response(429), Unavailable),
        (httpx.Response(503, text="<html>"), Unavailable),
        (httpx.Response(200, json={"error": "internal_error"}), Unavailable),
        (httpx.Response(200, json={}), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
    ],
)
def test_what_comes_of_renewing_is_what_is_to_be_done(answer: Answer, error: type[PublishingError]) -> None:
    assert type(outcome_of(TikTok().refresh(CHANNEL), recorded(answer))) is error


def test_counts_are_what_tiktok_tells() -> None:
    video = {"id": "734", "view_count": 4711, "like_count": 12, "comment_count": 3, "share_count": 0}
    transport = recorded(enveloped(videos=[video]))
    counts = hold(TikTok().metrics(Receipt("734"), CHANNEL), transport)
    assert counts == {Metric.VIEWS: 4711, Metric.LIKES: 12, Metric.COMMENTS: 3, Metric.SHARES: 0}
    (request,) = transport.asked
    assert body_of(request) == {"filters": {"video_ids": ["734"]}}


def test_what_tiktok_leaves_out_is_left_out() -> None:
    answer = enveloped(videos=[{"id": "734", "view_count": 1}])
    assert hold(TikTok().metrics(Receipt("734"), CHANNEL), recorded(answer)) == {Metric.VIEWS: 1}


def test_what_tiktok_never_named_has_no_counts() -> None:
    assert hold(TikTok().metrics(Receipt(ID), CHANNEL), recorded()) == {}


def test_a_video_that_is_gone_has_no_counts() -> None:
    outcome = outcome_of(TikTok().metrics(Receipt("734"), CHANNEL), recorded(enveloped(videos=[])))
    assert isinstance(outcome, Refused)


def test_whose_account_it_is_is_told() -> None:
    transport = recorded(ME)
    assert hold(TikTok().verify(CHANNEL), transport) == Identity("o-4711", "Ann")
    assert str(transport.asked[0].url) == f"{API}user/info/?fields=open_id%2Cdisplay_name"


SHARED = {"publish_id": ID, "publish_type": "INBOX_SHARE"}


@pytest.mark.parametrize("event", ["complete", "publicly_available", "failed", "inbox_delivered"])
def test_a_post_we_follow_is_asked_about(event: str) -> None:
    said = heard(f"post.publish.{event}", {"publish_id": ID, "publish_type": "DIRECT_PUBLISH", "post_id": 734})
    assert said == [Heard(ID, f"post.publish.{event}:{ID}:734:1732104000")]


@pytest.mark.parametrize(
    ("content", "identifier"), [({"post_id": 7340000000000000001}, "7340000000000000001"), ({}, ID)]
)
def test_what_a_creator_finished_in_the_app_is_out(content: dict[str, object], identifier: str) -> None:
    (said,) = heard("post.publish.complete", {**SHARED, **content})
    assert said.receipt == Receipt(identifier)


def test_what_failed_on_its_way_to_the_inbox_never_will_be_out() -> None:
    (said,) = heard("post.publish.failed", {**SHARED, "reason": "spam_risk"})
    assert (said.reference, said.refused) == (ID, "TikTok could not publish it: spam_risk.")


def test_what_is_in_the_inbox_is_not_out() -> None:
    (said,) = heard("post.publish.inbox_delivered", SHARED)
    assert (said.receipt, said.refused) == (None, "")


@pytest.mark.parametrize(
    ("event", "content"),
    [
        ("authorization.removed", {"reason": 1}),
        ("post.publish.no_longer_publicaly_available", {"publish_id": ID, "post_id": 734}),
        ("post.publish.complete", {}),
    ],
)
def test_what_is_about_something_else_is_no_news(event: str, content: dict[str, object]) -> None:
    assert heard(event, content) == []


@pytest.mark.parametrize(
    "signature",
    ["", "t=1732104000", "t=x,s=00", f"t={int(NOON.timestamp())},s={'0' * 64}", "t=²,s=0", f"t={'9' * 13},s=0"],
)
def test_what_is_not_signed_is_forged(signature: str) -> None:
    with pytest.raises(Forged):
        heard("post.publish.complete", {}, signature)


@pytest.mark.parametrize("late_s", [-301, 301])
def test_what_was_signed_long_ago_is_forged(late_s: int) -> None:
    call = Call("POST", "", headers={"tiktok-signature": signed(b"{}", NOON.timestamp() + late_s)}, body=b"{}")
    with pytest.raises(Forged):
        TikTok().hear(call, CHANNEL, NOON)


@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"event": "post.publish.complete", "content": "x"}'])
def test_what_is_signed_and_cannot_be_read_is_forged(body: bytes) -> None:
    call = Call("POST", "", headers={"tiktok-signature": signed(body)}, body=body)
    with pytest.raises(Forged):
        TikTok().hear(call, CHANNEL, NOON)


def test_without_a_secret_everything_is_forged() -> None:
    call = Call("POST", "", headers={"tiktok-signature": signed(b"{}", secret=b"")}, body=b"{}")
    with pytest.raises(Forged):
        TikTok().hear(call, replace(CHANNEL, secrets={}), NOON)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 2_201}, "content.text"),
        ({"text": "👩" * 1_101}, "content.text"),
        ({"text": "x" * 2_190, "tags": ("rivers12",)}, "content.text"),
        ({"text": "x" * 4_001, "media": PHOTOS}, "content.text"),
        ({"title": "x" * 91, "media": PHOTOS}, "content.title"),
        ({"title": "👩" * 46, "media": PHOTOS}, "content.title"),
        ({"tags": ("a b",)}, "content.tags[0]"),
        ({"media": ()}, "content.media"),
        ({"media": (VIDEO, VIDEO)}, "content.media"),
        ({"media": (VIDEO, *PHOTOS)}, "content.media"),
        ({"media": PHOTOS * 18}, "content.media"),
        ({"media": (replace(VIDEO, seconds=601.0),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, type="video/x-msvideo"),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, codec="AV1"),)}, "content.media[0]"),
        ({"media": (replace(VIDEO, width=300),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.png", type="image/png"),)}, "content.media[0]"),
    ],
)
def test_what_tiktok_would_not_take_is_a_problem_with_a_remedy(content: dict[str, object], field: str) -> None:
    (problem,) = problems_of(**content)
    assert (problem.field, bool(problem.remedy)) == (field, True)


@pytest.mark.parametrize(
    "content",
    [
        {"text": "👩" * 1_100},
        {"text": "x" * 4_000, "title": "👩" * 45, "media": PHOTOS},
        {"text": "", "media": (VIDEO,)},
        {"media": PHOTOS * 17},
    ],
)
def test_what_tiktok_takes_is_no_problem(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


@pytest.mark.parametrize(("media", "publishes"), [((Media("https://example.org/a.mp4"),), False), (PHOTOS, True)])
def test_a_rehearsal_shows_what_will_be_said(media: tuple[Media, ...], publishes: bool) -> None:  # noqa: FBT001
    shown = rehearse(TikTok(), with_content(media=media), CHANNEL, SECRETS)
    assert shown is not None
    assert (shown.host, shown.publishes) == ("open.tiktokapis.com", publishes)
    assert shown.body is not None
    assert "All rivers carry leaves." in json.dumps(shown.body)


def called(body: bytes, secret: str) -> Call:
    headers = {"tiktok-signature": signed(body, secret=secret.encode())}
    return Call("POST", "https://example.org/in", headers=headers, body=body)


SIGNED = [
    Signed(
        CHANNEL,
        "client_secret",
        json.dumps(
            {
                "event": "post.publish.complete",
                "create_time": 1_732_104_000,
                "content": json.dumps({**SHARED, "post_id": 7340000000000000001}),
            }
        ).encode(),
        called,
        "tiktok-signature",
        "t=1795176000,s=35ead748bbcd00bd55b057542c8eb494e8c5b9f0cac2bafcaaaaecc99be542e2",
        timed=True,
    )
]
