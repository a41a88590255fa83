"""Alphabets and long messages that lie: deliver_sm by deliver_sm into the whole service, and what the phone reads then.

A row is what an SMSC delivers, in order, and the events of all answers once five minutes have passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Ack, InboundPart, InboundSms
from smsgw.service.rules import PARTS_WAIT_S
from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import Command
from smsgw.smpp.gsm0338 import to_septets
from smsgw.smpp.incoming import NothingOfOurs, incoming
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.text import Alphabet, fits_one_segment
from smsgw.smpp.tlv import Tag, Tlvs
from tests.house import ANNA, BORIS, PAY, House
from tests.integration.running_link import settings

UDHI: Final = 0x40
GSM_PAY: Final = to_septets(PAY) or b""
RUSSIAN: Final = "саркор*n25656*50000*parol1"
UCS2, UCS2_LE = RUSSIAN.encode("utf-16-be"), RUSSIAN.encode("utf-16-le")
LINK: Final = settings(1)
PACKED: Final = sum(septet << 7 * place for place, septet in enumerate(GSM_PAY)).to_bytes(23, "little")


class Sent(NamedTuple):
    """One deliver_sm."""

    octets: bytes
    data_coding: int = 0
    esm_class: int = 0
    tlvs: Tlvs = ()
    sender: Msisdn = ANNA
    more: tuple[tuple[str, int], ...] = ()


class Row(NamedTuple):
    """See the module. *alphabet*: what the link's SMSC means by data_coding 0."""

    number: str
    what: str
    sent: Sequence[Sent]
    events: Sequence[str]
    alphabet: Alphabet = Alphabet.GSM0338


def udh(elements: bytes, text: bytes = b"BALANCE", length: int | None = None, **how: Any) -> Sent:
    """A message with a header by hand."""
    return Sent(bytes([len(elements) if length is None else length]) + elements + text, esm_class=UDHI, **how)


def part(number: int, total: int, text: bytes, reference: int = 7, **how: Any) -> Sent:
    return udh(bytes((0, 3, reference, total, number)), text, **how)


def wide_part(number: int, total: int, text: bytes, **how: Any) -> Sent:
    return udh(bytes((8, 4, 1, 7, total, number)), text, **how)


def sar(number: int, total: int, text: bytes) -> Sent:
    place = ((Tag.SAR_MSG_REF_NUM, b"\0\7"), (Tag.SAR_TOTAL_SEGMENTS, bytes([total])))
    return Sent(text, tlvs=(*place, (Tag.SAR_SEGMENT_SEQNUM, bytes([number]))))


