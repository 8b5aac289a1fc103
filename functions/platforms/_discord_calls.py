"""What Discord calls an application with, and whether it was Discord.

Source: https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint and …/events/webhook-events
(read 2026-11-21). Discord tries calls with wrong signatures, too, and does without an application that takes them. How
old a call may be it does not say: five minutes, here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue, ValidationError

from publishing.inbound import Call, Forged, Heard
from publishing.replies import Reply

WINDOW_S = 300
PING, PONG = 1, '{"type":1}'


class _Call(Reply):
    type: int
    event: JsonValue = None  # of webhook events, whose types have other numbers


def heard(call: Call, public_key: str, now: datetime) -> str | Sequence[Heard]:
    """The answer to a ping; else nothing, as nothing of all that is about a webhook's messages.

    Raises:
        Forged: it is not signed with the application's key, or was signed more than five minutes ago.
    """
    _insist_on_signature(call, public_key, now)
    try:
        told = _Call.model_validate_json(call.body)
    except ValidationError:
        return ()
    return PONG if told.type == PING and told.event is None else ()


def _insist_on_signature(call: Call, public_key: str, now: datetime) -> None:
    # takes longer to import than all the rest here, and only who hears needs it
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    at = call.headers.get("x-signature-timestamp", "")
    if not (at.isascii() and at.isdigit() and abs(now.timestamp() - int(at)) <= WINDOW_S):
        raise Forged
    try:
        signature = bytes.fromhex(call.headers.get("x-signature-ed25519", ""))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, at.encode() + call.body)
    except (InvalidSignature, ValueError) as error:
        raise Forged from error
