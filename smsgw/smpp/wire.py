"""PDUs in and out of one connection: framed, read or written, counted and traced, in one place.

Rule: every PDU of the session passes here, so a counter or a trace line cannot be forgotten.
"""

from collections.abc import Callable

from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import RESPONSE_BIT
from smsgw.smpp.counters import RECEIVED, SENT, TrafficCounters
from smsgw.smpp.frames import FrameBuffer
from smsgw.smpp.pdu import BadFrame, BadPdu, FieldValue, Pdu
from smsgw.smpp.tlv import Tlvs

Trace = Callable[[str, Pdu | BadPdu], None]
"""Called with `<` and each PDU read, `>` and each PDU written. Print nothing but its repr: that hides the secrets."""


class Wire:
    """The two directions of a connection, without the connection."""

    def __init__(self, trace: Trace | None = None) -> None:
        self.counters = TrafficCounters()
        self._trace = trace
        self._frames = FrameBuffer()
        self._to_send: list[bytes] = []

    def trace_with(self, trace: Trace | None) -> None:
        """Trace from now on, or no longer."""
        self._trace = trace

    def feed(self, data: bytes) -> None:
        """Add octets that came from the peer."""
        self._frames.feed(data)

    def next_pdu(self) -> Pdu | BadPdu | BadFrame | None:
        """Take the next whole PDU; None when there is none yet."""
        frame = self._frames.next_frame()
        if frame is None or isinstance(frame, BadFrame):
            return frame
        pdu = decode(frame)
        self.counters.count(RECEIVED, pdu.command_id, pdu.status if isinstance(pdu, Pdu) else 0)
        if self._trace:
            self._trace("<", pdu)
        return pdu

    def has_started_frame(self) -> bool:
        """Whether octets wait here, a whole PDU or the beginning of one."""
        return self._frames.has_started_frame()

    def send(self, pdu: Pdu) -> None:
        """Queue a PDU; LocalProtocolError when it breaks its layout, and then nothing is queued."""
        self._to_send.append(encode(pdu))
        self.counters.count(SENT, pdu.command_id, pdu.status)
        if self._trace:
            self._trace(">", pdu)

    def answer(
        self,
        command_id: int,
        sequence: int,
        status: int,
        fields: dict[str, FieldValue] | None = None,
        tlvs: Tlvs = (),
    ) -> None:
        """Queue the response to the request *command_id* under its *sequence*."""
        self.send(Pdu(command_id | RESPONSE_BIT, status, sequence, fields or {}, tlvs))

    def data_to_send(self) -> bytes:
        """Take the octets to write to the transport now."""
        data = b"".join(self._to_send)
        self._to_send.clear()
        return data
