"""What Slack's Events API calls back with, and whether it was Slack.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack, https://docs.slack.dev/apis/events-api/ and
https://docs.slack.dev/reference/events/file_shared (read 2026-11-21)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError

from publishing.inbound import Call, Forged, Heard
from publishing.replies import Reply

WINDOW_S = 300


class _Inner(Reply):
    type: str = ""
    file_id: str = ""


class _Event(Reply):
    type: str
    challenge: str = ""
    event_id: str = ""
    event: _Inner = _Inner()


def heard(call: Call, secret: str, now: datetime) -> str | Sequence[Heard]:
    """The answer to Slack's challenge, or that a file was shared.

    Raises:
        Forged: it is not signed with the app's signing secret, or was signed more than five minutes ago.
    """
    _insist_on_signature(call, secret, now)
    try:
        told = _Event.model_validate_json(call.body)
    except ValidationError:
        return ()
    if told.type == "url_verification":
        return told.challenge
    if told.event.type == "file_shared" and told.event.file_id:
        return (Heard(told.event.file_id, told.event_id),)
    return ()


def _insist_on_signature(call: Call, secret: str, now: datetime) -> None:
    at = call.headers.get("x-slack-request-timestamp", "")
    if not (at.isascii() and at.isdigit() and abs(now.timestamp() - int(at)) <= WINDOW_S):
        raise Forged
    made = hmac.new(secret.encode(), f"v0:{at}:".encode() + call.body, hashlib.sha256).hexdigest()
    given = call.headers.get("x-slack-signature", "").encode()
    if not secret or not hmac.compare_digest(given, f"v0={made}".encode()):
        raise Forged
