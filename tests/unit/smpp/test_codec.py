"""Octets to PDU and back, by the clauses."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.codec import bodiless, decode, encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.frames import COMMAND_LENGTH_MAX, HEADER
from smsgw.smpp.layouts import LAYOUTS, CString, Field, Int, OctetString, Repeated
from smsgw.smpp.pdu import BadPdu, FieldValue, LocalProtocolError, Pdu
from smsgw.smpp.tlv import Tag, Tlvs

TEXTS = b"SARKOR*n25656*50000*secret1"
BIG_PAYLOAD = ((int(Tag.MESSAGE_PAYLOAD), b"x" * 0xFFFF),)


def values(field: Field) -> st.SearchStrategy[FieldValue]:
    """Any legal value of a field."""
    if isinstance(field, Int):
        return st.integers(0, 256**field.size - 1)
    if isinstance(field, CString):
        return st.lists(st.integers(1, 255), max_size=field.size_max - 1).map(bytes)
    if isinstance(field, OctetString):
        return st.binary(max_size=field.size_max)
    return st.lists(st.one_of([entry(field, kind) for kind in field.entries]), max_size=3).map(as_list_field)


def as_list_field(entries: list[dict[str, int | bytes]]) -> FieldValue:
    return tuple(entries)


def entry(field: Repeated, kind: int) -> st.SearchStrategy[dict[str, int | bytes]]:
    fields: dict[str, st.SearchStrategy[Any]] = {part.name: values(part) for part in field.entries[kind]}
    if field.flag:
        fields[field.flag] = st.just(kind)
    return st.fixed_dictionaries(fields)


def pdus(command: Command) -> st.SearchStrategy[Pdu]:
    fields = st.fixed_dictionaries({field.name: values(field) for field in LAYOUTS[command]})
    tlvs = st.lists(st.tuples(st.sampled_from([0x0005, 0x0204, 0x1400, 0x3FFF]), st.binary(max_size=5)), max_size=2)
    return st.builds(Pdu, st.just(command), st.just(0), st.integers(0, 0xFFFFFFFF), fields, tlvs.map(tuple))


@pytest.mark.parametrize("command", list(Command), ids=lambda command: command.wire_name)
@settings(max_examples=15)
@given(st.data())
def test_what_is_encoded_is_decoded(command: Command, data: st.DataObject) -> None:
    """Every PDU of SMPP 3.4 comes back as it went."""
    pdu = data.draw(pdus(command))
    if LAYOUTS[command] or pdu.tlvs or command < RESPONSE_BIT:
        assert decode(encode(pdu)) == pdu


def test_a_submit_sm_by_the_specification() -> None:
    """The octets of SMPP 3.4, 4.4.1, written by hand."""
    fields: dict[str, FieldValue] = {
        "source_addr_ton": 5,
        "source_addr": b"1400",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": b"998",
        "validity_period": b"000000000500000R",
        "registered_delivery": 1,
        "data_coding": 8,
        "short_message": b"\x04\x1f",
    }
    expected = bytes.fromhex(
        "0000003A 00000004 00000000 0000002A"  # header
        "00 05 00 3134303000 01 01 39393800"  # service_type, addresses
        "00 00 00 00 3030303030303030303530303030305200"  # class, schedule, validity
        "01 00 08 00 02 041F"  # receipts, replace, coding, canned, length, text
    )
    assert encode(Pdu(Command.SUBMIT_SM, 0, 42, fields)) == expected


def test_a_submit_multi_with_both_kinds_of_destination() -> None:
    """SMPP 3.4, 4.5.1: SME addresses and distribution lists in one list."""
    destinations: tuple[dict[str, int | bytes], ...] = (
        {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": b"998901234567"},
        {"dest_flag": 2, "dl_name": b"friends"},
    )
    decoded = decode(encode(Pdu(Command.SUBMIT_MULTI, 0, 1, {"dest_addresses": destinations})))
    assert isinstance(decoded, Pdu)
    assert decoded.fields["dest_addresses"] == destinations


DELIVER_HEAD = "00 01 01 39393800 00 00 3134303000 00 00 00 00 00 00 00 00 00"
"""A deliver_sm from 998 to 1400, up to its sm_length."""


def frame(command_id: int, body: str, status: int = 0) -> bytes:
    octets = bytes.fromhex(body)
    return HEADER.pack(HEADER.size + len(octets), command_id, status, 9) + octets


@pytest.mark.proves("A7", "A8")
@pytest.mark.parametrize(
    ("command", "body", "status"),
    [
        (Command.DELIVER_SM, "", Status.ESME_RINVSERTYP),
        (Command.DELIVER_SM, "434D54585900", Status.ESME_RINVCMDLEN),
        (Command.DELIVER_SM, "434D5458595A00", Status.ESME_RINVSERTYP),
        (Command.DELIVER_SM, "00 01", Status.ESME_RINVCMDLEN),
        (Command.DELIVER_SM, "00 01 01 3939", Status.ESME_RINVSRCADR),
        (Command.DELIVER_SM, "00 01 01" + "39" * 21 + "00", Status.ESME_RINVSRCADR),
        (Command.DELIVER_SM, "00 01 01 00 00 00 31", Status.ESME_RINVDSTADR),
        (Command.DELIVER_SM, "00 01 01 00 00 00 00 00 00 00" + "30" * 17 + "00", Status.ESME_RINVSCHED),
        (Command.DELIVER_SM, "00 01 01 00 00 00 00 00 00 00 00" + "30" * 17 + "00", Status.ESME_RINVEXPIRY),
        (Command.DELIVER_SM, DELIVER_HEAD, Status.ESME_RINVCMDLEN),
        (Command.DELIVER_SM, DELIVER_HEAD + "03 3132", Status.ESME_RINVMSGLEN),
        (Command.DELIVER_SM, DELIVER_HEAD + "FF" + "30" * 254, Status.ESME_RINVMSGLEN),
        (Command.DELIVER_SM, DELIVER_HEAD + "00 02", Status.ESME_RINVOPTPARSTREAM),
        (Command.DELIVER_SM, DELIVER_HEAD + "00 0204", Status.ESME_RINVOPTPARSTREAM),
        (Command.DELIVER_SM, DELIVER_HEAD + "00 0204 00", Status.ESME_RINVOPTPARSTREAM),
        (Command.DELIVER_SM, DELIVER_HEAD + "00 0204 0003 0001", Status.ESME_RINVOPTPARSTREAM),
        (Command.DELIVER_SM, DELIVER_HEAD + "01 31 0424 0001 32", Status.ESME_ROPTPARNOTALLWD),
        (Command.BIND_RECEIVER, "30" * 16 + "00", Status.ESME_RINVSYSID),
        (Command.BIND_RECEIVER, "00" + "30" * 9 + "00", Status.ESME_RINVPASWD),
        (Command.BIND_RECEIVER, "00 00" + "30" * 13 + "00", Status.ESME_RINVSYSTYP),
        (Command.BIND_RECEIVER, "00 00 00 34 00 00" + "30" * 41 + "00", Status.ESME_RBINDFAIL),
        (Command.SUBMIT_SM_RESP, "30" * 65 + "00", Status.ESME_RINVMSGID),
        (Command.SUBMIT_MULTI, "00 00 00 00 01 03", Status.ESME_RINVDESTFLAG),
        (Command.SUBMIT_MULTI, "00 00 00 00 01 02" + "30" * 21 + "00", Status.ESME_RINVDLNAME),
        (Command.ENQUIRE_LINK, "00", Status.ESME_RINVOPTPARSTREAM),
        (0x00000111, "", Status.ESME_RINVCMDID),
        (0x80000111, "", Status.ESME_RINVCMDID),
    ],
)
def test_a_broken_body_has_its_status(command: int, body: str, status: Status) -> None:
    """Well framed, body broken: what to answer, and under which sequence."""
    answer = decode(frame(command, body))
    assert isinstance(answer, BadPdu)
    assert answer.status == status
    assert (answer.command_id, answer.sequence) == (command, 9)


@pytest.mark.parametrize(
    "body",
    [
        DELIVER_HEAD + "FE" + "30" * 254,
        DELIVER_HEAD + "FF" + "30" * 255,
        DELIVER_HEAD + "00 0424 0003 313233",
        DELIVER_HEAD + "01 31 1400 0000",
        DELIVER_HEAD + "01 31 0005 0001 01 020A 0001 50",
    ],
    ids=[
        "254 octets",
        "255, as SMPP 5.0 has it",
        "message_payload",
        "a vendor's TLV",
        "known TLVs out of place or of a size of their own",
    ],
)
def test_a_legal_deliver_sm(body: str) -> None:
    """What real operators send, up to the limits."""
    assert isinstance(decode(frame(Command.DELIVER_SM, body)), Pdu)


@pytest.mark.proves("A8")
@pytest.mark.parametrize("nuls", [1, 3, 5])
def test_nuls_behind_the_fields_cost_no_text(nuls: int) -> None:
    """They are no TLVs, and so a fault; but nothing that they could mean changes the text."""
    answer = decode(frame(Command.DELIVER_SM, DELIVER_HEAD + "02 3132" + "00" * nuls))
    assert isinstance(answer, BadPdu)
    assert answer.read is not None
    assert (answer.read.octets("short_message"), answer.read.tlvs) == (b"12", ())


HEADED = DELIVER_HEAD.removesuffix("00 00 00 00 00 00 00 00 00") + "40 00 00 00 00 00 00 00 00"
"""The same with a user data header announced."""


@pytest.mark.proves("A8")
@pytest.mark.parametrize(
    ("body", "short_message", "tlvs"),
    [
        (DELIVER_HEAD + "02 3132 0424 0000", b"12", ()),
        (DELIVER_HEAD + "02 3132 0424 0002 3132 1400 0000", b"12", ((0x1400, b""),)),
        (DELIVER_HEAD + "02 3132 0424 0002 3132 0424 0001 39", b"12", ()),
        (HEADED + "04 03240101 0424 0001 31", b"", ((0x0424, b"\x03\x24\x01\x011"),)),
    ],
    ids=["an empty payload", "the same twice", "of two payloads the first", "the header here, the text there"],
)
def test_one_text_in_both_places_is_read_from_one(body: str, short_message: bytes, tlvs: Tlvs) -> None:
    """SMPP 3.4, 5.3.2.32 forbids both, and that is told; but nobody has to guess which text was meant."""
    bad = decode(frame(Command.DELIVER_SM, body))
    assert isinstance(bad, BadPdu)
    assert bad.status == Status.ESME_ROPTPARNOTALLWD
    assert bad.read is not None
    assert (bad.read.octets("short_message"), bad.read.tlvs) == (short_message, tlvs)
    assert decode(encode(bad.read)) == bad.read


@pytest.mark.proves("A8")
@pytest.mark.parametrize(
    "body",
    [
        DELIVER_HEAD + "01 31 0424 0001 32",
        DELIVER_HEAD + "04 03240101 0424 0001 31",
        HEADED + "04 05240101 0424 0001 31",
        HEADED + "05 0324010132 0424 0001 31",
    ],
    ids=["two", "a header not announced", "half a header", "a header and a text"],
)
def test_which_of_two_texts_was_meant_is_not_guessed(body: str) -> None:
    bad = decode(frame(Command.DELIVER_SM, body))
    assert bad == BadPdu(Command.DELIVER_SM, 9, Status.ESME_ROPTPARNOTALLWD, bad.reason)  # type: ignore[union-attr]


@pytest.mark.proves("F29")
@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        ("4131 00 00", b"A1"),
        ("4131 00 0000", b"A1"),
        ("4131 00 000000", b"A1"),
        ("4131 00 0204 0003 01", b"A1"),
        ("4131", b"A1"),
        ("30" * 65 + "00", b"0" * 65),
        ("00 FF", b""),
    ],
    ids=["one NUL more", "two", "three", "a broken parameter", "no NUL", "too long", "none"],
)
def test_a_broken_response_keeps_the_id_that_it_names(body: str, message_id: bytes) -> None:
    """Without it no receipt would find its text."""
    bad = decode(frame(Command.SUBMIT_SM_RESP, body))
    assert isinstance(bad, BadPdu)
    assert bad.read == Pdu(Command.SUBMIT_SM_RESP, 0, 9, {"message_id": message_id})


@pytest.mark.parametrize("command", [Command.ENQUIRE_LINK, Command.UNBIND, Command.ENQUIRE_LINK_RESP])
def test_what_has_no_fields_says_all_that_it_can_whatever_stands_behind_it(command: Command) -> None:
    bad = decode(frame(command, "00"))
    assert isinstance(bad, BadPdu)
    assert bad.read == Pdu(command, 0, 9, {})


@pytest.mark.parametrize("body", ["", "00", "FF", "00 01"], ids=["none", "empty", "no NUL", "left over"])
def test_an_error_response_is_read_whatever_its_body(body: str) -> None:
    """SMPP 3.4, 4.4.2: no body with an error; peers that send one, even a broken one, are heard all the same."""
    pdu = decode(frame(Command.SUBMIT_SM_RESP, body, status=0x58))
    assert pdu == Pdu(Command.SUBMIT_SM_RESP, 0x58, 9, {"message_id": b""})


def test_a_response_without_a_body_is_read_as_empty() -> None:
    """Many peers leave the unused message_id of a deliver_sm_resp out."""
    assert decode(frame(Command.DELIVER_SM_RESP, "")) == bodiless(Command.DELIVER_SM_RESP, 0, 9)


def test_a_vendor_status_is_carried() -> None:
    """SMPP 3.4, 5.1.3: 0x400-0x4FF belong to the operator."""
    assert decode(frame(Command.SUBMIT_SM_RESP, "", status=0x45F)) == bodiless(Command.SUBMIT_SM_RESP, 0x45F, 9)


@pytest.mark.parametrize(
    ("command", "octets"),
    [
        (Command.SUBMIT_SM_RESP, 16),
        (Command.BIND_TRANSCEIVER_RESP, 16),
        (Command.DELIVER_SM_RESP, 17),
        (Command.DATA_SM_RESP, 17),
    ],
)
def test_which_error_responses_have_a_body(command: Command, octets: int) -> None:
    """SMPP 3.4 leaves it out of bind and submit_sm responses only."""
    assert len(encode(Pdu(command, Status.ESME_RSYSERR, 1, {}))) == octets


def test_tlvs_of_an_error_response_are_readable() -> None:
    """They stand after the mandatory fields, so those are written too."""
    pdu = Pdu(Command.SUBMIT_SM_RESP, 0x58, 1, {"message_id": b""}, ((Tag.CONGESTION_STATE, b"\x63"),))
    assert decode(encode(pdu)) == pdu


@pytest.mark.parametrize(
    "pdu",
    [
        Pdu(0x111, 0, 1, {}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"sorce_addr": b"1400"}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"source_addr": b"9" * 21}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"source_addr": b"1\x002"}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"source_addr": 1400}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"source_addr_ton": 256}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"source_addr_ton": -1}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"source_addr_ton": b"1"}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"short_message": b"x" * 255}),
        Pdu(Command.SUBMIT_SM, 0, 1, {"short_message": b"x"}, ((Tag.MESSAGE_PAYLOAD, b"y"),)),
        Pdu(Command.SUBMIT_SM, 0, 1, {}, ((0x10000, b""),)),
        Pdu(Command.SUBMIT_SM, 0, 1, {}, ((0x1400, b"x" * 0x10000),)),
        Pdu(Command.SUBMIT_SM, 0, 1, {}, BIG_PAYLOAD * 2),
        Pdu(Command.SUBMIT_SM, 0, 0x1_0000_0000, {}),
        Pdu(Command.BIND_TRANSMITTER, 0, 1, {"password": b"123456789"}),
        Pdu(Command.SUBMIT_MULTI, 0, 1, {"dest_addresses": ({"dest_flag": 3},)}),
    ],
)
def test_our_bug_is_refused(pdu: Pdu) -> None:
    """Nothing a peer could misread leaves: no cutting, no wrapping, no guessing."""
    with pytest.raises(LocalProtocolError):
        encode(pdu)


def test_a_refusal_shows_no_secret() -> None:
    """The error names the field, never its value."""
    with pytest.raises(LocalProtocolError) as error:
        encode(Pdu(Command.SUBMIT_SM, 0, 1, {"short_message": TEXTS * 10}))
    assert "secret" not in str(error.value)


def test_the_largest_payload_fits() -> None:
    """64 KiB of message_payload, every other field full, still one frame."""
    full = {field.name: b"x" * (field.size_max - 1) for field in LAYOUTS[Command.DATA_SM] if isinstance(field, CString)}
    octets = encode(Pdu(Command.DATA_SM, 0, 1, dict(full), BIG_PAYLOAD))
    assert len(octets) <= COMMAND_LENGTH_MAX
    assert isinstance(decode(octets), Pdu)
