"""Parts of long messages are recognised, counted and joined; what cannot be a text says why."""

from itertools import permutations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.reassembly import (
    Broken,
    BrokenReason,
    Part,
    StoredPart,
    Whole,
    complete,
    concatenation,
)
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tag, Tlvs

GSM, LATIN1 = Alphabet.GSM0338, Alphabet.LATIN1
UDHI = 0x40
HEADER, NUMBER = Broken(BrokenReason.HEADER), Broken(BrokenReason.NUMBER)
TOTAL, NOT_FOR_PEOPLE = Broken(BrokenReason.TOTAL), Broken(BrokenReason.NOT_FOR_PEOPLE)


def sar(reference: bytes, total: bytes, number: bytes) -> Tlvs:
    return (
        (Tag.SAR_MSG_REF_NUM, reference),
        (Tag.SAR_TOTAL_SEGMENTS, total),
        (Tag.SAR_SEGMENT_SEQNUM, number),
    )


@pytest.mark.proves("A17")
@pytest.mark.parametrize(
    ("short_message", "meaning"),
    [
        pytest.param("050003 ff 02 01", Part(0xFF, 2, 1, b"text"), id="8-bit reference"),
        pytest.param("060804 0102 03 02", Part(0x0102, 3, 2, b"text"), id="16-bit reference"),
        pytest.param("050003 07 ff ff", Part(7, 255, 255, b"text"), id="last of 255"),
        pytest.param("08 240101 0003070201", Part(7, 2, 1, b"text"), id="language element before it"),
        pytest.param("08 0003070201 250101", Part(7, 2, 1, b"text"), id="language element after it"),
        pytest.param("0a 0003070302 0003070201", Part(7, 2, 1, b"text"), id="of two alike the last"),
        pytest.param("050003 07 01 01", Whole(b"text"), id="part of one"),
        pytest.param("00", Whole(b"text"), id="empty header"),
        pytest.param("03 240101", Whole(b"text"), id="only another element"),
        pytest.param("02 2400", Whole(b"text"), id="element of no octets"),
        pytest.param("050003 07 00 00", NUMBER, id="total 0"),
        pytest.param("050003 07 00 01", NUMBER, id="part 1 of 0"),
        pytest.param("050003 07 02 00", NUMBER, id="part 0"),
        pytest.param("050003 07 02 03", NUMBER, id="part beyond the total"),
        pytest.param("060804 0102 02 03", NUMBER, id="part beyond the total, 16 bits"),
        pytest.param("ff 0003070201", HEADER, id="header longer than the message"),
        pytest.param("0a 0003070201", HEADER, id="header one octet longer than the message"),
        pytest.param("04 00030702", HEADER, id="element one octet longer than the header"),
        pytest.param("01 00", HEADER, id="element without a length"),
        pytest.param("04 00020702", HEADER, id="8-bit reference of two octets"),
        pytest.param("05 0803070201", HEADER, id="16-bit reference of three octets"),
        pytest.param("06 05040b8423f0", NOT_FOR_PEOPLE, id="WAP push port"),
        pytest.param("04 04020102", NOT_FOR_PEOPLE, id="8-bit ports"),
        pytest.param("0b 05040b8423f0 0003070201", NOT_FOR_PEOPLE, id="part of a WAP push"),
        pytest.param("02 7000", NOT_FOR_PEOPLE, id="SIM toolkit command"),
        pytest.param("02 7f00", NOT_FOR_PEOPLE, id="SIM toolkit, last element"),
    ],
)
def test_user_data_header(short_message: str, meaning: Part | Whole | Broken) -> None:
    """The header says which part of which message this is; the payload is what follows it."""
    body = bytes.fromhex(short_message) + b"text"
    assert concatenation(UDHI, body, ()) == meaning
    assert concatenation(UDHI, b"", ((Tag.MESSAGE_PAYLOAD, body),)) == meaning


def test_an_announced_header_must_be_there() -> None:
    """UDHI with no octet at all is broken, not an empty text."""
    assert concatenation(UDHI, b"", ()) == HEADER


