"""The id by which one request is followed through every function, queue and log line it leads to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")


def correlation_id_of(event: Mapping[str, Any]) -> str:
    """The caller's own X-Correlation-Id where it is well-formed, else API Gateway's request id."""
    given = (event.get("headers") or {}).get("x-correlation-id", "")
    return given if _CORRELATION_ID.fullmatch(given) else str(event["requestContext"]["requestId"])
