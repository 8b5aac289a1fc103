"""Contract by documentation: Weibo has no machine-readable one; the fields are those of its wiki."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from functions.platforms._weibo import HINT
from functions.platforms.weibo import Weibo
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Metric, Pending, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

TOKEN = "2.00HhKNQCfj3PXCa57fba7999JYpQWE"
SETTINGS = {"safe_domain": "example.org", "rip": "211.156.0.1"}
CHANNEL = Channel("chn_1", "wsp_1", "weibo", settings=SETTINGS, secrets={"access_token": TOKEN})
LINK = "https://www.example.org/rivers"
POST = Post("dlv_1", Content(text="All *rivers* carry leaves.", link=LINK), NOON)
PICTURE = Media("https://example.org/a.png", "A river")
PNG = httpx.Response(200, content=b"\x89PNG\r\n\x1a\n...")
PENDING = Pending({"looks": "0"}, 120.0)
# What the wiki says of `statuses/share` and the type of each value; nothing else may be sent.
CONTRACT: dict[str, Callable[[str], bool]] = {
    "access_token": lambda value: value == TOKEN,
    "status": lambda value: "#" not in value and "example.org/" in value,
    "rip": lambda value: value.count(".") == 3,
}


def status(number: int = 4607741009594608, **fields: object) -> dict[str, object]:
    return {
        "created_at": "Fri Nov 20 20:00:01 +0800 2026",
        "id": 3504803600500000,
        "mid": str(number),
        "idstr": str(number),
        "text": "All rivers carry leaves. http://t.cn/A6Pl4yxk",
        "user": {"id": 1645372340, "screen_name": "ann"},
        **fields,
    }


def trouble(code: object, error: str = "Sorry", http: int = 400) -> httpx.Response:
    return httpx.Response(http, json={"request": "/2/statuses/share.json", "error_code": code, "error": error})


def timeline(*found: dict[str, object], total: int = 0) -> httpx.Response:
    return httpx.Response(200, json={"statuses": found, "total_number": total or len(found)})


CREATED = httpx.Response(200, json=status())
RECEIPT = Receipt("4607741009594608", "https://weibo.com/1645372340/K3fnuEfZK", "2026-11-20T12:00:01.000Z")
ACCEPTED = [CREATED]
VERIFIED = [
    httpx.Response(200, json={"uid": 1645372340, "appkey": "1", "scope": None, "create_at": 1, "expire_in": 9}),
    httpx.Response(200, json={"id": 1645372340, "screen_name": "ann"}),
]


def published(*answers: httpx.Response, post: Post = POST, channel: Channel = CHANNEL) -> object:
    return outcome_of(Weibo().publish(post, channel), recorded(*answers))


def asked_for(post: Post = POST, *answers: httpx.Response) -> httpx.Request:
    transport = recorded(*answers or ACCEPTED)
    hold(Weibo().publish(post, CHANNEL), transport)
    return transport.asked[-1]


def form_of(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(request.content.decode(), strict_parsing=True).items()}


def found(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(Weibo().find(post, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Weibo().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def in_the_channel(**settings: str) -> Channel:
    return replace(CHANNEL, settings={**SETTINGS, **settings})


def test_the_request_is_the_documented_one() -> None:
    request = asked_for()
    assert (request.method, str(request.url)) == ("POST", "https://api.weibo.com/2/statuses/share.json")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert form_of(request) == {
        "access_token": TOKEN,
        "status": f"All rivers carry leaves.\n\n{LINK}",
        "rip": "211.156.0.1",
    }


def test_the_form_is_what_the_wiki_says() -> None:
    form = form_of(asked_for())
    assert form.keys() == CONTRACT.keys()
    assert [name for name, value in form.items() if not CONTRACT[name](value)] == []


def test_a_title_stands_first_and_tags_are_left_out() -> None:
    content = replace(POST.content, title="Rivers in autumn", tags=("rivers",))
    expected = f"Rivers in autumn\n\nAll rivers carry leaves.\n\n{LINK}"
    assert form_of(asked_for(replace(POST, content=content)))["status"] == expected


def test_a_link_that_stands_in_the_text_is_not_said_again() -> None:
    content = Content(text=f"河流 {LINK}。", link=LINK)
    assert form_of(asked_for(replace(POST, content=content)))["status"] == f"河流 {LINK}。"


def test_a_picture_is_handed_over_in_the_same_form() -> None:
    request = asked_for(replace(POST, content=replace(POST.content, media=(PICTURE,))), PNG, CREATED)
    kind, _, boundary = request.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert request.content.count(f"--{boundary}\r\n".encode()) == 4
    assert b'name="rip"\r\n\r\n211.156.0.1\r\n' in request.content
    assert b'name="pic"; filename="picture.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in request.content


def test_a_picture_makes_the_same_request_of_the_same_post() -> None:
    post = replace(POST, content=replace(POST.content, media=(PICTURE,)))
    first, second = (asked_for(post, PNG, CREATED) for _ in range(2))
    assert (first.headers, first.content) == (second.headers, second.content)


def test_a_picture_weibo_does_not_take_is_refused_before() -> None:
    webp = httpx.Response(200, content=b"RIFF....WEBP")
    outcome = published(webp, post=replace(POST, content=replace(POST.content, media=(PICTURE,))))
    assert isinstance(outcome, Refused)


def test_a_receipt_has_the_posts_number_and_address() -> None:
    assert published(CREATED) == RECEIPT


def test_an_address_has_four_signs_for_each_seven_digits() -> None:
    receipt = published(httpx.Response(200, json=status(10_000_001)))
    assert isinstance(receipt, Receipt)
    assert receipt.url == "https://weibo.com/1645372340/10001"


def test_a_post_without_its_user_has_a_receipt_as_well() -> None:
    assert published(httpx.Response(200, json={"idstr": "1", "created_at": "soon"})) == Receipt("1")


@pytest.mark.parametrize("domain", ["example.org", "EXAMPLE.org", "www.example.org", "other.example, example.org"])
def test_a_link_into_the_safe_domain_is_enough(domain: str) -> None:
    assert published(CREATED, channel=in_the_channel(safe_domain=domain)) == RECEIPT


@pytest.mark.parametrize("domain", ["other.example", "ample.org", "rivers.example.org", ""])
def test_without_a_link_into_the_safe_domain_nothing_is_sent(domain: str) -> None:
    outcome = published(channel=in_the_channel(safe_domain=domain))
    assert isinstance(outcome, Refused)
    assert outcome.code == "content.link"


def test_an_address_in_an_address_is_no_link_into_the_safe_domain() -> None:
    content = replace(POST.content, link="https://elsewhere.example/?to=example.org")
    assert isinstance(published(post=replace(POST, content=content)), Refused)


def test_an_ip_address_that_is_none_holds_the_channel() -> None:
    assert isinstance(published(channel=in_the_channel(rip="here")), Unauthorized)


@pytest.mark.parametrize("token", ["", "schlüssel"])
def test_a_token_that_is_none_holds_the_channel(token: str) -> None:
    assert isinstance(published(channel=replace(CHANNEL, secrets={"access_token": token})), Unauthorized)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x" * 257}, "content.text"),
        ({"text": "河" * 129}, "content.text"),
        ({"text": "河" * 120, "title": "河" * 8}, "content.text"),
        ({"text": "🏞" * 65}, "content.text"),
        ({"link": ""}, "content.link"),
        ({"text": "#rivers# carry leaves"}, "content.text"),
        ({"media": (PICTURE,) * 2}, "content.media"),
        ({"media": (Media("https://example.org/a.mp4"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.webp", type="image/webp"),)}, "content.media[0]"),
        ({"media": (Media("https://example.org/a.png", type="image/png", size_bytes=5_000_001),)}, "content.media[0]"),
    ],
)
def test_what_weibo_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "x" * 256},
        {"text": "河" * 128},
        {"text": "🏞" * 64},
        {"text": "x" * 234 + f" https://example.org/{'x' * 300}", "link": ""},
        {"text": "x" * 233 + " https://example.org/", "link": LINK},
        {"text": f"See {LINK}#a#b", "link": ""},
        {"text": "one # and no more"},
    ],
)
def test_ascii_is_half_as_wide_and_every_link_is_short(content: dict[str, object]) -> None:
    assert problems_of(**content) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, OutcomeUnknown) for code in (10001, 10003, 10010, 10011)),
        *((code, Unavailable) for code in (10002, 10009)),
        *((code, Unauthorized) for code in (10004, 10005, 10013, 10014, 20031, 20033)),
        *((code, Refused) for code in (10006, 10008, 10016, 10017, 10018, 10021, 10025)),
        *((code, Throttled) for code in (10022, 10023, 10024, 20016)),
        *((code, Refused) for code in (20005, 20006, 20007, 20008, 20012, 20013, 20021, 29999)),
        *((code, Unauthorized) for code in (21314, 21315, 21316, 21317, 21319, 21327, 21332, 21501, 21321, 21322)),
    ],
)
@pytest.mark.parametrize("http", [400, 403])
def test_an_error_is_sorted_by_its_code(code: int, kind: type[PublishingError], http: int) -> None:
    error = published(trouble(code, http=http))
    assert type(error) is kind
    assert (error.code, error.status) == (str(code), http)


def test_a_code_may_be_text() -> None:
    assert isinstance(published(trouble("21327", "expired_token")), Unauthorized)


def test_a_200_may_be_an_error_too() -> None:
    assert isinstance(published(trouble(20012, http=200)), Refused)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (trouble(20012, "text too long"), Refused, "Weibo answered: text too long"),
        (trouble(10017, "text not find domain!"), Refused, f"Weibo answered: text not find domain!{HINT}"),
        (trouble(20012, f"No {TOKEN}"), Refused, "Weibo answered: No …"),
        (httpx.Response(409, text="<html>"), Refused, "The platform answered 409."),
        (httpx.Response(502, text="<html>"), OutcomeUnknown, "The answer was lost; the post may be out."),
        (trouble(29999, "odd", 500), OutcomeUnknown, "Weibo answered: odd"),
    ],
)  # fmt: skip
def test_an_error_is_told(answer: httpx.Response, kind: type[PublishingError], message: str) -> None:
    error = published(answer)
    assert type(error) is kind
    assert str(error) == message


def test_a_quota_is_waited_for_until_the_next_hour() -> None:
    error = published(trouble(10023, "User requests out of rate limit!", 403))
    assert isinstance(error, Throttled)
    assert 0 < error.retry_after_s <= 3600


def test_posting_too_often_is_a_few_minutes_wait() -> None:
    error = published(trouble(20016))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 300.0


def test_what_does_not_publish_leaves_nothing_open() -> None:
    assert isinstance(found(trouble(10001)), Unavailable)


@pytest.mark.parametrize("code", [20017, 20019, 20111])
def test_what_weibo_has_had_already_is_found(code: int) -> None:
    assert published(trouble(code), timeline(status())) == RECEIPT


@pytest.mark.parametrize("code", [20017, 20019, 20111])
def test_what_weibo_takes_for_a_repetition_of_something_else_is_refused(code: int) -> None:
    error = published(trouble(code, "repeated content"), timeline())
    assert isinstance(error, Refused)
    assert str(error) == "Weibo answered: repeated content"


def test_what_is_shown_later_is_waited_for() -> None:
    assert published(trouble(20032)) == PENDING


def test_what_was_to_be_shown_later_is_looked_for_and_never_posted_again() -> None:
    transport = recorded(timeline(status()))
    assert hold(Weibo().resume(PENDING, POST, CHANNEL), transport) == RECEIPT
    assert [request.method for request in transport.asked] == ["GET"]


@pytest.mark.parametrize("answer", [timeline(), trouble(10014), httpx.Response(500)])
def test_what_is_not_shown_yet_is_looked_for_again(answer: httpx.Response) -> None:
    assert outcome_of(Weibo().resume(PENDING, POST, CHANNEL), recorded(answer)) == Pending({"looks": "1"}, 600.0)


def test_what_is_never_shown_is_out_all_the_same() -> None:
    outcome = outcome_of(Weibo().resume(Pending({"looks": "2"}, 3600.0), POST, CHANNEL), recorded(timeline()))
    assert outcome == Receipt("untold")


def test_a_look_reads_what_the_app_posted() -> None:
    transport = recorded(timeline())
    hold(Weibo().find(POST, CHANNEL, NOON), transport)
    (request,) = transport.asked
    assert str(request.url) == ("https://api.weibo.com/2/statuses/user_timeline.json?count=100&base_app=1&feature=0")
    assert request.headers["authorization"] == f"OAuth2 {TOKEN}"


def test_what_is_out_is_found_by_its_words() -> None:
    assert found(timeline(status(1, text="Other http://t.cn/A6Pl4yxk"), status())) == RECEIPT


@pytest.mark.parametrize(
    "there",
    [
        [],
        [status(text="All rivers carry leaves.")],
        [status(created_at="Fri Nov 20 19:54:59 +0800 2026")],
        [status(created_at="?")],
    ],
)
def test_what_is_not_among_the_recent_posts_is_not_found(there: list[dict[str, object]]) -> None:
    assert found(timeline(*there)) is None


def test_a_post_of_the_same_second_is_found() -> None:
    since = NOON.replace(second=1, microsecond=137_000)
    assert hold(Weibo().find(POST, CHANNEL, since), recorded(timeline(status()))) == RECEIPT


def test_a_look_that_cannot_come_to_an_end_does_not_say_no() -> None:
    assert isinstance(found(timeline(*[status(text="Other")] * 5, total=9)), OutcomeUnknown)


def test_a_look_ends_at_the_first_post_from_before() -> None:
    before = status(text="Other", created_at="Thu Nov 19 20:00:00 +0800 2026")
    assert found(timeline(status(text="Other"), before, total=9)) is None


def test_a_post_is_deleted_by_its_number() -> None:
    transport = recorded(CREATED)
    hold(Weibo().remove(RECEIPT, CHANNEL), transport)
    (request,) = transport.asked
    assert str(request.url) == "https://api.weibo.com/2/statuses/destroy.json"
    assert form_of(request) == {"access_token": TOKEN, "id": "4607741009594608"}


def test_what_is_not_there_any_more_counts_as_removed() -> None:
    transport = recorded(trouble(20101, "target weibo does not exist!"))
    hold(Weibo().remove(RECEIPT, CHANNEL), transport)
    assert transport.asked


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(trouble(20102, "not your own weibo"), Refused), (trouble(21327), Unauthorized), (trouble(10001), Unavailable)],
)
def test_what_cannot_be_removed_is_told(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Weibo().remove(RECEIPT, CHANNEL), recorded(answer)), kind)


def test_what_weibo_never_showed_cannot_be_removed() -> None:
    assert isinstance(outcome_of(Weibo().remove(Receipt("untold"), CHANNEL), recorded()), Refused)


def test_a_post_is_measured() -> None:
    transport = recorded(httpx.Response(200, json=[{"id": 1, "comments": 3, "reposts": 2, "attitudes": 5}]))
    expected = {Metric.SHARES: 2, Metric.COMMENTS: 3, Metric.LIKES: 5}
    assert hold(Weibo().metrics(RECEIPT, CHANNEL), transport) == expected
    assert str(transport.asked[0].url) == "https://api.weibo.com/2/statuses/count.json?ids=4607741009594608"


@pytest.mark.parametrize(("counts", "told"), [([], {}), ([{"id": 1, "comments": 0}], {Metric.COMMENTS: 0})])
def test_what_is_not_told_is_left_out(counts: list[dict[str, int]], told: dict[Metric, int]) -> None:
    assert hold(Weibo().metrics(RECEIPT, CHANNEL), recorded(httpx.Response(200, json=counts))) == told


def test_publishing_with_a_picture_can_be_rehearsed() -> None:
    post = replace(POST, content=replace(POST.content, media=(PICTURE,)))
    rehearsed = rehearse(Weibo(), post, replace(CHANNEL, secrets={}), {"access_token"})
    assert rehearsed is not None
    assert (rehearsed.publishes, rehearsed.host) == (True, "api.weibo.com")


def test_verifying_asks_whose_token_it_is() -> None:
    expected = Identity("1645372340", "ann", "https://weibo.com/u/1645372340")
    transport = recorded(*VERIFIED)
    assert hold(Weibo().verify(CHANNEL), transport) == expected
    assert [str(request.url) for request in transport.asked] == [
        "https://api.weibo.com/oauth2/get_token_info",
        "https://api.weibo.com/2/users/show.json?uid=1645372340",
    ]
