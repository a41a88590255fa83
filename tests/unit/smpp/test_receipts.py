"""Delivery receipts are read in whatever form an SMSC writes them, and matched to what it gave out."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.constants import MessageState
from smsgw.smpp.receipts import (
    DeliveryReceipt,
    MessageIdForm,
    format_receipt,
    is_receipt,
    is_worded_as_receipt,
    parse_receipt,
    receipt_tlvs,
    receipted_key,
    receipts_a_message,
    submitted_key,
)
from smsgw.smpp.tlv import Tag, Tlvs

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
TASHKENT = timezone(timedelta(hours=5))
CLASSIC = (
    "id:0A1B2C sub:001 dlvrd:001 submit date:2609011159 done date:2609011200 stat:DELIVRD err:000 text:Code 123456"
)


@pytest.mark.parametrize("esm_class", [0x04, 0x44, 0x07, 0x08, 0x20, 0x60, 0x24, 0x64])
def test_receipts_by_esm_class(esm_class: int) -> None:
    """Bits 5 to 2 say it: receipt, delivery acknowledgement, intermediate notification (SMPP 3.4, 5.2.12).

    Receipt and intermediate notification together are reserved, and said by SMSCs that count bits.
    """
    assert is_receipt(esm_class)


@pytest.mark.parametrize("esm_class", [0x00, 0x03, 0x40, 0x80, 0x0C, 0x10, 0x18])
def test_texts_by_esm_class(esm_class: int) -> None:
    """The four bits are one number, so neither a single one of them nor another bit makes a receipt."""
    assert not is_receipt(esm_class)


def test_receipts_by_tlv() -> None:
    """Only what is said of a message of ours has the TLV of its id (SMPP 3.4, 5.3.2.12)."""
    assert receipts_a_message(((Tag.MESSAGE_STATE, b"\x02"), (Tag.RECEIPTED_MESSAGE_ID, b"7\0")))
    assert not receipts_a_message(((Tag.MESSAGE_STATE, b"\x02"), (Tag.USER_MESSAGE_REFERENCE, b"\0\x07")))
    assert not receipts_a_message(())


@pytest.mark.parametrize(
    "text",
    [
        CLASSIC,
        CLASSIC.upper(),
        f" {CLASSIC}\r\n",
        CLASSIC.replace(" text:Code 123456", ""),
        CLASSIC.replace("000 text:Code 123456", ""),
        CLASSIC.replace(":", ": "),
        "id:7,sub:001,dlvrd:001,submit date:2609011159,done date:2609011200,stat:DELIVRD,err:000,text:",
        "id:5:7;sub:001;dlvrd:001;submit_date:2609011159;done_date:2609011200;stat:DELIVRD;err:000",
    ],
)
def test_a_text_with_all_words_of_a_receipt(text: str) -> None:
    """From the first to the last field of Appendix B, in its order."""
    assert is_worded_as_receipt(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HELP",
        "SARKOR*n25656*50000*parol1",
        "id:7 stat:DELIVRD err:000",
        f"what is {CLASSIC}",
        CLASSIC.replace("sub:001 ", ""),
        CLASSIC.replace("DELIVRD", "7"),
        CLASSIC.replace("2609011159", "today"),
        CLASSIC.replace(" err:000", ""),
        CLASSIC.replace("id:0A1B2C", "id:"),
        CLASSIC.replace("sub", "dlvrd"),
    ],
)
def test_a_text_with_some_words_of_a_receipt_is_a_text(text: str) -> None:
    """A single field that is missing, or a single word before it, and somebody wrote it."""
    assert not is_worded_as_receipt(text)


def test_a_receipt_that_never_ends_costs_one_pass() -> None:
    """Sixty thousand commas, or blanks, in every place that they may stand in."""
    for sign in " ,;":
        for at in range(len(CLASSIC.split())):
            words = CLASSIC.split()
            words[at] += sign * 60_000
            is_worded_as_receipt(" ".join(words))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param(CLASSIC, DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "000", NOON), id="as in Appendix B"),
        pytest.param(
            "ID:7 SUB:001 DLVRD:000 SUBMIT DATE:2609011159 DONE DATE:2609011200 STAT:UNDELIV ERR:0c1 TEXT:",
            DeliveryReceipt("7", MessageState.UNDELIVERABLE, "0c1", NOON),
            id="capitals, error in letters",
        ),
        pytest.param(
            "id:7 done date:260901120000 stat:EXPIRED",
            DeliveryReceipt("7", MessageState.EXPIRED, "", NOON),
            id="date with seconds",
        ),
        pytest.param(
            "id:7 done_date:20260901120000 stat:deleted",
            DeliveryReceipt("7", MessageState.DELETED, "", NOON),
            id="date with century, name with underline",
        ),
        pytest.param("id:7", DeliveryReceipt("7", MessageState.UNKNOWN), id="id alone"),
        pytest.param("id: 7 stat: REJECTD", DeliveryReceipt("7", MessageState.REJECTED), id="blanks after the colons"),
        pytest.param("stat:ENROUTE id:7", DeliveryReceipt("7", MessageState.ENROUTE), id="another order"),
        pytest.param("id:7 stat: err:005", DeliveryReceipt("7", MessageState.UNKNOWN, "005"), id="empty state"),
        pytest.param("id:7 stat:NOROUTE", DeliveryReceipt("7", MessageState.UNKNOWN), id="a state of their own"),
        pytest.param("id:7 done date:2613991200", DeliveryReceipt("7", MessageState.UNKNOWN), id="no such day"),
        pytest.param("id:7 done date:26090112", DeliveryReceipt("7", MessageState.UNKNOWN), id="date too short"),
        pytest.param("id:7 done date:2६09011200", DeliveryReceipt("7", MessageState.UNKNOWN), id="digits not ASCII"),
        pytest.param(
            "id:7 stat:DELIVRD text:id:8 stat:UNDELIV err:9",
            DeliveryReceipt("7", MessageState.DELIVERED),
            id="the text may say anything",
        ),
        pytest.param(
            "id:5f0c3a1e-8d8e-4a52-9a4e-0d6b6f1f5d77 stat:DELIVRD",
            DeliveryReceipt("5f0c3a1e-8d8e-4a52-9a4e-0d6b6f1f5d77", MessageState.DELIVERED),
            id="UUID",
        ),
        pytest.param(CLASSIC.replace(" ", ","), DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "000"), id="commas"),
        pytest.param(
            "id:7;sub:001;stat:UNDELIV;err:005;done date:2609011200;text:",
            DeliveryReceipt("7", MessageState.UNDELIVERABLE, "005", NOON),
            id="semicolons",
        ),
        pytest.param("id:7, stat:DELIVRD", DeliveryReceipt("7", MessageState.DELIVERED), id="comma and blank"),
        pytest.param("id:,sub:001,stat:DELIVRD", None, id="empty id before a comma"),
        pytest.param("id:5:7 sub:001 stat:DELIVRD", None, id="id with a colon"),
        pytest.param("id: sub:001 stat:DELIVRD", None, id="empty id"),
        pytest.param("stat:DELIVRD err:000", None, id="no id"),
        pytest.param("text:id:8", None, id="id only in the text"),
        pytest.param("Hello", None, id="not a receipt"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_text_of_a_receipt(text: str, read: DeliveryReceipt | None) -> None:
    """Fields in any order and case, any of them missing; only the id is needed."""
    assert parse_receipt(text, ()) == read


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ENROUTE", MessageState.ENROUTE),
        ("SCHEDULED", MessageState.ENROUTE),
        ("BUFFERED", MessageState.ENROUTE),
        ("DELIVRD", MessageState.DELIVERED),
        ("Delivered", MessageState.DELIVERED),
        ("EXPIRED", MessageState.EXPIRED),
        ("DELETED", MessageState.DELETED),
        ("UNDELIV", MessageState.UNDELIVERABLE),
        ("UNDELIVERABLE", MessageState.UNDELIVERABLE),
        ("FAILED", MessageState.UNDELIVERABLE),
        ("SKIPPED", MessageState.UNDELIVERABLE),
        ("ACCEPTD", MessageState.ACCEPTED),
        ("ACCEPTED", MessageState.ACCEPTED),
        ("UNKNOWN", MessageState.UNKNOWN),
        ("REJECTD", MessageState.REJECTED),
        ("DELI", MessageState.UNKNOWN),
    ],
)
def test_words_for_states(word: str, state: MessageState) -> None:
    """The seven letters of Appendix B, their long forms, and the usual words beside them."""
    receipt = parse_receipt(f"id:7 stat:{word}", ())
    assert receipt is not None
    assert receipt.state is state


@pytest.mark.parametrize(
    ("tlvs", "read"),
    [
        pytest.param(
            ((Tag.RECEIPTED_MESSAGE_ID, b"2587\0"),),
            DeliveryReceipt("2587", MessageState.DELIVERED, "000", NOON),
            id="id",
        ),
        pytest.param(
            ((Tag.RECEIPTED_MESSAGE_ID, b"2587"),),
            DeliveryReceipt("2587", MessageState.DELIVERED, "000", NOON),
            id="id without NUL",
        ),
        pytest.param(
            ((Tag.RECEIPTED_MESSAGE_ID, b"1\0"), (Tag.RECEIPTED_MESSAGE_ID, b"2\0")),
            DeliveryReceipt("1", MessageState.DELIVERED, "000", NOON),
            id="id twice: the first",
        ),
        pytest.param(
            ((Tag.RECEIPTED_MESSAGE_ID, b"\0"),),
            DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "000", NOON),
            id="empty id",
        ),
        pytest.param(
            ((Tag.MESSAGE_STATE, b"\x05"),),
            DeliveryReceipt("0A1B2C", MessageState.UNDELIVERABLE, "000", NOON),
            id="state",
        ),
        pytest.param(
            ((Tag.MESSAGE_STATE, b"\x00"),),
            DeliveryReceipt("0A1B2C", MessageState.ENROUTE, "000", NOON),
            id="scheduled",
        ),
        pytest.param(
            ((Tag.MESSAGE_STATE, b"\x09"),),
            DeliveryReceipt("0A1B2C", MessageState.UNDELIVERABLE, "000", NOON),
            id="skipped",
        ),
        pytest.param(
            ((Tag.MESSAGE_STATE, b"\x63"),),
            DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "000", NOON),
            id="no such state",
        ),
        pytest.param(
            ((Tag.MESSAGE_STATE, b"\x00\x05"),),
            DeliveryReceipt("0A1B2C", MessageState.UNDELIVERABLE, "000", NOON),
            id="state of two octets",
        ),
        pytest.param(
            ((Tag.MESSAGE_STATE, b"\x00\x00\x00\x05"),),
            DeliveryReceipt("0A1B2C", MessageState.UNDELIVERABLE, "000", NOON),
            id="state of four octets",
        ),
        pytest.param(
            ((Tag.MESSAGE_STATE, b""),),
            DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "000", NOON),
            id="state of no octets",
        ),
        pytest.param(
            ((Tag.NETWORK_ERROR_CODE, b"\x03\x01\x02"),),
            DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "3:258", NOON),
            id="network error",
        ),
        pytest.param(
            ((Tag.NETWORK_ERROR_CODE, b"\x03\x01"),),
            DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "000", NOON),
            id="network error of two octets",
        ),
    ],
)
def test_tlvs_win_over_the_text(tlvs: Tlvs, read: DeliveryReceipt) -> None:
    """A good TLV is believed before the text, field by field; a bad one is as if it were not there."""
    assert parse_receipt(CLASSIC, tlvs) == read


def test_tlvs_alone_are_a_receipt() -> None:
    """The text may be anything at all when the TLVs say it."""
    tlvs = ((Tag.RECEIPTED_MESSAGE_ID, b"7\0"), (Tag.MESSAGE_STATE, b"\x02"))
    assert parse_receipt("\ufffd", tlvs) == DeliveryReceipt("7", MessageState.DELIVERED)


def test_dates_are_in_the_zone_of_the_smsc() -> None:
    """A date on the wire has no zone."""
    receipt = parse_receipt(CLASSIC, (), TASHKENT)
    assert receipt is not None
    assert receipt.done_date == NOON - timedelta(hours=5)


@pytest.mark.parametrize("state", list(MessageState))
def test_final_states(state: MessageState) -> None:
    """After these no other receipt follows."""
    open_states = {MessageState.ENROUTE, MessageState.ACCEPTED, MessageState.UNKNOWN}
    assert DeliveryReceipt("7", state).final is (state not in open_states)


@pytest.mark.parametrize(
    ("form", "submitted", "receipted"),
    [
        (MessageIdForm.OPAQUE, "0A1b", "0A1b"),
        (MessageIdForm.OPAQUE, "7", " 7 "),
        (MessageIdForm.CASELESS, "0A1B", "a1b"),
        (MessageIdForm.CASELESS, "0000", "0"),
        (MessageIdForm.CASELESS, "5F0C-8D", "5f0c-8d"),
        (MessageIdForm.HEX_TO_DECIMAL, "2587", "A1B"),
        (MessageIdForm.HEX_TO_DECIMAL, "0000002587", "00000a1b"),
        (MessageIdForm.HEX_TO_DECIMAL, "0", "00"),
        (MessageIdForm.HEX_TO_DECIMAL, "X-07", "x-07"),
        (MessageIdForm.DECIMAL_TO_HEX, "00000A1B", "2587"),
        (MessageIdForm.DECIMAL_TO_HEX, "a1b", "0000002587"),
        (MessageIdForm.DECIMAL_TO_HEX, "A1B", "a1b"),
        (MessageIdForm.DECIMAL_TO_HEX, "f" * 53, str(16**53 - 1)),
    ],
)
def test_a_receipt_finds_its_message(form: MessageIdForm, submitted: str, receipted: str) -> None:
    """The id of the response and the id of the receipt give the same key."""
    assert submitted_key(submitted, form) == receipted_key(receipted, form)


@pytest.mark.parametrize(
    ("form", "submitted", "receipted"),
    [
        (MessageIdForm.OPAQUE, "0A1B", "A1B"),
        (MessageIdForm.OPAQUE, "a1b", "A1B"),
        (MessageIdForm.CASELESS, "10", "A"),
        (MessageIdForm.HEX_TO_DECIMAL, "A1B", "A1B"),
        (MessageIdForm.DECIMAL_TO_HEX, "10", "10"),
        (MessageIdForm.DECIMAL_TO_HEX, "3", "٣"),
    ],
)
def test_a_receipt_finds_no_other_message(form: MessageIdForm, submitted: str, receipted: str) -> None:
    """An id is converted only as the link's setting says."""
    assert submitted_key(submitted, form) != receipted_key(receipted, form)


