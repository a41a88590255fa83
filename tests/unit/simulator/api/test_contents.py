"""A PDU is read in full, whatever it holds."""

from __future__ import annotations

import pytest

from simulator.api.contents import contents
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command, EsmClass
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.segments import Method, split
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tag, Tlvs

ADDRESSES: dict[str, FieldValue] = {"source_addr": b"998901234567", "destination_addr": b"1400"}


def submit(tlvs: Tlvs = (), command: Command = Command.SUBMIT_SM, **fields: FieldValue) -> bytes:
    return encode(Pdu(command, 0, 7, ADDRESSES | fields, tlvs))


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (submit(short_message=b"parol1"), {"text": "parol1"}),
        (submit(short_message="Код".encode("utf-16-be"), data_coding=8), {"text": "Код"}),
        (submit(short_message=b"\x11", data_coding=0), {"text": "_"}),
        (submit(((int(Tag.MESSAGE_PAYLOAD), b"parol1"),)), {"text": "parol1"}),
        (submit(((int(Tag.MESSAGE_PAYLOAD), b"PAID"),), Command.DATA_SM), {"text": "PAID"}),
        (submit(esm_class=int(EsmClass.UDHI), short_message=b"\x09"), {"text": "[no text: header]"}),
        (submit(), {}),
    ],
)
def test_the_text_is_shown_as_a_person_reads_it(octets: bytes, said: dict[str, str]) -> None:
    found = contents(octets, Alphabet.GSM0338)
    assert {key: found[key] for key in found.keys() - {"fields", "parameters"}} == said


def test_a_part_says_which_it_is() -> None:
    segment = split("x" * 200, Alphabet.GSM0338, Method.UDH8, 9)[1]
    found = contents(submit(esm_class=int(segment.esm_class), short_message=segment.short_message), Alphabet.GSM0338)
    assert (found["text"], found["part"]) == ("x" * 47, "2 of 2")


def test_fields_and_parameters_are_all_there() -> None:
    """Numbers and passwords in full, what is no text in hexadecimal, a vendor's parameter by its tag."""
    bind = contents(
        encode(Pdu(Command.BIND_TRANSCEIVER, 0, 1, {"system_id": b"gateway", "password": b"secret1"})), Alphabet.GSM0338
    )
    assert (bind["fields"]["system_id"], bind["fields"]["password"]) == ("gateway", "secret1")
    found = contents(
        submit(((int(Tag.USER_MESSAGE_REFERENCE), b"\x00\x07"), (0x1501, b"\xff")), short_message=b"hi"),
        Alphabet.GSM0338,
    )
    assert (found["fields"]["source_addr"], found["fields"]["short_message"]) == ("998901234567", "6869")
    assert found["parameters"] == {"user_message_reference": "0007", "0x1501": "ff"}


def test_lists_of_addresses_are_shown() -> None:
    several: tuple[dict[str, int | bytes], ...] = (
        {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": b"998"},
    )
    octets = encode(Pdu(Command.SUBMIT_MULTI, 0, 1, {"dest_addresses": several, "short_message": b"hi"}))
    assert "998" in str(contents(octets, Alphabet.GSM0338)["fields"])


@pytest.mark.parametrize(
    "octets", [b"", b"GET / HTTP/1.1\r\n\r\n", submit()[:-1], b"\0\0\0\x10\0\0\0\x99\0\0\0\0\0\0\0\1"]
)
def test_what_is_no_pdu_has_no_contents(octets: bytes) -> None:
    assert contents(octets, Alphabet.GSM0338) == {}