@pytest.mark.parametrize("esm_class", [UDHI, UDHI | 0x04, UDHI | 0x03, 0xC0])
def test_only_the_header_bit_of_esm_class_counts(esm_class: int) -> None:
    """Mode, type and reply path have no say in how the message is cut."""
    assert concatenation(esm_class, b"\x05\x00\x03\x07\x02\x01text", ()) == Part(7, 2, 1, b"text")


@pytest.mark.parametrize(
    ("tlvs", "meaning"),
    [
        pytest.param(sar(b"\x01\x02", b"\x03", b"\x02"), Part(0x0102, 3, 2, b"text"), id="complete"),
        pytest.param(sar(b"\x01\x02", b"\x03", b"\x02")[::-1], Part(0x0102, 3, 2, b"text"), id="any order"),
        pytest.param(
            sar(b"\0\7", b"\2", b"\1") + sar(b"\0\7", b"\2", b"\2"), Part(7, 2, 1, b"text"), id="twice: first"
        ),
        pytest.param(sar(b"\0\7", b"\1", b"\1"), Whole(b"text"), id="part of one"),
        pytest.param(sar(b"\0\7", b"\3", b"\1")[:2], Whole(b"text"), id="without a number"),
        pytest.param(sar(b"\0\7", b"\3", b"\1")[1:], Whole(b"text"), id="without a reference"),
        pytest.param(sar(b"\7", b"\3", b"\1"), Whole(b"text"), id="reference of one octet"),
        pytest.param(sar(b"\0\7", b"\0\3", b"\1"), Whole(b"text"), id="total of two octets"),
        pytest.param(sar(b"\0\7", b"\3", b""), Whole(b"text"), id="number of no octets"),
        pytest.param(sar(b"\0\7", b"\0", b"\0"), NUMBER, id="total 0"),
        pytest.param(sar(b"\0\7", b"\2", b"\0"), NUMBER, id="part 0"),
        pytest.param(sar(b"\0\7", b"\2", b"\3"), NUMBER, id="part beyond the total"),
        pytest.param(((Tag.SOURCE_PORT, b"\x0b\x84"),), NOT_FOR_PEOPLE, id="source port"),
        pytest.param(((Tag.DESTINATION_PORT, b"\x23\xf0"),), NOT_FOR_PEOPLE, id="destination port"),
        pytest.param(((0x1400, b"vendor"),), Whole(b"text"), id="unknown tag"),
    ],
)
def test_sar_parameters(tlvs: Tlvs, meaning: Part | Whole | Broken) -> None:
    """The three SAR parameters together say the place; fewer, or of odd lengths, say nothing."""
    assert concatenation(0, b"text", tlvs) == meaning
    assert concatenation(0, b"", (*tlvs, (Tag.MESSAGE_PAYLOAD, b"text"))) == meaning


def test_the_header_wins_over_sar() -> None:
    """SMPP 3.4, 5.2.12 forbids both; the header is what the phone wrote."""
    tlvs = sar(b"\x01\x02", b"\x03", b"\x02")
    assert concatenation(UDHI, b"\x05\x00\x03\x07\x02\x01text", tlvs) == Part(7, 2, 1, b"text")


@pytest.mark.parametrize(
    ("short_message", "payload", "text"),
    [(b"text", b"", b"text"), (b"", b"text", b"text")],
    ids=["short_message", "message_payload"],
)
def test_the_text_is_where_the_peer_put_it(short_message: bytes, payload: bytes, text: bytes) -> None:
    """In short_message or in message_payload; the codec lets no PDU pass that has both."""
    assert concatenation(0, short_message, ((Tag.MESSAGE_PAYLOAD, payload),)) == Whole(text)


