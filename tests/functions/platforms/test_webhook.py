"""The webhook adapter against the Standard Webhooks specification and its reference library."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Receiver

from functions.platforms.webhook import Webhook
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Post, Receipt
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://hooks.example.org/in/t0ken-4711?key=k3y-4711"
CHANNEL = Channel("chn_1", "wsp_1", "webhook", secrets={"url": URL, "signing_secret": NEW})
POST = Post(
    "dlv_1",
    Content(
        title='Rivers "in" autumn',
        text="All *rivers* carry leaves — 🍂.",
        summary="On leaves",
        link="https://example.org/rivers",
        tags=("rivers", "autumn"),
        media=(Media("https://example.org/river.png", "A river"),),
    ),
    NOON,
)
ACCEPTED = [httpx.Response(204)]
VERIFIED = [httpx.Response(200)]
ANY_2XX = True

BODY = (
    '{"type":"post.published","timestamp":"2026-11-20T12:00:00.000Z","data":{"id":"dlv_1",'
    '"title":"Rivers \\"in\\" autumn","text":"All *rivers* carry leaves — 🍂.",'
    '"html":"<p>All <em>rivers</em> carry leaves — 🍂.</p>\\n","summary":"On leaves",'
    '"link":"https://example.org/rivers","tags":["rivers","autumn"],'
    '"media":[{"url":"https://example.org/river.png","alt":"A river"}]}}'
)


def with_secrets(**secrets: str) -> Channel:
    return replace(CHANNEL, secrets={**CHANNEL.secrets, **secrets})


def with_template(template: object) -> Channel:
    return replace(CHANNEL, settings={"template": template if isinstance(template, str) else json.dumps(template)})


def called(channel: Channel = CHANNEL, post: Post = POST, now_s: float = 1_763_640_000.9) -> httpx.Request:
    transport = recorded(*ACCEPTED)
    hold(Webhook(lambda: now_s).publish(post, channel), transport)
    (request,) = transport.asked
    return request


def filled(template: object, post: Post = POST) -> object:
    return json.loads(called(with_template(template), post).content)


def answered(answer: httpx.Response | Exception) -> object:
    return outcome_of(Webhook().publish(POST, CHANNEL), recorded(answer))


def pinged(answer: httpx.Response, channel: Channel = CHANNEL) -> object:
    return outcome_of(Webhook(lambda: 1_763_640_000.9).verify(channel), recorded(answer))


def test_the_call_is_the_documented_one_byte_for_byte() -> None:
    request = called()
    assert (request.method, str(request.url)) == ("POST", URL)
    assert request.headers["content-type"] == "application/json"
    assert request.content.decode() == BODY


def test_a_2xx_is_a_receipt_of_the_delivery_itself() -> None:
    assert answered(httpx.Response(202, text="queued")) == Receipt("dlv_1")


def test_the_answers_body_is_not_waited_for() -> None:
    assert called().extensions["status_only"] is True


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200))
def test_what_is_sent_passes_the_reference_receiver(text: str) -> None:
    post = replace(POST, content=replace(POST.content, text=f"{text}."))
    request = called(post=post, now_s=time.time())
    received = Receiver(NEW).verify(request.content, dict(request.headers))
    assert received["data"]["text"] == f"{text}."


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_receivers_of_either_secret_are_served_while_it_is_rotated(secret: str) -> None:
    request = called(with_secrets(previous_signing_secret=OLD), now_s=time.time())
    assert Receiver(secret).verify(request.content, dict(request.headers))


def test_an_attempt_is_stamped_with_its_own_time_and_the_deliverys_constant_id() -> None:
    first, second = called(now_s=1_763_640_000.9), called(now_s=1_763_640_060.0)
    assert (first.headers["webhook-id"], first.headers["webhook-timestamp"]) == ("dlv_1", "1763640000")
    assert (second.headers["webhook-id"], second.headers["webhook-timestamp"]) == ("dlv_1", "1763640060")
    assert first.content == second.content


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"msg": "{title}: {summary}", "n": 3}, {"msg": 'Rivers "in" autumn: On leaves', "n": 3}),
        ([{"deep": ["{tags}", None, True]}], [{"deep": ["rivers, autumn", None, True]}]),
        ({"{title}": "{id}"}, {"{title}": "dlv_1"}),
        ('"{published_at}"', "2026-11-20T12:00:00.000Z"),
        ({"a": "{{title}}", "b": "{ title }", "c": "{}", "d": "${link}"},
         {"a": "{title}", "b": "{ title }", "c": "{}", "d": "$https://example.org/rivers"}),
        ({"html": "<main>{html}</main>"}, {"html": "<main><p>All <em>rivers</em> carry leaves — 🍂.</p>\n</main>"}),
    ],
)  # fmt: skip
def test_a_template_is_filled_inside_its_texts(template: object, expected: object) -> None:
    assert filled(template) == expected


@pytest.mark.parametrize("text", ['", "admin": true, "x": "', "\\", "{id}", "{{", "\u2028\n\t", '"}]}'])
def test_no_content_breaks_out_of_its_place_in_a_template(text: str) -> None:
    post = replace(POST, content=replace(POST.content, title=text))
    assert filled({"title": "{title}", "admin": False}, post) == {"title": text, "admin": False}


@pytest.mark.parametrize("template", [{"a": "{titel}"}, {"a": ["{author.name}", "{author}"]}, {"a": "{_}"}])
def test_an_unknown_placeholder_is_named(template: object) -> None:
    with pytest.raises(Refused, match=r"asks for \{(titel|author|_)\}"):
        called(with_template(template))


@pytest.mark.parametrize("template", ["{", '{"a": 1,}', "[" * 20_000, '"\\ud800"', "'single'"])
def test_a_template_that_is_no_json_is_refused(template: str) -> None:
    with pytest.raises(Refused, match="not the JSON that is needed"):
        called(with_template(template))


@pytest.mark.parametrize("template", ['{"a": NaN}', '{"a": 1e999}'])
def test_a_template_with_numbers_json_has_not_is_refused(template: str) -> None:
    with pytest.raises(Refused, match="what JSON cannot"):
        called(with_template(template))


def test_further_headers_are_sent() -> None:
    request = called(with_secrets(headers='{"Authorization": "Bearer t0ken", "Content-Type": "application/x+json"}'))
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.headers["content-type"] == "application/x+json"


@pytest.mark.parametrize(
    "name", ["webhook-id", "Webhook-Signature", "WEBHOOK-TIMESTAMP", "webhook-anything", "Host", "Content-Length",
             "Transfer-Encoding", "Connection", "TE", "Upgrade", "Proxy-Authorization", "Expect", "Accept-Encoding"],
)  # fmt: skip
def test_signature_and_transport_headers_are_not_the_channels_to_set(name: str) -> None:
    with pytest.raises(Unauthorized, match=f"header {name} is not"):
        called(with_secrets(headers=json.dumps({name: "x"})))


@pytest.mark.parametrize(
    "headers", [{"x y": "1"}, {"x": "a\r\nInjected: 1"}, {"x": "é"}, {"": "1"}, {"x": ""}, {"x": " 1"}, {"x\n": "1"}]
)
def test_headers_http_cannot_carry_hold_the_channel(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized, match="not one HTTP can carry"):
        called(with_secrets(headers=json.dumps(headers)))


def test_credentials_in_the_url_hold_the_channel() -> None:
    with pytest.raises(Unauthorized, match="user name or password"):
        called(with_secrets(url="https://ann:s3cret@hooks.example.org/"))


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        called(with_secrets(url="https://hooks.example.org:port/"))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(400), Refused("The receiver answered 400.")),
        (httpx.Response(404), Refused("The receiver answered 404.")),
        (httpx.Response(304), Refused("The receiver answered 304.")),
        (httpx.Response(401), Unauthorized("The receiver answered 401.")),
        (httpx.Response(403), Unauthorized("The receiver answered 403.")),
        (httpx.Response(410), Unauthorized("The receiver answered 410. It wants no more calls.")),
        (httpx.Response(408), Unavailable("The receiver answered 408.")),
        (httpx.Response(500), Unavailable("The receiver answered 500.")),
        (httpx.Response(502), Unavailable("The receiver answered 502.")),
        (httpx.Response(503), Unavailable("The receiver answered 503.")),
        (httpx.Response(504), Unavailable("The receiver answered 504.")),
        (httpx.ReadTimeout(""), OutcomeUnknown("The platform's answer was lost (ReadTimeout); the post may be out.")),
    ],
)
def test_an_answer_other_than_2xx_is_sorted(answer: httpx.Response | Exception, expected: PublishingError) -> None:
    error = answered(answer)
    assert (type(error), str(error)) == (type(expected), str(expected))


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (429, {}, 60.0),
        (502, {"Retry-After": "8"}, 8.0),
        (503, {"Retry-After": "9"}, 9.0),
        (504, {"Retry-After": "1e9"}, 86_400.0),
    ],
)
def test_a_receiver_that_asks_for_time_gets_it(status: int, headers: dict[str, str], wait_s: float) -> None:
    error = answered(httpx.Response(status, headers=headers))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    error = answered(httpx.Response(status, headers={"Location": "http://169.254.169.254/latest"}))
    assert isinstance(error, Refused)
    assert "Redirects are not followed" in str(error)


def test_verifying_sends_a_signed_ping_with_an_id_of_its_own() -> None:
    transport = recorded(*VERIFIED)
    identity = hold(Webhook(lambda: 1_763_640_000.9).verify(CHANNEL), transport)
    (request,) = transport.asked
    assert identity == Identity("hooks.example.org", "hooks.example.org")
    assert request.headers["webhook-id"] == "ping_chn_1_1763640000"
    assert request.content == (
        b'{"type":"postroom.ping","timestamp":"2025-11-20T12:00:00.000Z","data":{"channel":"chn_1"}}'
    )
    assert request.headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize(
    ("status", "kind"), [(404, Refused), (422, Refused), (401, Unauthorized), (410, Unauthorized), (500, Unavailable)]
)
def test_a_ping_that_is_not_taken_is_no_verification(status: int, kind: type[PublishingError]) -> None:
    assert isinstance(pinged(httpx.Response(status)), kind)


@pytest.mark.parametrize("status", [400, 415, 422])
def test_a_receiver_of_templates_may_refuse_a_pings_document(status: int) -> None:
    assert isinstance(pinged(httpx.Response(status), with_template({"text": "{title}"})), Identity)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_receiver_of_templates_must_be_there_and_know_us(status: int) -> None:
    assert isinstance(pinged(httpx.Response(status), with_template({"text": "{title}"})), PublishingError)


def test_an_unknown_placeholder_shows_when_verifying() -> None:
    error = pinged(httpx.Response(200), with_template({"text": "{titel}"}))
    assert isinstance(error, Refused)


def test_videos_are_passed_on_with_what_is_known_of_their_type() -> None:
    media = (Media("https://example.org/a.mp4", "A river"), Media("https://example.org/b", type="video/webm"))
    post = replace(POST, content=replace(POST.content, media=media))
    assert list(Webhook().check(post)) == []
    assert json.loads(called(post=post).content)["data"]["media"] == [
        {"url": "https://example.org/a.mp4", "alt": "A river"},
        {"url": "https://example.org/b", "alt": "", "type": "video/webm"},
    ]
