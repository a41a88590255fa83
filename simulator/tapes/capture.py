"""PDUs out of a capture: connections of TCP are told apart, put in order, and cut into PDUs.

Rule 1: a connection that does not speak SMPP is passed over in silence.
Rule 2: where octets are missing (the capture began in the middle, or lost some), reading goes on at the next segment
that begins like a PDU.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Final, NamedTuple

from simulator.tapes.capture_filter import CaptureFilter
from simulator.tapes.ip import Segment, segment
from simulator.tapes.pcap_read import Packet
from simulator.tapes.tcp import Chunk, Direction
from smsgw.smpp.constants import RESPONSE_BIT
from smsgw.smpp.frames import COMMAND_LENGTH_MAX, HEADER, FrameBuffer
from smsgw.smpp.layouts import LAYOUTS

EndPoint = tuple[str, int]
"""HOST, PORT."""

WHOLE: Final = "capture whole packets (tcpdump -s 0)"

_COMMANDS: Final = frozenset(LAYOUTS)


class CapturedPdu(NamedTuple):
    """One PDU and the packet that completed it; `source` and `target` are the ends it went from and to."""

    at_s: float
    packet: int
    source: EndPoint
    target: EndPoint
    octets: bytes


class Captured(NamedTuple):
    """The PDUs, and how many packets of their connections were cut short."""

    pdus: list[CapturedPdu]
    cut: int


class _Stream:
    """What one end says to the other: in order, and cut."""

    def __init__(self, source: EndPoint, target: EndPoint) -> None:
        self.ends = source, target
        self.direction = Direction()
        self._buffer = FrameBuffer()
        self._begun = b""
        self._in_step = False

    def take(self, chunks: list[Chunk]) -> Iterator[CapturedPdu]:
        """The PDUs that *chunks* complete."""
        for chunk in chunks:
            for octets in self._cut(chunk):
                yield CapturedPdu(chunk.at_s, chunk.packet, *self.ends, octets)

    def _cut(self, chunk: Chunk) -> Iterator[bytes]:
        if chunk.after_gap:
            self._lose_step()
        data = chunk.data
        if not self._in_step:
            data = self._begun + data
            self._begun = data if len(data) < HEADER.size else b""
            if not _begins_like_a_pdu(data):
                return
            self._in_step = True
        self._buffer.feed(data)
        while (frame := self._buffer.next_frame()) is not None:
            if not isinstance(frame, bytes):
                self._lose_step()
                return
            yield frame

    def _lose_step(self) -> None:
        self._buffer, self._begun, self._in_step = FrameBuffer(), b"", False


def pdus(packets: Iterable[Packet], wanted: CaptureFilter) -> Captured:
    """The PDUs of the connections that are *wanted*, in the order of time.

    Raises:
        ValueError: the capture cannot be read; the message names the packet.
    """
    streams: dict[tuple[EndPoint, EndPoint], _Stream] = {}
    found: list[CapturedPdu] = []
    cut = 0
    for packet in packets:
        part = _segment(packet)
        if part is None or not wanted.fits(part.source, part.target):
            continue
        if part.missing:
            cut += 1
            if _begins_like_a_pdu(part.data):
                raise ValueError(f"packet {packet.number}: {part.missing} octets of it are missing; {WHOLE}")
        ends = part.source, part.target
        stream = streams.get(ends) or streams.setdefault(ends, _Stream(*ends))
        found += stream.take(stream.direction.take(part, packet.at_s, packet.number))
    for stream in streams.values():
        found += stream.take(stream.direction.end())
    return Captured(sorted(found, key=attrgetter("at_s", "packet")), cut)


def _segment(packet: Packet) -> Segment | None:
    try:
        return segment(packet)
    except ValueError as error:
        raise ValueError(f"packet {packet.number}: {error}") from None


def _begins_like_a_pdu(data: bytes) -> bool:
    if len(data) < HEADER.size:
        return False
    length, command_id, status, _ = HEADER.unpack_from(data)
    fits = HEADER.size <= length <= COMMAND_LENGTH_MAX and command_id in _COMMANDS
    return fits and (status == 0 or command_id >= RESPONSE_BIT)
