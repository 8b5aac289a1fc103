"""The Telegram adapter on replies written after the Bot API's documentation (read 2026-11-21), not recorded from it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.platforms._chat import HTML, HTML_SEEN, blocks
from functions.platforms.telegram import Telegram
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded

TOKEN = "7310000001:AAF-qw3rtyT0ken_qw3rtyT0ken_qw3rtyT"
CHANNEL = Channel("chn_1", "wsp_1", "telegram", settings={"chat_id": "@rivers_news"}, secrets={"bot_token": TOKEN})
POST = Post("dlv_1", Content(text="All *rivers* carry [leaves](https://example.org/leaves)."), NOON)
PICTURES = (Media("https://example.org/a.png", "A river"), Media("https://example.org/b.png"))

VIDEO = Media(
    "https://example.org/river.mp4", type="video/mp4", size_bytes=9_000_000, width=1920, height=1080, seconds=9.2
)
LARGE = replace(VIDEO, url="https://example.org/large.mp4", size_bytes=20_000_001)

CHAT = {"id": -1001234567890, "title": "Rivers", "username": "rivers_news", "type": "channel"}
MESSAGE = {"message_id": 17, "sender_chat": CHAT, "chat": CHAT, "date": 1795176000, "text": "All rivers carry leaves."}
SENT = httpx.Response(200, json={"ok": True, "result": MESSAGE})
ALBUM = httpx.Response(200, json={"ok": True, "result": [MESSAGE, {**MESSAGE, "message_id": 18}]})
KNOWN = httpx.Response(200, json={"ok": True, "result": CHAT})
ACCEPTED = [SENT]
VERIFIED = [KNOWN]


def request_of(channel: Channel = CHANNEL, **content: Any) -> httpx.Request:
    transport = recorded(SENT)
    hold(Telegram().publish(replace(POST, content=replace(POST.content, **content)), channel), transport)
    (request,) = transport.asked
    return request


def body_of(**content: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request_of(**content).content)
    return body


def text_of(text: str) -> str:
    return str(body_of(text=text)["text"])


def problems_of(**content: Any) -> list[Problem]:
    return list(Telegram().check(replace(POST, content=Content(**content))))


def in_chat(chat_id: str) -> Channel:
    return replace(CHANNEL, settings={"chat_id": chat_id})


def answered(status: int, body: object, headers: dict[str, str] | None = None) -> object:
    answer = httpx.Response(status, json=body, headers=headers)
    return outcome_of(Telegram().publish(POST, CHANNEL), recorded(answer))


def refused_with(code: int, description: str, **parameters: object) -> object:
    body = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return answered(code, body)


def test_a_text_is_a_message() -> None:
    request = request_of()
    assert (request.method, str(request.url)) == ("POST", f"https://api.telegram.org/bot{TOKEN}/sendMessage")
    assert json.loads(request.content) == {
        "chat_id": "@rivers_news",
        "text": 'All <i>rivers</i> carry <a href="https://example.org/leaves">leaves</a>.',
        "parse_mode": "HTML",
    }


def test_title_link_and_tags_stand_around_the_text() -> None:
    assert body_of(title="Rivers\n& autumn", link="https://example.org/?a=1&b=2", tags=("rivers", "#leaves")) == {
        "chat_id": "@rivers_news",
        "text": "<b>Rivers &amp; autumn</b>\n\n"
        'All <i>rivers</i> carry <a href="https://example.org/leaves">leaves</a>.\n\n'
        "https://example.org/?a=1&amp;b=2\n\n"
        "#rivers #leaves",
        "parse_mode": "HTML",
        "link_preview_options": {"url": "https://example.org/?a=1&b=2"},
    }


def test_a_link_the_text_has_is_not_repeated() -> None:
    assert (
        body_of(text="See https://example.org/a", link="https://example.org/a")["text"] == "See https://example.org/a"
    )


def test_one_image_is_a_photo_with_a_caption() -> None:
    request = request_of(media=PICTURES[:1], text="**Rivers**")
    assert request.url.path.endswith("/sendPhoto")
    assert json.loads(request.content) == {
        "chat_id": "@rivers_news",
        "photo": "https://example.org/a.png",
        "caption": "<b>Rivers</b>",
        "parse_mode": "HTML",
    }


def test_an_image_alone_has_no_caption() -> None:
    assert body_of(media=PICTURES[:1], text="") == {"chat_id": "@rivers_news", "photo": "https://example.org/a.png"}


def test_more_images_are_an_album_with_the_caption_on_the_first() -> None:
    request = request_of(media=PICTURES, text="Rivers")
    assert request.url.path.endswith("/sendMediaGroup")
    assert json.loads(request.content) == {
        "chat_id": "@rivers_news",
        "media": [
            {"type": "photo", "media": "https://example.org/a.png", "caption": "Rivers", "parse_mode": "HTML"},
            {"type": "photo", "media": "https://example.org/b.png"},
        ],
    }


def test_a_number_is_sent_as_a_number() -> None:
    assert json.loads(request_of(in_chat("-1001234567890")).content)["chat_id"] == -1001234567890


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# The **river**\n\n*a* **b** ~~c~~ `d<`",
            "<b>The river</b>\n\n<i>a</i> <b>b</b> <s>c</s> <code>d&lt;</code>",
        ),
        ("**a *b* c**d", "<b>a <i>b</i> c</b>d"),
        ("*a _b_ c* __a **b** c__ #", "<i>a b c</i> <b>a b c</b> #"),
        ("one\ntwo\\\nthree", "one two\nthree"),
        ('<b>&amp; "it\'s"</b>', '&lt;b&gt;&amp; "it\'s"&lt;/b&gt;'),
        ("- one\n- two\n\n  more\n  1. three", "• one\n• two\n  more\n  1. three"),
        ("> one\n>\n> > two", "<blockquote>one\n\n&gt; two</blockquote>"),
        ("```py\na < b\n```", '<pre><code class="language-py">a &lt; b</code></pre>'),
        ("    code", "<pre>code</pre>"),
        ("a\n\n---\n\n|b|c|\n|-|-|\n|1|2|", "a\n\n---\n\nb | c\n1 | 2"),
        ('[a "map"](https://e.org/?a&b)', '<a href="https://e.org/?a&amp;b">a "map"</a>'),
        ("![A river](https://e.org/a.png)", '<a href="https://e.org/a.png">A river</a>'),
        ("<https://e.org>", '<a href="https://e.org">https://e.org</a>'),
        ("[mail](mailto:ann@e.org) <bob@e.org> [here](#a)", "mail (mailto:ann@e.org) bob@e.org here (#a)"),
        ("[](https://e.org) ![](b.png)", '<a href="https://e.org">https://e.org</a> b.png'),
        ("[![a](https://e.org/a.png)](https://e.org)", '<a href="https://e.org">a (https://e.org/a.png)</a>'),
    ],
)
def test_markdown_becomes_the_tags_telegram_knows(text: str, expected: str) -> None:
    assert text_of(text) == expected


@given(st.text(st.sampled_from('#*_-[]()!<>`|~\\ \n\t&;:"ab1./h'), max_size=60))
def test_what_is_counted_is_what_is_left_without_tags(text: str) -> None:
    sent = "\n\n".join(blocks(text, HTML))
    assert html.unescape(re.sub("<[^>]*>", "", sent)) == "\n\n".join(blocks(text, HTML_SEEN))


def test_a_receipt_links_to_the_message() -> None:
    expected = Receipt("17", "https://t.me/rivers_news/17", "2026-11-20T12:00:00.000Z")
    assert hold(Telegram().publish(POST, CHANNEL), recorded(SENT)) == expected


def test_the_receipt_of_an_album_names_all_its_messages() -> None:
    receipt = hold(Telegram().publish(POST, CHANNEL), recorded(ALBUM))
    assert receipt == Receipt("17,18", "https://t.me/rivers_news/17", "2026-11-20T12:00:00.000Z")


def test_a_video_is_fetched_by_telegram_itself() -> None:
    request = request_of(media=(VIDEO,), text="**Rivers**")
    assert request.url.path.endswith("/sendVideo")
    assert json.loads(request.content) == {
        "chat_id": "@rivers_news",
        "video": "https://example.org/river.mp4",
        "width": 1920,
        "height": 1080,
        "duration": 9,
        "supports_streaming": True,
        "caption": "<b>Rivers</b>",
        "parse_mode": "HTML",
    }


def test_a_video_may_stand_in_an_album() -> None:
    first, second = body_of(media=(PICTURES[0], replace(VIDEO, width=0, height=0, seconds=0.0)), text="")["media"]
    assert first == {"type": "photo", "media": "https://example.org/a.png"}
    assert second == {"type": "video", "media": "https://example.org/river.mp4", "supports_streaming": True}


def sent_on(*media: Media) -> tuple[httpx.Request, dict[str, bytes]]:
    """The request, and the fields of its form."""
    transport = recorded(httpx.Response(206, content=bytes(LARGE.size_bytes)), SENT)
    hold(Telegram().publish(replace(POST, content=Content(text="*R*", media=media)), CHANNEL), transport)
    fetch, request = transport.asked
    assert fetch.headers["range"] == f"bytes=0-{LARGE.size_bytes - 1}"
    boundary = request.headers["content-type"].removeprefix("multipart/form-data; boundary=")
    assert request.headers["content-length"] == str(len(request.content))
    parts = request.content.split(f"--{boundary}".encode())[1:-1]
    return request, dict(_field(part) for part in parts)


def _field(part: bytes) -> tuple[str, bytes]:
    head, _, value = part.partition(b"\r\n\r\n")
    name = re.search(r'; name="([^"]*)"', head.decode())
    assert name
    return name[1], value.removesuffix(b"\r\n")


def test_a_video_telegram_would_not_fetch_is_sent_on() -> None:
    request, fields = sent_on(LARGE)
    assert request.extensions["publishes"]
    assert str(request.url) == f"https://api.telegram.org/bot{TOKEN}/sendVideo"
    assert len(fields.pop("video")) == LARGE.size_bytes
    assert fields == {
        "chat_id": b"@rivers_news",
        "width": b"1920",
        "height": b"1080",
        "duration": b"9",
        "supports_streaming": b"true",
        "caption": b"<i>R</i>",
        "parse_mode": b"HTML",
    }


def test_one_such_video_may_stand_in_an_album() -> None:
    request, fields = sent_on(VIDEO, LARGE)
    assert request.url.path.endswith("/sendMediaGroup")
    shown = json.loads(fields["media"])
    assert [each["media"] for each in shown] == ["https://example.org/river.mp4", "attach://video"]
    assert len(fields["video"]) == LARGE.size_bytes


def measured(size_bytes: int) -> httpx.Response:
    return httpx.Response(206, headers={"content-range": f"bytes 0-0/{size_bytes}", "content-type": "video/mp4"})


def test_a_video_nobody_knows_anything_of_is_measured_first() -> None:
    unknown = (Media("https://example.org/river.mp4"),)
    post = replace(POST, content=Content(text="x", media=unknown))
    transport = recorded(measured(9_000_000), SENT)
    hold(Telegram().publish(post, CHANNEL), transport)
    assert json.loads(transport.asked[-1].content)["video"] == "https://example.org/river.mp4"
    too_large = outcome_of(Telegram().publish(post, CHANNEL), recorded(measured(60_000_000)))
    two = replace(POST, content=Content(text="x", media=unknown * 2))
    too_many = outcome_of(Telegram().publish(two, CHANNEL), recorded(*[measured(30_000_000)] * 2))
    assert (isinstance(too_large, Refused), isinstance(too_many, Refused)) == (True, True)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.ReadTimeout(""), OutcomeUnknown),
        (
            httpx.Response(413, json={"ok": False, "error_code": 413, "description": "Request Entity Too Large"}),
            Refused,
        ),
    ],
)
def test_a_video_that_did_not_arrive_is_sorted(answer: httpx.Response | Exception, kind: type[PublishingError]) -> None:
    post = replace(POST, content=Content(text="x", media=(LARGE,)))
    film = httpx.Response(206, content=bytes(LARGE.size_bytes))
    assert isinstance(outcome_of(Telegram().publish(post, CHANNEL), recorded(film, answer)), kind)


def test_a_video_whose_server_has_trouble_was_not_sent() -> None:
    post = replace(POST, content=Content(text="x", media=(LARGE,)))
    assert isinstance(outcome_of(Telegram().publish(post, CHANNEL), recorded(httpx.Response(503))), Unavailable)


@pytest.mark.parametrize(("identifier", "messages"), [("17", [17]), ("17,18", [17, 18])])
def test_a_post_is_removed_with_all_its_messages(identifier: str, messages: list[int]) -> None:
    transport = recorded(httpx.Response(200, json={"ok": True, "result": True}))
    hold(Telegram().remove(Receipt(identifier), CHANNEL), transport)
    (request,) = transport.asked
    assert (request.method, str(request.url)) == ("POST", f"https://api.telegram.org/bot{TOKEN}/deleteMessages")
    assert json.loads(request.content) == {"chat_id": "@rivers_news", "message_ids": messages}


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        (400, "Bad Request: message can't be deleted for everyone", Refused),
        (403, "Forbidden: bot was kicked from the channel chat", Unauthorized),
        (502, "Bad Gateway", Unavailable),
    ],
)
def test_trouble_while_removing_is_told(code: int, description: str, kind: type[PublishingError]) -> None:
    answer = httpx.Response(code, json={"ok": False, "error_code": code, "description": description})
    assert isinstance(outcome_of(Telegram().remove(Receipt("17"), CHANNEL), recorded(answer)), kind)


def test_a_rehearsal_shows_a_video_nobody_knows_anything_of() -> None:
    post = replace(POST, content=Content(text="x", media=(Media("https://example.org/river.mp4"),)))
    rehearsed = rehearse(Telegram(), post, CHANNEL, ["bot_token"])
    assert rehearsed is not None
    assert (rehearsed.publishes, (rehearsed.body or {})["video"]) == (True, "https://example.org/river.mp4")


@pytest.mark.parametrize(
    ("chat", "url"),
    [({"id": -1001234567890}, "https://t.me/c/1234567890/17"), ({"id": -4711}, ""), ({"id": 4711}, "")],
)
def test_a_private_message_has_a_link_for_members_or_none(chat: dict[str, Any], url: str) -> None:
    answer = httpx.Response(200, json={"ok": True, "result": {"message_id": 17, "chat": chat}})
    assert hold(Telegram().publish(POST, CHANNEL), recorded(answer)) == Receipt("17", url)


@pytest.mark.parametrize("chat_id", ["", "rivers", "https://t.me/rivers_news", "@a b", "12.5", "@../../x"])
def test_what_is_no_chat_id_holds_the_channel(chat_id: str) -> None:
    assert isinstance(outcome_of(Telegram().publish(POST, in_chat(chat_id)), recorded()), Unauthorized)


@pytest.mark.parametrize("token", ["", "4711", f"{TOKEN}/../x", f"{TOKEN}?a", "x:AAF-qw3rtyT0ken_qw3rtyT0ken_qw3rtyT"])
def test_what_is_no_token_holds_the_channel(token: str) -> None:
    channel = replace(CHANNEL, secrets={"bot_token": token})
    assert isinstance(outcome_of(Telegram().publish(POST, channel), recorded()), Unauthorized)


def test_text_is_counted_in_utf_16_units_without_tags() -> None:
    assert problems_of(text=f"**{'x' * 4092}** 🍂 ") == []
    (problem,) = problems_of(text="🍂" * 2049)
    assert problem.message == "The text is 4098 UTF-16 units long; the most here is 4096: 2 too many."


def test_a_hundred_marks_are_taken() -> None:
    assert problems_of(text="*a* **b** " * 50) == []


def test_title_link_and_tags_count_as_text() -> None:
    (problem,) = problems_of(title="abc", text="x" * 4060, link="https://e.org", tags=("rivers",) * 3)
    assert problem.message == "The text is 4105 UTF-16 units long; the most here is 4096: 9 too many."


def test_a_caption_is_shorter_than_a_message() -> None:
    assert problems_of(text="x" * 1024, media=PICTURES) == []
    (problem,) = problems_of(text="x" * 1025, media=PICTURES)
    assert problem.message == "The text is 1025 UTF-16 units long; the most here is 1024: 1 too many."


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": " "}, "content.text"),
        ({"text": "x", "link": "example.org"}, "content.link"),
        ({"text": "*a* **b** " * 51}, "content.text"),
        ({"text": "x", "tags": ("c++",)}, "content.tags[0]"),
        ({"text": "x", "tags": ("rivers", "2026")}, "content.tags[1]"),
        ({"text": "x", "tags": ("#",)}, "content.tags[0]"),
        ({"text": "x", "tags": ("a",) * 31}, "content.tags"),
        ({"text": "x", "media": PICTURES[:1] * 11}, "content.media"),
        ({"text": "x", "media": (Media("http://example.org/a.png"),)}, "content.media[0].url"),
        ({"text": "x", "media": (Media("https://example.org/a", type="video/webm"),)}, "content.media[0]"),
        ({"text": "x", "media": (replace(VIDEO, size_bytes=51 * 2**20),)}, "content.media[0]"),
        ({"text": "x", "media": (LARGE, VIDEO, LARGE)}, "content.media"),
        ({"text": "x", "media": (Media("https://example.org/a.png", size_bytes=2**23),)}, "content.media[0]"),
        ({"text": "x", "media": (Media("https://example.org/a.png", width=4_200, height=200),)}, "content.media[0]"),
    ],
)
def test_what_telegram_cannot_take_is_a_problem(content: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        (401, "Unauthorized", Unauthorized),
        (404, "Not Found", Unauthorized),
        (403, "Forbidden: bot was kicked from the channel chat", Unauthorized),
        (403, "Forbidden: bot was blocked by the user", Unauthorized),
        (403, "Forbidden: bot is not a member of the channel chat", Unauthorized),
        (400, "Bad Request: need administrator rights in the channel chat", Unauthorized),
        (400, "Bad Request: not enough rights to send photos to the chat", Unauthorized),
        (400, "Bad Request: chat not found", Refused),
        (400, "Bad Request: message is too long", Refused),
        (400, "Bad Request: message caption is too long", Refused),
        (400, "Bad Request: can't parse entities: Unsupported start tag", Refused),
        (400, "Bad Request: wrong file identifier/HTTP URL specified", Refused),
        (400, "Bad Request: failed to get HTTP URL content", Refused),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Refused),
        (429, "Too Many Requests: retry after 5", Throttled),
        (500, "Internal Server Error", OutcomeUnknown),
        (502, "Bad Gateway", OutcomeUnknown),
    ],
)
def test_an_error_is_sorted_by_telegrams_own_words(code: int, description: str, kind: type[PublishingError]) -> None:
    error = refused_with(code, description)
    assert isinstance(error, kind)
    assert (error.code, error.status) == (str(code), code)
    assert str(error).startswith(f"Telegram answered: {description}")


def test_the_body_counts_for_more_than_the_status() -> None:
    body = {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    error = answered(200, body)
    assert isinstance(error, Refused)
    assert error.status == 400
    assert str(error).endswith("chat not found Check the chat id, and add the bot to the chat.")


def test_a_group_that_moved_is_told_with_its_new_number() -> None:
    error = refused_with(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009876543210)
    assert isinstance(error, Unauthorized)
    assert str(error) == "The group is a supergroup now: its chat id is -1009876543210."


@pytest.mark.parametrize(
    ("parameters", "headers", "wait_s"),
    [({"retry_after": 35}, {"Retry-After": "2"}, 35.0), ({}, {"Retry-After": "2"}, 2.0), ({}, {}, 60.0)],
)
def test_the_wait_is_in_the_body_or_else_in_the_header(
    parameters: dict[str, int], headers: dict[str, str], wait_s: float
) -> None:
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": parameters}
    error = answered(429, body, headers)
    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


def test_the_token_is_blotted_out_of_telegrams_words() -> None:
    error = refused_with(400, f"Bad Request: /bot{TOKEN}/sendMessage")
    assert str(error) == "Telegram answered: Bad Request: /bot…/sendMessage"


@pytest.mark.parametrize(
    "body", [{"ok": False}, {"ok": True, "result": []}, {"ok": True, "result": {"message_id": 0, "chat": CHAT}}]
)
def test_a_200_without_a_message_is_unknown(body: object) -> None:
    assert isinstance(answered(200, body), OutcomeUnknown)


def test_verifying_looks_at_the_chat() -> None:
    transport = recorded(*VERIFIED)
    expected = Identity("-1001234567890", "Rivers", "https://t.me/rivers_news")
    assert hold(Telegram().verify(CHANNEL), transport) == expected
    (request,) = transport.asked
    address = f"https://api.telegram.org/bot{TOKEN}/getChat?chat_id=%40rivers_news"
    assert (request.method, str(request.url)) == ("GET", address)


def test_a_private_chat_is_known_by_its_name() -> None:
    chat = {"id": 4711, "first_name": "Ann", "type": "private"}
    answer = httpx.Response(200, json={"ok": True, "result": chat})
    assert hold(Telegram().verify(CHANNEL), recorded(answer)) == Identity("4711", "Ann")


def test_a_rehearsal_shows_the_message_without_the_token() -> None:
    rehearsed = rehearse(Telegram(), POST, CHANNEL, ["bot_token"])
    assert rehearsed is not None
    assert (rehearsed.host, rehearsed.publishes, rehearsed.body) == ("api.telegram.org", True, body_of())


def test_a_failure_while_verifying_published_nothing() -> None:
    assert isinstance(outcome_of(Telegram().verify(CHANNEL), recorded(httpx.Response(502))), Unavailable)
