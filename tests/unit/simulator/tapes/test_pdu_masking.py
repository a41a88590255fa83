"""What a recording hides in a PDU: texts, numbers and passwords, with every length and structure kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from simulator.tapes.masking import Masks, Pseudonyms
from simulator.tapes.pdu_masking import masked_frame, masked_octets
from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import Command, EsmClass
from smsgw.smpp.frames import HEADER
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.segments import Method, split
from smsgw.smpp.text import Alphabet, decode as read_text
from smsgw.smpp.tlv import Tag, Tlvs

KEY = Pseudonyms(b"a key")
HIDDEN = Masks(texts=True, pseudonyms=KEY)
OPEN = Masks(texts=False, pseudonyms=None)
ANNA, HER_DOUBLE = b"998901234567", KEY.of("998901234567").encode()
GSM, LATIN1, UCS2 = 0, 3, 8
# A deliver_sm of 255 octets, which SMPP 5.0 allows.
LONGEST = HEADER.pack(288, Command.DELIVER_SM, 0, 1) + bytes(16) + b"\xff" + b"parol" * 51


def hidden(command: Command, fields: dict[str, FieldValue], tlvs: Tlvs = (), masks: Masks = HIDDEN) -> Pdu:
    """The PDU as a recording shows it."""
    octets = encode(Pdu(command, 0, 7, fields, tlvs))
    masked = masked_frame(octets, masks)
    assert len(masked) == len(octets)
    pdu = decode(masked)
    assert isinstance(pdu, Pdu)
    assert (pdu.command_id, pdu.status, pdu.sequence) == (command, 0, 7)
    return pdu


@pytest.mark.parametrize(
    ("text", "octets", "data_coding", "shown"),
    [
        ("GSM", b"SARKOR*n25*parol1", GSM, b"xxxxxx*x00*xxxxx0"),
        ("GSM with escapes", b"a\x1b\x3cb\x1b\x3e\x1be", GSM, b"x\x1b\x3cx\x1b\x3e\x1be"),
        ("GSM beyond ASCII", b"\x02\x05\x7f5", GSM, b"\x02xx0"),
        ("Latin-1", "ñ@1".encode("latin-1"), LATIN1, b"x@0"),
        ("ASCII", b"a@_1", 1, b"x@_0"),
        ("UCS-2", "Код 12 x".encode("utf-16-be"), UCS2, "жжж 00 x".encode("utf-16-be")),
        ("UCS-2 of the other order", "\ufeffКод".encode("utf-16-le"), UCS2, b"xxxxxxxx"),
        ("UCS-2 that says it is GSM", "Код 12".encode("utf-16-be"), GSM, "жжж 00".encode("utf-16-be")),
        ("UTF-8 that says it is Latin-1", "Код".encode(), LATIN1, "жжж".encode()),
        ("ISO 8859-5", "Код".encode("iso8859_5"), 6, "жжж".encode("iso8859_5")),
        ("half a character of UCS-2", b"\x04", UCS2, b"x"),
        ("half a surrogate pair", b"\xd8\x3d", UCS2, b"xx"),
        ("half an escape", b"ab\x1b", GSM, b"xxx"),
        ("with filling", b"ab\0\0", LATIN1, b"xxxx"),
        ("binary", bytes([0x80, 0x41, 0xFF]), 4, None),
        ("nothing", b"", GSM, b""),
    ],
)
def test_a_text_is_hidden_in_its_own_alphabet(text: str, octets: bytes, data_coding: int, shown: bytes | None) -> None:
    """Where that would change its length, all of it is blotted out."""
    masked = masked_octets(octets, data_coding)
    assert len(masked) == len(octets), text
    assert shown is None or masked == shown


@settings(max_examples=300)
@given(st.binary(max_size=140), st.integers(0, 255))
def test_whatever_the_octets_no_letter_is_left_and_the_length_is_kept(octets: bytes, data_coding: int) -> None:
    masked = masked_octets(octets, data_coding)
    assert len(masked) == len(octets)
    letters = {one for one in read_text(masked, data_coding) if one.isalnum()}
    # Two blots are one letter of UCS-2.
    assert letters <= set("x0ж硸")


@pytest.mark.parametrize("method", [Method.UDH8, Method.UDH16, Method.SAR, Method.PAYLOAD])
@pytest.mark.parametrize("text", ["parol1 [x] " * 40, "пароль1 " * 40])
def test_the_parts_of_a_long_text_keep_their_places(method: Method, text: str) -> None:
    for segment in split(text, Alphabet.GSM0338, method, 77):
        fields: dict[str, FieldValue] = {
            "source_addr": ANNA,
            "esm_class": int(segment.esm_class),
            "data_coding": segment.data_coding,
            "short_message": segment.short_message,
        }
        pdu = hidden(Command.DELIVER_SM, fields, segment.tlvs)
        header = {Method.UDH8: 6, Method.UDH16: 7}.get(method, 0)
        assert pdu.octets("short_message")[:header] == segment.short_message[:header]
        shown = read_text(pdu.message_octets()[header:], segment.data_coding)
        assert set(shown) <= set("x0ж []")
        assert [tlv for tlv in pdu.tlvs if tlv[0] != Tag.MESSAGE_PAYLOAD] == [
            tlv for tlv in segment.tlvs if tlv[0] != Tag.MESSAGE_PAYLOAD
        ]


@pytest.mark.parametrize(
    ("name", "octets", "shown"),
    [
        ("a plain text that says it has a header", b"Code 483920 parol1 " * 5, b"x" * 95),
        ("parts and ports", bytes.fromhex("0b 0003070201 050415b30000") + b"parol1",
         bytes.fromhex("0b 0003070201 050415b30000") + b"xxxxx0"),
        ("an unknown element", b"\6\x70\4Anna" + b"parol1", b"\6\x70\4xxxx" + b"xxxxx0"),
        ("a known element of another length", b"\6\0\4Anna" + b"parol1", b"x" * 13),
        ("an element that is longer than its header", b"\5\x70\4Ann" + b"parol1", b"x" * 12),
        ("half an element", b"\1\x70" + b"parol1", b"x" * 8),
        ("a header that is cut off", b"\5\0\3\7", b"xxxx"),
    ],
)  # fmt: skip
def test_a_header_stays_only_where_it_is_one(name: str, octets: bytes, shown: bytes) -> None:
    fields: dict[str, FieldValue] = {"esm_class": int(EsmClass.UDHI), "short_message": octets}
    assert hidden(Command.DELIVER_SM, fields).octets("short_message") == shown, name


def test_numbers_of_subscribers_become_others_and_short_codes_stay() -> None:
    pdu = hidden(Command.SUBMIT_SM, {"source_addr": b"1400", "destination_addr": ANNA})
    assert (pdu.octets("source_addr"), pdu.octets("destination_addr")) == (b"1400", HER_DOUBLE)


def test_numbers_in_lists_and_patterns_become_others_too() -> None:
    lists = hidden(Command.SUBMIT_MULTI, {"dest_addresses": ({"dest_flag": 1, "destination_addr": ANNA},)})
    assert lists.fields["dest_addresses"][0]["destination_addr"] == HER_DOUBLE  # type: ignore[index]
    assert hidden(Command.BIND_RECEIVER, {"address_range": b"^" + ANNA + b"$"}).octets("address_range") == (
        b"^" + HER_DOUBLE + b"$"
    )


@pytest.mark.parametrize("masks", [HIDDEN, OPEN])
@pytest.mark.parametrize("command", [Command.BIND_TRANSCEIVER, Command.OUTBIND])
def test_the_password_of_a_bind_is_never_kept(command: Command, masks: Masks) -> None:
    pdu = hidden(command, {"system_id": b"gateway", "password": b"secret08"}, masks=masks)
    assert (pdu.octets("system_id"), pdu.octets("password")) == (b"gateway", b"xxxxxxxx")


def test_not_even_that_of_a_bind_that_cannot_be_read() -> None:
    octets = bytes.fromhex("0000001900000001 0000000000000007") + b"gw\0secret"
    assert masked_frame(octets, OPEN) == octets[:16] + b"x" * 9


def test_a_receipt_says_what_became_of_the_message_but_not_what_it_said() -> None:
    head = b"id:0A sub:001 dlvrd:001 submit date:2611281805 done date:2611281806 stat:DELIVRD err:000 text:"
    fields: dict[str, FieldValue] = {
        "esm_class": int(EsmClass.SMSC_DELIVERY_RECEIPT),
        "short_message": head + b"Code 483920",
    }
    pdu = hidden(Command.DELIVER_SM, fields, ((Tag.RECEIPTED_MESSAGE_ID, b"0A\0"), (Tag.MESSAGE_STATE, b"\2")))
    assert pdu.octets("short_message") == head + b"xxxx 000000"
    assert pdu.tlvs == ((Tag.RECEIPTED_MESSAGE_ID, b"0A\0"), (Tag.MESSAGE_STATE, b"\2"))


def test_a_receipt_of_another_form_is_hidden_whole() -> None:
    fields: dict[str, FieldValue] = {"esm_class": 4, "short_message": b"DELIVERED 483920"}
    assert hidden(Command.DELIVER_SM, fields).octets("short_message") == b"xxxxxxxxx 000000"


@pytest.mark.parametrize(
    ("tag", "value", "shown"),
    [
        (Tag.CALLBACK_NUM, b"\1\1\1" + ANNA, b"\1\1\1" + HER_DOUBLE),
        (Tag.USER_MESSAGE_REFERENCE, b"\0\7", b"\0\7"),
        (Tag.NETWORK_ERROR_CODE, b"\3\0\x22", b"\3\0\x22"),
        (Tag.ADDITIONAL_STATUS_INFO_TEXT, b"Anna", b"Anna"),
        (Tag.ADDITIONAL_STATUS_INFO_TEXT, b"Anna K", b"xxxxxx"),
        (0x1401, b"434101234567890", b"x" * 15),
        (0x1402, b"\1", b"x"),
    ],
)
def test_parameters_that_could_name_somebody_are_blotted_out(tag: int, value: bytes, shown: bytes) -> None:
    assert hidden(Command.SUBMIT_SM, {}, ((tag, value),)).tlvs == ((tag, shown),)


@pytest.mark.parametrize(
    ("name", "octets", "shown"),
    [
        ("no PDU", b"GET / HTTP/1.1 and more", b"x" * 23),
        ("a length of another PDU", b"\0\0\0\x20" + b"\0" * 12, b"x" * 16),
        ("an unknown command", bytes.fromhex("0000001400000777000000000000000161626364"),
         bytes.fromhex("000000140000077700000000000000017878787878")[:20]),
        ("a refusal whose body cannot be read", bytes.fromhex("0000001280000004000000080000000161" "62"),
         bytes.fromhex("0000001280000004000000080000000178" "78")),
        ("a refusal with its id", bytes.fromhex("0000001280000004000000080000000161" "00"),
         bytes.fromhex("0000001280000004000000080000000161" "00")),
        ("more text than we write", LONGEST, LONGEST[:16] + b"x" * (len(LONGEST) - 16)),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_blotted_out_but_for_its_header(name: str, octets: bytes, shown: bytes) -> None:
    assert masked_frame(octets, HIDDEN) == shown, name
    assert masked_frame(octets, OPEN) == octets, name


def test_where_nothing_is_to_be_hidden_nothing_changes() -> None:
    fields: dict[str, FieldValue] = {"source_addr": ANNA, "short_message": b"parol1"}
    octets = encode(Pdu(Command.DELIVER_SM, 0, 1, fields, ((0x1401, b"434101234567890"),)))
    assert masked_frame(octets, OPEN) == octets


def test_texts_and_numbers_are_hidden_each_by_itself() -> None:
    fields: dict[str, FieldValue] = {"source_addr": ANNA, "short_message": b"parol1"}
    only_texts = hidden(Command.DELIVER_SM, fields, masks=Masks(texts=True, pseudonyms=None))
    only_numbers = hidden(Command.DELIVER_SM, fields, masks=Masks(texts=False, pseudonyms=KEY))
    assert (only_texts.octets("source_addr"), only_texts.octets("short_message")) == (ANNA, b"xxxxx0")
    assert (only_numbers.octets("source_addr"), only_numbers.octets("short_message")) == (HER_DOUBLE, b"parol1")


@settings(max_examples=200)
@given(st.sampled_from([Command.SUBMIT_SM, Command.DELIVER_SM, Command.BIND_RECEIVER]), st.binary(max_size=80))
def test_whatever_the_body_the_length_is_kept(command: Command, body: bytes) -> None:
    octets = (16 + len(body)).to_bytes(4) + command.to_bytes(4) + b"\0" * 8 + body
    assert len(masked_frame(octets, HIDDEN)) == len(octets)
