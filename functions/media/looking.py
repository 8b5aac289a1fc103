"""Looks at a file: what it is by its content, whatever its name or its sender says."""

from __future__ import annotations

import warnings
from typing import Any, Protocol

from PIL import Image, UnidentifiedImageError
from pymediainfo import MediaInfo

from publishing.model import Media

IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
VIDEOS = {"MPEG-4": "video/mp4", "WebM": "video/webm", "AVI": "video/x-msvideo", "Matroska": "video/x-matroska"}
QUICKTIME = "video/quicktime"
ORIENTATION, LYING = 0x0112, {5, 6, 7, 8}  # EXIF: turned by a quarter, or by three
MOST_PIXELS = 100_000_000  # more than any camera takes; what says so is meant to exhaust who opens it


class Readable(Protocol):
    """A file that is read where it is asked for."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As a file's."""

    def tell(self) -> int:
        """As a file's."""

    def read(self, size: int = -1, /) -> bytes:
        """As a file's."""


class Unknown(Exception):  # noqa: N818 - named for what it is
    """The file is no image or video we know; the message says so to whoever sent it."""


def look(file: Readable, size_bytes: int) -> Media:
    """What a file is: its type, dimensions, duration and codec. Of a video only its index is read.

    Raises:
        Unknown: it is no image or video of a kind that platforms take.
    """
    tracks = MediaInfo.parse(file, buffer_size=256 * 1024).tracks
    found = {track.track_type: track for track in reversed(tracks)}
    whole = found.get("General")
    if whole is None or not whole.format:
        raise Unknown("This is no image or video: nothing in it says what it is.")
    if "Video" in found:
        return _video(whole, found["Video"], size_bytes)
    if "Image" in found:
        return _image(file, size_bytes)
    raise Unknown(f"This is no image or video: it is {whole.format}.")


def _video(whole: Any, pictures: Any, size_bytes: int) -> Media:
    kind = QUICKTIME if str(whole.codec_id or "").startswith("qt") else VIDEOS.get(whole.format, "")
    if not kind:
        raise Unknown(f"Videos of the kind {whole.format} are not taken. Convert it to MP4.")
    milliseconds = float(pictures.duration or whole.duration or 0)
    if not milliseconds or not pictures.width or not pictures.height:
        raise Unknown("The video cannot be read: it tells no duration or no dimensions. Was the whole file uploaded?")
    width, height = _upright(pictures)
    codec = str(pictures.format or "")
    return Media(type=kind, size_bytes=size_bytes, width=width, height=height, seconds=milliseconds / 1000, codec=codec)


def _upright(pictures: Any) -> tuple[int, int]:
    """Width and height as it is shown: phones store portraits lying down."""
    width, height = int(pictures.width), int(pictures.height)
    return (height, width) if round(float(pictures.rotation or 0)) % 180 == 90 else (width, height)  # noqa: PLR2004


def _image(file: Readable, size_bytes: int) -> Media:
    file.seek(0)
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            image = Image.open(file)  # type: ignore[arg-type]  # it reads no more than the head, and calls nothing else
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise Unknown("The image cannot be read. Was the whole file uploaded?") from None
    kind = IMAGES.get(image.format or "", "")
    if not kind:
        raise Unknown(f"Images of the kind {image.format} are not taken. Convert it to JPEG or PNG.")
    if image.width * image.height > MOST_PIXELS:
        raise Unknown(f"The image has {image.width} by {image.height} pixels; the most is {MOST_PIXELS:,} of them.")
    lying = image.getexif().get(ORIENTATION, 1) in LYING
    width, height = reversed(image.size) if lying else image.size
    return Media(type=kind, size_bytes=size_bytes, width=width, height=height)