@pytest.mark.parametrize("form", [MessageIdForm.HEX_TO_DECIMAL, MessageIdForm.DECIMAL_TO_HEX])
def test_a_number_too_long_to_be_an_id_is_not_converted(form: MessageIdForm) -> None:
    """64 digits are converted, more are compared as they stand: the cost of a hostile receipt is bounded."""
    assert receipted_key("1" * 64, form) != "1" * 64
    assert receipted_key("1" * 65, form) == "1" * 65
    assert receipted_key("1" * 60_000, form) == "1" * 60_000


def test_format_receipt() -> None:
    """As in SMPP 3.4, Appendix B, with twenty characters of the message."""
    receipt = DeliveryReceipt("0A1B2C", MessageState.DELIVERED, "", NOON)
    assert format_receipt(receipt, NOON - timedelta(minutes=1), "Code 123456 SARKOR n25656") == (
        "id:0A1B2C sub:001 dlvrd:001 submit date:2609011159 done date:2609011200 stat:DELIVRD err:000"
        " text:Code 123456 SARKOR n"
    )


def test_format_receipt_of_a_failure() -> None:
    """Nothing was delivered, the error stands as given, and a missing done date is the submit date."""
    assert format_receipt(DeliveryReceipt("7", MessageState.UNDELIVERABLE, "0c1"), NOON) == (
        "id:7 sub:001 dlvrd:000 submit date:2609011200 done date:2609011200 stat:UNDELIV err:0c1 text:"
    )


@given(
    st.text(st.sampled_from("0129ABFabfz-"), min_size=1, max_size=64),
    st.sampled_from(MessageState),
    st.sampled_from(["000", "034", "0c1"]),
    st.integers(min_value=0, max_value=20_000_000).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.text(max_size=30),
)
@settings(max_examples=100)
def test_what_is_written_is_read(message_id: str, state: MessageState, error: str, done: datetime, text: str) -> None:
    """Writing and reading is the identity, by text alone and with TLVs, whatever the message says."""
    receipt = DeliveryReceipt(message_id, state, error, done)
    written = format_receipt(receipt, NOON, text)
    assert parse_receipt(written, ()) == receipt
    assert parse_receipt(written, receipt_tlvs(receipt)) == receipt
