"""The Instagram adapter on replies written after Meta's documentation (read 2026-11-21), not recorded from Instagram.

What it shares with Threads, which is how containers are gone on with, is tested there.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from functions.platforms.instagram import Instagram
from publishing.errors import (
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.inbound import Call, Forged
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import Rehearsed, rehearse
from tests.functions.platforms.conversing import NOON, Signed, hold, outcome_of, platform, publishes, recorded

TOKEN = "IGAAtok3n4711tok3n4711tok3n4711"
ACCOUNT = "17841400000000001"
CHANNEL = Channel("chn_1", "wsp_1", "instagram", settings={"account_id": ACCOUNT}, secrets={"access_token": TOKEN})
RIVER, LEAF = Media("https://example.org/a.jpg", "A river"), Media("https://example.org/b.jpg")
POST = Post("dlv_1", Content(text="All *rivers* carry leaves.", media=(RIVER,)), NOON)
WHOLE = replace(
    POST,
    content=Content(
        title="Rivers",
        text="All *rivers* carry [leaves](https://example.org/leaves).",
        link="https://example.org/rivers",
        tags=("rivers", "in_autumn"),
        media=(RIVER, LEAF),
    ),
)
WHOLE_CAPTION = (
    "Rivers\n\n"
    "All rivers carry leaves (https://example.org/leaves).\n\n"
    "https://example.org/rivers\n\n"
    "#rivers #in_autumn"
)
LINK = "https://www.instagram.com/p/DRx1/"
BASE = f"https://graph.instagram.com/v25.0/{ACCOUNT}"


def told(**document: object) -> httpx.Response:
    return httpx.Response(200, json=document)


def staged(code: str, reason: str = "") -> httpx.Response:
    return told(status_code=code, status=reason or f"{code.title()}: as it says.", id="17")


def trouble(code: int, subcode: int = 0, status: int = 400, **fields: object) -> httpx.Response:
    error = {"message": "No.", "type": "OAuthException", "code": code, "is_transient": False, **fields}
    return httpx.Response(status, json={"error": error | ({"error_subcode": subcode} if subcode else {})})


def entries(*captions: str | None) -> httpx.Response:
    shown = {"permalink": LINK, "timestamp": "2026-11-20T12:00:01+0000"}
    data = [{"id": str(90 + n), **shown} | ({"caption": text} if text else {}) for n, text in enumerate(captions)]
    return told(data=data, paging={"cursors": {"before": "b", "after": "c"}})


ROOM = told(data=[{"quota_usage": 4, "config": {"quota_total": 100, "quota_duration": 86400}}])
MADE, READY, OUT = told(id="17"), staged("FINISHED"), told(id="90")
ACCEPTED = [ROOM, MADE, READY, OUT]
VERIFIED = [told(id=ACCOUNT, username="ann")]
WRITTEN = {"container": "17"}
IMAGE_MADE = {"image_url": "https://example.org/a.jpg", "alt_text": "A river", "caption": "All rivers carry leaves."}


def began(
    *answers: httpx.Response | Exception, post: Post = POST, channel: Channel = CHANNEL
) -> tuple[object, list[httpx.Request]]:
    transport = recorded(*answers)
    return outcome_of(Instagram().publish(post, channel), transport), transport.asked


def followed(*answers: httpx.Response, post: Post = POST) -> tuple[object, list[httpx.Request]]:
    """What comes of a publication that is gone on with until it is out, and the requests it took."""
    transport = recorded(*answers)
    return outcome_of(platform("instagram").publication(transport, post), transport), transport.asked


def resumed(state: dict[str, str], *answers: httpx.Response | Exception, post: Post = POST) -> object:
    return outcome_of(Instagram().resume(Pending(state, 0.0), post, CHANNEL), recorded(*answers))


def bodies(asked: list[httpx.Request]) -> list[object]:
    return [json.loads(request.content) for request in asked if request.method == "POST"]


def problems_of(**content: object) -> list[Problem]:
    return list(Instagram().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def test_the_requests_are_the_documented_ones() -> None:
    _, asked = followed(*ACCEPTED)
    assert [(request.method, str(request.url)) for request in asked] == [
        ("GET", f"{BASE}/content_publishing_limit?fields=config%2Cquota_usage"),
        ("POST", f"{BASE}/media"),
        ("GET", "https://graph.instagram.com/v25.0/17?fields=status_code%2Cstatus"),
        ("POST", f"{BASE}/media_publish"),
    ]
    assert {request.headers["authorization"] for request in asked} == {f"Bearer {TOKEN}"}


def test_one_image_is_published_with_its_caption_and_description() -> None:
    assert bodies(followed(*ACCEPTED)[1]) == [IMAGE_MADE, {"creation_id": "17"}]


def test_a_container_is_written_down_before_it_is_published() -> None:
    outcome, asked = began(ROOM, MADE)
    assert outcome == Pending(WRITTEN, 5.0)
    assert not any(map(publishes, asked))


def test_several_images_are_a_carousel_with_one_caption() -> None:
    outcome, asked = followed(ROOM, told(id="11"), told(id="12"), READY, READY, MADE, READY, OUT, post=WHOLE)
    assert outcome == Pending({"media": "90"}, 0.0)
    assert bodies(asked) == [
        {"image_url": "https://example.org/a.jpg", "alt_text": "A river", "is_carousel_item": True},
        {"image_url": "https://example.org/b.jpg", "is_carousel_item": True},
        {"media_type": "CAROUSEL", "caption": WHOLE_CAPTION, "children": "11,12"},
        {"creation_id": "17"},
    ]


@pytest.mark.parametrize("api", ["https://graph.facebook.com", "https://graph.facebook.com/v19.0/?x=1"])
def test_a_token_of_facebook_login_goes_where_it_counts(api: str) -> None:
    channel = replace(CHANNEL, settings={"account_id": ACCOUNT, "api": api})
    _, asked = began(ROOM, MADE, channel=channel)
    assert str(asked[1].url) == f"https://graph.facebook.com/v25.0/{ACCOUNT}/media"


def test_an_account_id_that_is_no_number_holds_the_channel() -> None:
    channel = replace(CHANNEL, settings={"account_id": "../me"})
    assert isinstance(began(channel=channel)[0], Unauthorized)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"media": ()}, "content.media"),
        ({"media": (LEAF,) * 11}, "content.media"),
        ({"media": (Media("https://example.org/a", type="image/png"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.jpg", size_bytes=8_100_000),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.jpg", width=700, height=1000),)}, "content.media[0]"),
        ({"media": (RIVER, Media("https://example.org/a.jpg", width=2000, height=1000))}, "content.media[1]"),
        ({"media": (Media("https://example.org/a", type="video/webm"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.MOV", seconds=2.5),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", seconds=901),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", size_bytes=310_000_000),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", width=2160, height=3840),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.mp4", codec="VP9"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.jpg", "x" * 1001),)}, "content.media[0].alt"),
        ({"text": "x" * 2201}, "content.text"),
        ({"text": "x" * 2190, "title": "x" * 9}, "content.text"),
        ({"text": "x" * 2190, "tags": ("x" * 8,)}, "content.text"),
        ({"text": "x" * 2190, "link": "https://example.org"}, "content.text"),
        ({"text": "#a " * 31}, "content.text"),
        ({"text": "x #a", "tags": tuple(f"t{n}" for n in range(30))}, "content.text"),
        ({"text": "@a " * 21}, "content.text"),
        ({"tags": ("two words",)}, "content.tags[0]"),
        ({"tags": ("ok", "2026")}, "content.tags[1]"),
    ],
)
def test_what_instagram_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "🍂" * 2200},
        {"text": ""},
        {"media": (LEAF,) * 10},
        {"media": (Media("https://example.org/a", type="image/jpeg", width=6000, height=6000),)},
        {"media": (Media("https://example.org/a", type="video/mp4", codec="HEVC", width=1080, height=1920),)},
        {"tags": tuple(f"t{n}" for n in range(30))},
        {"text": "ann@example.org C# #7 " * 40 + "@a " * 20},
    ],
)
def test_what_instagram_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


def test_a_spent_quota_is_told_before_anything_is_made() -> None:
    error, asked = began(told(data=[{"quota_usage": 100, "config": {"quota_total": 100}}]))
    assert isinstance(error, QuotaSpent)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (1, 0, Unavailable),
        (2, 0, Unavailable),
        (-1, 2207001, Unavailable),
        (4, 0, Throttled),
        (17, 0, Throttled),
        (32, 0, Throttled),
        (613, 0, Throttled),
        (80002, 0, Throttled),
        (9, 2207042, QuotaSpent),
        (190, 458, Unauthorized),
        (190, 459, Unauthorized),
        (190, 460, Unauthorized),
        (190, 463, Unauthorized),
        (190, 464, Unauthorized),
        (190, 467, Unauthorized),
        (102, 0, Unauthorized),
        (10, 0, Unauthorized),
        (3, 0, Unauthorized),
        (200, 0, Unauthorized),
        (299, 0, Unauthorized),
        (100, 33, Unauthorized),
        (100, 0, Refused),
        (9007, 2207027, Unavailable),
        (9004, 2207052, Unavailable),
        (-2, 2207003, Unavailable),
        (-2, 2207020, Unavailable),
        (24, 2207006, Unavailable),
        (24, 2207008, Unavailable),
        (-1, 2207032, Unavailable),
        (-1, 2207053, Unavailable),
        (-1, 2207082, Unavailable),
        (36000, 2207004, Refused),
        (36001, 2207005, Refused),
        (36003, 2207009, Refused),
        (352, 2207026, Refused),
        (9, 2207023, Refused),
        (1, 2207057, Refused),
        (100, 2207010, Refused),
        (-1, 2207028, Refused),
        (-1, 2207035, Refused),
        (-1, 2207036, Refused),
        (-1, 2207037, Refused),
        (-1, 2207040, Refused),
        (-1, 2207081, Refused),
        (4, 2207051, Unauthorized),
        (25, 2207050, Unauthorized),
        (368, 0, Unauthorized),
        (12345, 0, Refused),
    ],
)
def test_an_error_is_sorted_by_graphs_own_codes(code: int, subcode: int, kind: type[PublishingError]) -> None:
    error = began(ROOM, trouble(code, subcode))[0]
    assert isinstance(error, kind)
    assert error.code == (f"{code}/{subcode}" if subcode else str(code))
    assert str(error) == "Instagram answered: No."


@pytest.mark.parametrize(("code", "subcode"), [(1, 0), (2, 0), (-1, 2207001), (-1, 2207032), (99, 0)])
def test_trouble_in_publishing_leaves_the_outcome_open(code: int, subcode: int) -> None:
    assert isinstance(resumed(WRITTEN, READY, trouble(code, subcode, is_transient=True)), OutcomeUnknown)


@pytest.mark.parametrize(("code", "subcode"), [(9007, 2207027), (9007, 0), (24, 2207006), (24, 2207008), (-2, 2207020)])
def test_a_container_that_cannot_be_published_yet_is_tried_again_later(code: int, subcode: int) -> None:
    state = {**WRITTEN, "misses": "1"}
    assert resumed(WRITTEN, READY, trouble(code, subcode)) == Pending(state, 5.0)


def test_the_words_meant_for_people_are_told() -> None:
    answer = trouble(36003, 2207009, error_user_title="Aspect ratio", error_user_msg="It is too wide.")
    assert str(began(ROOM, answer)[0]) == "Instagram answered: Aspect ratio It is too wide."


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"X-Business-Use-Case-Usage": '{"1": [{"type": "x", "estimated_time_to_regain_access": 9}]}'}, 540.0),
        ({"X-Business-Use-Case-Usage": '{"1": [{"type": "x", "estimated_time_to_regain_access": 0}]}'}, 300.0),
        ({"X-Business-Use-Case-Usage": "{}"}, 300.0),
        ({"X-Business-Use-Case-Usage": "soon"}, 300.0),
        ({}, 300.0),
    ],
)
def test_the_wait_is_in_the_headers(headers: dict[str, str], wait_s: float) -> None:
    answer = trouble(80002)
    answer.headers.update(headers)
    error = began(ROOM, answer)[0]
    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize("subcode", ["2207004", "2207026"])
def test_an_image_instagram_cannot_take_is_refused_in_its_words(subcode: str) -> None:
    error = resumed(WRITTEN, staged("ERROR", f"Error: Media upload has failed with error code {subcode}"))
    assert isinstance(error, Refused)
    assert error.code == subcode
    assert str(error).startswith("Instagram answered: Error: Media upload has failed")


def test_a_restricted_account_holds_the_channel() -> None:
    assert isinstance(resumed(WRITTEN, staged("ERROR", "Error: 2207050")), Unauthorized)


@pytest.mark.parametrize("reason", ["Error: 2207053", "Error: 2207001", "Error: 2207999", "Error"])
def test_a_container_that_failed_by_itself_is_made_anew(reason: str) -> None:
    outcome = resumed(WRITTEN, staged("ERROR", reason), told(id="18"))
    assert outcome == Pending({"container": "18", "round": "2"}, 5.0)


def test_what_is_out_is_told_with_its_link() -> None:
    shown = told(permalink=LINK, timestamp="2026-11-20T12:00:01+0000", id="90")
    assert resumed({"media": "90"}, shown) == Receipt("90", LINK, "2026-11-20T12:00:01+0000")


def test_after_a_lost_answer_a_published_container_is_not_published_again() -> None:
    outcome = resumed(WRITTEN, staged("PUBLISHED"), entries("Other", "All rivers carry leaves."))
    assert outcome == Receipt("91", LINK, "2026-11-20T12:00:01+00:00")


def test_what_is_out_is_found_by_its_caption() -> None:
    transport = recorded(entries("Other", WHOLE_CAPTION))
    receipt = hold(Instagram().find(WHOLE, CHANNEL, NOON - timedelta(minutes=5)), transport)
    assert receipt == Receipt("91", LINK, "2026-11-20T12:00:01+00:00")
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == f"{BASE}/media"
    assert dict(request.url.params) == {"fields": "id,caption,permalink,timestamp", "limit": "25"}


def test_what_is_not_among_the_recent_images_is_not_found() -> None:
    assert hold(Instagram().find(POST, CHANNEL, NOON), recorded(entries("Other", None))) is None


def test_verifying_asks_for_the_accounts_name() -> None:
    transport = recorded(*VERIFIED)
    identity = hold(Instagram().verify(CHANNEL), transport)
    assert identity == Identity(ACCOUNT, "ann", "https://www.instagram.com/ann/")
    assert str(transport.asked[0].url) == f"{BASE}?fields=id%2Cusername"


def test_a_rehearsal_shows_the_container() -> None:
    rehearsed = rehearse(Instagram(), POST, CHANNEL, ["access_token"])
    assert rehearsed == Rehearsed("POST", "graph.instagram.com", publishes=False, body=IMAGE_MADE)


RAPIDS = Media("https://example.org/r.mp4", "Rapids")
PAGED = replace(CHANNEL, settings={"account_id": ACCOUNT, "api": "https://graph.facebook.com"})


def test_a_video_alone_is_a_reel() -> None:
    post = replace(POST, content=replace(POST.content, media=(RAPIDS,)))
    _, asked = followed(ROOM, MADE, staged("IN_PROGRESS"), READY, OUT, post=post)
    assert bodies(asked) == [
        {"media_type": "REELS", "video_url": "https://example.org/r.mp4", "caption": "All rivers carry leaves."},
        {"creation_id": "17"},
    ]


def test_among_images_a_video_is_a_video() -> None:
    post = replace(POST, content=replace(POST.content, media=(RIVER, RAPIDS)))
    assert bodies(began(ROOM, told(id="11"), told(id="12"), post=post)[1]) == [
        {"image_url": "https://example.org/a.jpg", "alt_text": "A river", "is_carousel_item": True},
        {"media_type": "VIDEO", "video_url": "https://example.org/r.mp4", "is_carousel_item": True},
    ]


def test_a_channel_may_be_pinned_to_another_version() -> None:
    channel = replace(CHANNEL, settings={"account_id": ACCOUNT, "api_version": "v24.0"})
    assert str(began(ROOM, MADE, channel=channel)[1][1].url) == f"https://graph.instagram.com/v24.0/{ACCOUNT}/media"


def test_a_version_that_is_not_spoken_holds_the_channel() -> None:
    channel = replace(CHANNEL, settings={"account_id": ACCOUNT, "api_version": "v19.0"})
    assert isinstance(began(channel=channel)[0], Unauthorized)


def test_the_version_to_use_works_the_longest_and_each_ends_some_day() -> None:
    ends = [version.ends for version in Instagram.versions if version.ends]
    assert len(ends) == len(Instagram.versions)
    assert ends == sorted(ends, reverse=True)


def test_a_token_is_renewed() -> None:
    transport = recorded(told(access_token="IGAAnew", token_type="bearer", expires_in=5_184_000, permissions="x"))
    assert hold(Instagram().refresh(CHANNEL), transport) == Fresh({"access_token": "IGAAnew"}, 5_184_000.0)
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == "https://graph.instagram.com/refresh_access_token"
    assert dict(request.url.params) == {"grant_type": "ig_refresh_token", "access_token": TOKEN}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(190, 463, 401), Unauthorized),
        (trouble(100), Refused),
        (trouble(10), Unauthorized),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
    ],
)
def test_a_token_instagram_does_not_renew_needs_a_person(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Instagram().refresh(CHANNEL), recorded(answer)), kind)


def test_a_token_of_facebook_login_needs_a_person() -> None:
    assert isinstance(outcome_of(Instagram().refresh(PAGED), recorded()), Unauthorized)


def test_a_token_of_facebook_login_may_take_a_post_back() -> None:
    transport = recorded(told(success=True))
    hold(Instagram().remove(Receipt("90"), PAGED), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("DELETE", "https://graph.facebook.com/v25.0/90")


def test_what_is_gone_counts_as_removed() -> None:
    answers = [trouble(100, 33), trouble(100, 33)]
    assert outcome_of(Instagram().remove(Receipt("90"), PAGED), recorded(*answers)) is None


def test_a_token_of_instagram_login_may_not() -> None:
    error = outcome_of(Instagram().remove(Receipt("90"), CHANNEL), recorded())
    assert isinstance(error, Refused)
    assert "Facebook Login" in str(error)


def test_a_posts_counts_are_told() -> None:
    told_of = {"views": 30, "reach": 20, "likes": 5, "comments": 4, "shares": 3, "saved": 2}
    data = [{"name": name, "period": "lifetime", "values": [{"value": count}]} for name, count in told_of.items()]
    transport = recorded(told(data=data))
    assert hold(Instagram().metrics(Receipt("90"), CHANNEL), transport) == {
        Metric.VIEWS: 30,
        Metric.REACH: 20,
        Metric.LIKES: 5,
        Metric.COMMENTS: 4,
        Metric.SHARES: 3,
        Metric.SAVES: 2,
    }
    (request,) = transport.asked
    assert str(request.url.copy_with(query=None)) == "https://graph.instagram.com/v25.0/90/insights"
    assert dict(request.url.params) == {"metric": "views,reach,likes,comments,shares,saved"}


def test_a_total_is_a_count_too() -> None:
    data = [{"name": "views", "total_value": {"value": 7}}]
    assert hold(Instagram().metrics(Receipt("90"), CHANNEL), recorded(told(data=data))) == {Metric.VIEWS: 7}


def test_metas_question_is_answered_and_nobody_elses() -> None:
    channel = replace(CHANNEL, secrets={**CHANNEL.secrets, "verify_token": "plausible"})
    asked = {"hub.mode": "subscribe", "hub.verify_token": "plausible", "hub.challenge": "42"}
    assert Instagram().hear(Call("GET", "https://example.org", asked), channel, NOON) == "42"
    with pytest.raises(Forged):
        Instagram().hear(Call("POST", "https://example.org"), channel, NOON)


def hooked(body: bytes, secret: str) -> Call:
    proof = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return Call("POST", "https://example.org/hook", headers={"x-hub-signature-256": f"sha256={proof}"}, body=body)


PROOF = "sha256=647feabba31093615d56d1bd0b21d230ec88b02eeca0cfccd3f1980472398850"
SIGNED = [
    Signed(
        replace(CHANNEL, secrets={"access_token": TOKEN, "app_secret": "s3cr3t"}),
        "app_secret",
        b'{"object":"instagram"}',
        hooked,
        "x-hub-signature-256",
        PROOF,
    )
]
