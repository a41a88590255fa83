"""What a peer hears when it breaks SMPP."""

import pytest

from smsgw.smpp.codec import bodiless
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.events import Fault, ProtocolFault
from smsgw.smpp.pdu import BadFrame, BadPdu, Pdu
from smsgw.smpp.refusals import Refusals
from smsgw.smpp.states import Role, State
from smsgw.smpp.window import Arrival
from smsgw.smpp.wire import Wire


def refusing() -> tuple[Refusals, Wire]:
    wire = Wire()
    return Refusals(wire), wire


def said(wire: Wire) -> Pdu | BadPdu | BadFrame | None:
    """What the peer reads, if anything."""
    other = Wire()
    other.feed(wire.data_to_send())
    return other.next_pdu()


def test_a_bad_frame_is_nacked_without_a_sequence() -> None:
    """SMPP 3.4, 4.3.1: 0 when the original cannot be decoded."""
    refusals, wire = refusing()
    assert refusals.bad_frame(BadFrame(3)) == ProtocolFault(Fault.BAD_FRAME, 0, 0, "command_length is 3")
    assert said(wire) == Pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDLEN, 0, {})
    assert refusals.faults[Fault.BAD_FRAME] == 1


@pytest.mark.parametrize(
    ("bad", "answer", "fault"),
    [
        (
            BadPdu(0x111, 5, Status.ESME_RINVCMDID, ""),
            Pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDID, 5, {}),
            Fault.UNKNOWN_COMMAND,
        ),
        (BadPdu(0x80000111, 5, Status.ESME_RINVCMDID, ""), None, Fault.UNKNOWN_COMMAND),
        (
            BadPdu(Command.DELIVER_SM, 5, Status.ESME_RINVSRCADR, ""),
            bodiless(Command.DELIVER_SM_RESP, Status.ESME_RINVSRCADR, 5),
            Fault.BAD_PDU,
        ),
        (
            BadPdu(Command.ENQUIRE_LINK, 5, Status.ESME_RINVOPTPARSTREAM, "", Pdu(Command.ENQUIRE_LINK, 0, 5, {})),
            None,
            Fault.BAD_PDU,
        ),
        (BadPdu(Command.SUBMIT_SM_RESP, 5, Status.ESME_RINVMSGID, ""), None, Fault.BAD_PDU),
        (BadPdu(Command.ALERT_NOTIFICATION, 5, Status.ESME_RINVSRCADR, ""), None, Fault.BAD_PDU),
    ],
)
def test_a_bad_pdu_is_answered_if_it_asked(bad: BadPdu, answer: Pdu | None, fault: Fault) -> None:
    """Requests yes, with their own response where there is one; responses, notifications and what can be read never."""
    refusals, wire = refusing()
    assert refusals.bad_pdu(bad) == ProtocolFault(fault, bad.command_id, 5, "")
    assert said(wire) == answer


@pytest.mark.parametrize(
    ("command", "issuer", "answer"),
    [
        (Command.SUBMIT_SM, Role.ESME, (Command.SUBMIT_SM_RESP, Status.ESME_RINVBNDSTS)),
        (Command.BIND_RECEIVER, Role.ESME, (Command.BIND_RECEIVER_RESP, Status.ESME_RALYBND)),
        (Command.BIND_RECEIVER, Role.SMSC, (Command.BIND_RECEIVER_RESP, Status.ESME_RINVBNDSTS)),
        (Command.OUTBIND, Role.SMSC, None),
    ],
)
def test_a_request_in_the_wrong_state(command: Command, issuer: Role, answer: tuple[Command, Status] | None) -> None:
    """ESME_RINVBNDSTS, but ESME_RALYBND for a second bind."""
    refusals, wire = refusing()
    event = refusals.wrong_state(Pdu(command, 0, 5, {}), State.BOUND_RX, issuer)
    assert event.fault is Fault.WRONG_STATE
    assert said(wire) == (answer and bodiless(*answer, 5))


@pytest.mark.parametrize(
    ("arrival", "answer"),
    [
        (Arrival.CLASH, bodiless(Command.DELIVER_SM_RESP, Status.ESME_RSYSERR, 5)),
        (Arrival.REPEAT, None),
    ],
)
def test_an_open_sequence_is_a_fault(arrival: Arrival, answer: Pdu | None) -> None:
    """Another message is asked for later; a repetition waits for the answer to the first."""
    refusals, wire = refusing()
    event = refusals.repeated_sequence(Pdu(Command.DELIVER_SM, 0, 5, {}), arrival)
    assert event.fault is Fault.REPEATED_SEQUENCE
    assert said(wire) == answer


@pytest.mark.parametrize(
    ("command", "fault"),
    [(Command.SUBMIT_SM_RESP, Fault.UNKNOWN_RESPONSE), (Command.GENERIC_NACK, Fault.UNKNOWN_NACK)],
)
def test_an_answer_to_nothing_is_counted(command: Command, fault: Fault) -> None:
    """And not answered."""
    refusals, wire = refusing()
    refusals.unknown_response(Pdu(command, 0, 5, {}))
    assert refusals.faults[fault] == 1
    assert said(wire) is None
