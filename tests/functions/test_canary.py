"""Canaries: secrets and private words planted wherever a caller can put them, looked for wherever they may not be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from functions.authorize import handler as authorize
from identity.model import Role
from tests.functions.service import Service
from tests.web import gateway, logs
from tests.web.logs import Log

CANARY = "canary4711"


@pytest.fixture
def log() -> Iterator[Log]:
    with logs.caught() as made:
        yield made


def credentials() -> dict[str, str]:
    return {
        "url": f"https://example.org/{CANARY}-url",
        "signing_secret": f"whsec_{CANARY}",
        "headers": f'{{"X-Key": "{CANARY}-header"}}',
    }


def test_what_is_connected_published_and_refused_is_never_logged(service: Service, log: Log) -> None:
    channel = service.connected(name=f"{CANARY} name", credentials=credentials())["id"]
    service.submitted(channel, content={"title": CANARY, "text": CANARY, "tags": [CANARY]})
    service.ask("POST", "/v1/publications", body={"content": {CANARY: CANARY}, "targets": CANARY})
    service.ask("POST", "/v1/publications", raw=f'{{"{CANARY}"')
    service.ask("GET", f"/v1/{CANARY}", query={CANARY: CANARY}, headers={"cookie": CANARY})
    service.ask("GET", "/v1/publications", query={"cursor": CANARY})
    service.ask("GET", "/v1/publications", context={"problem": CANARY})
    service.ask("PATCH", f"/v1/channels/{channel}", body={"credentials": {**credentials(), CANARY: CANARY}})
    service.ask("POST", f"/v1/channels/{channel}/test", body={"publish": True})
    service.ask("DELETE", f"/v1/channels/{channel}", headers={"authorization": f"Bearer {CANARY}"})
    assert len(log.lines) >= 10
    assert CANARY not in log.text


def answers(service: Service) -> Iterator[str]:
    """Everything a caller can read of a channel and a key, and every complaint about credentials."""
    channel = service.connected(credentials=credentials())["id"]
    yield service.ask("GET", f"/v1/channels/{channel}").text
    yield service.ask("GET", "/v1/channels").text
    yield service.ask("PATCH", f"/v1/channels/{channel}", body={"name": "Other"}).text
    yield service.ask("PATCH", f"/v1/channels/{channel}", body={"credentials": credentials()}).text
    yield service.ask("POST", f"/v1/channels/{channel}/test", body={"publish": True}).text
    yield service.ask("PATCH", f"/v1/channels/{channel}", body={"credentials": wrong()}).text
    yield service.ask("POST", "/v1/channels", body={"platform": CANARY, "name": "x", "credentials": wrong()}).text
    yield service.ask("POST", "/v1/channels", body={"platform": "webhook", "name": "x", "credentials": CANARY}).text
    yield service.ask("GET", "/v1/channels", headers={"authorization": f"Bearer {CANARY}"}, role=None).text


def wrong() -> dict[str, str]:
    return {"url": f"http://{CANARY}.example.org", "signing_secret": CANARY * 1_000, "headers": CANARY}


def test_no_answer_holds_a_secret(service: Service) -> None:
    assert [text for text in answers(service) if CANARY in text] == []


def test_no_message_and_no_item_holds_a_secret(service: Service) -> None:
    channel = service.connected(credentials=credentials())["id"]
    service.submitted(channel)
    assert CANARY not in repr(service.sent("webhook") + service.sent("webhook-urgent"))
    assert CANARY not in repr(service.items("channels") + service.items("publications"))


def test_a_keys_text_is_in_the_one_answer_alone(service: Service, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    made: Any = service.key(role="admin")
    secret = made["key"].rpartition("_")[2]
    monkeypatch.setenv("STAGE", "dev")
    authorize.gate.cache_clear()
    event = {**gateway.document("authorize"), "headers": {"authorization": f"Bearer {made['key']}"}}
    context = authorize.handle(event, None)["context"]
    listed = service.ask("GET", "/v1/api-keys", context=context)
    authorize.gate.cache_clear()
    assert (context["role"], listed.status) == (Role.ADMIN, 200)
    assert secret not in log.text + listed.text + repr(context) + repr(service.items("channels"))
