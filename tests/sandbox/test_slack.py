from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.platforms.slack import Slack
from publishing.model import Channel, Content, Media, Post, Receipt
from publishing.transport import Detoured, plain_transport
from tests.functions.platforms.conversing import NOON, hold
from tests.sandbox.server import Sandbox

PICTURE = "https://example.org/a.png"
POST = Post("dlv_1", Content(title="Rivers", text="*a* & <b>", link="https://e.org", media=(Media(PICTURE),)), NOON)
IMAGE = {"type": "image", "image_url": PICTURE, "alt_text": "A river"}


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    opened = httpx.post(f"{sandbox.addresses['slack']}/_sandbox/accounts", json={"name": "news"})
    fields: dict[str, str] = opened.json()
    return fields


@pytest.fixture
def app(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {fields['bot_token']}"}
    with httpx.Client(base_url=f"{sandbox.addresses['slack']}/api/", headers=headers) as client:
        yield client


@pytest.fixture
def channel(fields: dict[str, str]) -> Channel:
    settings, secrets = {"channel": fields["channel"]}, {"bot_token": fields["bot_token"]}
    return Channel("chn_1", "wsp_1", "slack", settings=settings, secrets=secrets)


@pytest.fixture
def detoured(sandbox: Sandbox) -> Iterator[httpx.BaseTransport]:
    with plain_transport() as transport:
        yield Detoured(transport, {"slack.com": sandbox.addresses["slack"]})


def ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def posted(app: httpx.Client, asked: dict[str, Any]) -> dict[str, Any]:
    answer = app.post("chat.postMessage", json=asked)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_what_the_adapter_posts_hangs_on_the_wall_under_the_receipts_id(
    sandbox: Sandbox, detoured: httpx.BaseTransport, channel: Channel
) -> None:
    receipt = hold(Slack().publish(POST, channel), detoured)
    assert isinstance(receipt, Receipt)
    (notice,) = sandbox.wall.notices("slack", "news")
    assert notice.id == receipt.id
    page = httpx.get(receipt.url)
    assert (page.status_code, "Rivers" in page.text) == (200, True)


def test_what_the_adapter_posted_it_finds_behind_many_others(detoured: httpx.BaseTransport, channel: Channel) -> None:
    receipts = [hold(Slack().publish(Post(f"dlv_{at}", POST.content, NOON), channel), detoured) for at in range(1, 19)]
    assert hold(Slack().find(POST, channel, ago()), detoured) == receipts[0]


def test_what_was_never_posted_is_not_found(detoured: httpx.BaseTransport, channel: Channel) -> None:
    hold(Slack().publish(POST, channel), detoured)
    assert hold(Slack().find(Post("dlv_2", POST.content, NOON), channel, ago()), detoured) is None


def test_what_was_posted_before_is_not_looked_at(detoured: httpx.BaseTransport, channel: Channel) -> None:
    hold(Slack().publish(POST, channel), detoured)
    assert hold(Slack().find(POST, channel, datetime.now(UTC) + timedelta(minutes=1)), detoured) is None


def test_metadata_is_shown_only_where_it_is_asked_for(
    app: httpx.Client, detoured: httpx.BaseTransport, channel: Channel
) -> None:
    hold(Slack().publish(POST, channel), detoured)
    (message,) = app.get("conversations.history", params=channel.settings).json()["messages"]
    assert "metadata" not in message


def test_the_adapter_knows_the_workspace(detoured: httpx.BaseTransport, channel: Channel) -> None:
    assert hold(Slack().verify(channel), detoured).name == "news at Sandbox"


@pytest.mark.parametrize("text", ["x" * 10_000, "word " * 2_000, "*a*\n\n" * 2_000, f"**{'y ' * 4_990}**"])
def test_a_text_as_long_as_the_adapter_lets_through_is_taken(
    detoured: httpx.BaseTransport, channel: Channel, text: str
) -> None:
    content = Content(title="x" * 150, text=text, link="https://e.org", media=(Media(PICTURE, "A river"),) * 10)
    post = Post("dlv_1", content, NOON)
    assert Slack().check(post) == []
    assert isinstance(hold(Slack().publish(post, channel), detoured), Receipt)


@pytest.mark.parametrize(
    ("authorization", "error"),
    [("", "not_authed"), ("Basic eDp5", "not_authed"), ("Bearer xoxb-wrong", "invalid_auth")],
)
def test_without_the_right_token_nobody_is_authorized(app: httpx.Client, authorization: str, error: str) -> None:
    answer = app.post("auth.test", headers={"authorization": authorization})
    assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": error})


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"channel": "C0OTHERS", "text": "x"}, "channel_not_found"),
        ({"message": "x"}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": {"type": "section"}}, "invalid_blocks_format"),
        ({"blocks": [{"type": "section", "text": "x"}]}, "invalid_blocks"),
        ({"blocks": [section("")]}, "invalid_blocks"),
        ({"blocks": [section("x" * 3_001)]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "image", "image_url": PICTURE}]}, "invalid_blocks"),
        ({"blocks": [{**IMAGE, "image_url": "a.png"}]}, "invalid_blocks"),
        ({"blocks": [{**IMAGE, "alt_text": "x" * 2_001}]}, "invalid_blocks"),
        ({"blocks": [section("x")] * 51}, "invalid_blocks"),
        ({"blocks": [section("x" * 3_000)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"post_id": "dlv_1"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {}, "b": 1}}, "invalid_metadata_format"),
    ],
)
def test_what_breaks_a_rule_is_told_in_a_200_and_not_posted(
    sandbox: Sandbox, app: httpx.Client, channel: Channel, asked: dict[str, Any], error: str
) -> None:
    body = posted(app, {**channel.settings, **asked})
    assert (body["ok"], body["error"]) == (False, error)
    assert sandbox.wall.notices() == []


def test_what_is_no_json_is_told(app: httpx.Client) -> None:
    assert app.post("chat.postMessage", content=b"{").json()["error"] == "invalid_json"


def test_only_ones_own_channel_can_be_read(app: httpx.Client) -> None:
    answer = app.get("conversations.history", params={"channel": "C0OTHERS"})
    assert answer.json()["error"] == "channel_not_found"


def test_an_address_without_a_message_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.addresses['slack']}/archives/C0/p1").status_code == 404
