"""Packets and capture files, written by hand from their specifications."""

from __future__ import annotations

import struct
from ipaddress import ip_address

SYN, ACK = 0x02, 0x10
MAGICS = {("<", 6): "d4c3b2a1", (">", 6): "a1b2c3d4", ("<", 9): "4d3cb2a1", (">", 9): "a1b23c4d"}


def tcp(data: bytes = b"abc", *, flags: int = ACK, options: bytes = b"") -> bytes:
    offset = (20 + len(options)) // 4 << 4
    return struct.pack(">HHIIBBHHH", 50_000, 2775, 7, 9, offset, flags, 1, 0, 0) + options + data


def ipv4(body: bytes, *, protocol: int = 6, fragment: int = 0x4000, options: bytes = b"", length: int = -1) -> bytes:
    head = 20 + len(options)
    total = head + len(body) if length < 0 else length
    first = 0x40 | head // 4
    addresses = ip_address("10.0.0.2").packed + ip_address("10.0.0.1").packed
    return struct.pack(">BBHHHBBH", first, 0, total, 1, fragment, 64, protocol, 0) + addresses + options + body


def ipv6(body: bytes, *, following: int = 6, length: int = -1) -> bytes:
    addresses = ip_address("fd00::2").packed + ip_address("fd00::1").packed
    return struct.pack(">IHBB", 6 << 28, len(body) if length < 0 else length, following, 64) + addresses + body


def pcap(*captured: tuple[float, bytes, int], order: str = "<", digits: int = 6, link: int = 1) -> bytes:
    """A file of these packets: time, octets, how many more there were."""
    file = bytes.fromhex(MAGICS[order, digits]) + struct.pack(f"{order}HHiIII", 2, 4, 0, 0, 65_535, link)
    for at_s, octets, missing in captured:
        fraction = round(at_s % 1 * 10**digits)
        file += struct.pack(f"{order}IIII", int(at_s), fraction, len(octets), len(octets) + missing) + octets
    return file


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """One block of pcapng."""
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = 1, options: bytes = b"", order: str = "<", snaplen: int = 0) -> bytes:
    return block(1, struct.pack(f"{order}HHI", link, 0, snaplen) + options, order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def enhanced(units: int, octets: bytes, which: int = 0, order: str = "<", missing: int = 0) -> bytes:
    head = struct.pack(f"{order}IIIII", which, units >> 32, units & 0xFFFFFFFF, len(octets), len(octets) + missing)
    return block(6, head + octets, order)
