"""The Discord adapter on replies written after Discord's documentation (read 2026-11-20), not recorded from it."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from functions.platforms.discord import Discord
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

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
