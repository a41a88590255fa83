"""Octets that no honest SMSC sends: each row is said to a bound link over a bare socket, and then a good text comes.

What holds for all rows: the text after it is taken, on the same connection or, where the row ends that, on the next.
"""

from __future__ import annotations

import struct
import tracemalloc
from typing import Final, NamedTuple

import pytest

from smsgw.smpp.codec import encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, EsmClass, Status
from smsgw.smpp.frames import COMMAND_LENGTH_MAX
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role
from smsgw.smpp.tlv import Tag
from tests.integration.raw_smsc import Peer, RawSmsc
from tests.integration.running_link import Running, running, settings

# No timer may end a row but the one that it is about.
CALM: Final = SessionSettings(window=2, inbound_window=50, response_s=30.0, unbind_s=0.1, pdu_read_s=30.0)
HASTY: Final = SessionSettings(window=2, inbound_window=50, response_s=30.0, unbind_s=0.1, pdu_read_s=0.1)
FOREIGN: Final = 5_000
NACK: Final = Command.GENERIC_NACK
TEXT_RESP, DATA_RESP, LIFE_RESP = Command.DELIVER_SM_RESP, Command.DATA_SM_RESP, Command.ENQUIRE_LINK_RESP

HEAD: Final = b"\0\0\x01998901234567\0\0\x011400\0"
REST: Final = b"\0\0\0\0\0\0\0\0\0"
PAYLOAD: Final = Tag.MESSAGE_PAYLOAD


def frame(command: int, body: bytes = b"", *, length: int | None = None, status: int = 0, sequence: int = 9) -> bytes:
    """A PDU by hand; *length* is what it says of itself."""
    said = 16 + len(body) if length is None else length
    return struct.pack(">IIII", said, command, status, sequence) + body


def text(octets: bytes = b"HELP", sm_length: int | None = None, tlvs: bytes = b"", esm_class: int = 0) -> bytes:
    """The body of a deliver_sm by hand."""
    said = len(octets) if sm_length is None else sm_length
    return HEAD + bytes([esm_class]) + REST[1:] + bytes([said]) + octets + tlvs


def tlv(tag: int, value: bytes, length: int | None = None) -> bytes:
    return struct.pack(">HH", tag, len(value) if length is None else length) + value


class Row(NamedTuple):
    """A number of the list of attacks, what is sent, what comes back, and whether it ends the connection."""

    number: str
    what: str
    octets: bytes
    answers: tuple[tuple[int, int], ...]
    heard: tuple[str, ...] = ()
    ends: bool = False
    session: SessionSettings = CALM


DELIVER: Final = int(Command.DELIVER_SM)
ASKED: Final = frame(Command.ENQUIRE_LINK)
ROK: Final = Status.ESME_ROK
OUT_OF_STEP: Final = ((NACK, Status.ESME_RINVCMDLEN),)
LONG: Final = "x" * 60_000

