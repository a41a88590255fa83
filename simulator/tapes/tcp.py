"""Order in the segments of one direction of a connection: late ones, repeated ones, and those that never came.

Rule: what is missing is waited for until too much stands behind it; then the stream goes on after the gap, and says so.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from simulator.tapes.ip import Segment

NUMBERS: Final = 2**32
_HALF: Final = NUMBERS // 2

HELD_MAX: Final = 1_000
"""Segments kept behind a gap: more than any window of TCP has, so what is missing then is not in the capture."""


class Chunk(NamedTuple):
    """Octets in order; `packet` and `at_s` of the packet they came in. `after_gap`: some before them are missing."""

    at_s: float
    packet: int
    data: bytes
    after_gap: bool = False


class Direction:
    """What one side of a connection says."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._held: dict[int, Chunk] = {}
        self._begun_anew = False

    def take(self, segment: Segment, at_s: float, packet: int) -> list[Chunk]:
        """Take one segment; what is in order now."""
        if segment.starts:
            self._start((segment.sequence + 1) % NUMBERS)
            return []
        if not segment.data:
            return []
        if self._next is None:
            self._next = segment.sequence
        self._hold(segment.sequence, Chunk(at_s, packet, segment.data))
        ready = self._in_order()
        return ready if len(self._held) <= HELD_MAX else ready + self._past_the_gap()

    def end(self) -> list[Chunk]:
        """The capture is over: what still stands behind gaps."""
        chunks = []
        while self._held:
            chunks += self._past_the_gap()
        return chunks

    def _start(self, first: int) -> None:
        if self._next is not None and self._next != first:
            self._begun_anew = True  # the same ports, used again
            self._held.clear()
        self._next = first

    def _hold(self, sequence: int, chunk: Chunk) -> None:
        assert self._next is not None
        behind = (self._next - sequence) % NUMBERS
        if 0 < behind < _HALF:  # some or all of it was here before
            chunk = chunk._replace(data=chunk.data[behind:])
            sequence = self._next
        known = self._held.get(sequence)
        if chunk.data and (known is None or len(known.data) < len(chunk.data)):
            self._held[sequence] = chunk

    def _in_order(self) -> list[Chunk]:
        ready = []
        while (found := self._take_next()) is not None:
            ready.append(found._replace(after_gap=self._begun_anew))
            self._begun_anew = False
        return ready

    def _take_next(self) -> Chunk | None:
        assert self._next is not None
        chunk = self._held.pop(self._next, None)
        if chunk is None:
            return None
        self._next = (self._next + len(chunk.data)) % NUMBERS
        for sequence in [one for one in self._held if 0 < (self._next - one) % NUMBERS < _HALF]:
            self._hold(sequence, self._held.pop(sequence))
        return chunk

    def _past_the_gap(self) -> list[Chunk]:
        assert self._next is not None
        after = self._next
        self._next = min(self._held, key=lambda sequence: (sequence - after) % NUMBERS)
        self._begun_anew = True
        return self._in_order()
