"""Whom we connect to: nothing inside, however it is spelled, resolved or redirected to."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from threading import Event, Semaphore

import httpx
import pytest

from publishing.conversation import Conversations
from publishing.errors import Refused, Unavailable
from publishing.transport import RESOLVING, TRIED
from tests.publishing import loopback
from tests.publishing.loopback import serving
from tests.publishing.single import get, outcome_of, post

PUBLIC = "93.184.216.34"
TIME_S = 0.3
SLACK_S = 1.5  # of slow machines; without a deadline the servers here hold on for three seconds and more

LITERALS = [
    "127.0.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "0", "10.0.0.1",
    "169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "192.168.1.1", "172.16.0.1", "100.64.0.1",
    "[::1]", "[::]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::a00:1]",
    "[64:ff9b::10.0.0.1]", "[2002:a00:1::1]", "[2001:0:a00:1::1]", "[fe80::1]", "[fd00:ec2::254]", "[ff02::1]",
    "[::ffff:8.8.8.8]", "[2a00:1450:4001:81b:0:5efe:10.0.0.1]", "[2001:0:a00:1:8000:63bf:f5ff:fffe]", "[64:ff9b:1::1]",
    "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%25lo]", "0x7f.1", "017700000001", "00000177.1", "127.000.000.001",
    "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost",
    "user@127.0.0.1", "example.org@127.0.0.1", "example.org:x@[::1]", "example.org%2f@127.0.0.1",
    "127.0.0.1%2f.example.org", "127.0.0.1%23.example.org", "%31%32%37.0.0.1", "l%6fcalhost",
    "127.0.0.1%00.example.org",
]  # fmt: skip


@pytest.mark.parametrize("host", LITERALS)
def test_no_spelling_of_a_private_address_is_connected_to(
    guarded: Conversations, dialled: list[tuple[str, int]], host: str
) -> None:
    assert isinstance(outcome_of(guarded, post(f"https://{host}/")), Refused | Unavailable)
    assert dialled == []


@pytest.mark.parametrize(
    "host",
    [
        "①②⑦.0.0.1", "127。0。0。1", "127\uff0e0\uff0e0\uff0e1", "127｡0｡0｡1",
        "\uff11\uff12\uff17.0.0.1", "ⓛocalhost", "\U0001d7cf27.0.0.1",
        "loc\u00adalhost", "local\u200dhost", "xn--127.0.0.1-", "xn--a",
        "٢١٣٠٧٠٦٤٣٣", "169.254.169.\uff1254", "faß.de@127.0.0.1",
    ],
)  # fmt: skip
def test_no_unicode_spelling_is_connected_to(guarded: Conversations, dialled: list[tuple[str, int]], host: str) -> None:
    assert isinstance(outcome_of(guarded, post(f"https://{host}/")), Refused | Unavailable)
    assert dialled == []


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::ffff:127.0.0.1"], [PUBLIC, "::1"]]
)
def test_a_name_with_one_private_address_is_refused_whole(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]], found: list[str]
) -> None:
    names["hooks.example.org"] = [found]
    assert isinstance(outcome_of(guarded, post("https://hooks.example.org/")), Refused)
    assert dialled == []


def test_a_name_that_does_not_resolve_is_unavailable_and_not_connected_to(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = []
    assert isinstance(outcome_of(guarded, post("https://hooks.example.org/")), Unavailable)
    assert dialled == []


@pytest.mark.parametrize("name", ["hooks.example.org.", "HOOKS.example.org", "xn--bcher-kva.example"])
def test_however_a_name_is_written_it_is_judged_by_where_it_leads(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]], name: str
) -> None:
    names[name.lower()] = [["169.254.169.254"]]
    assert isinstance(outcome_of(guarded, post(f"https://{name}/")), Refused)
    assert (names[name.lower()], dialled) == ([], [])


@pytest.mark.parametrize("port", [22, 25, 80, 465, 853, 5060, 6667])
def test_a_port_of_another_service_is_neither_resolved_nor_called(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]], port: int
) -> None:
    names["hooks.example.org"] = [[PUBLIC]]
    refused = outcome_of(guarded, post(f"https://hooks.example.org:{port}/"))
    assert isinstance(refused, Refused)
    assert str(refused).startswith(f"Port {port} is not called")
    assert (names["hooks.example.org"], dialled) == ([[PUBLIC]], [])


def test_an_address_with_a_user_name_is_refused(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = [[PUBLIC]]
    assert isinstance(outcome_of(guarded, post("https://me:secret@hooks.example.org/")), Refused)
    assert dialled == []


def test_a_resolver_that_never_answers_is_not_waited_for(
    guarded: Conversations, dialled: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: answered.wait(30))
    began = time.monotonic()
    outcome = outcome_of(guarded, post("https://hooks.example.org/"), TIME_S)
    answered.set()
    assert isinstance(outcome, Unavailable)
    assert time.monotonic() - began < TIME_S + SLACK_S
    assert dialled == []


def test_of_names_that_hang_only_so_many_are_begun(
    guarded: Conversations, dialled: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, begun = Event(), Semaphore(0)

    def hang(*_args: object, **_more: object) -> list[object]:
        begun.release()
        answered.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with ThreadPoolExecutor(RESOLVING + 9) as threads:
        asked = [threads.submit(outcome_of, guarded, post(f"https://{n}.example/"), 3) for n in range(RESOLVING + 9)]
        early = [each.result() for each in islice(as_completed(asked), 9)]
        answered.set()
    assert all(isinstance(each, Unavailable) for each in early)
    assert sum(begun.acquire(blocking=False) for _ in asked) == RESOLVING
    assert dialled == []


def test_no_proxy_of_the_environment_is_asked(
    guarded: Conversations,
    dialled: list[tuple[str, int]],
    names: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    names["hooks.example.org"] = [[PUBLIC]]
    outcome_of(guarded, post("https://hooks.example.org/"))
    assert dialled == [(PUBLIC, 443)]


def test_of_a_name_with_a_thousand_addresses_few_are_tried(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = [[f"1.1.{high}.{low}" for high in range(4) for low in range(250)]]
    assert isinstance(outcome_of(guarded, post("https://hooks.example.org/")), Unavailable)
    assert len(dialled) == TRIED


def test_of_a_name_with_a_thousand_addresses_every_one_is_judged(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = [[*(f"1.1.1.{low}" for low in range(250)), "10.0.0.1"]]
    assert isinstance(outcome_of(guarded, post("https://hooks.example.org/")), Refused)
    assert dialled == []


def test_the_connection_goes_to_the_address_that_was_judged(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = [[PUBLIC], ["127.0.0.1"]]
    assert isinstance(outcome_of(guarded, post("https://hooks.example.org/")), Unavailable)
    assert dialled == [(PUBLIC, 443)]
    assert names["hooks.example.org"] == [["127.0.0.1"]]  # the second answer was never asked for


def test_a_name_is_judged_again_for_each_connection(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = [[PUBLIC], ["127.0.0.1"]]
    outcome_of(guarded, post("https://hooks.example.org/"))
    assert isinstance(outcome_of(guarded, post("https://hooks.example.org/")), Refused)
    assert dialled == [(PUBLIC, 443)]


def test_every_address_of_a_name_is_tried(
    guarded: Conversations, dialled: list[tuple[str, int]], names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = [[PUBLIC, "1.1.1.1", PUBLIC]]
    assert isinstance(outcome_of(guarded, post("https://hooks.example.org:8443/")), Unavailable)
    assert dialled == [(PUBLIC, 8443), ("1.1.1.1", 8443)]


def test_a_dead_address_does_not_hide_a_live_one(plain: Conversations, names: dict[str, list[list[str]]]) -> None:
    names["two.example.org"] = [["127.0.0.2", "127.0.0.1"]]
    with serving(loopback.answering(loopback.answer(b"here"))) as server:
        reply = outcome_of(plain, get(f"http://two.example.org:{server.port}/"))
    assert isinstance(reply, httpx.Response)
    assert reply.text == "here"


def test_a_refusal_does_not_tell_where_the_name_leads(
    guarded: Conversations, names: dict[str, list[list[str]]]
) -> None:
    names["hooks.example.org"] = [["10.11.12.13"]]
    refused = outcome_of(guarded, post("https://hooks.example.org/t0ken"))
    assert str(refused) == "The host leads to an address outside the public internet."


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "file:///etc/passwd"])
def test_a_redirect_inside_is_only_an_answer(plain: Conversations, dialled_too: list[tuple[str, int]], to: str) -> None:
    moved = loopback.answer(b"", status=b"307 Temporary Redirect", headers=f"Location: {to}\r\n".encode())
    with serving(loopback.answering(moved)) as server:
        reply = outcome_of(plain, post(server.url))
        assert dialled_too == [("127.0.0.1", server.port)]
    assert isinstance(reply, httpx.Response)
    assert reply.status_code == 307


def test_a_redirect_is_not_followed(plain: Conversations) -> None:
    moved = loopback.answer(b"", status=b"302 Found", headers=b"Location: /elsewhere\r\n")
    with serving(loopback.answering(moved)) as server:
        reply = outcome_of(plain, post(server.url))
        assert server.accepted == 1
    assert isinstance(reply, httpx.Response)
    assert reply.status_code == 302


def test_the_server_is_told_the_name_and_not_the_address(
    plain: Conversations, names: dict[str, list[list[str]]]
) -> None:
    told: list[bytes] = []

    def listening(connection: socket.socket) -> None:
        told.append(loopback.read_request(connection))
        connection.sendall(loopback.answer(b""))

    names["hooks.example.org"] = [["127.0.0.1"]]
    with serving(listening) as server:
        outcome_of(plain, get(f"http://hooks.example.org:{server.port}/"))
        assert f"\r\nHost: hooks.example.org:{server.port}\r\n".encode() in told[0]
