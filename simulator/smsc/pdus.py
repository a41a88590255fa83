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
    """The PDUs of every session of every operator."""


class Frames:
    """Cuts one direction of a connection into PDUs."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, data: bytes) -> list[bytes]:
        """The PDUs that *data* completes."""
        rest, frames = self._rest + data, []
        while len(rest) >= HEADER.size:
            length = int.from_bytes(rest[:4])
            if not HEADER.size <= length <= FRAME_MAX:
                length = len(rest)  # no SMPP: there is no telling where the next PDU begins
            if len(rest) < length:
                break
            frames.append(rest[:length])
            rest = rest[length:]
        self._rest = rest
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
