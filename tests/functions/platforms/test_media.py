from __future__ import annotations

from collections import deque

import httpx
import pytest

from functions.platforms._media import form, measured, part, pieces
from publishing.adapter import Piped
from publishing.errors import PublishingError, Refused, Unavailable
from publishing.model import Media
from tests.functions.platforms.conversing import Recorded, outcome_of

FILM = Media("https://example.org/film.mp4", "A film")


def answered(media: Media, *answers: httpx.Response) -> Media | PublishingError:
    return outcome_of(measured(media), Recorded(deque(answers)))


def test_what_was_uploaded_is_known_without_asking() -> None:
    known = Media(FILM.url, size_bytes=7, type="video/mp4")
    assert answered(known) == known


def test_a_server_tells_length_and_type() -> None:
    told = {"content-range": "bytes 0-0/5000", "content-type": "Video/MP4; codecs=avc1"}
    found = answered(FILM, httpx.Response(206, headers=told))
    assert isinstance(found, Media)
    assert (found.size_bytes, found.type, found.alt) == (5000, "video/mp4", "A film")


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (404, {}, Refused),
        (206, {"content-range": "bytes 0-0/*"}, Refused),
        (200, {}, Refused),
        (503, {}, Unavailable),
        (429, {}, Unavailable),
    ],
)
def test_a_length_that_cannot_be_had_says_why(status: int, headers: dict[str, str], kind: type[Exception]) -> None:
    assert isinstance(answered(FILM, httpx.Response(status, headers=headers)), kind)


def test_pieces_lie_side_by_side_and_reach_to_the_end() -> None:
    assert list(pieces(10, 4)) == [(0, 4), (4, 4), (8, 2)]
    assert list(pieces(10, 4, 8)) == [(8, 2)]
    assert list(pieces(8, 4, 8)) == []


def test_a_part_is_the_rest_where_nothing_else_is_said() -> None:
    media = Media(FILM.url, size_bytes=10)
    assert part(media, 4) == {"piped": Piped(FILM.url, 4, 6)}
    assert part(media, 4, 2) == {"piped": Piped(FILM.url, 4, 2)}


def test_a_form_is_read_back_as_it_was_meant() -> None:
    media = Media(FILM.url, size_bytes=4, type="video/mp4")
    headers, extensions = form({"title": "A film"}, "file", media, "film.mp4")
    piped, boundary = extensions["piped"], headers["content-type"].partition("boundary=")[2]
    body = (piped.before + b"FILM" + piped.after).split(f"--{boundary}".encode())
    assert body[1] == b'\r\nContent-Disposition: form-data; name="title"\r\n\r\nA film\r\n'
    assert body[2].startswith(b'\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n')
    assert body[2].endswith(b"Content-Type: video/mp4\r\n\r\nFILM\r\n")
    assert body[3] == b"--\r\n"


def test_the_same_form_is_the_same_again() -> None:
    assert form({"a": "b"}, "file", FILM, "f") == form({"a": "b"}, "file", FILM, "f")
