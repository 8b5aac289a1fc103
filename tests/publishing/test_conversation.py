"""The driver of conversations: what a lost answer means where it is lost, and what no conversation can make it do."""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest

from publishing.adapter import PUBLISHES, STATUS_ONLY, Conversation
from publishing.conversation import ANSWER_BYTES, STEPS, Conversations, lost
from publishing.errors import (
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.transport import AddressRefused

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://platform.example.org/posts"
NOT_SENT = [httpx.ConnectError(""), httpx.ConnectTimeout(""), httpx.PoolTimeout(""), httpx.UnsupportedProtocol("")]
LOST = [
    httpx.ReadTimeout(""),
    httpx.ReadError(""),
    httpx.WriteTimeout(""),
    httpx.WriteError(""),
    httpx.CloseError(""),
    httpx.RemoteProtocolError(""),
    httpx.LocalProtocolError(""),
    httpx.ProxyError(""),
]
SENT_AGAIN = [
    Unavailable(),
    Unauthorized(),
    Throttled(retry_after_s=1),
    QuotaSpent(until=NOON),
]


class Chunks(httpx.SyncByteStream):
    """A body that comes piece by piece; a piece may be an error, and each may take its time."""

    def __init__(self, *pieces: bytes | Exception, each: Callable[[], None] = lambda: None) -> None:
        self.pieces = pieces
        self.each = each
        self.read = 0
        self.closed = False

    def __iter__(self) -> Generator[bytes, None, None]:
        for piece in self.pieces:
            self.each()
            if isinstance(piece, Exception):
                raise piece
            self.read += len(piece)
            yield piece

    def close(self) -> None:
        self.closed = True


@dataclass
class Clock:
    now_s: float = 1_000.0

    def __call__(self) -> float:
        return self.now_s

    def advance(self) -> None:
        self.now_s += 4.0


@dataclass
class Wire(httpx.BaseTransport):
    """Gives its answers in order, and remembers the requests."""

    answers: deque[httpx.Response | Exception]
    asked: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        given = self.answers.popleft()
        if isinstance(given, Exception):
            raise given
        return given


def wire(*answers: httpx.Response | Exception) -> Wire:
    return Wire(deque(answers))


def unsigned(_request: httpx.Request, _service: str) -> None:
    raise AssertionError("nothing is to be signed")


def conversations(outside: httpx.BaseTransport, clock: Clock | None = None) -> Conversations:
    return Conversations(outside, wire(), sign=unsigned, now_s=clock or Clock())


def asks(*requests: httpx.Request) -> Conversation[list[httpx.Response]]:
    replies: list[httpx.Response] = []
    for request in requests:
        replies += [(yield request)]
    return replies


def get(url: str = URL) -> httpx.Request:
    return httpx.Request("GET", url)


def post(**marks: bool) -> httpx.Request:
    return httpx.Request("POST", URL, json={"text": "x"}, extensions={**PUBLISHES, **marks})


def held(outside: httpx.BaseTransport, *requests: httpx.Request) -> list[httpx.Response]:
    return conversations(outside).hold(asks(*requests), within_s=10)


def test_a_conversation_goes_back_and_forth_to_its_result() -> None:
    transport = wire(httpx.Response(200, text="one"), httpx.Response(404, text="two"))
    replies = held(transport, get(), post())
    assert [(reply.status_code, reply.text) for reply in replies] == [(200, "one"), (404, "two")]


def test_a_reply_knows_its_request() -> None:
    request = post()
    (reply,) = held(wire(httpx.Response(200)), request)
    assert reply.request is request


def test_a_conversation_without_requests_has_a_result_too() -> None:
    assert held(wire()) == []


def test_every_request_says_who_asks_and_takes_no_compressed_answer() -> None:
    transport = wire(httpx.Response(200))
    held(transport, get())
    headers = transport.asked[0].headers
    assert (headers["user-agent"], headers["accept-encoding"]) == ("Postroom/0.1", "identity")


@pytest.mark.parametrize("fault", NOT_SENT)
@pytest.mark.parametrize("request_", [get(), post()])
def test_what_was_never_sent_is_unavailable(fault: Exception, request_: httpx.Request) -> None:
    with pytest.raises(Unavailable):
        held(wire(fault), request_)


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_the_publishing_request_is_unknown(fault: Exception) -> None:
    with pytest.raises(OutcomeUnknown, match=type(fault).__name__):
        held(wire(fault), post())


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_any_other_request_is_unavailable(fault: Exception) -> None:
    with pytest.raises(Unavailable, match=type(fault).__name__):
        held(wire(fault), get())


@pytest.mark.parametrize("fault", LOST)
def test_an_answer_lost_half_way_is_lost(fault: Exception) -> None:
    with pytest.raises(OutcomeUnknown):
        held(wire(httpx.Response(200, stream=Chunks(b'{"id":', fault))), post())


def test_an_address_outside_the_internet_is_refused() -> None:
    with pytest.raises(Refused, match="outside the public internet"):
        held(wire(AddressRefused("The host leads to an address outside the public internet.")), post())


def test_an_adapter_may_go_on_after_a_lost_answer() -> None:
    def patient() -> Conversation[str]:
        try:
            yield get()
        except Unavailable:
            return (yield get()).text
        return "first"

    transport = wire(httpx.ReadTimeout(""), httpx.Response(200, text="second"))
    assert conversations(transport).hold(patient(), within_s=10) == "second"


def test_an_answer_of_the_greatest_length_is_read() -> None:
    (reply,) = held(wire(httpx.Response(200, stream=Chunks(b"x" * ANSWER_BYTES))), post())
    assert len(reply.content) == ANSWER_BYTES


def test_an_answer_longer_than_any_is_not_read_to_its_end() -> None:
    body = Chunks(*[b"x" * 100_000] * 20)
    with pytest.raises(OutcomeUnknown):
        held(wire(httpx.Response(200, stream=body)), post())
    assert (body.read, body.closed) == (1_100_000, True)


def test_an_answer_that_drips_is_not_waited_for() -> None:
    clock = Clock()
    body = Chunks(*[b"x"] * 99, each=clock.advance)
    with pytest.raises(OutcomeUnknown):
        conversations(wire(httpx.Response(200, stream=body)), clock).hold(asks(post()), within_s=10)
    assert (body.read, body.closed) == (3, True)


def test_where_only_the_status_counts_the_body_is_not_read() -> None:
    body = Chunks(httpx.ReadTimeout(""))
    (reply,) = held(wire(httpx.Response(200, stream=body)), post(**STATUS_ONLY))
    assert (reply.status_code, reply.content, body.closed) == (200, b"", True)


def test_a_compressed_answer_is_not_expanded() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    (reply,) = held(wire(httpx.Response(200, stream=Chunks(bomb), headers={"Content-Encoding": "gzip"})), post())
    assert reply.content == bomb


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x"])
def test_an_answer_that_lies_about_its_encoding_breaks_nothing(encoding: str) -> None:
    answer = httpx.Response(200, stream=Chunks(b'{"id": 1}'), headers={"Content-Encoding": encoding})
    assert held(wire(answer), post())[0].json() == {"id": 1}


def test_headers_are_kept() -> None:
    answer = httpx.Response(429, headers=[("Retry-After", "7"), ("Transfer-Encoding", "chunked")], stream=Chunks(b"x"))
    reply = held(wire(answer), post())[0]
    assert (reply.headers["retry-after"], reply.headers.get("transfer-encoding")) == ("7", None)


@pytest.mark.parametrize("url", ["http://platform.example.org/", "ftp://platform.example.org/", "file:///etc/passwd"])
def test_only_https_is_spoken(url: str) -> None:
    transport = wire()
    with pytest.raises(Refused, match="Only https"):
        held(transport, get(url))


def test_an_address_without_a_host_is_refused() -> None:
    with pytest.raises(Refused, match="no host"):
        held(wire(), get("https:///path"))


def test_on_stage_local_plain_http_is_spoken_too() -> None:
    local = Conversations(wire(httpx.Response(200)), wire(), sign=unsigned, plain_http=True, now_s=Clock())
    assert local.hold(asks(get("http://127.0.0.1/")), within_s=10)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd"])
def test_on_stage_local_nothing_else_is(url: str) -> None:
    local = Conversations(wire(), wire(), sign=unsigned, plain_http=True, now_s=Clock())
    with pytest.raises(Refused):
        local.hold(asks(get(url)), within_s=10)


@pytest.mark.parametrize("url", ["https://[::1", "https://example.org:port/", "https://①②⑦.0.0.1/", "https://a\0b/"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    def mistaken() -> Conversation[None]:
        yield httpx.Request("GET", url)

    with pytest.raises(Refused, match="cannot be read"):
        conversations(wire()).hold(mistaken(), within_s=10)


def test_requests_to_aws_go_inside_and_signed() -> None:
    inside, signed = wire(httpx.Response(200)), []
    aws = Conversations(wire(), inside, sign=lambda request, service: signed.append((request, service)), now_s=Clock())
    request = httpx.Request("GET", "http://127.0.0.1/", extensions={"aws": "s3"})
    aws.hold(asks(request), within_s=10)
    assert signed == [(request, "s3")]
    assert inside.asked == [request]


def test_no_request_is_begun_after_the_time() -> None:
    clock = Clock()
    transport = wire(httpx.Response(200, stream=Chunks(b"", each=clock.advance)), httpx.Response(200))
    with pytest.raises(Unavailable, match="ran out"):
        conversations(transport, clock).hold(asks(get(), post()), within_s=4)
    assert len(transport.asked) == 1


def test_each_request_has_the_time_that_is_left() -> None:
    clock = Clock()
    transport = wire(httpx.Response(200, stream=Chunks(b"", each=clock.advance)), httpx.Response(200))
    conversations(transport, clock).hold(asks(get(), get()), within_s=8)
    assert [dict(request.extensions["timeout"]) for request in transport.asked] == [
        {"connect": 5.0, "pool": 5.0, "read": 8.0, "write": 8.0},
        {"connect": 4.0, "pool": 4.0, "read": 4.0, "write": 4.0},
    ]


def test_a_conversation_without_end_is_ended() -> None:
    transport = wire(*[httpx.Response(200)] * (STEPS + 1))
    with pytest.raises(Refused, match="did not end"):
        held(transport, *[get()] * (STEPS + 1))
    assert len(transport.asked) == STEPS


def test_a_conversation_without_end_that_published_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        held(wire(*[httpx.Response(200)] * (STEPS + 1)), post(), *[get()] * STEPS)


@pytest.mark.parametrize("fault", [*NOT_SENT, *LOST])
def test_once_published_a_lost_answer_never_means_send_it_again(fault: Exception) -> None:
    with pytest.raises(OutcomeUnknown):
        held(wire(httpx.Response(201), fault), post(), get())


def told_after_publishing(error: PublishingError) -> Conversation[None]:
    yield post()
    yield get()
    raise error


@pytest.mark.parametrize("error", SENT_AGAIN)
def test_once_published_no_later_answer_means_send_it_again(error: PublishingError) -> None:
    transport = wire(httpx.Response(201), httpx.Response(500))
    with pytest.raises(OutcomeUnknown) as unknown:
        conversations(transport).hold(told_after_publishing(error), within_s=10)
    assert unknown.value.__cause__ is error


def test_once_published_a_refusal_stands() -> None:
    transport = wire(httpx.Response(201), httpx.Response(200))
    with pytest.raises(Refused, match="Blocked"):
        conversations(transport).hold(told_after_publishing(Refused("Blocked")), within_s=10)


@pytest.mark.parametrize("error", SENT_AGAIN)
def test_a_publishing_answer_may_itself_say_that_it_was_not_taken(error: PublishingError) -> None:
    def read() -> Conversation[None]:
        yield post()
        raise error

    with pytest.raises(type(error)):
        conversations(wire(httpx.Response(200))).hold(read(), within_s=10)


def test_after_a_refused_publishing_request_nothing_is_in_doubt() -> None:
    with pytest.raises(Unavailable):
        held(wire(httpx.Response(422), httpx.ReadTimeout("")), post(), get())


@pytest.mark.parametrize("status", [408, 500, 503])
def test_after_a_publishing_request_that_failed_all_is_in_doubt(status: int) -> None:
    with pytest.raises(OutcomeUnknown):
        held(wire(httpx.Response(status), httpx.ReadTimeout("")), post(), get())


def test_a_look_that_fails_after_a_lost_answer_leaves_it_in_doubt() -> None:
    def looking() -> Conversation[None]:
        try:
            yield post()
        except OutcomeUnknown:
            yield get()

    with pytest.raises(OutcomeUnknown):
        conversations(wire(httpx.ReadTimeout(""), httpx.ConnectError(""))).hold(looking(), within_s=10)


def test_once_published_a_broken_address_is_no_refusal() -> None:
    def mistaken() -> Conversation[None]:
        yield post()
        yield httpx.Request("GET", "https://[::1")

    with pytest.raises(OutcomeUnknown):
        conversations(wire(httpx.Response(201))).hold(mistaken(), within_s=10)


def test_an_adapters_own_mistake_is_not_hidden() -> None:
    def mistaken() -> Conversation[None]:
        yield get()
        raise KeyError("token")

    with pytest.raises(KeyError):
        conversations(wire(httpx.Response(200))).hold(mistaken(), within_s=10)


def test_what_is_lost_is_told_without_the_address() -> None:
    assert "example.org" not in str(lost(post(), "ReadTimeout"))
