from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from functions.platforms.discord import Discord
from publishing.model import Channel, Content, Media, Post, Receipt
from tests.functions.platforms.conversing import NOON, hold
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.films import URL, Films
from tests.sandbox.platforms import discord
from tests.sandbox.server import Sandbox
from tests.sandbox.wall import Wall


@pytest.fixture
def webhook(sandbox: Sandbox) -> str:
    answer = httpx.post(f"{sandbox.addresses['discord']}/_sandbox/accounts", json={"name": "news"})
    return str(answer.json()["webhook_url"])


def refused(webhook: str, message: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(webhook, params={"wait": "true"}, json=message)
    assert answer.status_code == 400
    body: dict[str, Any] = answer.json()
    return body


def test_a_webhook_describes_itself(webhook: str) -> None:
    described = httpx.get(webhook).json()
    assert (described["name"], described["type"]) == ("news", 1)


def test_an_answer_tells_that_it_was_the_last_and_who_waits_as_told_is_not_refused(webhook: str) -> None:

    for _ in range(4):
        httpx.post(webhook, json={"content": "Hello"})
    last, refused_one = (httpx.post(webhook, json={"content": "Hello"}) for _ in range(2))
    assert (last.status_code, refused_one.status_code) == (204, 429)
    last.request.extensions = {**last.request.extensions, "publishes": True}
    time.sleep(Discord().pause_s(last))
    assert httpx.post(webhook, json={"content": "Hello"}).headers["X-RateLimit-Remaining"] == "4"


def test_an_unknown_webhook_is_10015(sandbox: Sandbox, webhook: str) -> None:
    answer = httpx.get(f"{sandbox.addresses['discord']}/api/v10/webhooks/123456789012345678/{webhook[-68:]}")
    assert (answer.status_code, answer.json()["code"]) == (404, 10015)


def test_a_wrong_token_is_50027(webhook: str) -> None:
    answer = httpx.get(webhook + "x")
    assert (answer.status_code, answer.json()["code"]) == (401, 50027)


def test_without_wait_nothing_is_answered(webhook: str) -> None:
    answer = httpx.post(webhook, json={"content": "Hello"})
    assert (answer.status_code, answer.content) == (204, b"")


def test_with_wait_the_message_is_answered_and_can_be_read_back(webhook: str) -> None:
    sent = httpx.post(webhook, params={"wait": "true"}, json={"embeds": [{"title": "Hello"}], "nonce": "1"}).json()
    home = webhook.replace("/api/webhooks", "/api/v10/webhooks")
    assert httpx.get(f"{home}/messages/{sent['id']}").json() == sent


def test_a_message_that_was_not_sent_is_10008(webhook: str) -> None:
    home = webhook.replace("/api/webhooks", "/api/v10/webhooks")
    assert httpx.get(f"{home}/messages/1").json()["code"] == 10008


def test_an_empty_message_is_50006(webhook: str) -> None:
    assert refused(webhook, {"content": ""})["code"] == 50006


def test_what_is_no_json_is_50109(webhook: str) -> None:
    assert httpx.post(webhook, content=b"{").json()["code"] == 50109


def test_a_description_may_have_4096_characters(webhook: str) -> None:
    errors = refused(webhook, {"embeds": [{"description": "x" * 4_097}]})["errors"]
    (complaint,) = errors["embeds"]["0"]["description"]["_errors"]
    assert complaint == {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 4096 or fewer in length."}


@pytest.mark.parametrize(
    "message",
    [
        {"content": "x" * 2_001},
        {"content": "x", "username": "x" * 81},
        {"embeds": [{"title": "x" * 257}]},
        {"embeds": [{"title": "x"}] * 11},
        {"embeds": [{"title": "x", "url": "ftp://example.com"}]},
        {"embeds": [{"description": "x" * 4_000}, {"description": "x" * 2_001}]},
    ],
)
def test_what_breaks_a_limit_is_50035(webhook: str, message: dict[str, Any]) -> None:
    assert refused(webhook, message)["code"] == 50035


def test_what_is_refused_is_not_published(sandbox: Sandbox, webhook: str) -> None:
    refused(webhook, {"content": "x" * 2_001})
    assert sandbox.wall.notices() == []


def test_a_messages_own_address_shows_it_to_everybody(sandbox: Sandbox, webhook: str) -> None:
    sent = httpx.post(webhook, params={"wait": "true"}, json={"content": "<Hello>"}).json()
    page = httpx.get(f"{sandbox.addresses['discord']}/channels/1/{sent['channel_id']}/{sent['id']}")
    assert "&lt;Hello&gt;" in page.text


def test_an_address_without_a_message_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.addresses['discord']}/channels/1/2/3").status_code == 404


@pytest.fixture
def transport() -> httpx.BaseTransport:
    """The stand-in without a network."""
    wall = Wall()
    return Films(httpx.WSGITransport(app=Application(discord.STAND_IN(wall), wall, Faults())))


@pytest.fixture
def channel(transport: httpx.BaseTransport) -> Channel:
    with httpx.Client(transport=transport, base_url="https://discord.com") as client:
        fields = client.post("/_sandbox/accounts", json={"name": "news"}).json()
    return Channel("chn_1", "wsp_1", "discord", secrets=fields)


def test_a_video_is_sent_on_read_back_and_deleted(transport: httpx.BaseTransport, channel: Channel) -> None:
    post = Post("dlv_1", Content(text="Leaves", media=(Media(URL, "A river"),)), NOON)
    receipt = hold(Discord().publish(post, channel), transport)
    assert isinstance(receipt, Receipt)
    with httpx.Client(transport=transport) as client:
        home = channel.secrets["webhook_url"].replace("/api/webhooks", "/api/v10/webhooks")
        read = client.get(f"{home}/messages/{receipt.id}").json()
        assert read["attachments"] == [{"id": "0", "filename": "video.mp4", "description": "A river"}]
        for _ in range(2):
            hold(Discord().remove(receipt, channel), transport)
            assert client.get(f"{home}/messages/{receipt.id}").status_code == 404


@pytest.mark.parametrize(
    ("attachment", "file", "code"),
    [
        ({"id": 1}, b"1234", 50146),
        ({"id": 0}, b"12345", 40005),
        ({"id": 0, "description": "x" * 1_025}, b"1234", 50035),
    ],
)
def test_a_file_that_is_not_as_was_said_is_not_taken(
    webhook: str, monkeypatch: pytest.MonkeyPatch, attachment: dict[str, Any], file: bytes, code: int
) -> None:
    monkeypatch.setattr("tests.sandbox.platforms.discord.FILE_BYTES", 4)
    told = {"payload_json": json.dumps({"attachments": [attachment]})}
    assert httpx.post(webhook, data=told, files={"files[0]": file}).json()["code"] == code
