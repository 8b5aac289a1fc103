"""Answers packed with gzip, for whoever takes that and where it is worth it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from typing import Any

from web import etag

LEAST_BYTES = 1_024
LEVEL = 6


def pack(answer: dict[str, Any], asked: Mapping[str, str]) -> None:
    """Pack the body of a Lambda proxy answer, if the request's headers allow; its ETag becomes the packed one's."""
    content = (answer["body"] or "").encode()
    if answer["isBase64Encoded"] or len(content) < LEAST_BYTES or not takes_gzip(asked.get("accept-encoding", "")):
        return
    answer["body"] = base64.b64encode(gzip.compress(content, LEVEL, mtime=0)).decode()
    answer["isBase64Encoded"] = True
    headers = answer["headers"]
    headers["Content-Encoding"] = "gzip"
    if "ETag" in headers:
        headers["ETag"] = etag.packed(headers["ETag"])


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding names gzip, or anything, with a weight above 0 (RFC 9110, 12.5.3)."""
    weights = dict(_weighed(part) for part in header.lower().split(","))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weighed(part: str) -> tuple[str, float]:
    coding, _, parameters = part.partition(";")
    name, _, weight = parameters.partition("=")
    try:
        return coding.strip(), float(weight) if name.strip() == "q" else 1.0
    except ValueError:
        return coding.strip(), 0.0
