"""Segments out of packets written by hand, on every link that is known."""

from __future__ import annotations

import pytest

from simulator.tapes.ip import ETHERNET, IPV4, IPV6, LOOP, NULL, RAW, SLL, SLL2, Segment, segment
from simulator.tapes.pcap_read import Packet
from tests.unit.simulator.tapes.wire import SYN, ipv4, ipv6, tcp

FOUND = Segment(("10.0.0.2", 50_000), ("10.0.0.1", 2775), 7, False, b"abc", 0)
FOUND_6 = Segment(("fd00::2", 50_000), ("fd00::1", 2775), 7, False, b"abc", 0)
MACS = b"\2" * 12


def read(octets: bytes, link: int = RAW) -> Segment | None:
    return segment(Packet(1, 0.0, link, octets, 0))


@pytest.mark.parametrize(
    ("link", "octets", "found"),
    [
        (RAW, ipv4(tcp()), FOUND),
        (RAW, ipv6(tcp()), FOUND_6),
        (12, ipv4(tcp()), FOUND),
        (14, ipv4(tcp()), FOUND),
        (IPV4, ipv4(tcp()), FOUND),
        (IPV6, ipv6(tcp()), FOUND_6),
        (ETHERNET, MACS + b"\x08\0" + ipv4(tcp()), FOUND),
        (ETHERNET, MACS + b"\x86\xdd" + ipv6(tcp()), FOUND_6),
        (ETHERNET, MACS + b"\x08\0" + ipv4(tcp()) + b"\0" * 6, FOUND),  # filled up to the shortest frame
        (ETHERNET, MACS + b"\x81\0\0\7\x08\0" + ipv4(tcp()), FOUND),  # VLAN 7
        (ETHERNET, MACS + b"\x88\xa8\0\7\x81\0\0\x08\x08\0" + ipv4(tcp()), FOUND),  # a VLAN in a VLAN
        (ETHERNET, MACS + b"\x08\x06" + ipv4(tcp()), None),  # ARP
        (NULL, b"\2\0\0\0" + ipv4(tcp()), FOUND),
        (LOOP, b"\0\0\0\x18" + ipv6(tcp()), FOUND_6),
        (SLL, b"\0" * 14 + b"\x08\0" + ipv4(tcp()), FOUND),
        (SLL, b"\0" * 14 + b"\x81\0\0\7\x08\0" + ipv4(tcp()), FOUND),
        (SLL2, b"\x86\xdd" + b"\0" * 18 + ipv6(tcp()), FOUND_6),
        (SLL2, b"\x08\x06" + b"\0" * 18 + ipv4(tcp()), None),
    ],
)
def test_a_segment_is_found_on_every_link(link: int, octets: bytes, found: Segment | None) -> None:
    assert read(octets, link) == found


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (ipv4(tcp(options=b"\1" * 8), options=b"\1" * 4), FOUND),
        (ipv4(tcp(), length=0), FOUND),  # the network card was to cut it
        (ipv6(tcp(), length=0), FOUND_6),
        (ipv6(b"\x2b\0" + b"\0" * 6 + b"\6\1" + b"\0" * 14 + tcp(), following=0), FOUND_6),
        (ipv4(tcp(b"", flags=SYN)), FOUND._replace(starts=True, data=b"")),
        (ipv4(tcp(), length=50), FOUND._replace(missing=7)),
        (ipv4(tcp(), protocol=17), None),
        (ipv4(tcp(), fragment=0x2000), None),
        (ipv4(tcp(), fragment=0x0001), None),
        (ipv6(tcp(), following=44), None),
        (ipv6(tcp(), following=17), None),
        (b"\x50" + b"\0" * 60, None),
        (b"", None),
        (ipv4(b"")[:19], None),
        (ipv4(tcp())[:30], None),
        (ipv6(tcp())[:41], None),
        (ipv6(b"", following=0), None),
    ],
)
def test_headers_are_read_and_what_is_no_tcp_is_left(octets: bytes, found: Segment | None) -> None:
    assert read(octets) == found


def test_an_unknown_link_is_named() -> None:
    with pytest.raises(ValueError, match="link type 105 is unknown here; there are 0, 1, 12"):
        read(b"", 105)
