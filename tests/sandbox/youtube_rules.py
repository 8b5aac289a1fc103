"""What YouTube objects to in what is said of a video.

Source: https://developers.google.com/youtube/v3/docs/videos#properties (read 2026-11-21, stored copy)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

LARGEST = 256 * 2**30
SNIPPET = {"title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage"}
CHOICES = {"embeddable", "publicStatsViewable", "selfDeclaredMadeForKids", "containsSyntheticMedia"}
KNOWN = {"snippet": SNIPPET, "status": {"privacyStatus", "publishAt", "license", *CHOICES}}


def complaints(video: Mapping[str, Any], size: int) -> Iterator[str]:
    """The reasons for which a video of `size` bytes is not begun."""
    snippet, status = video.get("snippet") or {}, video.get("status") or {}
    if any(set(video.get(part) or {}) - known for part, known in KNOWN.items()) or set(video) - set(KNOWN):
        yield "invalidVideoMetadata"
    title, description = str(snippet.get("title", "")), str(snippet.get("description", ""))
    if not 0 < len(title.strip()) <= len(title) <= 100 or re.search("[<>]", title):
        yield "invalidTitle"
    if len(description.encode()) > 5_000 or re.search("[<>]", description):
        yield "invalidDescription"
    tags = [f'"{tag}"' if " " in tag else tag for tag in snippet.get("tags") or []]
    if len(",".join(tags)) > 500 or re.search("[<>]", "".join(tags)):
        yield "invalidTags"
    if not str(snippet.get("categoryId", "22")).isdecimal():
        yield "invalidCategoryId"
    if status.get("privacyStatus", "public") not in {"public", "unlisted", "private"}:
        yield "invalidVideoMetadata"
    if not 0 < size <= LARGEST:
        yield "invalidVideoMetadata"