@pytest.mark.parametrize(
    ("parts", "meaning"),
    [
        pytest.param([], None, id="no part"),
        pytest.param([(2, 1, 0, b"a")], None, id="second missing"),
        pytest.param([(2, 2, 0, b"b")], None, id="first missing"),
        pytest.param([(2, 1, 0, b"a"), (2, 1, 0, b"a")], None, id="twice the same is one"),
        pytest.param([(2, 1, 0, b"a"), (2, 2, 0, b"b")], "ab", id="in order"),
        pytest.param([(2, 2, 0, b"b"), (2, 1, 0, b"a")], "ab", id="last first"),
        pytest.param([(2, 1, 0, b"a"), (2, 1, 0, b"x"), (2, 2, 0, b"b")], "ab", id="first of two kept"),
        pytest.param([(2, 2, 0, b"b"), (2, 2, 0, b"x"), (2, 1, 0, b"a")], "ab", id="first of two kept, last first"),
        pytest.param([(2, 1, 0, b"a"), (3, 2, 0, b"b")], TOTAL, id="another total"),
        pytest.param([(2, 1, 0, b"a"), (2, 0, 0, b"b")], NUMBER, id="part 0"),
        pytest.param([(2, 1, 0, b"a"), (2, 3, 0, b"b")], NUMBER, id="part beyond the total"),
        pytest.param([(0, 0, 0, b"a")], NUMBER, id="total 0"),
        pytest.param([(1, 1, 0, b"a")], "a", id="one of one"),
        pytest.param([(2, 1, 0, b"5\x1b"), (2, 2, 0, b"\x65")], "5€", id="escape pair cut"),
        pytest.param([(2, 1, 8, b"\xd8\x3d"), (2, 2, 8, b"\xde\x00")], "😀", id="surrogate pair cut"),
        pytest.param([(2, 1, 8, b"\x041\x04"), (2, 2, 8, b"\x30")], "ба", id="unit cut"),
        pytest.param([(2, 1, 8, b"\x041\x040"), (2, 2, 0, b"\x00a")], "ба@a", id="mixed codings"),
        pytest.param(
            [(3, 1, 0, b"@"), (3, 2, 8, b"\x041\x040"), (3, 3, 0, b"@")], "¡ба¡", id="two codings, three parts"
        ),
        pytest.param([(2, 1, 8, b"\xd8\x3d"), (2, 2, 0, b"a")], "\ufffda", id="pair cut by another coding"),
        pytest.param([(2, 1, 0, b""), (2, 2, 0, b"")], "", id="empty parts"),
    ],
)
def test_complete(parts: list[tuple[int, int, int, bytes]], meaning: str | Broken | None) -> None:
    """All numbers from 1 to the total make a text; of duplicates the first is kept; the rest says why not."""
    assert complete([StoredPart(*part) for part in parts], GSM) == meaning


def test_parts_are_read_in_the_links_alphabet() -> None:
    """data_coding 0 means what the link's SMSC means by it."""
    assert complete([StoredPart(2, 1, 0, b"@"), StoredPart(2, 2, 0, b"_")], LATIN1) == "@_"


def test_ten_parts_are_ordered_as_numbers() -> None:
    """Part 10 comes after part 2."""
    parts = [StoredPart(10, number, 0, b"%d," % number) for number in range(10, 0, -1)]
    assert complete(parts, GSM) == "1,2,3,4,5,6,7,8,9,10,"


@pytest.mark.proves("F26")
def test_every_order_of_arrival_gives_the_same_text() -> None:
    """All 24 orders of four parts, one of them repeated with other content at the end."""
    parts = [StoredPart(4, number, 8, text.encode("utf-16-be")) for number, text in enumerate("Один", start=1)]
    repeated = StoredPart(4, 2, 8, b"\x00x")
    assert {complete([*order, repeated], GSM) for order in permutations(parts)} == {"Один"}


@pytest.mark.parametrize("value", [Part(7, 2, 1, b"secret"), Whole(b"secret"), StoredPart(2, 1, 0, b"secret")])
def test_no_value_prints_its_text(value: object) -> None:
    """A password must not reach a log through `repr`."""
    assert "secret" not in repr(value)
    assert "<6 octets>" in repr(value)


@given(st.text(st.sampled_from("Zabc €[]Ж😀"), min_size=9, max_size=40).map("Ж".__add__), st.data())
@settings(max_examples=100)
def test_any_cut_in_any_order_gives_the_same_text(text: str, data: st.DataObject) -> None:
    """However a sender cuts the octets, and however the parts arrive, the text is the same."""
    octets = text.encode("utf-16-be")
    cuts = sorted(data.draw(st.sets(st.integers(1, len(octets) - 1), max_size=5)))
    pieces = [octets[start:end] for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    parts = [StoredPart(len(pieces), number, 8, piece) for number, piece in enumerate(pieces, start=1)]
    assert complete(data.draw(st.permutations(parts)), GSM) == text
