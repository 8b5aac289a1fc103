from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from tests.sandbox.server import Sandbox


class Caller:
    """Calls a hook as Standard Webhooks wants it, with PyPI's reference implementation."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._url, self._webhook = fields["url"], Webhook(fields["signing_secret"])

    def call(self, identifier: str, document: object, *, age: timedelta = timedelta(), sign: bool = True) -> int:
        body, at = json.dumps(document), datetime.now(UTC) - age
        headers = {
            "webhook-id": identifier,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(identifier, at, body) if sign else "v1,Zm9v",
        }
        return httpx.post(self._url, content=body, headers=headers).status_code


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    fields = httpx.post(f"{sandbox.addresses['webhook']}/_sandbox/accounts", json={"name": "hook"}).json()
    return Caller(fields)


def test_a_signed_message_is_received(sandbox: Sandbox, caller: Caller) -> None:
    assert caller.call("msg_1", {"type": "post.published"}) == 204
    (notice,) = sandbox.wall.notices("webhook", "hook")
    assert (notice.id, notice.document) == ("msg_1", {"type": "post.published"})


def test_a_message_sent_again_is_received_once_and_counted(sandbox: Sandbox, caller: Caller) -> None:
    caller.call("msg_1", {"type": "post.published"})
    assert caller.call("msg_1", {"type": "post.published"}) == 204
    (notice,) = sandbox.wall.notices("webhook", "hook")
    assert notice.received == 2


def test_a_wrong_signature_is_refused(sandbox: Sandbox, caller: Caller) -> None:
    assert caller.call("msg_1", {}, sign=False) == 401
    assert sandbox.wall.notices() == []


def test_an_old_message_is_refused(caller: Caller) -> None:
    assert caller.call("msg_1", {}, age=timedelta(minutes=6)) == 401


def test_a_message_without_signature_is_refused(sandbox: Sandbox, caller: Caller) -> None:
    _ = caller
    assert httpx.post(f"{sandbox.addresses['webhook']}/hooks/hook", json={}).status_code == 401


def test_a_hook_nobody_opened_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.post(f"{sandbox.addresses['webhook']}/hooks/none", json={}).status_code == 404


def test_a_ping_is_answered_and_not_shown(sandbox: Sandbox, caller: Caller) -> None:
    assert caller.call("ping_1", {"type": "postroom.ping"}) == 204
    assert sandbox.wall.notices() == []


def test_what_is_no_object_is_refused(caller: Caller) -> None:
    assert caller.call("msg_1", ["no object"]) == 400
