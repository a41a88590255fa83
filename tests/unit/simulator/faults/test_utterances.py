"""What a broken SMSC says is broken in just the way that its name says."""

from __future__ import annotations

import pytest

from simulator.faults.utterances import SEQUENCE, Utterance, utter
from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.frames import FrameBuffer
from smsgw.smpp.pdu import BadFrame, BadPdu, Pdu
from smsgw.smpp.tlv import Tag

RESPONSE = Pdu(Command.SUBMIT_SM_RESP, 0, 7, {"message_id": b"A1"})
REFUSAL = Pdu(Command.SUBMIT_SM_RESP, Status.ESME_RTHROTTLED, 7, {})


def read(what: Utterance, response: Pdu = RESPONSE) -> Pdu | BadPdu:
    frames = FrameBuffer()
    frames.feed(utter(what, response))
    frame = frames.next_frame()
    assert isinstance(frame, bytes)
    assert not frames.has_started_frame()
    return decode(frame)


@pytest.mark.parametrize("what", list(Utterance))
def test_there_are_octets_for_every_name(what: Utterance) -> None:
    assert utter(what, RESPONSE)
    assert utter(what, REFUSAL)


def test_the_response_may_be_right_or_answer_another_request() -> None:
    assert utter(Utterance.RESPONSE, RESPONSE) == encode(RESPONSE)
    assert read(Utterance.WRONG_SEQUENCE) == RESPONSE._replace(sequence=7 + SEQUENCE)


@pytest.mark.parametrize(
    ("what", "tag", "value"),
    [(Utterance.CONGESTED, Tag.CONGESTION_STATE, bytes([99])), (Utterance.UNKNOWN_TLV, 0x1499, b"vendor's own")],
)
def test_the_response_may_carry_more(what: Utterance, tag: int, value: bytes) -> None:
    assert read(what) == RESPONSE._replace(tlvs=((tag, value),))


def test_a_broken_tlv_runs_past_the_end_of_its_pdu() -> None:
    bad = read(Utterance.BROKEN_TLV)
    assert isinstance(bad, BadPdu)
    assert (bad.status, bad.sequence) == (Status.ESME_RINVOPTPARSTREAM, 7)


@pytest.mark.parametrize(
    ("what", "length"),
    [
        (Utterance.LENGTH_SHORT, len(encode(RESPONSE)) - 1),
        (Utterance.LENGTH_LONG, len(encode(RESPONSE)) + 8),
        (Utterance.LENGTH_TINY, 15),
        (Utterance.LENGTH_HUGE, 0xFFFF_FFFF),
    ],
)
def test_a_length_may_be_wrong(what: Utterance, length: int) -> None:
    octets = utter(what, RESPONSE)
    assert (int.from_bytes(octets[:4]), octets[4:]) == (length, encode(RESPONSE)[4:])


@pytest.mark.parametrize(("what", "sequence"), [(Utterance.GENERIC_NACK, 7), (Utterance.GENERIC_NACK_0, 0)])
@pytest.mark.parametrize(("response", "status"), [(RESPONSE, Status.ESME_RSYSERR), (REFUSAL, Status.ESME_RTHROTTLED)])
def test_a_nack_names_the_request_or_none(what: Utterance, sequence: int, response: Pdu, status: int) -> None:
    assert read(what, response) == Pdu(Command.GENERIC_NACK, status, sequence, {})


@pytest.mark.parametrize(
    ("what", "command"),
    [
        (Utterance.UNBIND, Command.UNBIND),
        (Utterance.OUTBIND, Command.OUTBIND),
        (Utterance.DELIVER_SM, Command.DELIVER_SM),
        (Utterance.BIND, Command.BIND_TRANSCEIVER),
    ],
)
def test_requests_may_come_out_of_turn(what: Utterance, command: Command) -> None:
    pdu = read(what)
    assert isinstance(pdu, Pdu)
    assert (pdu.command_id, pdu.sequence) == (command, SEQUENCE)


@pytest.mark.parametrize("what", [Utterance.UNKNOWN_COMMAND, Utterance.UNKNOWN_RESPONSE])
def test_a_command_may_be_unknown(what: Utterance) -> None:
    bad = read(what)
    assert isinstance(bad, BadPdu)
    assert bad.status == Status.ESME_RINVCMDID
    assert bad.is_response() is (what is Utterance.UNKNOWN_RESPONSE)


def test_the_peer_may_speak_another_protocol() -> None:
    frames = FrameBuffer()
    frames.feed(utter(Utterance.NO_SMPP, RESPONSE))
    assert isinstance(frames.next_frame(), BadFrame)