ROWS: Final = [
    *[
        Row("A1", f"a command_length of {length}", frame(DELIVER, text(), length=length), OUT_OF_STEP, ends=True)
        for length in (0, 2, 7, 15)
    ],
    *[
        Row("A2", f"a command_length of {length}", frame(DELIVER, text(), length=length), OUT_OF_STEP, ends=True)
        for length in (COMMAND_LENGTH_MAX + 1, 0x7FFFFFFF, 0xFFFFFFFF)
    ],
    Row(
        "A3",
        "a length one octet short of the fields: refused, and the octet left over spoils the stream",
        frame(DELIVER, text(), length=16 + len(text()) - 1) + ASKED,
        ((TEXT_RESP, Status.ESME_RINVMSGLEN), *OUT_OF_STEP),
        ends=True,
    ),
    Row(
        "A3",
        "a length four octets beyond the fields: the next PDU's length is read as parameters, its rest never ends",
        frame(DELIVER, text(), length=16 + len(text()) + 4) + ASKED,
        ((TEXT_RESP, Status.ESME_RINVOPTPARSTREAM),),
        ends=True,
        session=HASTY,
    ),
    Row("A4", "half a PDU, then silence", frame(DELIVER, text())[:30], (), ends=True, session=HASTY),
    Row("A4", "half a header, then silence", ASKED[:7], (), ends=True, session=HASTY),
    Row("A7", "an address without an end", frame(DELIVER, HEAD[:-1]), ((TEXT_RESP, Status.ESME_RINVDSTADR),)),
    Row(
        "A7",
        "an address of 21 characters",
        frame(DELIVER, b"\0\0\x01" + b"9" * 21 + b"\0"),
        ((TEXT_RESP, Status.ESME_RINVSRCADR),),
    ),
    Row(
        "A8",
        "a parameter that runs past the end",
        frame(DELIVER, text(tlvs=tlv(0x0204, b"", 500))),
        ((TEXT_RESP, Status.ESME_RINVOPTPARSTREAM),),
    ),
    Row("A8", "NULs behind the text", frame(DELIVER, text(tlvs=b"\0\0")), ((TEXT_RESP, ROK),), ("HELP",)),
    Row("A8", "an unknown parameter", frame(DELIVER, text(tlvs=tlv(0x3F00, b"?"))), ((TEXT_RESP, ROK),), ("HELP",)),
    Row(
        "A8",
        "one parameter twice: the first counts",
        frame(DELIVER, text(b"", tlvs=tlv(PAYLOAD, b"first") + tlv(PAYLOAD, b"second"))),
        ((TEXT_RESP, ROK),),
        ("first",),
    ),
    Row(
        "A8",
        "message_payload beside short_message",
        frame(DELIVER, text(tlvs=tlv(PAYLOAD, b"LIST"))),
        ((TEXT_RESP, Status.ESME_ROPTPARNOTALLWD),),
    ),
    *[
        Row("A8", what, frame(DELIVER, text(octets, tlvs=tlv(PAYLOAD, payload))), ((TEXT_RESP, ROK),), ("HELP",))
        for what, octets, payload in (
            ("an empty payload beside the text", b"HELP", b""),
            ("the same text as payload", b"HELP", b"HELP"),
        )
    ],
    Row(
        "A8",
        "the header here, the text as payload",
        frame(DELIVER, text(b"\x03\x24\x01\x01", tlvs=tlv(PAYLOAD, b"HELP"), esm_class=EsmClass.UDHI)),
        ((TEXT_RESP, ROK),),
        ("HELP",),
    ),
    Row("A8", "255 octets of text", frame(DELIVER, text(b"x" * 255)), ((TEXT_RESP, ROK),), ("x" * 255,)),
    Row("A8", "a question with a body", frame(Command.ENQUIRE_LINK, b"\0"), ((LIFE_RESP, ROK),)),
    Row("A8", "255 octets said, 3 there", frame(DELIVER, text(b"abc", 255)), ((TEXT_RESP, Status.ESME_RINVMSGLEN),)),
    Row(
        "A9",
        "a user data header announced and not there",
        frame(DELIVER, text(b"", esm_class=EsmClass.UDHI)),
        ((TEXT_RESP, ROK),),
        ("\ufffd",),
    ),
    Row("A10", "an unknown command", frame(0x00010203), ((NACK, Status.ESME_RINVCMDID),)),
    Row("A10", "an unknown command with bit 31", frame(0x80010203) + ASKED, ((LIFE_RESP, ROK),)),
    Row("A10", "a request with a status", frame(DELIVER, text(), status=0xDEADBEEF), ((TEXT_RESP, ROK),), ("HELP",)),
    Row("A10", "a response with a reserved status", frame(0x80000004, status=0xFFFFFFFF) + ASKED, ((LIFE_RESP, ROK),)),
    *[
        Row("A11", f"sequence {number}", frame(DELIVER, text(), sequence=number), ((TEXT_RESP, ROK),), ("HELP",))
        for number in (0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
    ],
    Row(
        "A11",
        "one request twice at once: both have the answer of the first",
        frame(DELIVER, text()) * 2,
        ((TEXT_RESP, ROK), (TEXT_RESP, ROK)),
        ("HELP",),
    ),
    Row(
        "A11",
        "one sequence number for two requests at once: the second is refused for now",
        frame(DELIVER, text()) + frame(DELIVER, text(b"BALANCE")),
        ((TEXT_RESP, Status.ESME_RSYSERR), (TEXT_RESP, ROK)),
        ("HELP",),
    ),
    Row("A11", "an answer to no question", frame(0x80000004, b"1\0", sequence=4711) + ASKED, ((LIFE_RESP, ROK),)),
    *[
        Row(
            "A12",
            f"a {command.wire_name}, which only we may ask",
            frame(command, body),
            ((command | RESPONSE_BIT, Status.ESME_RINVBNDSTS),),
        )
        for command, body in ((Command.BIND_TRANSCEIVER, b"smsc\0x\0\0\x34\0\0\0"), (Command.SUBMIT_SM, text()))
    ],
    Row("A12", "a bind_resp once more", frame(0x80000009, b"smsc\0") + ASKED, ((LIFE_RESP, ROK),)),
    *[
        Row(
            "A13",
            f"a receipt that says {words!r}",
            frame(DELIVER, text(words, esm_class=EsmClass.SMSC_DELIVERY_RECEIPT)),
            ((TEXT_RESP, ROK),),
        )
        for words in (b"", b"?", b"id:", b"id:\0 stat:DELIVRD", b"stat:DELIVRD err:000", b"id:" + b"9" * 250)
    ],
    Row(
        "A14",
        "a text of 60,000 characters",
        frame(DELIVER, text(b"", tlvs=tlv(PAYLOAD, LONG.encode()))),
        ((TEXT_RESP, ROK),),
        (LONG,),
    ),
    Row(
        "A15",
        "data_sm in place of deliver_sm",
        frame(Command.DATA_SM, HEAD + b"\0\0\0" + tlv(PAYLOAD, b"HELP")),
        ((DATA_RESP, ROK),),
        ("HELP",),
    ),
]  # fmt: skip


def ids(rows: list[Row]) -> list[str]:
    return [f"{row.number}: {row.what}" for row in rows]


async def takes_a_text(peer: Peer, gateway: Running) -> None:
    peer.deliver(b"good")
    while (answer := await peer.read()).command_id == Command.ENQUIRE_LINK:
        pass
    assert (answer.command_id, answer.status) == (Command.DELIVER_SM_RESP, Status.ESME_ROK)
    assert gateway.heard.texts[-1].text == "good"


@pytest.mark.proves("A1", "A2", "A3", "A4", "A7", "A8", "A9", "A10", "A11", "A12", "A13", "A14", "A15")
@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
async def test_octets_of_a_hostile_peer_are_answered_or_end_the_connection(smsc: RawSmsc, row: Row) -> None:
    async with running(settings(smsc.port, session=row.session)) as gateway:
        peer = await smsc.bound()
        peer.write(row.octets)
        answers = [await peer.read() for _ in row.answers]
        assert tuple((answer.command_id, answer.status) for answer in answers) == row.answers
        if row.ends:
            assert await peer.ended()
            peer = await smsc.bound()
        heard = tuple(sms.text for sms in gateway.heard.texts)
        await takes_a_text(peer, gateway)
        assert smsc.connections == 1 + row.ends
    assert heard == row.heard


@pytest.mark.proves("A12")
async def test_a_text_before_the_bind_is_refused_and_never_heard(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.peer()
        bind = await peer.expect(Command.BIND_TRANSCEIVER)
        peer.deliver(b"early")
        refused = await peer.expect(Command.DELIVER_SM_RESP)
        assert refused.status == Status.ESME_RINVBNDSTS
        peer.answer(bind)
        await takes_a_text(peer, gateway)
        assert [sms.text for sms in gateway.heard.texts] == ["good"]


@pytest.mark.proves("A6")
async def test_a_thousand_pdus_in_one_segment_are_a_thousand_answers(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        peer.write(b"".join(frame(Command.ENQUIRE_LINK, sequence=number) for number in range(1, 1001)))
        assert [(await peer.expect(LIFE_RESP)).sequence for _ in range(1000)] == list(range(1, 1001))
        await takes_a_text(peer, gateway)


# What a hostile peer may make us keep.

KIB: Final = 1024
# A PDU as it comes in, once more while its buffer grows, and one read of the loop; and the test's own two copies of it.
HELD_OCTETS: Final = 4 * COMMAND_LENGTH_MAX + 256 * KIB


@pytest.mark.proves("A2", "A4")
async def test_half_of_the_longest_pdu_is_all_that_a_peer_can_make_us_hold(smsc: RawSmsc) -> None:
    """A PDU that never ends holds its own octets, at most 65 KiB, and none of them outlive its connection."""
    async with running(settings(smsc.port, session=HASTY)):
        peer = await smsc.bound()
        tracemalloc.start()
        for _ in range(10):
            peer.write(frame(DELIVER, bytes(COMMAND_LENGTH_MAX - 100), length=COMMAND_LENGTH_MAX))
            assert await peer.ended()
            peer = await smsc.bound()
        left, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < HELD_OCTETS
    assert left < 200 * KIB


@pytest.mark.proves("A10", "A11")
async def test_a_million_numbers_of_a_peer_s_own_are_no_more_to_keep_than_one() -> None:
    """Commands, statuses and sequence numbers that nobody asked for leave counters, and the counters are bounded."""
    session = Session(Role.ESME, CALM, now_s=0.0)
    session.request(Command.BIND_TRANSCEIVER, {}, 0.0)
    session.receive_data(encode(Pdu(Command.BIND_TRANSCEIVER_RESP, 0, 1, {})), 0.0)
    numbers = [(number * 2_654_435_761) % 2**32 for number in range(FOREIGN)]
    tracemalloc.start()
    for number in numbers:
        session.receive_data(frame(number, status=number, sequence=number), 1.0)
        session.data_to_send()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 20 * KIB
    assert len(session.counters) < 10
