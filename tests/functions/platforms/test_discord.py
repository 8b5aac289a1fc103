"""The Discord adapter on replies written after Discord's documentation (read 2026-11-20), not recorded from it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from functions.platforms.discord import Discord
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.inbound import Call, Forged
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, Recorded, Signed, hold, outcome_of, recorded

TOKEN = "qw3rty-T0ken_4711-qw3rty-T0ken_4711-qw3rty-T0ken_4711-qw3rty-T0ken17"
WEBHOOK_URL = f"https://discord.com/api/webhooks/1310000000000000001/{TOKEN}"
CHANNEL = Channel("chn_1", "wsp_1", "discord", secrets={"webhook_url": WEBHOOK_URL})
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry leaves. ![A river](https://example.org/inline.png)",
        link="https://example.org/rivers",
        media=(Media("https://example.org/a.png", "A river"), Media("https://example.org/b.png")),
    ),
    NOON,
)

WEBHOOK = {
    "application_id": None,
    "avatar": None,
    "channel_id": "1310000000000000003",
    "guild_id": "1310000000000000002",
    "id": "1310000000000000001",
    "name": "Announcements",
    "type": 1,
    "token": TOKEN,
    "url": WEBHOOK_URL,
}
MESSAGE = {
    "id": "1310000000000000004",
    "type": 0,
    "content": "",
    "channel_id": "1310000000000000003",
    "webhook_id": "1310000000000000001",
    "author": {"bot": True, "id": "1310000000000000001", "username": "Announcements"},
    "timestamp": "2026-11-20T12:00:01.137000+00:00",
    "embeds": [],
}
VIDEO = Media("https://example.org/river.mp4", "A river", type="video/mp4", size_bytes=8)
FILM = httpx.Response(206, content=b"12345678")
EMPTY = {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.743"}
HOME = httpx.Response(200, json=WEBHOOK)
SENT = httpx.Response(200, json=MESSAGE)
ACCEPTED = [HOME, SENT]
VERIFIED = [HOME]

EXPECTED = {
    "embeds": [
        {
            "title": "Rivers in autumn",
            "description": "All *rivers* carry leaves. [A river](https://example.org/inline.png)",
            "url": "https://example.org/rivers",
            "timestamp": "2026-11-20T12:00:00.000Z",
            "image": {"url": "https://example.org/a.png"},
        },
        {"image": {"url": "https://example.org/b.png"}},
    ],
    "allowed_mentions": {"parse": []},
    "nonce": "7f9a94e06526a4ad5e853cc76",
}


def requests_of(channel: Channel = CHANNEL, post: Post = POST) -> list[httpx.Request]:
    transport = recorded(*ACCEPTED)
    hold(Discord().publish(post, channel), transport)
    return transport.asked


def message_of(channel: Channel = CHANNEL, **content: object) -> dict[str, object]:
    post = replace(POST, content=replace(POST.content, **content))  # type: ignore[arg-type]  # fields by name
    message: dict[str, object] = json.loads(requests_of(channel, post)[-1].content)
    return message


def first_embed(**content: object) -> object:
    embeds = message_of(**content)["embeds"]  # type: ignore[arg-type]  # no channel among them
    assert isinstance(embeds, list)
    return embeds[0]


def connected_to(url: str) -> Channel:
    return replace(CHANNEL, secrets={"webhook_url": url})


def problems_of(**content: object) -> list[Problem]:
    return list(Discord().check(replace(POST, content=Content(**content))))  # type: ignore[arg-type]


def refused_with(status: int, body: object, headers: dict[str, str] | None = None) -> object:
    answer = httpx.Response(status, json=body, headers=headers)
    return outcome_of(Discord().publish(POST, CHANNEL), recorded(HOME, answer))


def test_the_webhook_is_asked_first_and_the_message_goes_last() -> None:
    assert [(request.method, str(request.url)) for request in requests_of()] == [
        ("GET", f"https://discord.com/api/v10/webhooks/1310000000000000001/{TOKEN}"),
        ("POST", f"https://discord.com/api/v10/webhooks/1310000000000000001/{TOKEN}?wait=true"),
    ]


def test_the_message_is_the_documented_one() -> None:
    assert message_of() == EXPECTED


def test_the_channels_own_name_and_picture_are_shown() -> None:
    settings = {"username": "Postroom", "avatar_url": "https://example.org/face.png"}
    assert message_of(replace(CHANNEL, settings=settings)) == EXPECTED | settings


def test_a_receipt_links_to_the_message() -> None:
    assert hold(Discord().publish(POST, CHANNEL), recorded(*ACCEPTED)) == Receipt(
        "1310000000000000004",
        "https://discord.com/channels/1310000000000000002/1310000000000000003/1310000000000000004",
        "2026-11-20T12:00:01.137000+00:00",
    )


def test_what_is_not_given_is_left_out() -> None:
    assert first_embed(title="", link="", media=(), text="Leaves") == {
        "description": "Leaves",
        "timestamp": "2026-11-20T12:00:00.000Z",
    }


def test_a_bare_link_is_shown_as_the_text() -> None:
    assert first_embed(title="", text=" ", media=()) == {
        "description": "https://example.org/rivers",
        "url": "https://example.org/rivers",
        "timestamp": "2026-11-20T12:00:00.000Z",
    }


def test_an_image_without_a_label_is_still_a_link() -> None:
    assert "[image](https://example.org/x.png)" in str(first_embed(text="![](https://example.org/x.png)"))


@pytest.mark.parametrize(
    "url",
    [
        f"https://discord.com/api/v10/webhooks/1310000000000000001/{TOKEN}/",
        f"https://discord.com/api/webhooks/1310000000000000001/{TOKEN}?wait=false#x",
        f"https://someone@discord.com/api/v9/webhooks/1310000000000000001/{TOKEN}",
    ],
)
def test_every_spelling_of_the_address_comes_to_the_same(url: str) -> None:
    expected = f"https://discord.com/api/v10/webhooks/1310000000000000001/{TOKEN}?wait=true"
    assert str(requests_of(connected_to(url))[-1].url) == expected


def test_the_host_is_the_given_one() -> None:
    channel = connected_to(f"https://canary.discord.com/api/webhooks/1310000000000000001/{TOKEN}")
    assert {request.url.host for request in requests_of(channel)} == {"canary.discord.com"}
    assert hold(Discord().verify(channel), recorded(HOME)).url.startswith("https://canary.discord.com/channels/")


def test_a_thread_in_the_address_is_kept() -> None:
    request = requests_of(connected_to(f"{WEBHOOK_URL}?thread_id=1310000000000000009"))[-1]
    assert dict(request.url.params) == {"wait": "true", "thread_id": "1310000000000000009"}


@pytest.mark.parametrize(
    "url",
    [
        "https://discord.com/channels/1310000000000000002/1310000000000000003",
        f"https://discord.com/api/webhooks/me/{TOKEN}",
        f"https://discord.com/api/webhooks/1310000000000000001/{TOKEN}/slack",
        f"https://discord.com/api/webhooks/1310000000000000001/..%2F..%2F{TOKEN}",
    ],
)
def test_an_address_that_is_no_webhooks_holds_the_channel(url: str) -> None:
    assert isinstance(outcome_of(Discord().publish(POST, connected_to(url)), recorded()), Unauthorized)


def test_text_is_counted_in_code_points_after_images_became_links() -> None:
    assert problems_of(text="🍂" * 4096) == []
    (problem,) = problems_of(text="🍂" * 4090 + "![](https://x.org)")
    assert problem.message == "The text is 4112 characters long; the most here is 4096: 16 too many."


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "x", "title": "x" * 257}, "content.title"),
        ({"text": "x", "media": (Media("https://example.org/a.png"),) * 11}, "content.media"),
        ({"text": "x", "media": (VIDEO, VIDEO)}, "content.media"),
        ({"text": "x", "media": (replace(VIDEO, alt="x" * 1_025),)}, "content.media[0].alt"),
        ({"text": "x", "media": (replace(VIDEO, size_bytes=11 * 2**20),)}, "content.media[0]"),
        ({"text": "x", "media": (replace(VIDEO, type="video/x-msvideo"),)}, "content.media[0]"),
        ({"text": " "}, "content.text"),
        ({"text": "x", "link": "example.org"}, "content.link"),
    ],
)
def test_what_discord_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


def test_what_check_objects_to_is_never_sent() -> None:
    post = replace(POST, content=Content(text="x" * 4097))
    assert isinstance(outcome_of(Discord().publish(post, CHANNEL), recorded()), Refused)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, 0, Unauthorized),
        (401, 50027, Unauthorized),
        (404, 10015, Unauthorized),
        (403, 50001, Unauthorized),
        (403, 50013, Unauthorized),
        (403, 40333, Unauthorized),
        (404, 10003, Refused),
        (400, 50006, Refused),
        (413, 40005, Refused),
        (403, 200000, Refused),
        (400, 240000, Refused),
        (400, 99999, Refused),
        (400, 20028, Throttled),
        (429, 0, Throttled),
        (500, 0, OutcomeUnknown),
        (503, 130000, OutcomeUnknown),
    ],
)
def test_an_error_is_sorted_by_discords_own_code_first(status: int, code: int, kind: type[PublishingError]) -> None:
    error = refused_with(status, {"code": code, "message": "No."})
    assert isinstance(error, kind)
    assert (error.code, error.status) == (str(code), status)
    assert str(error) == "Discord answered: No."


def test_the_authors_mistake_is_named() -> None:
    complaint = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}
    errors = {"embeds": {"0": {"title": {"_errors": [complaint]}}}}
    error = refused_with(400, {"code": 50035, "message": "Invalid Form Body", "errors": errors})
    assert str(error) == "Discord answered: Invalid Form Body embeds.0.title: Must be 256 or fewer in length."


def test_a_forum_is_refused_with_what_would_help() -> None:
    error = refused_with(400, {"code": 220001, "message": "Webhooks posted to forum channels must have a thread_name"})
    assert isinstance(error, Refused)
    assert "connect a webhook of a text channel, or add ?thread_id=" in str(error)


@pytest.mark.parametrize(
    ("body", "headers", "wait_s"),
    [
        (
            {"message": "You are being rate limited.", "retry_after": 1.337, "global": False},
            {"Retry-After": "2"},
            1.337,
        ),
        ({"message": "slow"}, {"Retry-After": "2"}, 2.0),
        ({"retry_after": "soon"}, {}, 60.0),
        ("error code: 1015", {"Retry-After": "3"}, 3.0),
    ],
)
def test_the_wait_is_in_the_body_or_else_in_the_header(body: object, headers: dict[str, str], wait_s: float) -> None:
    error = refused_with(429, body, headers)
    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


def test_the_token_is_blotted_out_of_discords_words() -> None:
    error = refused_with(400, {"code": 50035, "message": f"Bad {WEBHOOK_URL} and {TOKEN}"})
    assert str(error) == "Discord answered: Bad … and …"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"id": "x", "channel_id": "1310000000000000003"}', b"[]"])
def test_a_200_without_a_message_is_unknown(body: bytes) -> None:
    answer = httpx.Response(200, content=body)
    assert isinstance(outcome_of(Discord().publish(POST, CHANNEL), recorded(HOME, answer)), OutcomeUnknown)


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.ReadTimeout(""), httpx.Response(200, text="<html>")])
def test_a_webhook_that_does_not_answer_means_nothing_was_sent(answer: httpx.Response | Exception) -> None:
    assert isinstance(outcome_of(Discord().publish(POST, CHANNEL), recorded(answer)), Unavailable)


def filmed(*answers: httpx.Response | Exception, channel: Channel = CHANNEL, **content: Any) -> tuple[object, Recorded]:
    transport = recorded(*answers or (HOME, FILM, SENT))
    media = (VIDEO, Media("https://example.org/a.png"))
    post = replace(POST, content=Content(**{"text": "Leaves", "media": media, **content}))
    return outcome_of(Discord().publish(post, channel), transport), transport


def payload_of(request: httpx.Request) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(request.content.split(b"\r\n\r\n")[1].partition(b"\r\n--")[0])
    return payload


def test_a_video_is_sent_on_as_a_file_beside_the_embeds() -> None:
    outcome, transport = filmed()
    assert isinstance(outcome, Receipt)
    _, fetch, request = transport.asked
    assert (str(fetch.url), fetch.headers["range"]) == ("https://example.org/river.mp4", "bytes=0-7")
    assert (request.extensions["publishes"], request.url.params["wait"]) == (True, "true")
    boundary = request.headers["content-type"].removeprefix("multipart/form-data; boundary=")
    assert request.headers["content-length"] == str(len(request.content))
    head, told, file, end = request.content.split(f"--{boundary}".encode())
    assert (head, end) == (b"", b"--\r\n")
    assert told.startswith(b'\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{')
    assert file == (
        b'\r\nContent-Disposition: form-data; name="files[0]"; filename="video.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\n12345678\r\n"
    )
    assert payload_of(request) == {
        "embeds": [
            {
                "description": "Leaves",
                "timestamp": "2026-11-20T12:00:00.000Z",
                "image": {"url": "https://example.org/a.png"},
            }
        ],
        "allowed_mentions": {"parse": []},
        "nonce": EXPECTED["nonce"],
        "attachments": [{"id": "0", "filename": "video.mp4", "description": "A river"}],
    }


def test_a_video_alone_has_no_embed() -> None:
    _, transport = filmed(text="", media=(replace(VIDEO, alt=""),))
    payload = payload_of(transport.asked[-1])
    assert (payload["embeds"], payload["attachments"]) == ([], [{"id": "0", "filename": "video.mp4"}])


def test_a_video_nobody_knows_anything_of_is_measured_first() -> None:
    head = httpx.Response(206, headers={"content-range": "bytes 0-0/8", "content-type": "application/octet-stream"})
    outcome, _ = filmed(head, HOME, FILM, SENT, media=(Media("https://example.org/river.mp4"),))
    assert isinstance(outcome, Receipt)
    large = httpx.Response(206, headers={"content-range": "bytes 0-0/11000000"})
    assert isinstance(filmed(large, media=(Media("https://example.org/river.mp4"),))[0], Refused)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([httpx.Response(404)], Refused),
        ([httpx.Response(503)], Unavailable),
        ([FILM, httpx.Response(413, json={"code": 40005, "message": "Request entity too large"})], Refused),
        ([FILM, httpx.Response(400, json={"code": 50146, "message": "Uploaded file not found"})], Refused),
        ([FILM, httpx.ReadTimeout("")], OutcomeUnknown),
    ],
)
def test_a_video_that_did_not_arrive_is_sorted(
    answers: list[httpx.Response | Exception], kind: type[PublishingError]
) -> None:
    assert isinstance(filmed(HOME, *answers)[0], kind)


def test_a_video_can_be_rehearsed() -> None:
    post = replace(POST, content=Content(text="x", media=(Media("https://example.org/river.mp4"),)))
    rehearsed = rehearse(Discord(), post, CHANNEL, ["webhook_url"])
    assert rehearsed is not None
    assert rehearsed.publishes


RECEIPT = Receipt("1310000000000000004")


def removed(answer: httpx.Response, channel: Channel = CHANNEL) -> tuple[object, str]:
    transport = recorded(answer)
    outcome = outcome_of(Discord().remove(RECEIPT, channel), transport)
    (request,) = transport.asked
    return outcome, f"{request.method} {request.url}"


def test_a_message_is_deleted_by_its_id() -> None:
    place = f"https://discord.com/api/v10/webhooks/1310000000000000001/{TOKEN}/messages/1310000000000000004"
    assert removed(httpx.Response(204)) == (None, f"DELETE {place}")
    threaded = connected_to(f"{WEBHOOK_URL}?thread_id=1310000000000000009")
    assert removed(httpx.Response(204), threaded) == (None, f"DELETE {place}?thread_id=1310000000000000009")


def test_a_message_that_is_gone_is_removed() -> None:
    assert removed(httpx.Response(404, json={"code": 10008, "message": "Unknown Message"}))[0] is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(404, json={"code": 10015, "message": "Unknown Webhook"}), Unauthorized),
        (httpx.Response(404, text="<html>"), Refused),
        (httpx.Response(429, json={"retry_after": 1.5}), Throttled),
        (httpx.Response(502), Unavailable),
    ],
)
def test_trouble_while_removing_is_told(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(removed(answer)[0], kind)


# The key pair of RFC 8032, 7.1, test 1; what it makes of these bytes is the same whoever computes it.
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
PAIR = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
AT = str(int(NOON.timestamp()))
PING_SIGNATURE = (
    "3246e7bd392d7ed2eddc754fea957df758a6bbd7032665a0bbd2e61bc2235cb6"
    "bb40ec12ee9bc77d11da4ace746c2f1fdceacfeb364baa044dd5f438b6d96507"
)


def called(body: bytes, signature: str = "", at: str = AT) -> Call:
    headers = {
        "x-signature-timestamp": at,
        "x-signature-ed25519": signature or PAIR.sign(at.encode() + body).hex(),
    }
    return Call("POST", "https://postroom.example.org/hear", headers=headers, body=body)


def heard(call: Call, key: str = KEY, now: datetime = NOON) -> object:
    return Discord().hear(call, replace(CHANNEL, settings={"public_key": key}), now)


def test_a_ping_is_answered() -> None:
    assert PAIR.public_key().public_bytes_raw().hex() == KEY
    assert heard(called(b'{"type":1}', PING_SIGNATURE)) == '{"type":1}'


@pytest.mark.parametrize(
    "body",
    [b'{"type":0,"version":1}', b'{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}', b'{"type":2}', b"", b"[]"],
)
def test_what_else_is_called_says_nothing_of_posts(body: bytes) -> None:
    assert heard(called(body)) == ()


@pytest.mark.parametrize(
    ("call", "key", "late_s"),
    [
        (called(b'{"type":2}', PING_SIGNATURE), KEY, 0),
        (called(b'{"type":1}', PING_SIGNATURE, str(int(AT) + 1)), KEY, 0),
        (called(b'{"type":1}', "00" * 64), KEY, 0),
        (called(b'{"type":1}', "x"), KEY, 0),
        (called(b'{"type":1}', at="now"), KEY, 0),
        (Call("POST", "https://postroom.example.org/hear", body=b'{"type":1}'), KEY, 0),
        (called(b'{"type":1}', PING_SIGNATURE), "", 0),
        (called(b'{"type":1}', PING_SIGNATURE), "x", 0),
        (called(b'{"type":1}', PING_SIGNATURE), f"3d{KEY[2:]}", 0),
        (called(b'{"type":1}', PING_SIGNATURE), KEY, 301),
        (called(b'{"type":1}', PING_SIGNATURE), KEY, -301),
    ],
)
def test_what_is_not_signed_so_and_now_is_forged(call: Call, key: str, late_s: int) -> None:
    with pytest.raises(Forged):
        heard(call, key, NOON + timedelta(seconds=late_s))


def test_verifying_reads_the_webhook() -> None:
    assert hold(Discord().verify(CHANNEL), recorded(*VERIFIED)) == Identity(
        "1310000000000000001",
        "Announcements",
        "https://discord.com/channels/1310000000000000002/1310000000000000003",
    )


def answered(method: str, headers: dict[str, str]) -> httpx.Response:
    extensions = {"publishes": method == "POST"}
    return httpx.Response(200, headers=headers, request=httpx.Request(method, WEBHOOK_URL, extensions=extensions))


def test_an_emptied_bucket_asks_for_a_pause_before_anything_is_refused() -> None:
    assert Discord().pause_s(answered("POST", EMPTY)) == 1.743


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**EMPTY, "X-RateLimit-Remaining": "1"},
        {**EMPTY, "X-RateLimit-Remaining": "none"},
        {**EMPTY, "X-RateLimit-Reset-After": "soon"},
        {**EMPTY, "X-RateLimit-Reset-After": "nan"},
    ],
)
def test_what_does_not_say_that_the_bucket_is_empty_asks_for_no_pause(headers: dict[str, str]) -> None:
    assert Discord().pause_s(answered("POST", headers)) == 0.0


def test_the_bucket_of_another_route_says_nothing_of_publishing() -> None:
    assert Discord().pause_s(answered("GET", EMPTY)) == 0.0


SIGNED = [
    Signed(
        replace(CHANNEL, settings={"public_key": KEY}),
        "public_key",
        b'{"type":1}',
        lambda body, _key: called(body),
        "x-signature-ed25519",
        PING_SIGNATURE,
        timed=True,
        another="3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",  # of RFC 8032, test 2
    )
]
