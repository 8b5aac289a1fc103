"""Which network addresses a customer's URL may lead to: those of the public internet, and no others.

`ipaddress.is_global` lets through multicast and IPv6 forms that embed private IPv4 addresses (measured on CPython
3.11), so it is not asked. Refused is all of IANA's registries of special-purpose addresses, whether or not they say
that it is reachable (https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry), and
every IPv6 form that carries an IPv4 address, whichever: nobody's server has its name lead to one. A network's own
NAT64 prefix cannot be told from any other address; where a function runs behind one, that gateway must refuse.
"""

from __future__ import annotations

import ipaddress

_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: cloud metadata, Lambda credentials
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # all that IANA has ever given out for use on the internet
_REFUSED_V6 = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4: embeds any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",
    )
)
_ISATAP = 0x0000_5EFE  # RFC 5214: before an IPv4 address at the end; its universal bit may be set or not
_UNIVERSAL = 0x0200_0000

# Of those above 1023, what browsers call nobody on: https://fetch.spec.whatwg.org/#port-blocking
_BARRED_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10080, *range(6665, 6670)}
)
_HTTPS = 443
_FIRST_FREE = 1024
_LAST = 65_535  # of a greater number sockets take the last sixteen bits: 65561 would be 25


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the public internet; what is unreadable or has a zone does not."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in net for net in _REFUSED_V4)
    return parsed in _GIVEN_OUT and not (parsed.scope_id or _is_special(parsed) or _is_isatap(parsed))


def may_be_called(port: int) -> bool:
    """Whether a customer's URL may name this port: that of HTTPS, or one above 1023 that no other protocol is known by.

    What else listens on a public host, its mail server say, is not to be reached through us.
    """
    return port == _HTTPS or (_FIRST_FREE <= port <= _LAST and port not in _BARRED_PORTS)


def _is_special(address: ipaddress.IPv6Address) -> bool:
    return any(address in net for net in _REFUSED_V6)


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    return (int(address) >> 32) & 0xFFFF_FFFF & ~_UNIVERSAL == _ISATAP
