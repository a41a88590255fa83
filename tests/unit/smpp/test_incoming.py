"""A deliver_sm becomes a text, a part, a receipt, or nothing of ours; a redelivery is recognised as the same."""

import re
from dataclasses import replace

import pytest

from smsgw.domain.secret import Secret
from smsgw.domain.sms import Delivery, InboundPart, InboundSms
from smsgw.smpp.constants import Command, EsmClass
from smsgw.smpp.incoming import InboundReceipt, NothingOfOurs, incoming
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.receipts import MessageIdForm
from smsgw.smpp.tlv import Tag, Tlvs
from tests.repo.tree import ROOT

SECRET = "SARKOR*n25656*50000*parol1"
APPENDIX_B = "id:77 sub:001 dlvrd:001 submit date:2611212100 done date:2611212101 stat:DELIVRD err:000 text:HELP"


def link(*, message_id_form: MessageIdForm = MessageIdForm.OPAQUE, timestamp_tlv: int | None = None) -> LinkSettings:
    return LinkSettings(
        name="operator",
        host="127.0.0.1",
        port=2775,
        system_id="smsgw",
        password=Secret("secret"),
        source="1400",
        message_id_form=message_id_form,
        timestamp_tlv=timestamp_tlv,
    )


def deliver(text: bytes = SECRET.encode(), tlvs: Tlvs = (), sequence: int = 1, **fields: FieldValue) -> Pdu:
    values: dict[str, FieldValue] = {
        "source_addr": b"998901234567",
        "destination_addr": b"1400",
        "esm_class": 0,
        "data_coding": 0,
        "short_message": text,
    }
    return Pdu(Command.DELIVER_SM, 0, sequence, values | fields, tlvs)


def as_text(pdu: Pdu) -> InboundSms:
    read = incoming(pdu, link())
    assert isinstance(read, InboundSms)
    return read


def test_a_text_carries_its_link_its_addresses_and_its_words() -> None:
    sms = as_text(deliver())

    assert (sms.link, sms.sender, sms.destination, sms.text) == ("operator", "998901234567", "1400", SECRET)


def test_a_text_in_message_payload_is_the_same_text() -> None:
    sms = as_text(deliver(b"", ((Tag.MESSAGE_PAYLOAD, SECRET.encode()),)))

    assert sms.text == SECRET


def test_a_text_never_prints_its_words() -> None:
    assert "parol1" not in repr(as_text(deliver()))


def test_a_redelivery_with_another_sequence_number_is_the_same_delivery() -> None:
    assert as_text(deliver(sequence=1)).identity == as_text(deliver(sequence=77)).identity


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("sender", deliver(source_addr=b"998901234568")),
        ("destination", deliver(destination_addr=b"1401")),
        ("coding", deliver(data_coding=3)),
        ("words", deliver(b"0")),
        ("the phone's own number for the message", deliver(tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\x00\x07"),))),
        ("fields that run into each other", deliver(source_addr=b"9989012345671", destination_addr=b"400")),
    ],
)
def test_another_delivery_differs_by(what: str, other: Pdu) -> None:
    assert as_text(other).identity != as_text(deliver()).identity, what


def test_a_part_of_a_long_text_carries_its_reference_and_place() -> None:
    part = incoming(deliver(b"\x05\x00\x03\x2a\x02\x01SARKOR*", esm_class=EsmClass.UDHI), link())

    assert isinstance(part, InboundPart)
    assert (part.reference, part.total, part.number, part.payload) == (0x2A, 2, 1, b"SARKOR*")
    assert "SARKOR" not in repr(part)


@pytest.mark.parametrize("esm_class", [0, EsmClass.UDHI])
def test_the_destination_s_plus_is_no_difference(esm_class: int) -> None:
    """Or parts of one text would never meet."""
    octets = b"\x05\x00\x03\x2a\x02\x01SARKOR*" if esm_class else b"HELP"
    for address in (b"1400", b"+1400"):
        read = incoming(deliver(octets, esm_class=esm_class, destination_addr=address), link())
        assert isinstance(read, InboundPart | InboundSms)
        assert read.destination == "1400"


def test_a_header_that_cannot_be_read_leaves_a_text_that_nobody_understands() -> None:
    assert as_text(deliver(b"\x20\x00", esm_class=EsmClass.UDHI)).text == "\N{REPLACEMENT CHARACTER}"


def test_a_message_to_a_program_is_passed_over() -> None:
    push = deliver(b"\x06\x05\x04\x0b\x84\x23\xf0push", esm_class=EsmClass.UDHI)

    assert incoming(push, link()) == NothingOfOurs("not_for_people")
    assert incoming(deliver(protocol_id=0x7F), link()) == NothingOfOurs("not_for_people")


@pytest.mark.parametrize(
    ("stat", "delivery"),
    [
        ("DELIVRD", Delivery.DELIVERED),
        ("EXPIRED", Delivery.EXPIRED),
        ("UNDELIV", Delivery.FAILED),
        ("DELETED", Delivery.FAILED),
        ("REJECTD", Delivery.FAILED),
    ],
)
def test_a_final_receipt_says_what_became_of_the_text(stat: str, delivery: Delivery) -> None:
    text = f"id:77 sub:001 dlvrd:001 submit date:2611212100 done date:2611212101 stat:{stat} err:000 text:".encode()

    assert incoming(deliver(text, esm_class=0x04), link()) == InboundReceipt("77", delivery)


