"""A PDU as a value: typed access, and nothing secret in its print."""

import pytest

from smsgw.smpp.constants import Command, Status
from smsgw.smpp.events import RequestReceived
from smsgw.smpp.pdu import BadPdu, Pdu
from smsgw.smpp.tlv import Tag

SECRET = b"SARKOR*n25656*50000*secret1"
DELIVER = Pdu(
    Command.DELIVER_SM,
    0,
    7,
    {"source_addr_ton": 1, "source_addr": b"998901234567", "short_message": b"hello"},
    ((Tag.SAR_MSG_REF_NUM, b"\x01\x02"), (0x1400, b"a"), (0x1400, b"b")),
)


def test_fields_by_type() -> None:
    """Integers and octets are asked for by name."""
    assert DELIVER.integer("source_addr_ton") == 1
    assert DELIVER.octets("source_addr") == b"998901234567"


def test_a_misspelt_field_is_an_error() -> None:
    """A field that the PDU has not must not pass for an empty one."""
    with pytest.raises(KeyError):
        DELIVER.octets("sorce_addr")


def test_a_field_of_the_other_type_is_an_error() -> None:
    """An integer asked for as octets is our bug, and the reverse."""
    with pytest.raises(AssertionError):
        DELIVER.octets("source_addr_ton")
    with pytest.raises(AssertionError):
        DELIVER.integer("source_addr")


def test_tlvs_by_tag() -> None:
    """The first of its tag counts; an integer may have any length."""
    assert DELIVER.tlv(0x1400) == b"a"
    assert DELIVER.tlv_integer(Tag.SAR_MSG_REF_NUM) == 0x0102
    assert DELIVER.tlv(Tag.MESSAGE_PAYLOAD) is None
    assert DELIVER.tlv_integer(Tag.MESSAGE_PAYLOAD) is None


@pytest.mark.parametrize(
    ("short_message", "tlvs", "octets"),
    [
        (b"short", (), b"short"),
        (b"", ((Tag.MESSAGE_PAYLOAD, b"payload"),), b"payload"),
        (b"", (), b""),
    ],
)
def test_the_message_is_found_wherever_it_stands(
    short_message: bytes, tlvs: tuple[tuple[int, bytes], ...], octets: bytes
) -> None:
    """SMPP 3.4, 5.3.2.32: in short_message or in message_payload."""
    assert Pdu(Command.SUBMIT_SM, 0, 1, {"short_message": short_message}, tlvs).message_octets() == octets


@pytest.mark.parametrize(
    "pdu",
    [
        Pdu(Command.DELIVER_SM, 0, 7, {"short_message": SECRET}),
        Pdu(Command.DATA_SM, 0, 7, {}, ((Tag.MESSAGE_PAYLOAD, SECRET),)),
        Pdu(Command.BIND_TRANSCEIVER, 0, 7, {"password": b"secret1"}),
        Pdu(Command.OUTBIND, 0, 7, {"password": b"secret1"}),
        BadPdu(
            Command.DELIVER_SM, 7, Status.ESME_RINVMSGLEN, "", Pdu(Command.DELIVER_SM, 0, 7, {"short_message": SECRET})
        ),
    ],
)
def test_no_print_shows_a_secret(pdu: Pdu | BadPdu) -> None:
    """Neither the PDU nor an event around it shows a text or a password."""
    prints = [repr(pdu), str(pdu), f"{pdu}", repr(RequestReceived(pdu)), repr([pdu])]  # type: ignore[arg-type]
    assert not [text for text in prints if "secret" in text]
    assert "octets)" in repr(pdu)


def test_the_print_names_what_it_may() -> None:
    """Command, sequence, status, and the fields that hold something."""
    pdu = Pdu(Command.SUBMIT_SM_RESP, 0x401, 9, {"message_id": b"A1"}, ((0x1400, b"x"),))
    assert repr(pdu) == "<submit_sm_resp #9 0x00000401 message_id=b'A1' 0x1400=b'x'>"
    assert repr(Pdu(0x111, Status.ESME_RSYSERR, 1, {"protocol_id": 0})) == "<0x00000111 #1 ESME_RSYSERR>"


@pytest.mark.parametrize(
    ("command", "answers"), [(Command.SUBMIT_SM, False), (Command.SUBMIT_SM_RESP, True), (Command.GENERIC_NACK, True)]
)
def test_what_is_a_response(command: Command, answers: bool) -> None:  # noqa: FBT001 - a column of the table
    """The top bit says it."""
    assert Pdu(command, 0, 1, {}).is_response() is answers
    assert BadPdu(command, 1, Status.ESME_RINVMSGLEN, "").is_response() is answers
