"""Signatures of the calls we make, as Standard Webhooks has them: HMAC-SHA256 over id, time and the very bytes sent.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read 2026-11-20)
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable

from publishing.errors import Unauthorized

KEY_BYTES = range(24, 65)


def signed(message_id: str, at_s: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The headers that sign `body`, stamped with the Unix time `at_s`: one signature for each of `secrets`.

    Raises:
        Unauthorized: a secret is not `whsec_` and the base64 of 24 to 64 bytes.
    """
    content = f"{message_id}.{at_s}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(_key(secret), content, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    encoded = secret.strip().removeprefix("whsec_")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError as error:
        raise Unauthorized("The signing secret is not whsec_ with base64 after it.") from error
    if len(key) not in KEY_BYTES:
        raise Unauthorized(f"The signing secret holds {len(key)} bytes; it must be 24 to 64.")
    return key
