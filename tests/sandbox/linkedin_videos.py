"""Videos at LinkedIn: asked for, handed over in parts of 4 MB, finished, and processed for a moment.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/videos-api (read 2026-11-21, stored
copy)
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from tests.sandbox.linkedin_answers import trouble
from tests.sandbox.stand_in import as_json

PART_BYTES, MOST_BYTES, PROCESSING_S = 4_194_304, 500_000_000, 0.2


@dataclass
class Video:
    """A video on its way in parts: where they go, the marks of those that arrived, and since when all are there."""

    key: str
    account: str
    size_bytes: int
    marks: dict[int, str] = field(default_factory=dict)
    since_s: float = 0.0

    @property
    def urn(self) -> str:
        return f"urn:li:video:{self.key}"

    @property
    def instructions(self) -> list[dict[str, object]]:
        starts = range(0, self.size_bytes, PART_BYTES)
        return [
            {
                "uploadUrl": f"https://www.linkedin.com/dms-uploads/{self.key}/{part}?ca=vector",
                "firstByte": start,
                "lastByte": start + self.length(part) - 1,
            }
            for part, start in enumerate(starts)
        ]

    @property
    def status(self) -> str:
        if not self.since_s:
            return "WAITING_UPLOAD"
        return "AVAILABLE" if time.monotonic() - self.since_s > PROCESSING_S else "PROCESSING"

    def length(self, part: int) -> int:
        return min(PART_BYTES, self.size_bytes - part * PART_BYTES)


class Videos:
    """All there are, by their URNs."""

    def __init__(self) -> None:
        self._there: dict[str, Video] = {}

    def begin(self, asked: Mapping[str, Any], account: str, author: str) -> Response:
        """A place for each part of a video."""
        size = asked.get("fileSizeBytes")
        if asked.get("owner") != author or not isinstance(size, int) or not 0 < size <= MOST_BYTES:
            return trouble(400, "", "initializeUploadRequest.owner and fileSizeBytes are required")
        video = Video(secrets.token_hex(8), account, size)
        self._there[video.urn] = video
        return as_json({"value": {"video": video.urn, "uploadToken": "", "uploadInstructions": video.instructions}})

    def take(self, key: str, part: int, data: bytes) -> Response:
        """Take a part of a video, of exactly its length, and mark it."""
        video = self._there.get(f"urn:li:video:{key}")
        if video is None or len(data) != video.length(part):
            return Response(status=400)
        video.marks[part] = secrets.token_hex(8)
        return Response(status=200, headers={"ETag": f'"{video.marks[part]}"'})

    def finish(self, told: Mapping[str, Any], account: str) -> Response:
        """All parts are there, by their marks; that is said once."""
        video = self._there.get(str(told.get("video")))
        if video is None or video.account != account or video.since_s:
            return trouble(400, "", "There is no such upload, or not any more")
        if told.get("uploadedPartIds") != [video.marks.get(part) for part in range(len(video.instructions))]:
            return trouble(400, "", "uploadedPartIds are not those of the parts")
        video.since_s = time.monotonic()
        return Response(status=200)

    def progress(self, urn: str, account: str) -> Response:
        """How far a video is."""
        video = self._there.get(urn)
        if video is None or video.account != account:
            return trouble(404, "NOT_FOUND", "Not Found")
        return as_json({"id": urn, "status": video.status})

    def has(self, urn: str, account: str) -> bool:
        """Whether a video is the account's and ready to be posted."""
        video = self._there.get(urn)
        return video is not None and video.account == account and video.status == "AVAILABLE"
