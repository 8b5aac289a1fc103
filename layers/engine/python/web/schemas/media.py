"""Uploaded media as callers send and see them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from media.model import Stage
from web.schemas.base import Given, Page, Taken, Time

MOST_BYTES = 5 * 2**30  # the most S3 takes at once
MediaId = Annotated[str, Field(description="The media's id.", examples=["med_01jd6q4t2w8x5y7z9a1b3c5d7e"])]


class NewMedia(Taken):
    """An image or video that is going to be uploaded."""

    size_bytes: Annotated[int, Field(ge=1, le=MOST_BYTES, description="Exactly how many bytes the file has.")]


class Copying(Taken):
    """What a copy of an image is to fit."""

    platform: Annotated[str, Field(min_length=1, max_length=40, description="Its name in GET /v1/platforms.")]


class Upload(Given):
    """Where to send the file, once, and how: with this method and exactly these headers."""

    method: str
    url: Annotated[str, Field(description="It is a secret: who has it can upload.")]
    headers: dict[str, str]
    expires_at: Time


class UploadedMedia(Given):
    """An image or video that was, or is to be, uploaded."""

    id: MediaId
    stage: Annotated[Stage, Field(description="awaited: upload it, then complete it; ready: it can be published.")]
    size_bytes: int
    type: Annotated[str | None, Field(description="What it is, by its content.", examples=["video/mp4"])] = None
    width: Annotated[int | None, Field(description="Pixels, as it is shown.")] = None
    height: Annotated[int | None, Field(description="Pixels, as it is shown.")] = None
    seconds: Annotated[float | None, Field(description="Of a video.")] = None
    codec: Annotated[str | None, Field(description="Of a video's pictures, as MediaInfo names it.")] = None
    reason: Annotated[str | None, Field(description="Why it was refused, and what would help.")] = None
    made_from: Annotated[str | None, Field(description="The media it is a fitting copy of.")] = None
    created_at: Time
    upload: Annotated[Upload | None, Field(description="Only in the answer to POST /v1/media.")] = None


class Uploads(Page[UploadedMedia]):
    """A page of uploads."""
