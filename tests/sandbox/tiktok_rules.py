"""Posts under way at TikTok's stand-in, and what TikTok objects to before they are out.

Source: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post, …-photo-post and
…/content-posting-api-media-transfer-guide (read 2026-11-21, stored copies)
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import as_json
from tests.sandbox.wall import Notice

LEAST, MOST, MOST_LAST, LARGEST, CHUNKS = 5_000_000, 64_000_000, 128_000_000, 4_000_000_000, 1_000
PHOTOS = 35
PUBLIC = "PUBLIC_TO_EVERYONE"
OPTIONS = (PUBLIC, "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
SPAN = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
TYPES = frozenset({"video/mp4", "video/quicktime", "video/webm"})
TOLD_CHARS = 150
COUNTS = {"view_count": 47, "like_count": 11, "comment_count": 3, "share_count": 2}


def opened(account: str, document: Mapping[str, Any], working: str, *, direct: bool) -> dict[str, Any]:
    """A post that is begun; `working` is its status until it is processed."""
    return {
        "id": f"v_pub~v2-1.{secrets.randbelow(10**12)}",
        "creator": account,
        "document": document,
        "direct": direct,
        "working": working,
        "token": None,
        "uploaded": 0,
        "failed": "",
        "asked": False,
        "moderated": False,
        "notice": None,
    }


def chunk_misfit(post: Mapping[str, Any], request: Request) -> int:
    """The status by which a chunk is not taken; 0 for the one that is wanted."""
    span, length = SPAN.fullmatch(request.headers.get("Content-Range", "")), len(request.get_data())
    if time.time() > post["closes"]:
        return 403
    if span is None or request.content_type not in TYPES or int(span[2]) - int(span[1]) + 1 != length:
        return 400
    rest = post["video_size"] - post["uploaded"]
    wanted = post["chunk_size"] if rest >= 2 * post["chunk_size"] else rest
    fits = (int(span[1]), int(span[3]), length) == (post["uploaded"], post["video_size"], wanted)
    return 0 if fits else 416


def post_complaints(about: object, limits: Mapping[str, int], *, direct: bool) -> Iterator[Response]:
    """What TikTok objects to in what is said of a post; `limits` are in UTF-16 units."""
    if not isinstance(about, dict):
        yield trouble(400, "invalid_params", "post_info is missing")
        return
    if direct and about.get("privacy_level") not in OPTIONS:
        yield trouble(403, "privacy_level_option_mismatch", "privacy_level is not among the options")
    for name, most in limits.items():
        if len(str(about.get(name, "")).encode("utf-16-le")) // 2 > most:
            yield trouble(400, "invalid_params", f"{name} is too long")


def photo_complaints(body: Mapping[str, Any], source: Mapping[str, Any]) -> Iterator[Response]:
    """What TikTok objects to in photos and how they are to be posted."""
    urls = source.get("photo_images") or []
    if body.get("media_type") != "PHOTO" or body.get("post_mode") not in {"DIRECT_POST", "MEDIA_UPLOAD"}:
        yield trouble(400, "invalid_params", "media_type or post_mode is invalid")
    if source.get("source") != "PULL_FROM_URL" or not 1 <= len(urls) <= PHOTOS:
        yield trouble(400, "invalid_params", "Photos are fetched, 1 to 35 of them")
    if not 0 <= source.get("photo_cover_index", 0) < max(1, len(urls)):
        yield trouble(400, "invalid_params", "There is no such cover")
    if any(url.lower().endswith((".png", ".gif")) for url in urls):
        yield trouble(400, "file_format_check_failed", "WebP or JPEG")


def size_complaints(source: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the sizes of a video and of its chunks."""
    size, length, count = (source.get(name) for name in ("video_size", "chunk_size", "total_chunk_count"))
    if source.get("source") != "FILE_UPLOAD" or not (size and length and count):
        yield "The source is invalid"
        return
    if not 0 < size <= LARGEST or count != max(1, size // length) or count > CHUNKS:
        yield "The total chunk count is invalid"
    if (size < LEAST and length != size) or (size >= LEAST and not LEAST <= length <= MOST):
        yield "The chunk size is invalid"
    if size - (count - 1) * length > MOST_LAST or (size > MOST and count == 1):
        yield "The last chunk is too large"


def is_public(notice: Notice) -> bool:
    """Whether everybody may see it."""
    return notice.document.get("privacy_level") == PUBLIC and not notice.document["inbox"]


def shown(notice: Notice, fields: str) -> dict[str, Any]:
    """What is asked of a public post."""
    words = notice.document.get("description") or notice.document.get("title", "")
    known = {
        "id": notice.id,
        "create_time": int(datetime.fromisoformat(notice.at).timestamp()),
        "share_url": f"https://www.tiktok.com/@{notice.account}/video/{notice.id}?utm_campaign=tt4d_open_api",
        "video_description": words[:TOLD_CHARS],
        **COUNTS,
    }
    return {name: known[name] for name in fields.split(",") if name in known}


def enveloped(**data: object) -> Response:
    """An answer."""
    return as_json({"data": data, "error": {"code": "ok", "message": "", "log_id": "20261121"}})


def trouble(status: int, code: str, message: str) -> Response:
    """An envelope with an error in it."""
    return as_json({"data": {}, "error": {"code": code, "message": message, "log_id": "20261121"}}, status)
