"""PDUs in and out, counted and traced."""

import pytest

from smsgw.smpp.codec import bodiless
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import BadFrame, BadPdu, LocalProtocolError, Pdu
from smsgw.smpp.wire import Wire

ENQUIRE = Pdu(Command.ENQUIRE_LINK, 0, 1, {})


def joined(wire: Wire) -> Wire:
    """A wire that has received what another sent."""
    other = Wire()
    other.feed(wire.data_to_send())
    return other


def test_what_one_sends_the_other_reads() -> None:
    """In order, then nothing."""
    wire = Wire()
    wire.send(ENQUIRE)
    wire.answer(Command.SUBMIT_SM, 7, Status.ESME_ROK, {"message_id": b"A"}, ((0x1400, b"x"),))
    other = joined(wire)
    assert other.next_pdu() == ENQUIRE
    assert other.next_pdu() == Pdu(Command.SUBMIT_SM_RESP, 0, 7, {"message_id": b"A"}, ((0x1400, b"x"),))
    assert other.next_pdu() is None
    assert wire.data_to_send() == b""


def test_an_answer_without_fields() -> None:
    """Only the status matters."""
    wire = Wire()
    wire.answer(Command.DELIVER_SM, 7, Status.ESME_RX_T_APPN)
    assert joined(wire).next_pdu() == bodiless(Command.DELIVER_SM_RESP, Status.ESME_RX_T_APPN, 7)


def test_every_pdu_is_counted_and_traced() -> None:
    """Good and broken ones, both ways."""
    lines: list[tuple[str, Pdu | BadPdu]] = []
    wire = Wire(lambda direction, pdu: lines.append((direction, pdu)))
    wire.send(ENQUIRE)
    wire.feed(wire.data_to_send() + bytes.fromhex("00000010 00000111 00000000 00000005"))
    assert wire.next_pdu() == ENQUIRE
    assert isinstance(wire.next_pdu(), BadPdu)
    assert [(direction, pdu.command_id) for direction, pdu in lines] == [(">", 0x15), ("<", 0x15), ("<", 0x111)]
    assert wire.counters.as_dict() == {
        ("sent", "enquire_link", "ESME_ROK"): 1,
        ("received", "enquire_link", "ESME_ROK"): 1,
        ("received", "unknown", "ESME_ROK"): 1,
    }


def test_our_bug_leaves_nothing_behind() -> None:
    """A PDU that cannot be written is neither queued nor counted."""
    wire = Wire()
    with pytest.raises(LocalProtocolError):
        wire.send(Pdu(Command.SUBMIT_SM, 0, 1, {"short_message": b"x" * 255}))
    assert wire.data_to_send() == b""
    assert wire.counters.as_dict() == {}


def test_a_bad_frame_is_passed_on() -> None:
    """The session decides what becomes of it."""
    wire = Wire()
    wire.feed(bytes(4))
    assert wire.next_pdu() == BadFrame(0)
    assert wire.has_started_frame()
