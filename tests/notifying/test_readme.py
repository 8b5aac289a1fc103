"""The receiver README shows, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from notifying import keyring
from publishing.clock import now
from publishing.signing import signed

README = (Path(__file__).parents[2] / "README.md").read_text()
BODY = b'{"type":"delivery.published","timestamp":"2026-11-20T12:00:00.000Z","data":{"sequence":2}}'
EVENT = "evt_01kagwz9r3a1b2c3d4e5f6g7h8"


@pytest.fixture
def receiver() -> dict[str, Any]:
    """What the snippet defines, given what it leaves to its reader."""
    (snippet,) = re.findall(r"^```python\n(from standardwebhooks.+?)^```$", README, re.MULTILINE | re.DOTALL)
    seen: list[str] = []
    told: list[tuple[Any, ...]] = []

    def seen_before(event: str) -> bool:
        known = event in seen
        seen.append(event)
        return known

    given: dict[str, Any] = {"SECRET": keyring.made(), "seen_before": seen_before, "told": told}
    given["handle"] = lambda *event: told.append(event)
    exec(snippet, given)  # noqa: S102 - it is our own README
    return given


def test_the_readmes_receiver_takes_an_event_once(receiver: dict[str, Any]) -> None:
    stamps = signed(EVENT, int(now().timestamp()), BODY, [receiver["SECRET"]])
    assert [receiver["receive"](stamps, BODY) for _ in range(2)] == [204, 204]
    assert receiver["told"] == [("delivery.published", "2026-11-20T12:00:00.000Z", {"sequence": 2})]


def test_the_readmes_receiver_refuses_a_stranger(receiver: dict[str, Any]) -> None:
    stamps = signed(EVENT, int(now().timestamp()), BODY, [keyring.made()])
    with pytest.raises(WebhookVerificationError):
        receiver["receive"](stamps, BODY)
