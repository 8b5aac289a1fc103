"""The judgement on addresses, held against IANA's registries, Smokescreen's vectors and all that hides one."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publishing.guard import is_public, may_be_called
from tests.publishing.special_purpose import V4, V6, edges, is_special, number

# What Stripe's Smokescreen refuses (stripe/smokescreen, pkg/smokescreen/smokescreen_test.go @ a3294a6, 2026-07-06) …
SMOKESCREEN_REFUSES = [
    "10.0.0.1", "10.0.1.1", "172.16.0.1", "172.16.1.1", "192.168.0.1", "192.168.1.1", "192.168.1.100",
    "100.64.0.1", "100.64.0.100", "100.127.255.254", "127.0.0.1", "127.0.1.1", "127.255.255.255", "::1",
    "169.254.169.254", "255.255.255.255", "ff02:0:0:0:0:0:0:2", "64:ff9b::ac1c:5", "64:ff9b::c000:201",
    "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b::ffff:ffff", "2002:c000:201::1", "2002:a00:1::1",
    "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:1234:5678:9abc:def0:1234:5678",
]  # fmt: skip
# … and admits; but for 64:ff9c::1, which is in no block that is given out and is refused here.
SMOKESCREEN_ADMITS = [
    "8.8.8.8", "8.8.9.8", "1.1.1.1", "100.63.255.254", "100.128.0.1", "2001:4860:4860::8888", "2606:4700:4700::1111",
]  # fmt: skip
# What `ipaddress.is_global` of CPython 3.11 says is public.
FAILED_ELSEWHERE = [
    "ff02::2", "224.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "::127.0.0.1", "64:ff9b:1::a00:1", "fec0::1",
    "192.88.99.1", "64:ff9c::1",
]  # fmt: skip
NO_ADDRESSES = [
    "", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.1.1.1.", " 1.1.1.1", "256.1.1.1", "01.1.1.1",
    "①②⑦.0.0.1", "\uff11.1.1.1", "[::1]", "[2606::1]", "1.1.1.1/32", "::1%", "2606:4700::1%1", "2606:4700::1%eth0",
    "not an address", "1.1.1.1\0", "2606:4700::1\n",
]  # fmt: skip

Embedding = Callable[[int], int]
ABROAD = number("2a00:1450:4001:81b::")
EMBEDDINGS: dict[str, Embedding] = {
    "mapped": lambda v4: 0xFFFF << 32 | v4,
    "compatible": lambda v4: v4,
    "translated": lambda v4: 0xFFFF << 48 | v4,
    "NAT64": lambda v4: number("64:ff9b::") | v4,
    "NAT64 of a network's own, at the end": lambda v4: number("64:ff9b:1::") | v4,
    "NAT64 of a network's own, around the middle": lambda v4: number("64:ff9b:1::") | v4 >> 16 << 64 | v4 % 2**16 << 40,
    "6to4": lambda v4: number("2002::1") | v4 << 80,
    "Teredo's server": lambda v4: number("2001::") | v4 << 64 | 0x8000_63BF << 32 | 0x3FFF_FDD2,
    "Teredo's client": lambda v4: number("2001:0:4136:e378:8000:63bf::") | v4 ^ 0xFFFF_FFFF,
    "ISATAP": lambda v4: ABROAD | 0x0000_5EFE << 32 | v4,
    "ISATAP, universal": lambda v4: ABROAD | 0x0200_5EFE << 32 | v4,
}


def v4(value: int) -> str:
    return socket.inet_ntop(socket.AF_INET, value.to_bytes(4, "big"))


def v6(value: int) -> str:
    return socket.inet_ntop(socket.AF_INET6, value.to_bytes(16, "big"))


def addresses(blocks: dict[str, str], bits: int) -> st.SearchStrategy[int]:
    """Any of so many bits, half of them within or beside a block."""
    around = st.sampled_from([edge + step for block in blocks for edge in edges(block) for step in (-1, 0, 1)])
    within = st.sampled_from([edges(block) for block in blocks]).flatmap(lambda ends: st.integers(*ends))
    return st.one_of(st.integers(0, 2**bits - 1), around.filter(lambda value: 0 <= value < 2**bits), within)


@pytest.mark.parametrize("address", [*SMOKESCREEN_REFUSES, *FAILED_ELSEWHERE])
def test_what_others_refuse_or_should_have_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", SMOKESCREEN_ADMITS)
def test_an_address_of_the_public_internet_is_admitted(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("block", [*V4, *V6])
def test_no_block_of_the_registries_is_admitted_at_its_edges(block: str) -> None:
    text = v6 if ":" in block else v4
    assert [is_public(text(edge)) for edge in edges(block)] == [False, False]


@settings(max_examples=500)
@given(addresses(V4, 32))
def test_ipv4_is_judged_as_the_registry_judges(value: int) -> None:
    assert is_public(v4(value)) is not is_special(v4(value))


@settings(max_examples=500)
@given(addresses({**V6, "2000::/3": "given out"}, 128))
def test_ipv6_is_judged_as_the_registry_judges(value: int) -> None:
    isatap = value >> 32 & 0xFDFF_FFFF == 0x0000_5EFE
    assert is_public(v6(value)) is not (is_special(v6(value)) or isatap)


@pytest.mark.parametrize("embedding", EMBEDDINGS)
@given(value=addresses(V4, 32))
@example(value=number("127.0.0.1"))
@example(value=number("169.254.169.254"))
@example(value=number("8.8.8.8"))
def test_no_ipv4_address_hides_in_ipv6(embedding: str, value: int) -> None:
    assert not is_public(v6(EMBEDDINGS[embedding](value)))


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[0-9a-fx.:%\[\]/]{1,45}", fullmatch=True)))
def test_no_text_breaks_the_judgement(text: str) -> None:
    assert is_public(text) in {True, False}


@pytest.mark.parametrize("port", [443, 1024, 3000, 4443, 5000, 8080, 8443, 65_535])
def test_ports_of_web_servers_are_called(port: int) -> None:
    assert may_be_called(port)


@pytest.mark.parametrize("port", [0, 22, 25, 53, 80, 110, 465, 587, 1023, 5060, 6667, 10_080])
def test_ports_of_other_services_are_not_called(port: int) -> None:
    assert not may_be_called(port)


@pytest.mark.parametrize("port", [-1, 65_536, 65_536 + 25, 65_536 + 443, 10**20])
def test_what_is_no_port_is_not_called_since_sockets_would_take_its_last_sixteen_bits(port: int) -> None:
    assert not may_be_called(port)
