from __future__ import annotations

from typing import Any

import pytest

from tests.functions.service import WEBHOOK, Service
from tests.web.gateway import Reply

PATH = "/v1/publications"
DISCORD = "https://discord.com/api/webhooks/1234567890123456789/" + "secret-token" * 6


def validate(service: Service, *channels: str, **changes: Any) -> Reply:
    body = {"content": {"text": "Hello"}, "targets": [{"channel": channel} for channel in channels], **changes}
    return service.ask("POST", f"{PATH}/validate", body=body)


def test_the_request_that_would_be_sent_is_told(service: Service) -> None:
    channel = service.connected(platform="discord", credentials={"webhook_url": DISCORD, "username": "News"})["id"]
    (target,) = validate(service, channel).json["targets"]
    sent = target["would_send"]
    assert (sent["method"], sent["host"], sent["publishes"]) == ("POST", "discord.com", True)
    assert (sent["body"]["embeds"][0]["description"], sent["body"]["username"]) == ("Hello", "News")


@pytest.mark.parametrize(
    ("platform", "credentials", "private"),
    [
        ("discord", {"webhook_url": DISCORD}, "secret-token"),
        ("webhook", {**WEBHOOK, "url": "https://private.example/hook"}, "private.example"),
        ("devto", {"api_key": "secret-key-0123456789"}, "secret-key"),
    ],
)
def test_no_secret_is_told(service: Service, platform: str, credentials: dict[str, str], private: str) -> None:
    channel = service.connected(platform=platform, credentials=credentials)["id"]
    reply = validate(service, channel, content={"title": "Title", "text": "Hello"})
    assert reply.json["targets"][0]["would_send"]["publishes"] is True
    assert private not in reply.text


def test_what_does_not_fit_would_not_be_sent(service: Service) -> None:
    channel = service.connected(platform="devto", credentials={"api_key": "k" * 20})["id"]
    (target,) = validate(service, channel).json["targets"]
    assert (target["problems"][0]["field"], target["would_send"]) == ("content.title", None)


def test_nothing_is_stored_or_sent(service: Service) -> None:
    channel = service.connected()["id"]
    service.sent("webhook-urgent")
    validate(service, channel)
    assert (service.items("publications"), service.sent("webhook")) == ([], [])


def test_a_dry_run_tells_the_same(service: Service) -> None:
    channel, at = service.connected()["id"], "2026-12-24T12:00:00Z"
    targets = [{"channel": channel}]
    body = {"content": {"text": "Hello"}, "targets": targets, "publish_at": at, "dry_run": True}
    dry, validated = service.ask("POST", PATH, body=body).json, validate(service, channel, publish_at=at).json
    assert (dry["publish_at"], dry["targets"][0]["would_send"]["method"]) == (validated["publish_at"], "POST")
    assert dry["targets"][0]["problems"] == validated["targets"][0]["problems"] == []


def test_another_workspaces_channel_is_not_there(service: Service) -> None:
    body = {"content": {"text": "Hello"}, "targets": [{"channel": service.connected()["id"]}]}
    assert service.ask("POST", f"{PATH}/validate", body=body, workspace=service.theirs).status == 404
