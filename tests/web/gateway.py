"""API Gateway as the functions see it: its events (payload 2.0), built on a real one from `events/`, and answers."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

EVENTS = Path(__file__).parents[2] / "events"


def document(name: str) -> Any:
    """A document of `events/`."""
    return json.loads((EVENTS / f"{name}.json").read_text())


def event(
    method: str,
    path: str,
    *,
    context: Mapping[str, str] | None = None,
    body: object = None,
    raw: str | bytes | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event of a request; `context` is what the authorizer said, `raw` a body as it came instead of `body`."""
    made: dict[str, Any] = document("api")
    made |= {"rawPath": path, "rawQueryString": urlencode(query or {}), "queryStringParameters": dict(query or {})}
    made["requestContext"]["http"] |= {"method": method, "path": path}
    made["requestContext"]["authorizer"] = {"lambda": dict(context) if context else None}
    sent = json.dumps(body) if body is not None else raw
    if sent is not None:
        made["headers"]["content-type"] = "application/json"
        made["isBase64Encoded"] = isinstance(sent, bytes)
        made["body"] = base64.b64encode(sent).decode() if isinstance(sent, bytes) else sent
    made["headers"] |= {name.lower(): value for name, value in (headers or {}).items()}  # as API Gateway tells them
    return made


@dataclass(frozen=True)
class Reply:
    """What a function answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)

    @property
    def problem(self) -> str:
        """The slug of the problem."""
        return str(self.json["type"]).removeprefix("urn:postroom:problem:")

    @property
    def fields(self) -> list[str]:
        """Which fields are wrong."""
        return [error["field"] for error in self.json["errors"]]


def reply(answer: Mapping[str, Any]) -> Reply:
    """What API Gateway makes of a function's answer, unpacked by whoever asked."""
    sent = content(answer)
    packed = answer["headers"].get("Content-Encoding") == "gzip" and sent
    return Reply(answer["statusCode"], answer["headers"], (gzip.decompress(sent) if packed else sent).decode())


def content(answer: Mapping[str, Any]) -> bytes:
    """The body of a function's answer, as API Gateway sends it."""
    body = answer["body"]
    return base64.b64decode(body) if answer["isBase64Encoded"] else body.encode()
