from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from functions.media.copying import Copy, Unfitting, fitted
from publishing.adapter import Limits, Takes
from publishing.fitting import problems
from publishing.model import Media

INSTAGRAM_LIKE = Takes(
    types=("image/jpeg",), size_bytes=300_000, width=(320, 1440), height=(0, 1800), ratio=(0.8, 1.91)
)


def noise(width: int, height: int, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture that compresses badly, as photographs do."""
    pixels = random.Random(1).randbytes(width * height * len(mode))  # noqa: S311 - to be repeatable
    out = io.BytesIO()
    Image.frombytes(mode, (width, height), pixels).save(out, kind)
    return out.getvalue()


def insist_on_fit(copy: Copy, takes: Takes) -> None:
    media = Media(type=copy.type, size_bytes=len(copy.content), width=copy.width, height=copy.height)
    assert list(problems("media", media, Limits(100, media=1, image=takes))) == []
    opened = Image.open(io.BytesIO(copy.content))
    assert opened.size == (copy.width, copy.height)


@pytest.mark.parametrize("size", [(1200, 400), (400, 1200), (900, 900), (2400, 1300), (330, 330)])
def test_a_copy_is_what_the_platform_takes(size: tuple[int, int]) -> None:
    insist_on_fit(fitted(noise(*size), "image/png", INSTAGRAM_LIKE), INSTAGRAM_LIKE)


def test_what_fits_keeps_its_type_and_its_dimensions() -> None:
    copy = fitted(noise(640, 480, "WEBP"), "image/webp", Takes())
    assert (copy.type, copy.width, copy.height) == ("image/webp", 640, 480)


def test_it_is_cropped_around_the_middle() -> None:
    image = Image.new("RGB", (900, 300), "black")
    image.paste("white", (300, 0, 600, 300))
    out = io.BytesIO()
    image.save(out, "PNG")
    copy = fitted(out.getvalue(), "image/png", Takes(ratio=(1.0, 1.0)))
    opened = Image.open(io.BytesIO(copy.content)).convert("RGB")
    assert (copy.width, copy.height) == (300, 300)
    assert opened.getpixel((5, 150)) == opened.getpixel((295, 150)) == (255, 255, 255)


def test_what_is_transparent_is_shown_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(out, "PNG")
    copy = fitted(out.getvalue(), "image/png", Takes(types=("image/jpeg",)))
    pixel = Image.open(io.BytesIO(copy.content)).getpixel((50, 50))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 250


def test_what_a_camera_wrote_into_it_is_left_out() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Taken at home"
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG", exif=exif)
    copy = fitted(out.getvalue(), "image/jpeg", Takes())
    assert (copy.width, copy.height) == (480, 640)
    assert b"Taken at home" not in copy.content


def test_it_is_made_smaller_where_encoding_alone_does_not_do() -> None:
    takes = Takes(types=("image/png",), size_bytes=200_000)
    copy = fitted(noise(600, 600), "image/png", takes)
    assert len(copy.content) <= 200_000
    assert copy.width < 600


@pytest.mark.parametrize(
    ("content", "takes", "says"),
    [
        (noise(100, 100), INSTAGRAM_LIKE, "the least is 320"),
        (b"no image", Takes(), "cannot be read"),
        (noise(640, 480), Takes(types=("image/avif",)), "we do not make"),
        (noise(200, 200), Takes(types=("image/png",), size_bytes=10), "cannot be made as small"),
    ],
)
def test_what_cannot_be_made_to_fit_says_why(content: bytes, takes: Takes, says: str) -> None:
    with pytest.raises(Unfitting, match=says):
        fitted(content, "image/png", takes)