def test_the_receipt_s_id_is_brought_into_the_form_of_the_response() -> None:
    receipt = deliver(b"id:FF stat:DELIVRD", esm_class=0x04)

    read = incoming(receipt, link(message_id_form=MessageIdForm.HEX_TO_DECIMAL))

    assert read == InboundReceipt("255", Delivery.DELIVERED)


def test_receipts_of_a_form_of_its_own_are_read_by_the_link_s_pattern() -> None:
    """SMPP 3.4, Appendix B: the text of a receipt is vendor specific."""
    own = replace(link(), receipt_pattern=re.compile(r"MSG (?P<id>\w+) IS (?P<stat>\w+)"))

    assert incoming(deliver(b"MSG 77a IS EXPIRED", esm_class=0x04), own) == InboundReceipt("77a", Delivery.EXPIRED)
    assert incoming(deliver(b"id:77 stat:DELIVRD", esm_class=0x04), own) == NothingOfOurs("receipt_without_id")
    state = ((Tag.RECEIPTED_MESSAGE_ID, b"78\x00"), (Tag.MESSAGE_STATE, b"\x02"))
    assert incoming(deliver(b"", state, esm_class=0x04), own) == InboundReceipt("78", Delivery.DELIVERED)


@pytest.mark.parametrize("text", [b"", b"id:77 stat:DELIVRD", APPENDIX_B.encode(), b"delivered"])
def test_a_receipt_is_known_by_its_parameter_whatever_esm_class_says(text: bytes) -> None:
    tlvs = ((Tag.RECEIPTED_MESSAGE_ID, b"78\x00"), (Tag.MESSAGE_STATE, b"\x02"))

    assert incoming(deliver(text, tlvs), link()) == InboundReceipt("78", Delivery.DELIVERED)


@pytest.mark.proves("A13")
@pytest.mark.parametrize(
    "pdu",
    [
        deliver(APPENDIX_B.encode()),
        deliver(APPENDIX_B.encode("utf-16-be"), data_coding=8),
        deliver(b"", ((Tag.MESSAGE_PAYLOAD, APPENDIX_B.encode()),)),
        deliver(b"\x03\x99\x01\x07" + APPENDIX_B.encode(), esm_class=EsmClass.UDHI),
    ],
    ids=["plain", "UCS-2", "payload", "header"],
)
def test_what_is_a_receipt_by_its_words_alone_is_neither_answered_nor_believed(pdu: Pdu) -> None:
    """An SMSC that leaves esm_class at 0 would send a receipt of the answer, and so on; anybody can text such words."""
    assert incoming(pdu, link()) == NothingOfOurs("receipt_unmarked")


@pytest.mark.parametrize("esm_class", [0x44, 0x04, 0x64])
def test_a_receipt_with_a_header_is_read_behind_it(esm_class: int) -> None:
    """And where the header is announced only, from the beginning."""
    header = b"\x03\x99\x01\x07" if esm_class & EsmClass.UDHI else b""
    wide = deliver(header + APPENDIX_B.encode("utf-16-be"), esm_class=esm_class, data_coding=8)
    no_header = deliver(APPENDIX_B.encode(), esm_class=esm_class)

    for receipt in (wide, no_header):
        assert incoming(receipt, link()) == InboundReceipt("77", Delivery.DELIVERED)


def test_the_documented_pattern_reads_ids_with_colons() -> None:
    pattern = r"id:(?P<id>[^\s,;]+).*?stat:(?P<stat>\w+)(?:[\s,;]+err:(?P<err>\w+))?"
    assert f"receipt_pattern = '{pattern}'" in (ROOT / "docs/smpp.md").read_text(encoding="utf-8")
    own = replace(link(), receipt_pattern=re.compile(pattern, re.IGNORECASE))
    for text in (APPENDIX_B.replace("77", "5:7"), "id:5:7,sub:001,stat:DELIVRD,err:000,text:id:9 stat:UNDELIV"):
        assert incoming(deliver(text.encode(), esm_class=0x04), own) == InboundReceipt("5:7", Delivery.DELIVERED)


@pytest.mark.parametrize(
    ("text", "why"),
    [(b"id:77 stat:ACCEPTD", "receipt_not_final"), (b"something vendors write", "receipt_without_id")],
)
def test_a_receipt_that_says_nothing_final_is_passed_over(text: bytes, why: str) -> None:
    assert incoming(deliver(text, esm_class=0x04), link()) == NothingOfOurs(why)


@pytest.mark.parametrize(
    ("value", "sent_at_us"),
    [
        (b"\x00\x00\x00\x0a", 10_000_000),
        (b"700101000010", 10_000_000),
        (b"700101000010\x00", 10_000_000),
        (b"yesterday", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_the_service_centre_s_time_is_read_where_the_link_names_its_parameter(
    value: bytes, sent_at_us: int | None
) -> None:
    read = incoming(deliver(tlvs=((0x1400, value),)), link(timestamp_tlv=0x1400))

    assert isinstance(read, InboundSms)
    assert read.sent_at_us == sent_at_us


def test_without_a_named_parameter_no_time_is_read() -> None:
    assert as_text(deliver(tlvs=((0x1400, b"\x00\x00\x00\x0a"),))).sent_at_us is None
