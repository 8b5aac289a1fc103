"""What LinkedIn answers whatever is asked: its complaints, its versions, its little text.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api and the pages beside it on
versions and "little text" (read 2026-11-21, stored copies)
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, as_json
from tests.sandbox.wall import Notice

VERSIONS = frozenset({"202601", "202602", "202603", "202604", "202605", "202606", "202607"})
MENTION = re.compile(r"@\[[^\[\]]+\]\(urn:li:(?:person|organization):[\w-]+\)")
HASHTAG = re.compile(r"\{hashtag\|\\[#\uff03]\|[^{}|\\]+\}")
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[|{}@\[\]()<>#*_~]")


def insist_on_version(request: Request) -> None:
    version = request.headers.get("LinkedIn-Version", "")
    if version not in VERSIONS:
        raise Answer(trouble(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active"))
    if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
        raise Answer(trouble(400, "ILLEGAL_ARGUMENT", "Invalid query parameters: protocol version 2.0.0 is required"))


def text_complaints(text: object, content: object) -> Iterator[str]:
    """LinkedIn cuts a text off without a word at what is not escaped; here it is refused, lest nobody notice."""
    if not isinstance(text, str) or not (text.strip() or content):
        yield "/commentary :: a text is required where there is no content"
        return
    if len(text) > 3_000:
        yield "/commentary :: length is beyond 3000"
    if UNESCAPED.search(HASHTAG.sub("", MENTION.sub("", text))):
        yield "/commentary :: a reserved character is not escaped"


def words(post: Mapping[str, Any]) -> tuple[str, str]:
    article = (post.get("content") or {}).get("article") or {}
    return post["commentary"], article.get("source", "")


def shown(notice: Notice) -> dict[str, Any]:
    at = round(datetime.fromisoformat(notice.at).timestamp() * 1000)
    return {**notice.document, "id": notice.id, "createdAt": at, "publishedAt": at, "lastModifiedAt": at}


def duplicate(urn: str) -> Response:
    message = f"com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {urn}"
    inputs = [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]
    kind = "com.linkedin.common.error.BadRequest"
    told = {"errorDetailType": kind, "message": message, "errorDetails": {"inputErrors": inputs}, "status": 422}
    return as_json(told, 422)


def trouble(status: int, code: str, message: str, service_code: int | None = None, **headers: str) -> Response:
    told: dict[str, object] = {"message": message, "status": status}
    told |= {"code": code} if code else {}
    return as_json(told if service_code is None else {**told, "serviceErrorCode": service_code}, status, **headers)


def number(digits: int) -> str:
    return str(random.randrange(10 ** (digits - 1), 10**digits))  # noqa: S311 - an identifier, no secret
