"""Bodies that nobody holds."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from publishing.adapter import PUBLISHES, Conversation, Piped
from publishing.conversation import Conversations
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Unavailable

SOURCE, UPLOAD = "https://media.example.org/film.mp4", "https://platform.example.org/upload"
FILM = bytes(range(256)) * 4


class Stream(httpx.SyncByteStream):
    """A body that comes in pieces."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        self.pieces, self.closed = pieces, False

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces()

    def close(self) -> None:
        """Noticed."""
        self.closed = True


class Hosts(httpx.BaseTransport):
    """The media's server, and the platform, which tells what it was sent."""

    def __init__(self, source: httpx.Response | None = None) -> None:
        self.source = source
        self.sent: list[tuple[int, bytes]] = []
        self.ranges: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Either of them."""
        if str(request.url) != SOURCE:
            body = b"".join(request.stream)  # type: ignore[arg-type]
            self.sent.append((int(request.headers["content-length"]), body))
            return httpx.Response(200)
        self.ranges.append(request.headers["range"])
        if self.source:
            return self.source
        first, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
        return httpx.Response(206, content=FILM[int(first) : int(last) + 1])


def upload(piped: Piped, **extensions: Any) -> Conversation[int]:
    reply = yield httpx.Request("PUT", UPLOAD, extensions={"piped": piped, **extensions})
    return reply.status_code


def held(hosts: httpx.BaseTransport, conversation: Conversation[int]) -> int:
    return Conversations(hosts, hosts, lambda *_: None).hold(conversation, within_s=30.0)


def failed(hosts: httpx.BaseTransport, piped: Piped, **extensions: Any) -> PublishingError:
    with pytest.raises(PublishingError) as caught:
        held(hosts, upload(piped, **extensions))
    return caught.value


def test_a_part_of_the_media_is_sent_with_what_goes_around_it() -> None:
    hosts = Hosts()
    assert held(hosts, upload(Piped(SOURCE, 10, 20, b"<", b">"))) == 200
    assert hosts.ranges == ["bytes=10-29"]
    assert hosts.sent == [(22, b"<" + FILM[10:30] + b">")]


def test_a_server_that_knows_no_parts_may_give_all_where_all_is_asked_for() -> None:
    hosts = Hosts(httpx.Response(200, content=FILM))
    assert held(hosts, upload(Piped(SOURCE, 0, len(FILM)))) == 200
    assert hosts.sent == [(len(FILM), FILM)]


def test_and_not_where_a_part_is() -> None:
    error = failed(Hosts(httpx.Response(200, content=FILM)), Piped(SOURCE, 0, 10))
    assert isinstance(error, Refused)
    assert "POST /v1/media" in str(error)


@pytest.mark.parametrize(("status", "kind"), [(404, Refused), (403, Refused), (429, Unavailable), (503, Unavailable)])
def test_media_that_cannot_be_had_say_so_and_nothing_is_sent(status: int, kind: type[PublishingError]) -> None:
    hosts = Hosts(httpx.Response(status))
    assert isinstance(failed(hosts, Piped(SOURCE, 0, 10), **PUBLISHES), kind)
    assert hosts.sent == []


@pytest.mark.parametrize("length", [9, 11])
def test_media_that_are_not_as_long_as_they_were_are_not_handed_over_whole(length: int) -> None:
    hosts = Hosts(httpx.Response(206, content=FILM[:length]))
    assert isinstance(failed(hosts, Piped(SOURCE, 0, 10)), Unavailable)
    assert isinstance(failed(hosts, Piped(SOURCE, 0, 10), **PUBLISHES), OutcomeUnknown)
    assert hosts.sent == []


def test_where_it_was_read_from_is_let_go_of() -> None:
    stream = Stream(lambda: iter([FILM[:10]]))
    held(Hosts(httpx.Response(206, stream=stream)), upload(Piped(SOURCE, 0, 10)))
    assert stream.closed


def test_media_at_an_address_that_is_no_https_are_refused() -> None:
    assert isinstance(failed(Hosts(), Piped("http://media.example.org/film.mp4", 0, 10)), Refused)


def test_a_film_of_four_gigabytes_takes_hardly_any_memory() -> None:
    size, piece = 4 * 2**30, b"\0" * 2**20

    class Discarding(Hosts):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if str(request.url) == SOURCE:
                return httpx.Response(206, stream=Stream(lambda: (piece for _ in range(size // len(piece)))))
            count = sum(map(len, request.stream))  # type: ignore[arg-type]
            return httpx.Response(200 if count == size else 500)

    tracemalloc.start()
    try:
        assert held(Discarding(), upload(Piped(SOURCE, 0, size))) == 200
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20
