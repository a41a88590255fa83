"""Packets out of capture files: pcap in either order of octets, with micro- or nanoseconds, and pcapng.

Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

PACKET_MAX: Final = 1 << 20
"""Octets of one packet or block; no capture of a network has longer ones, a damaged length mostly says so."""

_PCAP: Final[dict[bytes, tuple[str, int]]] = {
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
}
"""The magic number → order of octets, parts of a second."""

_PCAPNG: Final = b"\x0a\x0d\x0d\x0a"
MAGICS: Final = frozenset({*_PCAP, _PCAPNG})
"""How a capture file begins."""

MAGIC_OCTETS: Final = len(_PCAPNG)

_INTERFACE: Final = 1
_SIMPLE_PACKET: Final = 3
_ENHANCED_PACKET: Final = 6
_TSRESOL: Final = 9
_TSOFFSET: Final = 14
_BLOCK_MIN: Final = 12
_LINKTYPE_MASK: Final = 0xFFFF


class Packet(NamedTuple):
    """One packet, counted from 1, at `at_s` (Unix time); `missing` octets of it were not captured."""

    number: int
    at_s: float
    link: int
    octets: bytes
    missing: int


def packets(file: BinaryIO) -> Iterator[Packet]:
    """Read a capture, packet by packet; one that was cut off in the middle of its last packet ends before it.

    Raises:
        ValueError: it is none, or it is damaged; the message names the packet.
    """
    magic = file.read(MAGIC_OCTETS)
    if magic in _PCAP:
        return _pcap(file, *_PCAP[magic])
    if magic == _PCAPNG:
        return _Pcapng(file).packets()
    raise ValueError(f"no capture: it begins with {magic.hex() or 'nothing'}, neither pcap nor pcapng")


def _pcap(file: BinaryIO, order: str, parts: int) -> Iterator[Packet]:
    rest = file.read(20)
    if len(rest) < 20:
        raise ValueError("the header of the file is cut off")
    link = struct.unpack(f"{order}HHiIII", rest)[5] & _LINKTYPE_MASK
    number = 0
    while len(head := file.read(16)) == 16:
        number += 1
        seconds, fraction, length, whole = struct.unpack(f"{order}IIII", head)
        if length > PACKET_MAX:
            raise ValueError(f"packet {number}: a length of {length} octets; the file is damaged there")
        octets = file.read(length)
        if len(octets) < length:
            return
        yield Packet(number, seconds + fraction / parts, link, octets, max(0, whole - length))


class _Interface(NamedTuple):
    link: int
    parts_per_s: int
    offset_s: int
    snaplen: int


class _Pcapng:
    """One file of sections, each with its order of octets and its interfaces."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._number = 0
        self._block = 0

    def packets(self) -> Iterator[Packet]:
        """Read all; the magic number of the first section is read already."""
        kind = _PCAPNG
        while len(kind) == 4:
            self._block += 1
            body = self._section() if kind == _PCAPNG else self._body(self._file.read(4))
            if body is None:
                return
            number = int.from_bytes(kind, "big" if self._order == ">" else "little")
            try:
                packet = None if kind == _PCAPNG else self._packet(number, body)
            except (struct.error, IndexError, OverflowError):
                raise ValueError(f"block {self._block}: it is damaged, or names an interface that is none") from None
            if packet is not None:
                yield packet
            kind = self._file.read(4)

    def _section(self) -> bytes | None:
        length, magic = self._file.read(4), self._file.read(4)
        if magic not in {b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"}:
            raise ValueError(f"block {self._block}: no section header of pcapng")
        self._order = ">" if magic[0] == 0x1A else "<"
        self._interfaces = []
        return self._body(length, taken=4)

    def _body(self, length_octets: bytes, taken: int = 0) -> bytes | None:
        """The rest of a block without its lengths; None at the end of a file that was cut off."""
        if len(length_octets) < 4:
            return None
        length = struct.unpack(f"{self._order}I", length_octets)[0]
        if not _BLOCK_MIN + taken <= length <= PACKET_MAX or length % 4:
            raise ValueError(f"block {self._block}: a length of {length} octets; the file is damaged there")
        rest = length - 8 - taken
        body = self._file.read(rest)
        return None if len(body) < rest else body[:-4]

    def _packet(self, kind: int, body: bytes) -> Packet | None:
        if kind == _INTERFACE:
            self._interfaces.append(self._interface(body))
        elif kind == _ENHANCED_PACKET:
            which, high, low, length, whole = struct.unpack_from(f"{self._order}IIIII", body)
            interface = self._interfaces[which]
            at_s = interface.offset_s + (high << 32 | low) / interface.parts_per_s
            return self._captured(interface, at_s, body[20 : 20 + length], whole)
        elif kind == _SIMPLE_PACKET:
            whole = struct.unpack_from(f"{self._order}I", body)[0]
            interface = self._interfaces[0]
            captured = min(whole, interface.snaplen or whole)
            return self._captured(interface, 0.0, body[4 : 4 + captured], whole)
        return None

    def _captured(self, interface: _Interface, at_s: float, octets: bytes, whole: int) -> Packet:
        self._number += 1
        return Packet(self._number, at_s, interface.link, octets, max(0, whole - len(octets)))

    def _interface(self, body: bytes) -> _Interface:
        link, _, snaplen = struct.unpack_from(f"{self._order}HHI", body)
        parts_per_s, offset_s, at = 1_000_000, 0, 8
        while at + 4 <= len(body):
            code, length = struct.unpack_from(f"{self._order}HH", body, at)
            value = body[at + 4 : at + 4 + length]
            if code == _TSRESOL and value:
                parts_per_s = (2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F)
            elif code == _TSOFFSET and len(value) == 8:
                offset_s = struct.unpack(f"{self._order}q", value)[0]
            at += 4 + length + -length % 4
        return _Interface(link, parts_per_s, offset_s, snaplen)