HALVES: Final = GSM_PAY[:12], GSM_PAY[12:]
ROWS: Final = [
    # The header.
    Row("A17", "a header longer than the message", [udh(b"\0\3", length=200)], ["unknown"]),
    Row("A17", "a header that ends inside an element", [udh(b"\0\3\7")], ["unknown"]),
    Row("A17", "a header of nothing", [udh(b"")], ["balance"]),
    *[
        Row("A17", f"part {number} of {total}, {form.__name__}", [form(number, total, b"x")], events)
        for form in (part, wide_part, sar)
        for number, total, events in (
            (0, 0, ["unknown"]), (0, 2, ["unknown"]), (3, 2, ["unknown"]), (1, 255, ["format"])
        )
    ],
    Row("A17", "a total that changes under one reference", [part(1, 2, b"a"), part(2, 3, b"b")], ["format"] * 2),
    Row(
        "A18",
        "one reference of two senders at once",
        [part(1, 2, HALVES[0]), part(2, 2, HALVES[1], sender=BORIS)],
        ["format"] * 2,
    ),
    Row(
        "A19",
        "a part repeated with other words",
        [part(1, 2, b"*1*"), part(1, 2, HALVES[0]), part(2, 2, HALVES[1])],
        ["format", "code"],
    ),
    Row("A19", "parts the wrong way round", [part(2, 2, HALVES[1]), part(1, 2, HALVES[0])], ["code"]),
    # Not for people.
    Row("A21", "a WAP push", [udh(bytes.fromhex("05040b8423f0"))], []),
    Row("A21", "8-bit ports", [udh(b"\4\2\1\2")], []),
    Row("A21", "a command to the SIM toolkit", [udh(b"\x70\0")], []),
    Row("A21", "ports as parameters", [Sent(b"BALANCE", tlvs=((Tag.DESTINATION_PORT, b"\x23\xf0"),))], []),
    Row("A21", "data for the SIM card", [Sent(b"BALANCE", 0xF6, more=(("protocol_id", 0x7F),))], []),
    # Codings.
    Row("A22", "a flash message", [Sent(b"BALANCE", 0x10)], ["balance"]),
    Row("A22", "a flash message in UCS-2", [Sent("БАЛАНС".encode("utf-16-be"), 0x18)], ["balance"]),
    *[
        Row("A23", f"unpacked under data_coding 0x{coding:02X}", [Sent(b"BALANCE", coding)], ["balance"])
        for coding in (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x0E, 0x10, 0x44, 0x7F, 0x80, 0xC0, 0xF0, 0xF5, 0xFF)
    ],
    Row("A23", "packed septets under 0", [Sent(PACKED)], ["code"]),
    Row("A23", "Latin-1 where 0 means it", [Sent(b"BALANCE")], ["balance"], Alphabet.LATIN1),
    Row("A23", "UCS-2 under 0", [Sent(UCS2)], ["code"]),
    Row("A24", "UCS-2", [Sent(UCS2, 8)], ["code"]),
    Row("A24", "one octet short, so that `parol` is left", [Sent(UCS2[:-1], 8)], ["no_password"]),
    Row("A24", "one octet too many", [Sent(UCS2 + b"\0", 8)], ["code"]),
    Row("A24", "a byte order mark", [Sent(b"\xfe\xff" + UCS2, 8)], ["code"]),
    Row("A24", "the other byte order mark", [Sent(b"\xff\xfe" + UCS2_LE, 8)], ["code"]),
    Row("A24", "little-endian without a mark", [Sent(UCS2_LE, 8)], ["code"]),
    Row("A24", "half a surrogate pair", [Sent(b"\xd8\x3d", 8)], ["unknown"]),
    Row("A24", "half a pair in the password", [Sent(UCS2 + b"\xde\x00", 8)], ["pass_letters"]),
    Row(
        "A24",
        "a pair cut in two parts",
        [part(1, 2, b"\xd8\x3d", data_coding=8), part(2, 2, b"\xde\0", data_coding=8)],
        ["unknown"],
    ),
    Row("A25", "an escape at the end", [Sent(b"BALANCE\x1b")], ["balance"]),
    Row("A25", "two escapes", [Sent(b"\x1b\x1b")], ["help"]),
    Row("A25", "nothing but escapes", [Sent(b"\x1b" * 140)], ["help"]),
    Row("A26", "UTF-8 under 0", [Sent(RUSSIAN.encode())], ["code"]),
    Row("A26", "UTF-8 under Latin-1", [Sent("баланс".encode(), 3)], ["balance"]),
    Row("A27", "the @ of GSM, which is 0", [Sent(b"user\0isp", 0)], ["unknown"]),
    Row("A27", "the NUL of a C string, counted as text", [Sent(GSM_PAY + b"\0")], ["code"]),
    Row("A27", "an @ in the password", [Sent(GSM_PAY.replace(b"parol1", b"p\0rol1"))], ["pass_letters"]),
    # Nothing.
    Row("A28", "no octet", [Sent(b"")], ["help"]),
    Row("A28", "spaces", [Sent(b"   ")], ["help"]),
    Row("A28", "NULs in UCS-2", [Sent(b"\0" * 20, 8)], ["help"]),
    Row("A28", "NULs in Latin-1", [Sent(b"\0" * 20, 3)], ["help"]),
    Row("A28", "the longest message of NULs", [Sent(b"", 8, tlvs=((Tag.MESSAGE_PAYLOAD, b"\0" * 60_000),))], ["help"]),
]  # fmt: skip


def received(sent: Sent) -> Pdu:
    """The PDU as it comes from the wire."""
    fields: dict[str, FieldValue] = {"source_addr": sent.sender[1:].encode(), "destination_addr": b"1400"}
    fields |= {"esm_class": sent.esm_class, "data_coding": sent.data_coding, "short_message": sent.octets}
    pdu = decode(encode(Pdu(Command.DELIVER_SM, 0, 1, fields | dict(sent.more), sent.tlvs)))
    assert isinstance(pdu, Pdu)
    return pdu


async def take(house: House, pdu: Pdu, alphabet: Alphabet) -> Ack:
    """What a link does with a deliver_sm."""
    match incoming(pdu, replace(LINK, alphabet=alphabet)):
        case InboundSms() as sms:
            return await house.intake.receive(sms)
        case InboundPart() as piece:
            return await house.parts.receive(piece)
        case NothingOfOurs():
            return Ack.DONE
        case receipt:
            raise AssertionError(receipt)


@pytest.mark.proves("A17", "A18", "A19", "A21", "A22", "A23", "A24", "A25", "A26", "A27", "A28")
@pytest.mark.parametrize("row", ROWS, ids=[f"{row.number}: {row.what}" for row in ROWS])
async def test_what_an_smsc_delivers_is_read_refused_or_passed_over(row: Row) -> None:
    """Acknowledged whatever it is; each answer is one SMS; nothing is left of parts that did not come together."""
    house = House()
    for subscriber in (ANNA, BORIS):
        await house.enrol(subscriber)
    for sent in row.sent:
        assert await take(house, received(sent), row.alphabet) is Ack.DONE
    await house.work_off()
    house.clock.passes(PARTS_WAIT_S + 1)
    await house.parts.sweep()
    await house.work_off()
    assert house.events == list(row.events)
    assert all(fits_one_segment(text) for _, text in house.phones.inbox)
    assert await house.parts.sweep() == 0
