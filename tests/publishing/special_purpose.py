"""IANA's registries of special-purpose addresses, and a judgement by them that shares no code with the guard's.

https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry-1.csv and
https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry-1.csv as they were on 2026-07-18
(a stored copy, read 2026-11-21): every block, whatever it says of being reachable. Beside them what is multicast by
RFC 5771 and RFC 4291, and what the registry of IPv6's address space gives out for use at all: 2000::/3.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable

V4 = {
    "0.0.0.0/8": "This network",
    "0.0.0.0/32": "This host on this network",
    "10.0.0.0/8": "Private-Use",
    "100.64.0.0/10": "Shared Address Space",
    "127.0.0.0/8": "Loopback",
    "169.254.0.0/16": "Link Local",
    "172.16.0.0/12": "Private-Use",
    "192.0.0.0/24": "IETF Protocol Assignments",
    "192.0.0.0/29": "IPv4 Service Continuity Prefix",
    "192.0.0.8/32": "IPv4 dummy address",
    "192.0.0.9/32": "Port Control Protocol Anycast",
    "192.0.0.10/32": "Traversal Using Relays around NAT Anycast",
    "192.0.0.170/32": "NAT64/DNS64 Discovery",
    "192.0.0.171/32": "NAT64/DNS64 Discovery",
    "192.0.2.0/24": "Documentation (TEST-NET-1)",
    "192.31.196.0/24": "AS112-v4",
    "192.52.193.0/24": "AMT",
    "192.88.99.0/24": "Deprecated (6to4 Relay Anycast)",
    "192.88.99.2/32": "6a44-relay anycast address",
    "192.168.0.0/16": "Private-Use",
    "192.175.48.0/24": "Direct Delegation AS112 Service",
    "198.18.0.0/15": "Benchmarking",
    "198.51.100.0/24": "Documentation (TEST-NET-2)",
    "203.0.113.0/24": "Documentation (TEST-NET-3)",
    "240.0.0.0/4": "Reserved",
    "255.255.255.255/32": "Limited Broadcast",
    "224.0.0.0/4": "Multicast (RFC 5771)",
}
V6 = {
    "::1/128": "Loopback Address",
    "::/128": "Unspecified Address",
    "::ffff:0:0/96": "IPv4-mapped Address",
    "64:ff9b::/96": "IPv4-IPv6 Translat.",
    "64:ff9b:1::/48": "IPv4-IPv6 Translat.",
    "100::/64": "Discard-Only Address Block",
    "100:0:0:1::/64": "Dummy IPv6 Prefix",
    "2001::/23": "IETF Protocol Assignments",
    "2001::/32": "TEREDO",
    "2001:1::1/128": "Port Control Protocol Anycast",
    "2001:1::2/128": "Traversal Using Relays around NAT Anycast",
    "2001:1::3/128": "DNS-SD Service Registration Protocol Anycast",
    "2001:2::/48": "Benchmarking",
    "2001:3::/32": "AMT",
    "2001:4:112::/48": "AS112-v6",
    "2001:10::/28": "Deprecated (previously ORCHID)",
    "2001:20::/28": "ORCHIDv2",
    "2001:30::/28": "Drone Remote ID Protocol Entity Tags (DETs) Prefix",
    "2001:db8::/32": "Documentation",
    "2002::/16": "6to4",
    "2620:4f:8000::/48": "Direct Delegation AS112 Service",
    "3fff::/20": "Documentation",
    "5f00::/16": "Segment Routing (SRv6) SIDs",
    "fc00::/7": "Unique-Local",
    "fe80::/10": "Link-Local Unicast",
    "ff00::/8": "Multicast (RFC 4291)",
}
GIVEN_OUT = "2000::/3"


def number(address: str) -> int:
    """A numeric address as the operating system reads it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return int.from_bytes(socket.inet_pton(family, address), "big")


def edges(block: str) -> tuple[int, int]:
    """The first and the last address of a block."""
    address, _, length = block.partition("/")
    hosts = (1 << ((128 if ":" in block else 32) - int(length))) - 1
    return number(address) & ~hosts, number(address) | hosts


def is_special(address: str) -> bool:
    """Whether an address stands in a block of its registry, or in none that is given out."""
    blocks = V6 if ":" in address else V4
    return _within(number(address), blocks) or (":" in address and not _within(number(address), [GIVEN_OUT]))


def _within(value: int, blocks: Iterable[str]) -> bool:
    return any(first <= value <= last for first, last in map(edges, blocks))
