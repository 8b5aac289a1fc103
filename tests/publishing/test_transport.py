"""The network as it is: real sockets on loopback, names that lead inside, servers that waste our time."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from publishing.adapter import PUBLISHES, STATUS_ONLY
from publishing.conversation import ANSWER_BYTES, Conversations
from publishing.errors import OutcomeUnknown, Unavailable
from publishing.transport import Detoured, Until
from publishing.transport import _Punctual as Punctual
from tests.publishing import loopback
from tests.publishing.loopback import serving
from tests.publishing.single import get, outcome_of, post

TIME_S = 0.3
SLACK_S = 1.5  # of slow machines; without a deadline the servers here hold on for three seconds and more


def wasted_s(conversations: Conversations, request: Callable[[], httpx.Request]) -> float:
    began = time.monotonic()
    assert isinstance(outcome_of(conversations, request, TIME_S), OutcomeUnknown)
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("wait", "late"),
    [
        (lambda stream, until: stream.read(1, until), httpcore.ReadTimeout),
        (lambda stream, until: stream.write(b"x", until), httpcore.WriteTimeout),
        (lambda stream, until: stream.start_tls(ssl.create_default_context(), "x", until), httpcore.ConnectTimeout),
    ],
)
def test_once_it_is_too_late_no_wait_begins(wait: Callable[..., object], late: type[Exception]) -> None:
    clock = iter([10.0, 12.0])
    until = Until(11.0, lambda: next(clock))
    with pytest.raises(late):
        wait(Punctual(httpcore.MockStream([b"x"])), until)


def test_an_answer_comes_through(plain: Conversations) -> None:
    with serving(loopback.answering(loopback.answer(b'{"id": 1}'))) as server:
        reply = outcome_of(plain, post(server.url))
    assert isinstance(reply, httpx.Response)
    assert (reply.status_code, reply.json()) == (200, {"id": 1})


def test_a_closed_port_is_unavailable(plain: Conversations) -> None:
    with serving(loopback.silent) as server:
        url = server.url
    assert isinstance(outcome_of(plain, post(url)), Unavailable)


def test_a_port_no_resolver_can_count_to_is_unavailable_at_once(plain: Conversations) -> None:
    outcome = outcome_of(plain, post("http://127.0.0.1:99999999999999999999/"))
    assert "(ConnectError)" in str(outcome)  # and no ConnectTimeout: nobody waits for a resolver that has given up


@pytest.mark.parametrize("manner", [loopback.resetting, loopback.hanging_up])
def test_a_connection_broken_off_after_the_request_is_unknown(plain: Conversations, manner: loopback.Manner) -> None:
    with serving(manner) as server:
        assert isinstance(outcome_of(plain, post(server.url)), OutcomeUnknown)


@pytest.mark.parametrize("manner", [loopback.resetting, loopback.hanging_up])
def test_the_same_while_asking_is_unavailable(plain: Conversations, manner: loopback.Manner) -> None:
    with serving(manner) as server:
        assert isinstance(outcome_of(plain, get(server.url)), Unavailable)


@pytest.mark.parametrize(
    "bytes_", [b"no http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"\x16\x03"]
)
def test_what_is_no_answer_is_unknown(plain: Conversations, bytes_: bytes) -> None:
    def manner(connection: socket.socket) -> None:
        loopback.read_request(connection)
        connection.sendall(bytes_)

    with serving(manner) as server:
        assert isinstance(outcome_of(plain, post(server.url)), OutcomeUnknown)


@pytest.mark.parametrize(
    "manner",
    [
        loopback.silent,
        loopback.dripping(b"", b"H"),
        loopback.dripping(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        loopback.dripping(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        loopback.dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"x"),
        loopback.dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["silence", "status", "headers", "continue", "body", "chunks"],
)
def test_no_slow_answer_outlasts_the_conversation(plain: Conversations, manner: loopback.Manner) -> None:
    with serving(manner) as server:
        assert wasted_s(plain, post(server.url)) < TIME_S + SLACK_S


@pytest.mark.parametrize("manner", [loopback.deaf, loopback.sipping])
def test_no_slow_reader_outlasts_the_conversation(plain: Conversations, manner: loopback.Manner) -> None:
    with serving(manner) as server:
        assert wasted_s(plain, post(server.url, content=b"x" * 30_000_000)) < TIME_S + SLACK_S


def test_a_body_longer_than_any_answer_is_unknown(plain: Conversations) -> None:
    with serving(loopback.answering(loopback.answer(b"x" * 2 * ANSWER_BYTES))) as server:
        assert isinstance(outcome_of(plain, post(server.url)), OutcomeUnknown)


@pytest.mark.parametrize(
    "manner",
    [
        loopback.answering(loopback.answer(b"x" * 2 * ANSWER_BYTES)),
        loopback.dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"x"),
    ],
)
def test_where_only_the_status_counts_no_body_is_too_long_or_too_slow(
    plain: Conversations, manner: loopback.Manner
) -> None:
    with serving(manner) as server:
        reply = outcome_of(plain, post(server.url, marks={**PUBLISHES, **STATUS_ONLY}), TIME_S)
    assert isinstance(reply, httpx.Response)
    assert reply.status_code == 200


def test_headers_without_end_are_not_read_on(plain: Conversations) -> None:
    endless = loopback.answer(b"", headers=b"X-Long: " + b"x" * 2 * ANSWER_BYTES + b"\r\n")
    with serving(loopback.answering(endless)) as server:
        assert isinstance(outcome_of(plain, post(server.url)), OutcomeUnknown)


def test_requests_that_ask_share_a_connection(plain: Conversations) -> None:
    with serving(loopback.answering(loopback.answer(b""))) as server:
        outcome_of(plain, get(server.url))
        outcome_of(plain, get(server.url))
        assert server.accepted == 1


def test_a_publishing_request_has_a_connection_of_its_own(plain: Conversations) -> None:
    with serving(loopback.answering(loopback.answer(b""))) as server:
        outcome_of(plain, get(server.url))
        outcome_of(plain, post(server.url))
        outcome_of(plain, post(server.url))
        assert server.accepted == 3


@pytest.fixture
def strangers_tls(tmp_path: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.org")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    return context


def test_a_certificate_nobody_signed_is_not_trusted(
    plain: Conversations, names: dict[str, list[list[str]]], strangers_tls: ssl.SSLContext
) -> None:
    names["hooks.example.org"] = [["127.0.0.1"]]
    with serving(loopback.encrypted(strangers_tls)) as server:
        assert isinstance(outcome_of(plain, post(f"https://hooks.example.org:{server.port}/")), Unavailable)


def test_tls_is_begun_under_the_name_and_not_the_address(
    plain: Conversations, names: dict[str, list[list[str]]], strangers_tls: ssl.SSLContext
) -> None:
    asked_for: list[str | None] = []
    strangers_tls.sni_callback = lambda _tls, name, _context: asked_for.append(name)
    names["hooks.example.org"] = [["127.0.0.1"]]
    with serving(loopback.encrypted(strangers_tls)) as server:
        outcome_of(plain, post(f"https://hooks.example.org:{server.port}/"))
    assert asked_for == ["hooks.example.org"]


def test_a_handshake_that_never_comes_is_unavailable_in_time(plain: Conversations) -> None:
    with serving(loopback.deaf) as server:
        began = time.monotonic()
        outcome = outcome_of(plain, post(f"https://127.0.0.1:{server.port}/"), TIME_S)
        assert time.monotonic() - began < TIME_S + SLACK_S
    assert isinstance(outcome, Unavailable)


def test_what_is_meant_for_a_host_is_led_to_who_stands_in_for_it() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=request.read())

    detoured = Detoured(httpx.MockTransport(answer), {"slack.com": "http://127.0.0.1:4711"})
    with httpx.Client(transport=detoured) as client:
        told = client.post("https://slack.com/api/x?a=b", content=b"body", headers={"Authorization": "Bearer t"})
        client.get("https://example.org/")
    led, other = asked
    assert (str(led.url), led.headers["host"]) == ("http://127.0.0.1:4711/api/x?a=b", "127.0.0.1:4711")
    assert (told.content, led.headers["authorization"]) == (b"body", "Bearer t")
    assert str(other.url) == "https://example.org/"
