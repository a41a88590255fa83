"""Every PDU that passed, as it stood on the wire: what the live view, recordings and the judge of conformance look at.

Rule: what is noted are octets, right or wrong ones; whoever reads them decodes them, and only then.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from simulator.smsc.ring import Ring
from smsgw.smpp.frames import HEADER

FRAME_MAX: Final = 70_000
"""No PDU is longer than a message_payload of 65,535 octets and what stands around it; a longer "length" is none."""

OCTETS_MAX: Final = 64 << 20
"""Of all PDUs that are kept: a thousand of the longest, while those of every day are bounded by their number."""


def is_pdu(octets: bytes) -> bool:
    """Whether *octets* are a header and just as many more as it says."""
    return len(octets) >= HEADER.size and int.from_bytes(octets[:4]) == len(octets)


class Way(StrEnum):
    """From the gateway to us, or from us to the gateway."""

    IN = "<"
    OUT = ">"


class SeenPdu(NamedTuple):
    """One PDU at `at_s` (Unix time) on a session of an operator, whose other end is `peer` (HOST:PORT).

    Octets that are no PDU stand together as one.
    """

    id: int
    at_s: float
    operator: str
    line_id: int
    peer: str
    way: Way
    octets: bytes


class PduLog(Ring[SeenPdu]):
    """The PDUs of every session of every operator: so many and so many octets at most, but always the latest.

    `abandoned` are told (line_id, sequence_number) which request of a gateway will never have an answer.
    """

    def __init__(self, entries_max: int, octets_max: int = OCTETS_MAX) -> None:
        super().__init__(entries_max)
        self.abandoned: list[Callable[[int, int], None]] = []
        self._octets_max = octets_max
        self._octets = 0

    def put(self, entry: SeenPdu) -> None:
        """Add a PDU; the oldest go where it finds no room."""
        kept = self._entries
        self._octets += len(entry.octets)
        while kept and (len(kept) == kept.maxlen or self._octets > self._octets_max):
            self._octets -= len(kept.popleft().octets)
        super().put(entry)


class Frames:
    """Cuts one direction of a connection into PDUs."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def cut(self, data: bytes) -> list[bytes]:
        """The PDUs that *data* completes; what they leave is moved to the front once, not once for each of them."""
        octets, at, frames = self._octets, 0, []
        octets += data
        while (waiting := len(octets) - at) >= HEADER.size:
            length = int.from_bytes(octets[at : at + 4])
            if not HEADER.size <= length <= FRAME_MAX:
                length = waiting  # no SMPP: there is no telling where the next PDU begins
            if waiting < length:
                break
            frames.append(bytes(octets[at : at + length]))
            at += length
        del octets[:at]
        return frames


class Where(NamedTuple):
    """The session that octets pass."""

    operator: str
    line_id: int
    peer: str


class Tap:
    """Notes what passes one session; *clock* gives Unix time."""

    def __init__(self, log: PduLog, where: Where, clock: Callable[[], float]) -> None:
        self._log = log
        self._where = where
        self._clock = clock
        self._frames = {way: Frames() for way in Way}

    def note(self, way: Way, data: bytes) -> None:
        """Octets have passed."""
        log = self._log
        for octets in self._frames[way].cut(data):
            log.put(SeenPdu(log.next_id, self._clock(), *self._where, way, octets))

    def abandon(self, sequence: int) -> None:
        """A request of the gateway will never have an answer."""
        for tell in self._log.abandoned:
            tell(self._where.line_id, sequence)
