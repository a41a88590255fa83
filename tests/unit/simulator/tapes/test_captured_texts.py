"""Texts out of the PDUs of a capture: answers and replies tied to them, long ones joined, repeats known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from simulator.tapes.capture import CapturedPdu, EndPoint
from simulator.tapes.captured_texts import AGAIN_S, texts
from simulator.tapes.tape import Recorded
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.segments import Method, split
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tlvs

GATEWAY, SMSC, OTHER = ("10.0.0.2", 50_000), ("10.0.0.1", 2775), ("10.0.0.2", 50_001)
ANNA = b"998901234567"


class Line:
    """Writes a capture; a second passes with each PDU."""

    def __init__(self) -> None:
        self.captured: list[CapturedPdu] = []
        self.at_s = 0.0

    def _note(self, source: EndPoint, target: EndPoint, pdu: Pdu) -> None:
        self.at_s += 1
        self.captured.append(CapturedPdu(self.at_s, len(self.captured) + 1, source, target, encode(pdu)))

    def deliver(
        self,
        sequence: int,
        text: bytes = b"HELP",
        gateway: EndPoint = GATEWAY,
        fields: Mapping[str, FieldValue] = MappingProxyType({}),
        tlvs: Tlvs = (),
    ) -> None:
        addresses: dict[str, FieldValue] = {"source_addr_ton": 1, "source_addr": ANNA, "destination_addr": b"1400"}
        all_fields = {**addresses, "short_message": text, **fields}
        self._note(SMSC, gateway, Pdu(Command.DELIVER_SM, 0, sequence, all_fields, tlvs))

    def answer(self, sequence: int, status: int = 0, gateway: EndPoint = GATEWAY) -> None:
        self._note(gateway, SMSC, Pdu(Command.DELIVER_SM_RESP, status, sequence, {}))

    def reply(self, text: bytes = b"Call us", to: bytes = ANNA, command: Command = Command.SUBMIT_SM) -> None:
        body = {"short_message": text} if command == Command.SUBMIT_SM else {}
        tlvs = () if body else ((0x0424, text),)
        self._note(GATEWAY, SMSC, Pdu(command, 0, 99, {"destination_addr": to, **body}, tlvs))

    def bind(self) -> None:
        self._note(GATEWAY, SMSC, Pdu(Command.BIND_TRANSCEIVER, 0, 1, {"system_id": b"gw"}))

    def read(self) -> list[tuple[str, Recorded]]:
        return [(taped.text.text, taped.recorded) for taped in texts(self.captured, Alphabet.GSM0338).texts]


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_text_its_answer_and_its_replies(line: Line) -> None:
    line.deliver(1)
    line.reply()
    line.answer(1)
    line.reply(b"Bye")
    line.reply(b"You too", to=b"998907654321")
    taped = texts(line.captured, Alphabet.GSM0338).texts[0]
    assert (taped.at_s, taped.where, taped.text.sender, taped.text.recipient) == (
        1.0,
        "packet 1",
        "+998901234567",
        "1400",
    )
    assert taped.recorded == Recorded("acked", 0, ("Call us", "Bye"))


@pytest.mark.parametrize(
    ("statuses", "recorded"),
    [
        ([], ("", None)),
        ([8], ("refused", 8)),
        ([0], ("acked", 0)),
        ([8, 0], ("acked", 0)),
        ([8, 8, 88], ("refused", 88)),
    ],
)
def test_a_text_that_is_delivered_again_was_sent_once(
    line: Line, statuses: list[int], recorded: tuple[str, int | None]
) -> None:
    """What the last answer said is what became of it."""
    line.deliver(1)
    for sequence, status in enumerate(statuses, start=1):
        line.answer(sequence, status)
        if sequence < len(statuses):
            line.deliver(sequence + 1)
    line.reply()
    assert line.read() == [("HELP", Recorded(*recorded, ("Call us",)))]


def test_a_text_that_was_taken_and_comes_again_was_sent_twice(line: Line) -> None:
    line.deliver(1)
    line.answer(1)
    line.deliver(2)
    line.answer(2)
    assert [text for text, _ in line.read()] == ["HELP", "HELP"]


@pytest.mark.parametrize(("gateway", "later_s", "times"), [(GATEWAY, 0, 2), (GATEWAY, AGAIN_S, 1), (OTHER, 0, 1)])
def test_an_unanswered_text_that_comes_again_was_sent_once_unless_it_comes_at_once(
    line: Line, gateway: EndPoint, later_s: float, times: int
) -> None:
    line.deliver(1)
    line.at_s += later_s
    line.deliver(2, gateway=gateway)
    line.answer(2, gateway=gateway)
    assert len(line.read()) == times


def test_without_any_answer_in_the_capture_nothing_is_a_repeat(line: Line) -> None:
    """It was taken where only one direction passes."""
    line.deliver(1)
    line.at_s += 100
    line.deliver(2)
    assert [recorded.state for _, recorded in line.read()] == ["", ""]


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_text_is_joined_and_is_acked_with_its_last_part(line: Line, method: Method, *, backwards: bool) -> None:
    long = "пароль1 " * 40
    segments = list(enumerate(split(long, Alphabet.GSM0338, method, 5), start=1))
    for sequence, segment in reversed(segments) if backwards else segments:
        head: dict[str, FieldValue] = {"esm_class": int(segment.esm_class), "data_coding": segment.data_coding}
        line.deliver(sequence, segment.short_message, tlvs=segment.tlvs, fields=head)
    for sequence, _ in segments[:-1]:
        line.answer(sequence)
    unfinished = line.read()
    line.answer(segments[-1][0])
    assert unfinished == [(long, Recorded("", None, None))]
    assert line.read() == [(long, Recorded("acked", 0, None))]
    assert texts(line.captured, Alphabet.GSM0338).texts[0].text.method is method


def test_one_refused_part_is_a_refused_text(line: Line) -> None:
    for sequence, segment in enumerate(split("x" * 200, Alphabet.GSM0338, Method.UDH8, 5), start=1):
        line.deliver(sequence, segment.short_message, fields={"esm_class": int(segment.esm_class)})
        line.answer(sequence, Status.ESME_RX_R_APPN if sequence == 1 else 0)
    assert line.read() == [("x" * 200, Recorded("refused", Status.ESME_RX_R_APPN, None))]


def test_receipts_and_responses_to_nothing_are_no_texts(line: Line) -> None:
    line.deliver(1, b"id:1 stat:DELIVRD", fields={"esm_class": 4})
    line.answer(1)
    line.answer(77)
    assert line.read() == []


def test_data_sm_is_a_text_of_whoever_says_it(line: Line) -> None:
    line.bind()
    line._note(
        SMSC,
        GATEWAY,
        Pdu(Command.DATA_SM, 0, 1, {"source_addr": ANNA, "destination_addr": b"1400"}, ((0x0424, b"HELP"),)),
    )
    line.reply(command=Command.DATA_SM)
    assert line.read() == [("HELP", Recorded("", None, ("Call us",)))]


def test_a_capture_without_texts_of_the_gateway_tells_of_no_replies(line: Line) -> None:
    line.deliver(1)
    assert line.read() == [("HELP", Recorded("", None, None))]


@pytest.mark.parametrize(
    ("fields", "text", "reason"),
    [
        ({}, b"", "packet 1: text: 1 to"),
        ({"esm_class": 0x40}, b"\0", "packet 1: text: 1 to"),
        ({"source_addr": b""}, b"HELP", "packet 1: from: 1 to"),
        ({"esm_class": 0x40}, b"\x09a", "packet 1: no text: header"),
        ({"esm_class": 0x40}, b"\x06\x05\x04\x0b\x84\x23\xf0a", "packet 1: no text: not_for_people"),
    ],
)
def test_what_cannot_be_played_is_left_out_and_named(
    line: Line, fields: dict[str, FieldValue], text: bytes, reason: str
) -> None:
    line.deliver(1, text, fields=fields)
    found = texts(line.captured, Alphabet.GSM0338)
    assert found.texts == []
    assert found.notes[0].startswith(f"left out, {reason}")


def test_a_broken_pdu_is_passed_over(line: Line) -> None:
    line.deliver(1)
    line.captured.append(CapturedPdu(2.0, 2, SMSC, GATEWAY, bytes.fromhex("00000011000000050000000000000001ff")))
    assert len(line.read()) == 1


@pytest.mark.parametrize(
    ("said", "replied", "is_masked"),
    [(b"xxxx*0", b"xxxx 0000", True), (b"xxxx*0", b"xxxx 0001", False), (b"HELP", b"xxxx 0000", False)],
)
def test_a_capture_is_masked_if_all_its_texts_look_so(
    line: Line, said: bytes, replied: bytes, *, is_masked: bool
) -> None:
    line.deliver(1, said)
    line.reply(replied)
    assert texts(line.captured, Alphabet.GSM0338).texts[0].masked is is_masked


def test_what_data_coding_0_means_can_be_said(line: Line) -> None:
    line.deliver(1, b"a@b")
    assert [texts(line.captured, alphabet).texts[0].text.text for alphabet in (Alphabet.GSM0338, Alphabet.LATIN1)] == [
        "a¡b",
        "a@b",
    ]
