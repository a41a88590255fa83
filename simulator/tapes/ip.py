"""Segments of TCP out of packets, whatever carried them: Ethernet, VLAN, loopback, Linux "any", or nothing at all.

What is no TCP is None, and so is a fragment of IP: neither carries SMPP that could be read by itself.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple

from simulator.tapes.pcap_read import Packet
from simulator.tapes.pcap_write import TCP

_IP_TYPES: Final = frozenset({0x0800, 0x86DD})
_VLAN_TYPES: Final = frozenset({0x8100, 0x88A8, 0x9100})

_SKIPPED_HEADERS: Final = frozenset({0, 43, 60})
"""Extension headers of IPv6 that may stand before TCP: hop-by-hop, routing, destination options (RFC 8200, 4.1)."""

_MORE_OR_OFFSET: Final = 0x3FFF
_SYN: Final = 0x02

HOSTS_REMEMBERED_MAX: Final = 10_000
"""Addresses whose words are remembered: reading one costs more than the rest of a packet."""

# https://www.tcpdump.org/linktypes.html; the second number of "raw" is OpenBSD's.
NULL, ETHERNET, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 0, 1, 101, 108, 113, 228, 229, 276
_RAW_OF_OLD: Final = (12, 14)


class Segment(NamedTuple):
    """One segment: from where to where (HOST, PORT), the number of its first octet, and its octets.

    `missing` octets more were in it and were not captured.
    """

    source: tuple[str, int]
    target: tuple[str, int]
    sequence: int
    starts: bool
    data: bytes
    missing: int


def segment(packet: Packet) -> Segment | None:
    """Read the segment in *packet*; None where there is none.

    Raises:
        ValueError: packets of this link type are not known here.
    """
    find = _LINKS.get(packet.link)
    if find is None:
        known = ", ".join(str(link) for link in sorted(_LINKS))
        raise ValueError(f"link type {packet.link} is unknown here; there are {known}")
    try:
        start = find(packet.octets)
        return None if start is None else _from_ip(packet.octets, start)
    except (struct.error, IndexError):
        return None  # it ends before its headers do


def _ethernet(octets: bytes) -> int | None:
    return _after_type(octets, 12)


def _after_type(octets: bytes, at: int) -> int | None:
    """Where the packet begins whose type stands at *at*, behind any VLAN tags."""
    kind = int.from_bytes(octets[at : at + 2])
    while kind in _VLAN_TYPES:
        at += 4
        kind = int.from_bytes(octets[at : at + 2])
    return at + 2 if kind in _IP_TYPES else None


def _sll2(octets: bytes) -> int | None:
    return 20 if int.from_bytes(octets[:2]) in _IP_TYPES else None


_LINKS: Final[Mapping[int, Callable[[bytes], int | None]]] = {
    NULL: lambda _: 4,
    LOOP: lambda _: 4,
    ETHERNET: _ethernet,
    SLL: lambda octets: _after_type(octets, 14),
    SLL2: _sll2,
    **dict.fromkeys((RAW, *_RAW_OF_OLD, IPV4, IPV6), lambda _: 0),
}


def _from_ip(octets: bytes, start: int) -> Segment | None:
    version = octets[start] >> 4
    if version == 4:
        return _from_ipv4(octets, start)
    return _from_ipv6(octets, start) if version == 6 else None


def _from_ipv4(octets: bytes, start: int) -> Segment | None:
    length, _, fragment, _, protocol = struct.unpack_from(">HHHBB", octets, start + 2)
    if protocol != TCP or fragment & _MORE_OR_OFFSET:
        return None
    addresses = octets[start + 12 : start + 16], octets[start + 16 : start + 20]
    # 0: the network card cut it up only after it was captured.
    end = start + length if length else len(octets)
    return _from_tcp(octets, start + 4 * (octets[start] & 15), end, addresses)


def _from_ipv6(octets: bytes, start: int) -> Segment | None:
    length, following = struct.unpack_from(">HB", octets, start + 4)
    addresses = octets[start + 8 : start + 24], octets[start + 24 : start + 40]
    end = start + 40 + length if length else len(octets)
    at = start + 40
    while following in _SKIPPED_HEADERS:
        following, at = octets[at], at + 8 * (octets[at + 1] + 1)
    return _from_tcp(octets, at, end, addresses) if following == TCP else None


def _from_tcp(octets: bytes, at: int, end: int, addresses: tuple[bytes, bytes]) -> Segment:
    source, target, sequence, _, offset, flags = struct.unpack_from(">HHIIBB", octets, at)
    data = octets[at + 4 * (offset >> 4) : end]
    missing = max(0, end - len(octets))
    ends = (_host(addresses[0]), source), (_host(addresses[1]), target)
    return Segment(*ends, sequence, bool(flags & _SYN), data, missing)


@lru_cache(maxsize=HOSTS_REMEMBERED_MAX)
def _host(octets: bytes) -> str:
    return str(ip_address(octets))
