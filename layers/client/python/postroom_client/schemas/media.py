"""The models of /v1/media. Generated: `make client`."""

from __future__ import annotations

from typing import Literal, TypedDict


class Copying(TypedDict):
    """What a copy of an image is to fit."""

    platform: str  # Its name in GET /v1/platforms.


class NewMedia(TypedDict):
    """An image or video that is going to be uploaded."""

    size_bytes: int  # Exactly how many bytes the file has.


# How far an upload has come.
Stage = Literal["awaited", "ready", "refused"]


class Upload(TypedDict):
    """Where to send the file, once, and how: with this method and exactly these headers."""

    method: str
    url: str  # It is a secret: who has it can upload.
    headers: dict[str, str]
    expires_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.


class UploadedMedia(TypedDict):
    """An image or video that was, or is to be, uploaded."""

    id: str  # The media's id.
    stage: Stage  # awaited: upload it, then complete it; ready: it can be published.
    size_bytes: int
    type: str | None  # What it is, by its content.
    width: int | None  # Pixels, as it is shown.
    height: int | None  # Pixels, as it is shown.
    seconds: float | None  # Of a video.
    codec: str | None  # Of a video's pictures, as MediaInfo names it.
    reason: str | None  # Why it was refused, and what would help.
    made_from: str | None  # The media it is a fitting copy of.
    created_at: str  # UTC, as in 2026-12-24T17:00:00.000Z.
    upload: Upload | None  # Only in the answer to POST /v1/media.


class Uploads(TypedDict):
    """A page of uploads."""

    items: list[UploadedMedia]
    next: str | None  # The cursor of the next page; null on the last.
