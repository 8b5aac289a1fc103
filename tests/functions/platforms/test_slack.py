"""The Slack adapter on replies written after Slack's documentation (read 2026-11-21), not recorded from it."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.platforms.slack import Slack
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.inbound import Call
from publishing.model import Channel, Content, Identity, Media, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, Signed, hold, outcome_of, recorded

TOKEN = "xoxb-7310000001-7310000002-qw3rtyT0kenqw3rtyT0ken17"
CHANNEL = Channel("chn_1", "wsp_1", "slack", settings={"channel": "C0RIVERS01"}, secrets={"bot_token": TOKEN})
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry **leaves** & [more](https://example.org/?a=1&b=2).",
        link="https://example.org/rivers",
        tags=("rivers",),
        media=(Media("https://example.org/a.png", "A river"), Media("https://example.org/b.png")),
    ),
    NOON,
)

WORKSPACE = {
    "ok": True,
    "url": "https://rivers.slack.com/",
    "team": "Rivers",
    "user": "postroom",
    "team_id": "T0RIVERS01",
    "user_id": "U0BOT00001",
    "bot_id": "B0BOT00001",
}
POSTED = {"ok": True, "channel": "C0RIVERS01", "ts": "1795176001.000200", "message": {"type": "message"}}
MESSAGE = {"type": "message", "user": "U0BOT00001", "bot_id": "B0BOT00001", "ts": "1795176001.000200", "text": "Rivers"}
METADATA = {"event_type": "postroom_post", "event_payload": {"post_id": "dlv_1"}}
RECEIPT = Receipt(
    "C0RIVERS01:1795176001.000200",
    "https://rivers.slack.com/archives/C0RIVERS01/p1795176001000200",
    "2026-11-20T12:00:01.000Z",
)
HOME = httpx.Response(200, json=WORKSPACE)
SENT = httpx.Response(200, json=POSTED)
ACCEPTED = [HOME, SENT]
VERIFIED = [HOME]


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}, "expand": True}


def requests_of(channel: Channel = CHANNEL, **content: Any) -> list[httpx.Request]:
    transport = recorded(*ACCEPTED)
    hold(Slack().publish(replace(POST, content=replace(POST.content, **content)), channel), transport)
    return transport.asked


def body_of(**content: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(requests_of(**content)[-1].content)
    return body


def blocks_of(text: str, **content: Any) -> list[dict[str, Any]]:
    alone: dict[str, Any] = {"title": "", "link": "", "media": (), "text": text}
    blocks: list[dict[str, Any]] = body_of(**(alone | content))["blocks"]
    return blocks


def texts_of(text: str) -> list[str]:
    return [block["text"]["text"] for block in blocks_of(text)]


def problems_of(**content: Any) -> list[Problem]:
    return list(Slack().check(replace(POST, content=Content(**content))))


def answered(body: object, status: int = 200, headers: dict[str, str] | None = None) -> object:
    answer = httpx.Response(status, json=body, headers=headers)
    return outcome_of(Slack().publish(POST, CHANNEL), recorded(HOME, answer))


def page(*messages: dict[str, Any], cursor: str = "") -> httpx.Response:
    body = {"ok": True, "messages": messages, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}
    return httpx.Response(200, json=body)


def found(*answers: httpx.Response | Exception) -> object:
    return outcome_of(Slack().find(POST, CHANNEL, NOON), recorded(HOME, *answers))


def test_the_workspace_is_asked_first_and_the_message_goes_last() -> None:
    requests = requests_of()
    assert [(request.method, str(request.url)) for request in requests] == [
        ("POST", "https://slack.com/api/auth.test"),
        ("POST", "https://slack.com/api/chat.postMessage"),
    ]
    assert {request.headers["authorization"] for request in requests} == {f"Bearer {TOKEN}"}
    assert requests[-1].headers["content-type"] == "application/json"


def test_the_message_is_the_documented_one() -> None:
    assert body_of() == {
        "channel": "C0RIVERS01",
        "text": "Rivers in autumn\n"
        "All rivers carry leaves &amp; more (https://example.org/?a=1&amp;b=2).\n"
        "https://example.org/rivers",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Rivers in autumn", "emoji": False}},
            section(
                "All _rivers_ carry *leaves* &amp; <https://example.org/?a=1&amp;b=2|more>.\n\n"
                "<https://example.org/rivers>"
            ),
            {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A river"},
            {"type": "image", "image_url": "https://example.org/b.png", "alt_text": "Image"},
        ],
        "metadata": METADATA,
    }


def test_an_image_alone_is_told_by_its_alternative_text() -> None:
    body = body_of(title="", text="", link="", media=POST.content.media[:1])
    assert body["text"] == "A river"
    assert [block["type"] for block in body["blocks"]] == ["image"]


def test_a_link_the_text_has_is_not_repeated() -> None:
    assert blocks_of("See https://example.org/a", link="https://example.org/a") == [
        section("See <https://example.org/a>")
    ]


def test_a_link_of_any_characters_is_one() -> None:
    (block,) = blocks_of("", link="https://example.org/?q=<a|b>*")
    assert block == section("<https://example.org/?q=%3Ca%7Cb%3E*>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# The **river**\n\n*a* **b** ~~c~~ `d<`", "*The river*\n\n_a_ *b* ~c~ `d&lt;`"),
        ("mid**word**s and **word**.", "mid\u200b*word*\u200bs and *word*."),
        ("***both***", "_*both*_"),
        ("one\ntwo\\\nthree", "one two\nthree"),
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("- one\n- two\n\n  more\n  1. three", "• one\n• two\n  more\n  1. three"),
        ("> one\n>\n> > two", "> one\n>\n> &gt; two"),
        ("```py\na < b\n```", "```\na &lt; b\n```"),
        ("|b|c|\n|-|-|\n|1|2|", "b | c\n1 | 2"),
        ("[a|b>](https://e.org/|)", "<https://e.org/%7C|a|b&gt;>"),
        ("![A river](https://e.org/a.png)", "<https://e.org/a.png|A river>"),
        ("<https://e.org>", "<https://e.org>"),
        ("(see https://e.org/?a=1&b=2).", "(see <https://e.org/?a=1&amp;b=2>)."),
        ("[mail](mailto:ann@e.org) <bob@e.org>", "mail (mailto:ann@e.org) bob@e.org"),
        ("`https://e.org`", "`https://e.org`"),
    ],
)
def test_markdown_becomes_mrkdwn(text: str, expected: str) -> None:
    assert texts_of(text) == [expected]


def test_paragraphs_are_gathered_in_sections_that_slack_takes() -> None:
    text = "\n\n".join(letter * 1400 for letter in "abcd")
    assert texts_of(text) == ["a" * 1400 + "\n\n" + "b" * 1400, "c" * 1400 + "\n\n" + "d" * 1400]


def test_a_paragraph_too_long_for_a_section_goes_on_in_plain_text() -> None:
    blocks = blocks_of(f"*a*\n\n**{'word ' * 900}end**\n\n*z*")
    assert [block["text"]["type"] for block in blocks] == ["mrkdwn", "plain_text", "plain_text", "mrkdwn"]
    assert "".join(block["text"]["text"] for block in blocks) == f"_a_{'word ' * 900}end_z_"


def test_a_word_too_long_for_a_section_is_cut_nevertheless() -> None:
    assert [len(text) for text in texts_of("x" * 7000)] == [3000, 3000, 1000]


def test_a_long_text_is_told_in_part_where_it_only_stands_for_the_blocks() -> None:
    assert body_of(text="x" * 4000, title="")["text"] == "x" * 3000 + "…"


def test_a_receipt_links_to_the_message() -> None:
    assert hold(Slack().publish(POST, CHANNEL), recorded(*ACCEPTED)) == RECEIPT


def test_a_rehearsal_shows_the_message_without_the_token() -> None:
    rehearsed = rehearse(Slack(), POST, CHANNEL, ["bot_token"])
    assert rehearsed is not None
    assert (rehearsed.host, rehearsed.publishes, rehearsed.body) == ("slack.com", True, body_of())


@pytest.mark.parametrize("given", ["", "#rivers", "rivers", "c0rivers01", "C0RIVERS01/x", "U0BOT00001"])
def test_what_is_no_channel_id_holds_the_channel(given: str) -> None:
    channel = replace(CHANNEL, settings={"channel": given})
    assert isinstance(outcome_of(Slack().publish(POST, channel), recorded(HOME)), Unauthorized)


@pytest.mark.parametrize("token", ["xoxb-ä", "xoxb\r\nx: y"])
def test_what_cannot_be_a_token_holds_the_channel(token: str) -> None:
    channel = replace(CHANNEL, secrets={"bot_token": token})
    assert isinstance(outcome_of(Slack().publish(POST, channel), recorded()), Unauthorized)


def test_text_is_counted_as_it_is_sent() -> None:
    assert problems_of(text=f"**{'x' * 9_998}**") == []
    (problem,) = problems_of(text="&" * 2_001)
    assert problem.message == "The text is 10005 characters long; the most here is 10000: 5 too many."


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": " "}, "content.text"),
        ({"text": "x", "title": "x" * 151}, "content.title"),
        ({"text": "x", "link": "example.org"}, "content.link"),
        ({"text": "x", "media": POST.content.media[:1] * 11}, "content.media"),
        ({"text": "x", "media": (Media("https://example.org/a.MOV?b=1"),) * 2}, "content.media"),
        ({"text": "x", "media": (Media(f"https://example.org/{'x' * 3000}"),)}, "content.media[0].url"),
        ({"text": "x", "media": (Media("https://example.org/a.png", "x" * 2001),)}, "content.media[0].alt"),
    ],
)
def test_what_slack_cannot_take_is_a_problem(content: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ratelimited", Throttled),
        ("rate_limited", Throttled),
        ("message_limit_exceeded", Throttled),
        ("internal_error", OutcomeUnknown),
        ("fatal_error", OutcomeUnknown),
        ("service_unavailable", Unavailable),
        ("team_added_to_org", Unavailable),
        ("request_timeout", Unavailable),
        ("token_expired", Unauthorized),
        ("invalid_auth", Unauthorized),
        ("not_authed", Unauthorized),
        ("account_inactive", Unauthorized),
        ("token_revoked", Unauthorized),
        ("org_login_required", Unauthorized),
        ("missing_scope", Unauthorized),
        ("no_permission", Unauthorized),
        ("restricted_action", Unauthorized),
        ("restricted_action_read_only_channel", Unauthorized),
        ("ekm_access_denied", Unauthorized),
        ("access_denied", Unauthorized),
        ("not_allowed_token_type", Unauthorized),
        ("team_access_not_granted", Unauthorized),
        ("channel_not_found", Refused),
        ("is_archived", Refused),
        ("not_in_channel", Refused),
        ("user_not_in_channel", Refused),
        ("msg_too_long", Refused),
        ("no_text", Refused),
        ("too_many_attachments", Refused),
        ("invalid_blocks", Refused),
        ("invalid_blocks_format", Refused),
        ("msg_blocks_too_long", Refused),
        ("markdown_text_conflict", Refused),
        ("invalid_arguments", Refused),
        ("cannot_reply_to_message", Refused),
        ("as_user_not_supported", Refused),
        ("invalid_metadata_format", Refused),
        ("something_new", Refused),
    ],
)
def test_an_error_in_a_200_is_sorted_by_slacks_word(code: str, kind: type[PublishingError]) -> None:
    error = answered({"ok": False, "error": code})
    assert isinstance(error, kind)
    assert (error.code, error.status) == (code, 200)
    assert str(error).startswith(f"Slack answered: {code}")


def test_details_and_remedies_are_told() -> None:
    details = {"messages": ["[ERROR] invalid url in field [json-pointer:/blocks/0/image_url]"]}
    error = answered({"ok": False, "error": "invalid_blocks", "response_metadata": details})
    assert str(error) == (
        "Slack answered: invalid_blocks [ERROR] invalid url in field [json-pointer:/blocks/0/image_url] "
        "Slack may not have reached an image."
    )


def test_a_missing_scope_is_named() -> None:
    error = answered({"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands"})
    assert str(error) == "Slack answered: missing_scope chat:write"


def test_the_wait_is_in_the_header() -> None:
    error = answered({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"})
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 30.0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, {"ok": False, "error": "fatal_error"}, OutcomeUnknown),
        (503, {"ok": False, "error": "service_unavailable"}, Unavailable),
        (503, {"ok": False, "error": "something_new"}, OutcomeUnknown),
        (503, "Gateway", OutcomeUnknown),
        (403, {"ok": False, "error": "something_new"}, Unauthorized),
        (400, {"ok": False, "error": "invalid_blocks"}, Refused),
        (404, "Not found", Refused),
    ],
)
def test_where_slack_has_no_word_the_status_counts(status: int, body: object, kind: type[PublishingError]) -> None:
    assert isinstance(answered(body, status), kind)


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.ReadTimeout(""), httpx.Response(200, text="<html>")])
def test_a_workspace_that_does_not_answer_means_nothing_was_sent(answer: httpx.Response | Exception) -> None:
    assert isinstance(outcome_of(Slack().publish(POST, CHANNEL), recorded(answer)), Unavailable)


def test_trouble_before_the_message_means_nothing_was_sent() -> None:
    answer = httpx.Response(200, json={"ok": False, "error": "internal_error"})
    assert isinstance(outcome_of(Slack().publish(POST, CHANNEL), recorded(answer)), Unavailable)


def test_the_token_is_blotted_out_of_slacks_words() -> None:
    error = answered({"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": [f"Bad {TOKEN}"]}})
    assert str(error) == "Slack answered: invalid_arguments Bad …"


@pytest.mark.parametrize("body", [{"ok": False}, {"ok": True}, {"ok": True, "ts": "now"}, {"ok": False, "error": 1}])
def test_a_200_without_a_message_is_unknown(body: object) -> None:
    assert isinstance(answered(body), OutcomeUnknown)


def test_verifying_asks_whose_token_it_is() -> None:
    expected = Identity("U0BOT00001", "postroom at Rivers", "https://rivers.slack.com/archives/C0RIVERS01")
    assert hold(Slack().verify(CHANNEL), recorded(*VERIFIED)) == expected


def test_a_message_is_found_by_its_metadata() -> None:
    transport = recorded(HOME, page({**MESSAGE, "metadata": METADATA}))
    assert hold(Slack().find(POST, CHANNEL, NOON), transport) == RECEIPT
    request = transport.asked[-1]
    assert (request.method, request.url.path) == ("GET", "/api/conversations.history")
    assert dict(request.url.params) == {
        "channel": "C0RIVERS01",
        "oldest": "1795176000.000000",
        "limit": "15",
        "include_all_metadata": "true",
    }


def test_a_message_is_looked_for_on_every_page() -> None:
    transport = recorded(HOME, page(cursor="next="), page({**MESSAGE, "metadata": METADATA}))
    assert hold(Slack().find(POST, CHANNEL, NOON), transport) == RECEIPT
    assert transport.asked[-1].url.params["cursor"] == "next="


@pytest.mark.parametrize(
    "other",
    [
        {**MESSAGE, "metadata": {**METADATA, "event_payload": {"post_id": "dlv_2"}}},
        {**MESSAGE, "subtype": "channel_join"},
        {**MESSAGE, "user": "U0HUMAN001"},
    ],
)
def test_what_others_said_is_not_the_message(other: dict[str, Any]) -> None:
    assert found(page(other)) is None


@pytest.mark.parametrize("metadata", [{}, {"metadata": None}, {"metadata": {"event_type": "postroom_post"}}])
def test_messages_of_ours_whose_metadata_is_not_shown_leave_it_open(metadata: dict[str, Any]) -> None:
    assert isinstance(found(page({**MESSAGE, **metadata})), OutcomeUnknown)


def test_a_channel_without_end_leaves_it_open() -> None:
    assert isinstance(found(*[page(cursor="next=")] * 20), OutcomeUnknown)


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel", "channel_not_found", "no_permission"])
def test_a_channel_that_may_not_be_read_leaves_it_open(code: str) -> None:
    assert isinstance(found(httpx.Response(200, json={"ok": False, "error": code})), OutcomeUnknown)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(429, headers={"Retry-After": "60"}), Throttled),
        (httpx.Response(200, json={"ok": False, "error": "token_revoked"}), Unauthorized),
        (httpx.Response(200, json={"ok": False, "error": "fatal_error"}), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
    ],
)
def test_trouble_while_looking_is_told(answer: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(found(answer), kind)


def called(body: bytes, secret: str) -> Call:
    at = str(int(NOON.timestamp()))
    proof = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={proof}"}
    return Call("POST", "https://postroom.example.org/hear", headers=headers, body=body)


LISTENING = replace(CHANNEL, secrets={"bot_token": TOKEN, "signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"})
SHARED = b'{"type":"event_callback","event_id":"Ev1","event":{"type":"file_shared","file_id":"F0RIVER001"}}'
PROOF = "v0=6fec2b92808c69d51df0c9f6022766ad5bf0549903ba64d44c865d7142476755"
SIGNED = [Signed(LISTENING, "signing_secret", SHARED, called, "x-slack-signature", PROOF, timed=True)]
