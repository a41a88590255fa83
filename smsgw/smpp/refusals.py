"""What the peer hears when it breaks SMPP, and the event that tells our owner.

Rule 1: a request that can be read as far as its header is answered, with the status that says what is wrong
(SMPP 3.4, 2.8 and 4.3); a response never is, or two sides would nack each other without end.
Rule 2: nothing here changes the session: only a lost stream ends it, and the session sees to that.
"""

from smsgw.smpp.constants import Command, Status
from smsgw.smpp.events import Fault, ProtocolFault
from smsgw.smpp.pdu import BadFrame, BadPdu, Pdu
from smsgw.smpp.states import BINDS, NOTIFICATIONS, Role, State
from smsgw.smpp.window import Arrival
from smsgw.smpp.wire import Wire


class Refusals:
    """Refuses, counts and reports."""

    def __init__(self, wire: Wire) -> None:
        self.faults = dict.fromkeys(Fault, 0)
        self._wire = wire

    def bad_frame(self, frame: BadFrame) -> ProtocolFault:
        """A command_length that cannot be."""
        # Nothing after it can be cut into PDUs, nor is this one's sequence to be trusted: 0 (SMPP 3.4, 4.3.1).
        self._wire.send(Pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDLEN, 0, {}))
        return self._fault(Fault.BAD_FRAME, 0, 0, f"command_length is {frame.command_length}")

    def bad_pdu(self, bad: BadPdu) -> ProtocolFault:
        """An unknown command, or a known one with a broken body; what can be read of it is left to be answered."""
        if bad.status == Status.ESME_RINVCMDID:
            if not bad.is_response():
                self._wire.send(Pdu(Command.GENERIC_NACK, bad.status, bad.sequence, {}))
            return self._fault(Fault.UNKNOWN_COMMAND, bad.command_id, bad.sequence, bad.reason)
        if bad.read is None and not bad.is_response() and bad.command_id not in NOTIFICATIONS:
            self._wire.answer(bad.command_id, bad.sequence, bad.status)
        return self._fault(Fault.BAD_PDU, bad.command_id, bad.sequence, bad.reason)

    def wrong_state(self, pdu: Pdu, state: State, issuer: Role) -> ProtocolFault:
        """A request that *issuer* may not send in *state*."""
        bind_again = pdu.command_id in BINDS and issuer is Role.ESME
        if pdu.command_id not in NOTIFICATIONS:
            status = Status.ESME_RALYBND if bind_again else Status.ESME_RINVBNDSTS
            self._wire.answer(pdu.command_id, pdu.sequence, status)
        return self._fault(Fault.WRONG_STATE, pdu.command_id, pdu.sequence, f"not from an {issuer} while {state}")

    def repeated_sequence(self, pdu: Pdu, arrival: Arrival) -> ProtocolFault:
        """A request under the sequence_number of one that is still open: a REPEAT of it, or a CLASH with it."""
        if arrival is Arrival.REPEAT:
            # An error now would pass for the answer to the first, and an SMSC may give up a text that we take.
            reason = "the same request again before its answer: both get that one"
        else:
            # Another message, which a temporary error does not lose.
            self._wire.answer(pdu.command_id, pdu.sequence, Status.ESME_RSYSERR)
            reason = "another request under this sequence_number is not answered yet"
        return self._fault(Fault.REPEATED_SEQUENCE, pdu.command_id, pdu.sequence, reason)

    def unknown_response(self, pdu: Pdu) -> ProtocolFault:
        """An answer to nothing: twice, never asked for, or to what is forgotten by now."""
        fault = Fault.UNKNOWN_NACK if pdu.command_id == Command.GENERIC_NACK else Fault.UNKNOWN_RESPONSE
        return self._fault(fault, pdu.command_id, pdu.sequence, "no such request is in flight")

    def _fault(self, fault: Fault, command_id: int, sequence: int, reason: str) -> ProtocolFault:
        self.faults[fault] += 1
        return ProtocolFault(fault, command_id, sequence, reason)
