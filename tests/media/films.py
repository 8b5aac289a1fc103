"""Films of no pictures: MP4 files as ISO 14496-12 has them, with an index that says what a test wants."""

from __future__ import annotations

import struct

TIMESCALE = 1_000


def film(
    *, width: int = 1080, height: int = 1920, seconds: float = 30.0, codec: bytes = b"avc1", turned: bool = False
) -> bytes:
    """A small MP4 with its index at the end, as a phone writes it."""
    return head() + _box(b"mdat", bytes(64)) + index(width, height, seconds, codec, turned=turned)


def head() -> bytes:
    """How it begins."""
    return _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")


def wide_box(size_bytes: int) -> bytes:
    """The head of a box of pictures of more than four gigabytes."""
    return struct.pack(">I4sQ", 1, b"mdat", size_bytes)


def index(width: int, height: int, seconds: float, codec: bytes = b"avc1", *, turned: bool = False) -> bytes:
    """The box that says what the film is."""
    duration = int(seconds * TIMESCALE)
    header = struct.pack(
        ">IIIIIIHH8x36s24xI", 0, 0, 0, TIMESCALE, duration, 0x10000, 0x100, 0, _matrix(turned=False), 2
    )
    return _box(b"moov", _box(b"mvhd", header), _track(width, height, duration, codec, turned))


def _track(width: int, height: int, duration: int, codec: bytes, turned: bool) -> bytes:  # noqa: FBT001
    header = struct.pack(
        ">IIIIIIQHHHH36sII", 7, 0, 0, 1, 0, duration, 0, 0, 0, 0, 0, _matrix(turned=turned), width << 16, height << 16
    )
    media = struct.pack(">IIIIIHH", 0, 0, 0, TIMESCALE, duration, 0x55C4, 0)
    handler = struct.pack(">II4s12x", 0, 0, b"vide") + b"Video\0"
    return _box(
        b"trak",
        _box(b"tkhd", header),
        _box(b"mdia", _box(b"mdhd", media), _box(b"hdlr", handler), _pictures(width, height, duration, codec)),
    )


def _pictures(width: int, height: int, duration: int, codec: bytes) -> bytes:
    entry = struct.pack(">6xH16xHHIIIH32sHh", 1, width, height, 0x480000, 0x480000, 0, 1, bytes(32), 24, -1)
    described = _box(b"stsd", struct.pack(">II", 0, 1), _box(codec, entry))
    one = struct.pack(">II", 0, 1)
    table = _box(
        b"stbl",
        described,
        _box(b"stts", one, struct.pack(">II", 1, duration)),
        _box(b"stsc", one, struct.pack(">III", 1, 1, 1)),
        _box(b"stsz", struct.pack(">III", 0, 0, 1), struct.pack(">I", 64)),
        _box(b"stco", one, struct.pack(">I", 40)),
    )
    source = _box(b"dinf", _box(b"dref", one, _box(b"url ", struct.pack(">I", 1))))
    return _box(b"minf", _box(b"vmhd", struct.pack(">I8x", 1)), source, table)


def _matrix(*, turned: bool) -> bytes:
    """As it lies, or turned by a quarter to the right."""
    turn = (0, 0x10000, 0, -0x10000, 0) if turned else (0x10000, 0, 0, 0, 0x10000)
    return struct.pack(">9i", *turn, 0, 0, 0, 0x40000000)


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body
