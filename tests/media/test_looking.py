from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from functions.media.looking import MOST_PIXELS, Unknown, look
from publishing.model import Media
from tests.media.films import film, head, index, wide_box


def picture(kind: str, size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


def seen(content: bytes) -> Media:
    return look(io.BytesIO(content), len(content))


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture("JPEG", exif=exif)


class Sparse:
    """A film of four gigabytes whose pictures are all nought, so that nobody need hold them."""

    def __init__(self) -> None:
        self.parts = {0: head() + wide_box(4 * 2**30)}
        end = index(1920, 1080, 3_600.0)
        self.size = len(head()) + 4 * 2**30 + len(end)
        self.parts[self.size - len(end)] = end
        self.at = self.read_bytes = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.at = {0: 0, 1: self.at, 2: self.size}[whence] + offset
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1, /) -> bytes:
        out = bytearray(min(size, self.size - self.at))
        for start, part in self.parts.items():
            for place in range(max(start, self.at), min(start + len(part), self.at + len(out))):
                out[place - self.at] = part[place - start]
        self.at += len(out)
        self.read_bytes += len(out)
        return bytes(out)


@pytest.mark.parametrize(
    ("kind", "type_"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp")]
)
def test_an_image_is_known_by_its_content(kind: str, type_: str) -> None:
    found = seen(picture(kind))
    assert (found.type, found.width, found.height, found.seconds) == (type_, 640, 480, 0.0)
    assert found.size_bytes == len(picture(kind))


def test_an_image_has_the_dimensions_it_is_shown_with() -> None:
    assert (seen(turned()).width, seen(turned()).height) == (480, 640)


@pytest.mark.parametrize(("codec", "named"), [(b"avc1", "AVC"), (b"hvc1", "HEVC")])
def test_a_film_tells_dimensions_duration_and_codec(codec: bytes, named: str) -> None:
    found = seen(film(codec=codec))
    assert (found.type, found.width, found.height, found.seconds) == ("video/mp4", 1080, 1920, 30.0)
    assert found.codec == named
    assert found.is_video


def test_a_film_has_the_dimensions_it_is_shown_with() -> None:
    found = seen(film(width=1920, height=1080, turned=True))
    assert (found.width, found.height) == (1080, 1920)


def test_of_a_film_of_four_gigabytes_only_the_index_is_read() -> None:
    sparse = Sparse()
    found = look(sparse, sparse.size)
    assert (found.width, found.height, found.seconds) == (1920, 1080, 3_600.0)
    assert sparse.read_bytes < 2_000_000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "nothing in it says what it is"),
        (b"<html><script>alert(1)</script>", "nothing in it says what it is"),
        (b"%PDF-1.4\n" + bytes(300), "it is PDF"),
        (b"PK\x03\x04" + bytes(300), "it is ZIP"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "no image or video|cannot be read"),
        (picture("BMP"), "BMP are not taken"),
        (picture("TIFF"), "TIFF are not taken"),
        (film(seconds=0.0), "no duration"),
        (head() + bytes(100), "no image or video|no duration"),
    ],
)
def test_what_is_no_image_or_video_is_told_apart(content: bytes, says: str) -> None:
    with pytest.raises(Unknown, match=says):
        seen(content)


def test_an_image_that_would_exhaust_who_opens_it_is_refused() -> None:
    bomb = bytearray(picture("PNG", (8, 8)))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    assert MOST_PIXELS < 60_000**2
    with pytest.raises(Unknown):
        seen(bytes(bomb))
