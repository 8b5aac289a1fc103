"""The Pinterest adapter on replies written after Pinterest's OpenAPI description (read 2026-11-21), not recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from functions.platforms.pinterest import Pinterest
from publishing.errors import AppRefused, OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Fresh, Identity, Media, Metric, Post, Problem, Receipt, utc_text
from tests.functions.platforms.conversing import NOON, Answer, hold, outcome_of, recorded

TOKEN = "pina_t0ken4711t0ken4711t0ken4711"
BOARD = "549755885175"
CHANNEL = Channel("chn_1", "wsp_1", "pinterest", settings={"board_id": BOARD}, secrets={"access_token": TOKEN})
RIVER, LAKE = Media("https://example.org/a.png?w=1", "A river"), Media("https://example.org/b.jpg", "A lake")
CLIP = Media("https://example.org/a.mp4", type="video/mp4", size_bytes=3_000_000, seconds=12.0)
LINK = "https://example.org/rivers"
POST = Post(
    "dlv_1",
    Content(title="Rivers in autumn", text="All *rivers* carry leaves.", link=LINK, tags=("rivers",), media=(RIVER,)),
    NOON,
)
PIN = {
    "id": "813744226420795884",
    "created_at": "2026-11-20T12:00:01",
    "link": LINK,
    "title": "Rivers in autumn",
    "description": "All rivers carry leaves.",
    "dominant_color": "#6E7874",
    "alt_text": "A river",
    "creative_type": "REGULAR",
    "board_id": BOARD,
    "board_section_id": None,
    "board_owner": {"username": "ann"},
    "is_owner": True,
    "media": {
        "media_type": "image",
        "images": {"150x150": {"width": 150, "height": 150, "url": "https://i.pinimg.com/x"}},
    },
    "parent_pin_id": None,
}
CREATED = httpx.Response(201, json=PIN)
ACCEPTED = [CREATED]
VERIFIED = [httpx.Response(200, json={"id": BOARD, "name": "Water", "owner": {"username": "ann"}, "privacy": "PUBLIC"})]
TRIAL = (
    "Apps with Trial access may not create Pins in production https://api.pinterest.com - "
    "use API Sandbox https://api-sandbox.pinterest.com instead."
)
EMPTY = {"x-ratelimit-limit": '100, 100;w=1;name="x"', "x-ratelimit-remaining": "0", "x-ratelimit-reset": "17"}

EXPECTED = {
    "board_id": BOARD,
    "media_source": {"source_type": "image_url", "url": "https://example.org/a.png?w=1"},
    "title": "Rivers in autumn",
    "description": "All rivers carry leaves.",
    "link": LINK,
    "alt_text": "A river",
}


def trouble(status: int, code: int, message: str = "No.", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": message}, headers=headers)


def post_of(**content: object) -> Post:
    return replace(POST, content=Content(**content))  # type: ignore[arg-type]  # fields by name


def request_of(post: Post = POST, channel: Channel = CHANNEL) -> httpx.Request:
    transport = recorded(*ACCEPTED)
    hold(Pinterest().publish(post, channel), transport)
    (request,) = transport.asked
    return request


def pin_of(post: Post = POST, channel: Channel = CHANNEL) -> object:
    return json.loads(request_of(post, channel).content)


def with_settings(**settings: str) -> Channel:
    return replace(CHANNEL, settings={**CHANNEL.settings, **settings})


def published(*answers: Answer, post: Post = POST) -> object:
    return outcome_of(Pinterest().publish(post, CHANNEL), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Pinterest().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def page(*found: dict[str, object], bookmark: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"items": list(found), "bookmark": bookmark})


def own(minutes: float = 1, **fields: object) -> dict[str, object]:
    created_at = utc_text(NOON + timedelta(minutes=minutes)).removesuffix(".000Z")
    return {**PIN, "created_at": created_at, **fields}


def found(*answers: Answer, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(Pinterest().find(post, channel, NOON), recorded(*answers))


def looked(*answers: Answer, channel: Channel = CHANNEL) -> list[str]:
    transport = recorded(*answers)
    hold(Pinterest().find(POST, channel, NOON), transport)
    return [str(request.url) for request in transport.asked]


def test_the_request_is_the_documented_one() -> None:
    request = request_of()
    assert (request.method, str(request.url)) == ("POST", "https://api.pinterest.com/v5/pins")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == EXPECTED


def test_a_receipt_has_the_pins_id_and_link() -> None:
    link = "https://www.pinterest.com/pin/813744226420795884/"
    assert published(CREATED) == Receipt("813744226420795884", link, "2026-11-20T12:00:01")


def test_several_pictures_are_one_pin_with_all_their_alternative_texts() -> None:
    post = replace(POST, content=replace(POST.content, media=(RIVER, Media("https://example.org/c.png"), LAKE)))
    urls = ["https://example.org/a.png?w=1", "https://example.org/c.png", "https://example.org/b.jpg"]
    source = {"source_type": "multiple_image_urls", "items": [{"url": url} for url in urls]}
    assert pin_of(post) == EXPECTED | {"media_source": source, "alt_text": "A river; A lake"}


def test_two_pictures_are_several() -> None:
    source = {"source_type": "multiple_image_urls", "items": [{"url": media.url} for media in (RIVER, LAKE)]}
    assert pin_of(post_of(media=(RIVER, LAKE))) == {
        "board_id": BOARD,
        "media_source": source,
        "alt_text": "A river; A lake",
    }


def test_what_is_not_given_is_left_out() -> None:
    assert pin_of(post_of(media=(Media("https://example.org/a.png"),))) == {
        "board_id": BOARD,
        "media_source": {"source_type": "image_url", "url": "https://example.org/a.png"},
    }


def test_a_section_of_the_board_is_named() -> None:
    assert pin_of(channel=with_settings(board_section_id="42")) == EXPECTED | {"board_section_id": "42"}


@pytest.mark.parametrize(
    "base",
    [
        "https://api-sandbox.pinterest.com",
        "https://api-sandbox.pinterest.com/",
        "https://api-sandbox.pinterest.com/v5/",
    ],
)
def test_the_api_sandbox_can_be_published_to(base: str) -> None:
    assert str(request_of(channel=with_settings(base_url=base)).url) == "https://api-sandbox.pinterest.com/v5/pins"


@pytest.mark.parametrize("settings", [{"board_id": "water"}, {"board_id": ""}, {"board_section_id": "../1"}])
def test_a_board_that_is_no_number_holds_the_channel(settings: dict[str, str]) -> None:
    assert isinstance(outcome_of(Pinterest().publish(POST, with_settings(**settings)), recorded()), Unauthorized)


def test_a_token_http_cannot_carry_holds_the_channel() -> None:
    channel = replace(CHANNEL, secrets={"access_token": "schlüssel"})
    assert isinstance(outcome_of(Pinterest().publish(POST, channel), recorded()), Unauthorized)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"media": ()}, "content.media"),
        ({"media": (RIVER,) * 6}, "content.media"),
        ({"media": (Media("http://example.org/a.png"),)}, "content.media[0].url"),
        ({"media": (RIVER, Media("https://example.org/a.MP4"), LAKE)}, "content.media"),
        ({"media": (CLIP, CLIP)}, "content.media"),
        ({"media": (CLIP,), "title": "", "text": ""}, "content.text"),
        ({"media": (replace(CLIP, seconds=3.9),)}, "content.media[0]"),
        ({"media": (replace(CLIP, size_bytes=1_000_000_001 * 2),)}, "content.media[0]"),
        ({"media": (replace(CLIP, type="video/webm"),)}, "content.media[0]"),
        ({"media": (replace(RIVER, type="image/gif"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.png", "x" * 250),) * 2}, "content.media"),
        ({"title": "x" * 101}, "content.title"),
        ({"text": "x" * 801}, "content.text"),
        ({"link": "example.org"}, "content.link"),
        ({"link": f"https://example.org/{'x' * 2_029}"}, "content.link"),
        ({"text": "a\0"}, "content.text"),
    ],
)
def test_what_pinterest_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    (problem,) = problems_of(**content)
    assert problem.field == field


@pytest.mark.parametrize(
    "content",
    [
        {"title": "", "text": "", "link": ""},
        {"text": "🍂" * 800},
        {"text": f"**{'x' * 800}**"},
        {"link": f"https://example.org/{'x' * 2_028}"},
        {"media": (Media("https://example.org/a.png", "x" * 249),) * 2},
        {"tags": ("a",) * 99},
        {"media": (CLIP,)},
        {"media": (Media("https://example.org/a.mov"), RIVER)},
    ],
)
def test_what_pinterest_takes_is_none(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, 2, Unauthorized),
        (401, 3, Unauthorized),
        (403, 3, Unauthorized),
        (403, 29, Unauthorized),
        (403, 403, Unauthorized),
        (400, 29, Unauthorized),
        (400, 1, Refused),
        (400, 235, Refused),
        (403, 235, Refused),
        (404, 40, Refused),
        (404, 404, Refused),
        (409, 0, Refused),
        (400, 8, Throttled),
        (429, 8, Throttled),
        (429, 1, Throttled),
        (500, 0, OutcomeUnknown),
        (500, 1, OutcomeUnknown),
        (503, 8, OutcomeUnknown),
    ],
)
def test_an_error_is_sorted_by_pinterests_own_code_first(status: int, code: int, kind: type[PublishingError]) -> None:
    error = published(trouble(status, code))
    assert isinstance(error, kind)
    assert (error.code, error.status) == (str(code), status)
    assert str(error).startswith("Pinterest answered: No.")


def test_an_app_with_trial_access_is_told_what_would_help() -> None:
    error = published(trouble(403, 29, TRIAL))
    assert isinstance(error, Unauthorized)
    assert "Ask Pinterest for standard access, or connect the channel to https://api-sandbox.pinterest.com" in str(
        error
    )


def test_a_picture_pinterest_could_not_fetch_is_told_with_what_would_help() -> None:
    error = published(trouble(400, 235, "Sorry, we could not fetch the image."))
    assert "fetch the image. Its address must lead everybody to" in str(error)


def test_pinterests_words_need_not_be_its_own() -> None:
    assert str(published(httpx.Response(503, text="<html>"))) == "The answer was lost; the post may be out."


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "9", **EMPTY}, 9.0),
        (EMPTY, 17.0),
        ({"x-ratelimit-remaining": "none", "x-ratelimit-reset": "17"}, 60.0),
        ({}, 60.0),
    ],
)
def test_the_wait_is_told_in_either_header(headers: dict[str, str], wait_s: float) -> None:
    error = published(trouble(429, 8, "You have exceeded your rate limit. Try again later.", **headers))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


def test_the_token_is_blotted_out_of_pinterests_words() -> None:
    assert str(published(trouble(400, 1, f"No token {TOKEN}"))) == "Pinterest answered: No token …"


def test_of_a_created_pin_no_more_is_needed_than_its_id() -> None:
    assert published(httpx.Response(200, json={"id": "7"})) == Receipt("7", "https://www.pinterest.com/pin/7/")


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"id": 7}', b'{"id": "x"}', b"[]"])
def test_a_201_without_a_pin_is_unknown(body: bytes) -> None:
    assert isinstance(published(httpx.Response(201, content=body)), OutcomeUnknown)


def test_a_look_reads_the_boards_pins_page_by_page() -> None:
    assert looked(page(bookmark="a b&c"), page()) == [
        f"https://api.pinterest.com/v5/boards/{BOARD}/pins?page_size=100",
        f"https://api.pinterest.com/v5/boards/{BOARD}/pins?page_size=100&bookmark=a+b%26c",
    ]


def test_a_look_into_a_section_reads_its_pins() -> None:
    (url,) = looked(page(), channel=with_settings(board_section_id="42"))
    assert url == f"https://api.pinterest.com/v5/boards/{BOARD}/sections/42/pins?page_size=100"


@pytest.mark.parametrize("created_at", ["2026-11-20T12:00:01", "2026-11-20T12:00:01Z", "2026-11-20T13:00:01+01:00"])
def test_what_is_out_is_found_by_its_words(created_at: str) -> None:
    old, other = own(-1), own(2, title="Other")
    link = "https://www.pinterest.com/pin/813744226420795884/"
    expected = Receipt("813744226420795884", link, "2026-11-20T12:00:01.000Z")
    assert found(page(old, other, own(created_at=created_at))) == expected


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ({"title": "T", "media": (RIVER,)}, {"title": "T", "description": "What Pinterest read there"}),
        ({"text": "x  y", "media": (LAKE,)}, {"title": None, "description": "x\ny", "alt_text": "A lake"}),
        ({"media": (RIVER, LAKE)}, {"alt_text": "A river; A lake"}),
    ],
)
def test_words_the_post_has_not_do_not_matter(content: dict[str, object], fields: dict[str, object]) -> None:
    assert isinstance(found(page(own(**fields)), post=post_of(**content)), Receipt)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "there", [[], [own(-1)], [own(title="Other")], [own(description=None)], [own(alt_text="A lake")]]
)
def test_what_is_not_there_is_not_found(there: list[dict[str, object]]) -> None:
    assert found(page(*there)) is None


def test_a_look_goes_on_past_old_pins_for_a_board_may_be_arranged_anew() -> None:
    assert isinstance(found(page(own(-9), bookmark="b"), page(own(0))), Receipt)


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(*[page(own(-9), bookmark="b")] * 40), OutcomeUnknown)


def test_a_picture_without_words_cannot_be_told_from_others() -> None:
    wordless = post_of(link=LINK, media=(Media("https://example.org/a.png"),))
    assert isinstance(found(post=wordless), OutcomeUnknown)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(401, 2), Unauthorized),
        (httpx.Response(500), Unavailable),
        (httpx.Response(200, json={"items": [{"id": "1"}]}), Unavailable),
    ],
)
def test_a_look_that_fails_says_nothing(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(found(answer), kind)


def test_verifying_reads_the_board() -> None:
    transport = recorded(*VERIFIED)
    identity = hold(Pinterest().verify(CHANNEL), transport)
    assert identity == Identity(BOARD, "Water", "https://www.pinterest.com/ann/")
    assert [str(request.url) for request in transport.asked] == [f"https://api.pinterest.com/v5/boards/{BOARD}"]


def answered(method: str, headers: dict[str, str]) -> httpx.Response:
    extensions = {"publishes": method == "POST"}
    request = httpx.Request(method, "https://api.pinterest.com/v5/pins", extensions=extensions)
    return httpx.Response(201, headers=headers, request=request)


@pytest.mark.parametrize(
    ("method", "headers", "pause_s"),
    [
        ("POST", EMPTY, 17.0),
        ("POST", {**EMPTY, "x-ratelimit-remaining": "1"}, 0.0),
        ("POST", {}, 0.0),
        ("GET", EMPTY, 0.0),
    ],
)
def test_a_pause_is_foretold_of_what_publishes(method: str, headers: dict[str, str], pause_s: float) -> None:
    assert Pinterest().pause_s(answered(method, headers)) == pause_s


RECEIPT = Receipt("813744226420795884")


def test_removing_deletes_the_pin() -> None:
    transport = recorded(httpx.Response(204))
    hold(Pinterest().remove(RECEIPT, CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("DELETE", f"https://api.pinterest.com/v5/pins/{RECEIPT.id}")


def test_a_pin_that_is_gone_counts_as_removed() -> None:
    gone = trouble(404, 50, "Pin not found.")
    assert outcome_of(Pinterest().remove(RECEIPT, CHANNEL), recorded(gone)) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(trouble(403, 3), Unauthorized), (trouble(429, 8), Throttled), (httpx.Response(500), Unavailable)],
)
def test_a_removal_that_fails_is_sorted(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Pinterest().remove(RECEIPT, CHANNEL), recorded(answer)), kind)


def counted(answer: httpx.Response) -> object:
    return outcome_of(Pinterest().metrics(RECEIPT, CHANNEL), recorded(answer))


def test_a_pins_counts_are_those_of_its_whole_life() -> None:
    lifetime = {"pin_click": 7, "impression": 20, "clickthrough": 3, "reaction": 10, "comment": 2, "save": 4}
    pin = {**PIN, "pin_metrics": {"90d": {"impression": 1}, "lifetime_metrics": lifetime}}
    transport = recorded(httpx.Response(200, json=pin))
    assert hold(Pinterest().metrics(RECEIPT, CHANNEL), transport) == {
        Metric.VIEWS: 20,
        Metric.LIKES: 10,
        Metric.COMMENTS: 2,
        Metric.SAVES: 4,
        Metric.CLICKS: 3,
    }
    assert str(transport.asked[0].url) == f"https://api.pinterest.com/v5/pins/{RECEIPT.id}?pin_metrics=true"


@pytest.mark.parametrize("told", [{}, {"pin_metrics": None}, {"pin_metrics": {}}])
def test_where_pinterest_counts_nothing_nothing_is_told(told: dict[str, object]) -> None:
    assert counted(httpx.Response(200, json={**PIN, **told})) == {}


def test_of_a_pin_that_is_gone_nothing_is_told() -> None:
    assert isinstance(counted(trouble(404, 50)), Refused)


RENEWABLE = replace(
    CHANNEL,
    settings={"board_id": BOARD, "client_id": "1503"},
    secrets={"access_token": TOKEN, "refresh_token": "pinr_4711", "client_secret": "s3cret"},
)


def test_an_access_token_is_renewed_as_pinterest_documents_it() -> None:
    granted = {"access_token": "pina_new", "refresh_token": "pinr_new", "expires_in": 2_592_000, "token_type": "bearer"}
    transport = recorded(httpx.Response(200, json=granted))
    fresh = hold(Pinterest().refresh(RENEWABLE), transport)
    assert fresh == Fresh({"access_token": "pina_new", "refresh_token": "pinr_new"}, 2_592_000)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", "https://api.pinterest.com/v5/oauth/token")
    assert request.headers["authorization"] == "Basic MTUwMzpzM2NyZXQ="
    assert request.content == b"grant_type=refresh_token&refresh_token=pinr_4711"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (trouble(400, 283, "Invalid refresh token"), Unauthorized),
        (trouble(401, 2), AppRefused),
        (httpx.Response(403, text="<html>blocked</html>"), Unavailable),
        (httpx.Response(503), Unavailable),
        (httpx.ReadTimeout(""), Unavailable),
    ],
)
def test_a_token_that_is_not_renewed_is_sorted(answer: Answer, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Pinterest().refresh(RENEWABLE), recorded(answer)), kind)


@pytest.mark.parametrize("channel", [CHANNEL, replace(RENEWABLE, secrets={"client_secret": "x"})])
def test_what_has_nothing_to_be_renewed_with_is_for_a_person(channel: Channel) -> None:
    assert isinstance(outcome_of(Pinterest().refresh(channel), recorded()), Unauthorized)


def test_without_an_access_token_nothing_is_asked() -> None:
    bare = replace(RENEWABLE, secrets={"refresh_token": "pinr_4711"})
    assert isinstance(outcome_of(Pinterest().publish(POST, bare), recorded()), Unauthorized)
