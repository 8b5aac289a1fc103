"""The Facebook adapter on replies written after Meta's documentation (read 2026-11-21), not recorded from Facebook."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from functions.platforms.facebook import Facebook
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel, Content, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import Rehearsed, rehearse
from tests.functions.platforms.conversing import NOON, Signed, hold, outcome_of, publishes, recorded

TOKEN = "EAAtok3n4711tok3n4711tok3n4711"
PAGE = "100000000000001"
CHANNEL = Channel("chn_1", "wsp_1", "facebook", settings={"page_id": PAGE}, secrets={"access_token": TOKEN})
RIVER, LEAF = Media("https://example.org/a.jpg", "A river"), Media("https://example.org/b.png")
POST = Post("dlv_1", Content(text="All *rivers* carry leaves.", link="https://example.org/rivers"), NOON)
WHOLE = replace(POST, content=replace(POST.content, title="Rivers", tags=("rivers", "water"), media=(RIVER, LEAF)))
BASE = f"https://graph.facebook.com/v25.0/{PAGE}"
POSTED = f"{PAGE}_122"
LINK = "https://www.facebook.com/permalink.php?story_fbid=pfbid0x&id=1"


def told(**document: object) -> httpx.Response:
    return httpx.Response(200, json=document)


def trouble(code: int, subcode: int = 0, status: int = 400, **fields: object) -> httpx.Response:
    error = {"message": "No.", "type": "OAuthException", "code": code, **fields}
    return httpx.Response(status, json={"error": error | ({"error_subcode": subcode} if subcode else {})})


def entries(*messages: str | None) -> httpx.Response:
    shown = {"permalink_url": LINK, "created_time": "2026-11-20T12:00:01+0000"}
    data = [
        {"id": f"{PAGE}_{n}", **shown} | ({"message": message} if message else {}) for n, message in enumerate(messages)
    ]
    return told(data=data, paging={"cursors": {"before": "b", "after": "c"}})


ACCEPTED = [told(id=POSTED)]
VERIFIED = [told(id=PAGE, name="Ann's rivers")]


def published(*answers: httpx.Response | Exception, post: Post = POST) -> tuple[object, list[httpx.Request]]:
    transport = recorded(*answers)
    return outcome_of(Facebook().publish(post, CHANNEL), transport), transport.asked


def bodies(asked: list[httpx.Request]) -> list[object]:
    return [json.loads(request.content) for request in asked]


def problems_of(**content: object) -> list[Problem]:
    return list(Facebook().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def test_a_text_goes_with_its_link_beside_it() -> None:
    _, (request,) = published(*ACCEPTED)
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/feed")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert bodies([request]) == [{"message": "All rivers carry leaves.", "link": "https://example.org/rivers"}]


def test_photos_are_uploaded_unseen_and_posted_together() -> None:
    _, asked = published(told(id="11"), told(id="12"), *ACCEPTED, post=WHOLE)
    assert [str(request.url) for request in asked] == [f"{BASE}/photos", f"{BASE}/photos", f"{BASE}/feed"]
    assert bodies(asked) == [
        {"url": "https://example.org/a.jpg", "published": False, "alt_text_custom": "A river"},
        {"url": "https://example.org/b.png", "published": False},
        {
            "message": "Rivers\n\nAll rivers carry leaves.\n\nhttps://example.org/rivers\n\n#rivers #water",
            "attached_media": [{"media_fbid": "11"}, {"media_fbid": "12"}],
        },
    ]


def test_a_link_alone_is_a_post() -> None:
    post = replace(POST, content=Content(link="https://example.org/rivers"))
    assert bodies(published(*ACCEPTED, post=post)[1]) == [{"link": "https://example.org/rivers"}]


def test_a_receipt_links_to_the_post() -> None:
    assert published(*ACCEPTED)[0] == Receipt(POSTED, f"https://www.facebook.com/{POSTED}")


@pytest.mark.parametrize("page", ["ann", "1/2", "", "\u0661"])
def test_a_page_id_that_is_no_number_holds_the_channel(page: str) -> None:
    channel = replace(CHANNEL, settings={"page_id": page})
    assert isinstance(outcome_of(Facebook().publish(POST, channel), recorded()), Unauthorized)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 63_207}, "content.text"),
        ({"text": "x" * 63_200, "title": "x" * 5}, "content.text"),
        ({"text": "x" * 63_190, "media": (RIVER,)}, "content.text"),
        ({"media": (LEAF,) * 11}, "content.media"),
        ({"media": (Media("https://example.org/a", type="image/webp"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.jpg", size_bytes=11_000_000),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.jpg", "x" * 1001),)}, "content.media[0].alt"),
        ({"media": (Media("https://example.org/a", type="video/webm"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", seconds=91),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", seconds=2),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", width=1080, height=1080),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4"), LEAF)}, "content.media"),
        ({"tags": ("two words",)}, "content.tags[0]"),
        ({"link": "example.org"}, "content.link"),
    ],
)
def test_what_facebook_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(190, 460, 401), Unauthorized),
        (trouble(102), Unauthorized),
        (trouble(10), Unauthorized),
        (trouble(200), Unauthorized),
        (trouble(368), Unauthorized),
        (trouble(190, 1404006), Unauthorized),
        (trouble(200, 1404112), Unauthorized),
        (trouble(200, 4854002), Unauthorized),
        (trouble(200, 1404078), Unauthorized),
        (trouble(100, 33), Unauthorized),
        (trouble(4), Throttled),
        (trouble(17), Throttled),
        (trouble(32), Throttled),
        (trouble(613), Throttled),
        (trouble(80001), Throttled),
        (trouble(1, 1390008), Throttled),
        (trouble(324, 1366046), Refused),
        (trouble(1, 1366046), Refused),
        (trouble(368, 1346003), Refused),
        (trouble(200, 1404102), Refused),
        (trouble(100, 1609008), Refused),
        (trouble(100, 2061006), Refused),
        (trouble(100, 1349125), Refused),
        (trouble(100, 2069019), Refused),
        (trouble(100, 1366051), Refused),
        (trouble(506), Refused),
        (trouble(100), Refused),
        (trouble(1, 1363047), OutcomeUnknown),
        (trouble(1, 1609010), OutcomeUnknown),
        (trouble(1), OutcomeUnknown),
        (trouble(2, status=500), OutcomeUnknown),
        (trouble(99, is_transient=True), OutcomeUnknown),
        (httpx.Response(502, text="<html>"), OutcomeUnknown),
        (told(post_id=POSTED), OutcomeUnknown),
    ],
)
def test_an_error_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(published(answer)[0], kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(1), Unavailable),
        (trouble(1, 1363047), Unavailable),
        (trouble(324, 1366046), Refused),
        (httpx.Response(502), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
        (told(), Unavailable),
    ],
)
def test_a_photo_that_cannot_be_uploaded_means_nothing_was_published(
    answer: httpx.Response | Exception, kind: type[PublishingError]
) -> None:
    assert isinstance(published(told(id="11"), answer, post=WHOLE)[0], kind)


def test_the_token_is_blotted_out_of_facebooks_words() -> None:
    assert str(published(trouble(100, message=f"No {TOKEN}"))[0]) == "Facebook answered: No …"


def test_what_is_out_is_found_by_its_message() -> None:
    transport = recorded(entries("Other", "All rivers carry leaves."))
    receipt = hold(Facebook().find(POST, CHANNEL, NOON - timedelta(minutes=5)), transport)
    assert receipt == Receipt(f"{PAGE}_1", LINK, "2026-11-20T12:00:01+00:00")
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == f"{BASE}/published_posts"
    assert dict(request.url.params) == {"fields": "id,message,permalink_url,created_time", "limit": "25"}


def test_what_is_not_among_the_recent_posts_is_not_found() -> None:
    assert hold(Facebook().find(POST, CHANNEL, NOON), recorded(entries("Other", None))) is None


def test_a_link_without_a_message_cannot_be_told_from_another() -> None:
    post = replace(POST, content=Content(link="https://example.org/rivers"))
    assert isinstance(outcome_of(Facebook().find(post, CHANNEL, NOON), recorded(entries(None))), OutcomeUnknown)


def test_verifying_asks_whose_token_it_is() -> None:
    identity = Identity(PAGE, "Ann's rivers", f"https://www.facebook.com/{PAGE}")
    assert hold(Facebook().verify(CHANNEL), recorded(*VERIFIED)) == identity


def test_a_persons_own_token_is_not_the_pages() -> None:
    error = outcome_of(Facebook().verify(CHANNEL), recorded(told(id="42", name="Ann")))
    assert isinstance(error, Unauthorized)
    assert "/me/accounts" in str(error)


def test_a_rehearsal_comes_to_the_publishing_request() -> None:
    rehearsed = rehearse(Facebook(), WHOLE, CHANNEL, ["access_token"])
    assert rehearsed is not None
    assert (rehearsed.publishes, rehearsed.host) == (True, "graph.facebook.com")
    assert rehearsed.body is not None
    assert rehearsed.body["attached_media"] == [{"media_fbid": "0"}, {"media_fbid": "0"}]


def test_a_rehearsed_request_is_told_whole() -> None:
    rehearsed = rehearse(Facebook(), POST, CHANNEL, ["access_token"])
    body = {"message": "All rivers carry leaves.", "link": "https://example.org/rivers"}
    assert rehearsed == Rehearsed("POST", "graph.facebook.com", publishes=True, body=body)


RAPIDS = Media("https://example.org/r\u00e4.mp4", type="video/mp4", width=1080, height=1920, seconds=30, codec="AVC")
REEL = replace(POST, content=replace(POST.content, media=(RAPIDS,)))
REEL_WORDS = "All rivers carry leaves.\n\nhttps://example.org/rivers"
STARTED = told(video_id="77", upload_url="https://rupload.facebook.com/video-upload/v25.0/77")
DONE = told(success=True)
WRITTEN = {"video": "77"}
FINISHED = {"video": "77", "finished": "yes"}


def status(
    uploading: str, publishing: str = "not_started", processing: str = "", word: str = "processing"
) -> httpx.Response:
    phases = {
        "uploading_phase": uploading,
        "processing_phase": processing or publishing,
        "publishing_phase": publishing,
    }
    told_of = {"video_status": word, **{name: {"status": phase} for name, phase in phases.items()}}
    return told(status=told_of, permalink_url="/reel/77/", id="77")


def resumed(state: Mapping[str, str], *answers: httpx.Response | Exception) -> tuple[object, list[httpx.Request]]:
    transport = recorded(*answers)
    return outcome_of(Facebook().resume(Pending(state, 0.0), REEL, CHANNEL), transport), transport.asked


def test_a_video_is_begun_and_fetched_from_its_address() -> None:
    outcome, (start, upload) = published(STARTED, DONE, post=REEL)
    assert outcome == Pending(WRITTEN, 5.0, reference="77")
    assert (start.method, str(start.url)) == ("POST", f"{BASE}/video_reels")
    assert bodies([start]) == [{"upload_phase": "start"}]
    assert (upload.method, str(upload.url)) == ("POST", "https://rupload.facebook.com/video-upload/v25.0/77")
    assert upload.headers["authorization"] == f"OAuth {TOKEN}"
    assert upload.headers["file_url"] == "https://example.org/r%C3%A4.mp4"
    assert not any(map(publishes, [start, upload]))


def test_a_video_that_is_uploaded_is_published_with_its_words() -> None:
    outcome, (look, finish) = resumed(WRITTEN, status("complete"), DONE)
    assert outcome == Pending(FINISHED, 5.0, reference="77")
    assert str(look.url) == "https://graph.facebook.com/v25.0/77?fields=status%2Cpermalink_url"
    assert str(finish.url) == f"{BASE}/video_reels"
    assert bodies([finish]) == [
        {"upload_phase": "finish", "video_id": "77", "video_state": "PUBLISHED", "description": REEL_WORDS}
    ]
    assert publishes(finish)


def test_a_video_that_is_still_uploaded_is_looked_at_less_and_less_often() -> None:
    waiting = resumed(WRITTEN, status("in_progress", word="uploading"))[0]
    assert waiting == Pending({**WRITTEN, "looks": "1"}, 5.0, reference="77")
    again = resumed({**WRITTEN, "looks": "3"}, trouble(100, 33))[0]
    assert again == Pending({**WRITTEN, "looks": "4"}, 40.0, reference="77")


@pytest.mark.parametrize("word", ["complete", "completed"])
def test_a_reel_that_is_out_is_told_with_its_link(word: str) -> None:
    outcome, _ = resumed(FINISHED, status("complete", word, word="ready"))
    assert outcome == Receipt("77", "https://www.facebook.com/reel/77/")


def test_a_reel_that_is_processed_is_waited_for() -> None:
    outcome, _ = resumed(FINISHED, status("complete", "in_progress"))
    assert outcome == Pending({**FINISHED, "looks": "1"}, 5.0, reference="77")


@pytest.mark.parametrize("publishing", ["in_progress", "complete"])
def test_after_a_crash_a_finished_video_is_not_finished_again(publishing: str) -> None:
    outcome, asked = resumed(WRITTEN, status("complete", publishing))
    assert isinstance(outcome, Pending | Receipt)
    assert not any(map(publishes, asked))


@pytest.mark.parametrize("lost", [httpx.ReadTimeout(""), httpx.Response(500), trouble(1), told(id="1"), told()])
def test_what_became_of_a_lost_answer_the_video_tells(lost: httpx.Response | Exception) -> None:
    outcome, _ = resumed(WRITTEN, status("complete"), lost)
    assert outcome == Pending({**FINISHED, "finished": "perhaps"}, 5.0, reference="77")
    assert isinstance(outcome, Pending)
    assert isinstance(resumed(outcome.state, status("complete", "complete"))[0], Receipt)
    waiting, asked = resumed(outcome.state, status("complete"))
    assert isinstance(waiting, Pending)
    assert not any(map(publishes, asked))


def test_a_video_nobody_finished_after_all_is_for_a_search() -> None:
    state = {**FINISHED, "finished": "perhaps", "looks": "6"}
    assert isinstance(resumed(state, status("complete"))[0], OutcomeUnknown)
    assert isinstance(resumed(state, status("complete", "in_progress"))[0], Pending)


def test_looking_at_a_video_ends() -> None:
    assert isinstance(resumed({**FINISHED, "looks": "100"}, status("complete", "in_progress"))[0], OutcomeUnknown)


def test_a_video_that_is_lost_is_for_a_person() -> None:
    assert isinstance(resumed({})[0], OutcomeUnknown)


@pytest.mark.parametrize(
    ("answer", "told_of"),
    [
        (status("error", word="error"), "error"),
        (status("complete", processing="error"), "processing"),
        (status("complete", word="expired"), "expired"),
    ],
)
def test_a_video_facebook_cannot_take_is_refused(answer: httpx.Response, told_of: str) -> None:
    error, _ = resumed(FINISHED, answer)
    assert isinstance(error, Refused)
    assert str(error) == f"Facebook answered: {told_of}"


def test_a_video_is_refused_in_facebooks_words() -> None:
    phase = {"status": "error", "error": {"message": "The ratio is not 9 by 16."}}
    error, _ = resumed(FINISHED, told(status={"video_status": "error", "processing_phase": phase}))
    assert str(error) == "Facebook answered: The ratio is not 9 by 16."


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(190, 460, 401), Unauthorized),
        (trouble(4), Throttled),
        (trouble(2), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
    ],
)
def test_a_video_that_cannot_be_looked_at_is_an_error(
    answer: httpx.Response | Exception, kind: type[PublishingError]
) -> None:
    assert isinstance(resumed(WRITTEN, answer)[0], kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(6000, 1363041), Refused),
        (trouble(368, 1404102), Refused),
        (trouble(4), Throttled),
        (trouble(190, 460, 401), Unauthorized),
        (told(success=False), Refused),
    ],
)
def test_a_video_that_is_not_published_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(resumed(WRITTEN, status("complete"), answer, status("complete"))[0], kind)


def test_a_repetition_that_is_refused_since_it_is_out_is_no_failure() -> None:
    outcome, _ = resumed(WRITTEN, status("complete"), trouble(100), status("complete", "in_progress"))
    assert outcome == Pending(FINISHED, 5.0, reference="77")


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([trouble(1390008, 1390008)], Throttled),
        ([told(id="1")], Unavailable),
        ([STARTED, httpx.Response(400, json={"debug_info": {"retriable": False, "message": "No."}})], Refused),
        ([STARTED, httpx.Response(500, json={"debug_info": {"retriable": True, "message": "No."}})], Unavailable),
        ([STARTED, httpx.Response(401)], Unauthorized),
        ([STARTED, told(success=False)], Unavailable),
        ([STARTED, httpx.ReadTimeout("")], Unavailable),
    ],
)
def test_a_video_that_is_not_uploaded_means_nothing_was_published(
    answers: list[httpx.Response | Exception], kind: type[PublishingError]
) -> None:
    assert isinstance(published(*answers, post=REEL)[0], kind)


def test_a_reel_is_found_among_reels() -> None:
    shown = {"id": "77", "permalink_url": "/reel/77/", "created_time": "2026-11-20T12:00:01+0000"}
    transport = recorded(told(data=[{**shown, "description": REEL_WORDS}], paging={}))
    receipt = hold(Facebook().find(REEL, CHANNEL, NOON - timedelta(minutes=5)), transport)
    assert receipt == Receipt("77", "https://www.facebook.com/reel/77/", "2026-11-20T12:00:01+00:00")
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == f"{BASE}/video_reels"


def test_a_rehearsed_reel_is_begun() -> None:
    rehearsed = rehearse(Facebook(), REEL, CHANNEL, ["access_token"])
    assert rehearsed == Rehearsed("POST", "rupload.facebook.com", publishes=False, body=None)


def test_a_channel_may_be_pinned_to_another_version() -> None:
    channel = replace(CHANNEL, settings={"page_id": PAGE, "api_version": "v24.0"})
    transport = recorded(STARTED, DONE)
    hold(Facebook().publish(REEL, channel), transport)
    assert [request.url.path for request in transport.asked] == [
        f"/v24.0/{PAGE}/video_reels",
        "/video-upload/v24.0/77",
    ]


def test_a_post_is_removed() -> None:
    transport = recorded(DONE)
    hold(Facebook().remove(Receipt(POSTED), CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("DELETE", f"https://graph.facebook.com/v25.0/{POSTED}")


def test_what_is_gone_counts_as_removed() -> None:
    answers = [trouble(100, 33), trouble(100, 33)]
    assert outcome_of(Facebook().remove(Receipt(POSTED), CHANNEL), recorded(*answers)) is None


def insights(**counts: object) -> httpx.Response:
    return told(data=[{"name": name, "values": [{"value": count}]} for name, count in counts.items()])


def test_a_posts_counts_are_told() -> None:
    counted = insights(post_media_view=30, post_reactions_by_type_total={"like": 4, "love": 1}, post_clicks=6)
    transport = recorded(counted, told(comments={"summary": {"total_count": 2}}, shares={"count": 3}, id=POSTED))
    assert hold(Facebook().metrics(Receipt(POSTED), CHANNEL), transport) == {
        Metric.VIEWS: 30,
        Metric.LIKES: 5,
        Metric.CLICKS: 6,
        Metric.COMMENTS: 2,
        Metric.SHARES: 3,
    }
    assert [dict(request.url.params) for request in transport.asked] == [
        {"metric": "post_media_view,post_reactions_by_type_total,post_clicks"},
        {"fields": "comments.summary(true).limit(0),shares"},
    ]


@pytest.mark.parametrize("answer", [told(id=POSTED), trouble(10), trouble(2)])
def test_counts_that_are_not_told_are_left_out(answer: httpx.Response) -> None:
    transport = recorded(insights(post_media_view=30), answer)
    assert hold(Facebook().metrics(Receipt(POSTED), CHANNEL), transport) == {Metric.VIEWS: 30}


def test_a_reels_counts_are_told() -> None:
    counted = insights(fb_reels_total_plays=90, post_video_likes_by_reaction_type={"REACTION_LIKE": 7})
    transport = recorded(counted, told(comments={"summary": {"total_count": 2}}))
    expected = {Metric.VIEWS: 90, Metric.LIKES: 7, Metric.COMMENTS: 2}
    assert hold(Facebook().metrics(Receipt("77"), CHANNEL), transport) == expected
    assert transport.asked[0].url.path == "/v25.0/77/video_insights"


HOOKED = replace(CHANNEL, secrets={"access_token": TOKEN, "app_secret": "s3cr3t", "verify_token": "plausible"})


def called(document: object) -> object:
    body = json.dumps(document).encode()
    signature = "sha256=" + hmac.new(b"s3cr3t", body, hashlib.sha256).hexdigest()
    call = Call("POST", "https://example.org/hook", headers={"x-hub-signature-256": signature}, body=body)
    return Facebook().hear(call, HOOKED, NOON)


def fed(**value: object) -> object:
    change = {"field": "feed", "value": {"item": "video", "created_time": 1_779_364_800, **value}}
    return {"object": "page", "entry": [{"id": PAGE, "time": 1_779_364_801, "changes": [change]}]}


def test_a_video_that_joined_the_feed_is_heard_of() -> None:
    assert called(fed(verb="add", video_id="77")) == [Heard("77", "77:add:1779364800")]


@pytest.mark.parametrize(
    "document",
    [
        fed(verb="add"),
        fed(verb="remove", video_id="77"),
        {"entry": [{"changes": [{"field": "x", "value": "y"}]}]},
        [],
        1,
    ],
)
def test_other_news_say_nothing_of_posts(document: object) -> None:
    assert called(document) in ([], ())


def test_what_nobody_signed_is_not_heard() -> None:
    with pytest.raises(Forged):
        Facebook().hear(Call("POST", "https://example.org/hook", body=b"{}"), HOOKED, NOON)


def hooked(body: bytes, secret: str) -> Call:
    proof = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return Call("POST", "https://example.org/hook", headers={"x-hub-signature-256": f"sha256={proof}"}, body=body)


PROOF = "sha256=e6e3bb5c6ca2a43a2a70dc30cc51c3a0f9565208500c4761dfab1d19304a56b1"
SIGNED = [
    Signed(
        HOOKED, "app_secret", json.dumps(fed(verb="add", video_id="77")).encode(), hooked, "x-hub-signature-256", PROOF
    )
]
