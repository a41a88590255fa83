"""Captures: PDUs as packets of TCP, so that whoever reads captures reads them (Wireshark, tshark, and `replay`).

Rule: only the octets and times of PDUs are true; the packets around them are made up, but right: handshake, numbers,
checksums, cutting, farewell.

Sources: pcap (draft-ietf-opsawg-pcap), IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293).
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple

SNAPLEN: Final = 262_144
LINKTYPE_RAW: Final = 101
"""A packet begins with its IP header, version 4 or 6."""

FILE_HEADER: Final = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAPLEN, LINKTYPE_RAW)
"""Version 2.4, times in microseconds, least significant octet first."""

MTU: Final = 1500
"""What a packet may have on an Ethernet: no reader is surprised by its length."""

TCP: Final = 6
_TTL: Final = 64
_WINDOW: Final = 0xFFFF
_FIN: Final = 0x01
_SYN: Final = 0x02
_PSH: Final = 0x08
_ACK: Final = 0x10
_DONT_FRAGMENT: Final = 0x4000
_NUMBERS: Final = 2**32
_MICROSECONDS: Final = 1_000_000


class End(NamedTuple):
    """One side of a connection."""

    host: IPv4Address | IPv6Address
    port: int

    @classmethod
    def of(cls, words: str) -> End:
        """Read HOST:PORT, where HOST is an address and may hold colons itself. Raises ValueError."""
        host, _, port = words.rpartition(":")
        return cls(ip_address(host.strip("[]").partition("%")[0]), int(port))


class _Side:
    """One side as it speaks: `next` is the number of its next octet."""

    def __init__(self, end: End, first: int) -> None:
        self.end = end
        self.next = first


class Conversation:
    """One connection; each method gives the records to append to the file. *number* makes its numbers its own."""

    def __init__(self, gateway: End, smsc: End, number: int) -> None:
        head_octets = 20 if gateway.host.version == 4 else 40
        self._segment_max = MTU - head_octets - 20
        self._gateway = _Side(gateway, number * 0x0100_0000 % _NUMBERS)
        self._smsc = _Side(smsc, (number * 0x0100_0000 + 0x0080_0000) % _NUMBERS)

    def opened(self, at_s: float) -> bytes:
        """The gateway connects."""
        gateway, smsc = self._gateway, self._smsc
        return self._say(at_s, gateway, _SYN) + self._say(at_s, smsc, _SYN | _ACK) + self._say(at_s, gateway, _ACK)

    def said(self, at_s: float, octets: bytes, *, by_gateway: bool) -> bytes:
        """One side has said *octets*."""
        side = self._gateway if by_gateway else self._smsc
        pieces = [octets[at : at + self._segment_max] for at in range(0, len(octets), self._segment_max)]
        records = [self._say(at_s, side, _ACK, piece) for piece in pieces[:-1]]
        return b"".join([*records, self._say(at_s, side, _PSH | _ACK, pieces[-1])])

    def closed(self, at_s: float) -> bytes:
        """The gateway goes, in order."""
        gateway, smsc, end = self._gateway, self._smsc, _FIN | _ACK
        return self._say(at_s, gateway, end) + self._say(at_s, smsc, end) + self._say(at_s, gateway, _ACK)

    def _say(self, at_s: float, side: _Side, flags: int, data: bytes = b"") -> bytes:
        other = self._smsc if side is self._gateway else self._gateway
        acknowledged = other.next if flags & _ACK else 0
        ports = side.end.port, other.end.port
        head = struct.pack(">HHIIBBHHH", *ports, side.next, acknowledged, 5 << 4, flags, _WINDOW, 0, 0)
        side.next = (side.next + len(data) + bool(flags & (_SYN | _FIN))) % _NUMBERS
        return _record(at_s, _packet(side.end, other.end, head + data))


def _record(at_s: float, packet: bytes) -> bytes:
    seconds, microseconds = divmod(round(at_s * _MICROSECONDS), _MICROSECONDS)
    return struct.pack("<IIII", seconds, microseconds, len(packet), len(packet)) + packet


def _packet(source: End, target: End, segment: bytes) -> bytes:
    addresses = source.host.packed + target.host.packed
    pseudo_header = addresses + struct.pack(">II", len(segment), TCP)
    segment = segment[:16] + checksum(pseudo_header + segment) + segment[18:]
    if source.host.version == 4:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), 0, _DONT_FRAGMENT, _TTL, TCP, 0) + addresses
        return head[:10] + checksum(head) + head[12:] + segment
    return struct.pack(">IHBB", 6 << 28, len(segment), TCP, _TTL) + addresses + segment


def checksum(octets: bytes) -> bytes:
    """The Internet checksum (RFC 1071)."""
    padded = octets + b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", total ^ 0xFFFF)
