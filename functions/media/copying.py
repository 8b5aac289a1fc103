"""Makes copies of images that fit what a platform takes: cropped, scaled, encoded anew."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from publishing.adapter import Takes

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
PREFERRED = ("image/jpeg", "image/png", "image/webp")
QUALITIES = (92, 85, 75, 60, 45)
SMALLER = 0.8
LEAST_PIXELS = 64

Image.MAX_IMAGE_PIXELS = 100_000_000


class Unfitting(Exception):  # noqa: N818 - named for what it is
    """No copy of the image would fit; the message says why to whoever asked."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that fits."""

    content: bytes
    type: str
    width: int
    height: int


def fitted(content: bytes, kind: str, takes: Takes) -> Copy:
    """A copy of the image that a platform takes; upright, and without what a camera wrote into it about its owner.

    What is too wide or too high for its other side is cropped around the middle, what is too large is scaled down.

    Raises:
        Unfitting: it cannot be read, or is smaller than the platform takes.
    """
    try:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise Unfitting("The image cannot be read.") from error
    image = _scaled(_cropped(image, takes.ratio), takes)
    if takes.width[0] > image.width or takes.height[0] > image.height:
        least = f"{takes.width[0]} by {takes.height[0]}"
        raise Unfitting(f"It has {image.width} by {image.height} pixels, and the least is {least}. Give a larger one.")
    wanted = _type(kind, takes)
    for each in _tries(image, wanted):
        if not takes.size_bytes or len(each.content) <= takes.size_bytes:
            return each
    raise Unfitting(f"It cannot be made as small as {takes.size_bytes} bytes.")


def _cropped(image: Image.Image, ratio: tuple[float, float]) -> Image.Image:
    least, most = ratio
    own = image.width / image.height
    width, height = image.width, image.height
    if most and own > most:
        width = int(height * most)
    elif least and own < least:
        height = int(width / least)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _scaled(image: Image.Image, takes: Takes) -> Image.Image:
    most_wide, most_high = takes.width[1] or image.width, takes.height[1] or image.height
    share = min(1.0, most_wide / image.width, most_high / image.height)
    return image if share == 1.0 else _by(image, share)


def _by(image: Image.Image, share: float) -> Image.Image:
    size = max(1, int(image.width * share)), max(1, int(image.height * share))
    return image.resize(size, Image.Resampling.LANCZOS)


def _type(kind: str, takes: Takes) -> str:
    """The image's own type where it is taken, else the first we write that is."""
    if not takes.types or kind in takes.types:
        return kind
    for each in PREFERRED:
        if each in takes.types:
            return each
    raise Unfitting(f"Only {', '.join(takes.types)} is taken, which we do not make.")


def _tries(image: Image.Image, kind: str) -> Iterator[Copy]:
    """The image in ever fewer bytes: first less exact, then smaller."""
    qualities = QUALITIES if kind in {"image/jpeg", "image/webp"} else QUALITIES[:1]
    while min(image.width, image.height) >= LEAST_PIXELS or image.width * image.height <= LEAST_PIXELS**2:
        for quality in qualities:
            yield _encoded(image, kind, quality)
        if min(image.width, image.height) <= LEAST_PIXELS:
            return
        image = _by(image, SMALLER)


def _encoded(image: Image.Image, kind: str, quality: int) -> Copy:
    out = io.BytesIO()
    _opaque(image, kind).save(out, FORMATS[kind], quality=quality, optimize=True)
    return Copy(out.getvalue(), kind, image.width, image.height)


def _opaque(image: Image.Image, kind: str) -> Image.Image:
    """On white where the format knows no transparency, as a browser would show it."""
    if kind != "image/jpeg":
        return image
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    return image.convert("RGB")
