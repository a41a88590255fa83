"""Cuts a stream of octets into PDUs (SMPP 3.4, 3.2).

Rule 1: how the network cut the stream changes nothing: the same octets give the same frames, one by one or all at once.
Rule 2: cutting is linear: a chunk of a thousand PDUs is walked once, and each frame is copied once.
"""

import struct
from typing import Final

from smsgw.smpp.pdu import BadFrame

HEADER: Final = struct.Struct(">IIII")
"""command_length, command_id, command_status, sequence_number."""

COMMAND_LENGTH_MAX: Final = 65 * 1024
"""message_payload may have 64 KiB; 1 KiB more holds the header, the fields and the small TLVs beside it. A length above
is no SMPP (`HTTP` read as a length is 1.2 GB) and must not make us wait, or store, without end."""

_LENGTH: Final = struct.Struct(">I")


class FrameBuffer:
    """Holds octets that came in and gives whole frames out."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._at = 0

    def feed(self, data: bytes) -> None:
        """Add what came from the peer."""
        self._octets += data

    def next_frame(self) -> bytes | BadFrame | None:
        """Take the next whole frame: None when octets are missing, BadFrame (from then on) when cutting is lost."""
        start, octets = self._at, self._octets
        waiting = len(octets) - start
        if waiting >= _LENGTH.size:
            length: int = _LENGTH.unpack_from(octets, start)[0]
            if not HEADER.size <= length <= COMMAND_LENGTH_MAX:
                return BadFrame(length)
            if waiting >= length:
                self._at = start + length
                return bytes(octets[start : self._at])
        self._move_to_front()
        return None

    def has_started_frame(self) -> bool:
        """Whether octets wait here, a whole frame or the beginning of one."""
        return self._at < len(self._octets)

    def _move_to_front(self) -> None:
        """Drop what has been read: once for each chunk, when its last whole frame is out, not once for each frame."""
        if self._at:
            del self._octets[: self._at]
            self._at = 0
