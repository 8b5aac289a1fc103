"""The judgement on addresses, with the vectors of Stripe's Smokescreen and the forms that `ipaddress` lets through."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.guard import is_public

REFUSED = [
    # this host, loopback, private, shared, link-local
    str(ipaddress.IPv4Address(0)),
    "0.255.255.255", "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1",
    "172.31.255.255", "192.168.0.1", "192.168.255.255", "100.64.0.1", "100.127.255.255", "169.254.169.254",
    # documentation, benchmarks, protocol assignments, relays
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "192.88.99.1",
    # multicast, reserved, broadcast
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    # IPv6: unspecified, loopback, link-local (with and without zone), unique local, site-local, multicast
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::2", "ff0e::1",
    # IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1",
    "::ffff:224.0.0.1", "::ffff:a00:1", "::127.0.0.1", "::10.0.0.1",
    "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:a00:1::1",
    "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1",
    # documentation, discard, segment routing
    "2001:db8::1", "3fff::1", "100::1", "5f00::1",
    # no address at all
    "", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.1.1.1.", " 1.1.1.1", "256.1.1.1",
    "①②⑦.0.0.1", "[::1]", "1.1.1.1/32", "::1%", "not an address", "1.1.1.1\0",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
          "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255",
          "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e",
          "::ffff:8.8.8.8"]  # fmt: skip

PRIVATE_V4 = st.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"]).flatmap(
    lambda net: st.ip_addresses(network=net)
)
EMBEDDINGS = st.sampled_from([0, 0xFFFF << 32, 0xFFFF << 48, 0x64FF9B << 96])


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_admitted(address: str) -> None:
    assert is_public(address)


@given(PRIVATE_V4, EMBEDDINGS)
def test_a_private_address_hides_in_no_ipv6_form(
    private: ipaddress.IPv4Address | ipaddress.IPv6Address, prefix: int
) -> None:
    assert not is_public(str(ipaddress.IPv6Address(prefix + int(private))))


@given(st.text(max_size=40))
def test_no_text_breaks_the_judgement(text: str) -> None:
    assert is_public(text) in {True, False}
