"""A long text is cut where the phone's limits are, never inside a character, and marked as the method says."""

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.reassembly import Part, StoredPart, complete, concatenation
from smsgw.smpp.segments import Method, Segment, split
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tag

GSM, LATIN1, UCS2 = Alphabet.GSM0338, Alphabet.LATIN1, Alphabet.UCS2
CUTTING = [Method.UDH8, Method.UDH16, Method.SAR]
HEADER_OCTETS = {Method.UDH8: 6, Method.UDH16: 7, Method.SAR: 0}

# Characters of one and of two units, with a letter in front so that no rule of tolerance mistakes the alphabet.
TEXTS = st.one_of(
    st.text(st.sampled_from("abcXYZ 019*@$_€[]"), max_size=700).map("Z".__add__),
    st.text(st.sampled_from("жЯабв 019*№😀"), max_size=300).map("Ж".__add__),
)


def read(segments: tuple[Segment, ...], alphabet: Alphabet) -> object:
    """Put segments together as the other side does."""
    parts = []
    for segment in segments:
        part = concatenation(segment.esm_class, segment.short_message, segment.tlvs)
        assert isinstance(part, Part)
        parts.append(StoredPart(part.total, part.number, segment.data_coding, part.payload))
    return complete(parts, alphabet)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize(
    ("text", "octets"), [("", 0), ("a" * 160, 160), ("a" * 158 + "€", 160), ("ж" * 70, 140), ("😀" * 35, 140)]
)
def test_a_short_text_has_no_header(method: Method, text: str, octets: int) -> None:
    """160 septets or 70 units are one plain message, whatever the method."""
    (segment,) = split(text, GSM, method, reference=7)
    assert (len(segment.short_message), segment.esm_class, segment.tlvs) == (octets, 0, ())


@pytest.mark.parametrize(
    ("text", "method", "octets"),
    [
        ("a" * 161, Method.UDH8, [153, 8]),
        ("a" * 161, Method.UDH16, [152, 9]),
        ("a" * 161, Method.SAR, [152, 9]),
        ("a" * 306, Method.UDH8, [153, 153]),
        ("a" * 307, Method.UDH8, [153, 153, 1]),
        ("a" * 306, Method.UDH16, [152, 152, 2]),
        ("a" * 304, Method.UDH16, [152, 152]),
        ("a" * 152 + "€" + "a" * 152, Method.UDH8, [152, 153, 1]),
        ("a" * 151 + "€" + "a" * 153, Method.UDH8, [153, 153]),
        ("a" * 151 + "€" + "a" * 152, Method.UDH16, [151, 152, 2]),
        ("ж" * 71, Method.UDH8, [134, 8]),
        ("ж" * 71, Method.UDH16, [132, 10]),
        ("ж" * 134, Method.UDH8, [134, 134]),
        ("ж" * 135, Method.UDH8, [134, 134, 2]),
        ("ж" * 66 + "😀" + "ж" * 66, Method.UDH8, [132, 134, 2]),
        ("ж" * 65 + "😀" + "ж" * 67, Method.UDH8, [134, 134]),
    ],
)
def test_boundaries(text: str, method: Method, octets: list[int]) -> None:
    """153 septets or 67 units a part with an 8-bit reference, one less with 16 bits; a pair moves on whole."""
    segments = split(text, GSM, method, reference=7)
    assert [len(segment.short_message) - HEADER_OCTETS[method] for segment in segments] == octets


def test_8_bit_header() -> None:
    """3GPP 23.040, 9.2.3.24.1: length 5, element 0 of 3 octets: reference, total, number."""
    first, second = split("a" * 161, GSM, Method.UDH8, reference=0x1FE)
    assert (first.short_message[:7], first.esm_class, first.data_coding) == (b"\x05\x00\x03\xfe\x02\x01a", 0x40, 0)
    assert (second.short_message, second.tlvs) == (b"\x05\x00\x03\xfe\x02\x02aaaaaaaa", ())


def test_16_bit_header() -> None:
    """3GPP 23.040, 9.2.3.24.8: length 6, element 8 of 4 octets: reference, total, number."""
    first, second = split("ж" * 71, GSM, Method.UDH16, reference=0x10102)
    assert first.short_message[:9] == b"\x06\x08\x04\x01\x02\x02\x01\x04\x36"
    assert (second.short_message[:7], second.esm_class) == (b"\x06\x08\x04\x01\x02\x02\x02", 0x40)
    assert second.data_coding == 8


def test_sar_parameters() -> None:
    """SMPP 3.4, 5.3.2.22-24: the place stands in three TLVs, and short_message is text alone."""
    _, second = split("a" * 161, GSM, Method.SAR, reference=0x10102)
    assert second.tlvs == (
        (Tag.SAR_MSG_REF_NUM, b"\x01\x02"),
        (Tag.SAR_TOTAL_SEGMENTS, b"\x02"),
        (Tag.SAR_SEGMENT_SEQNUM, b"\x02"),
    )
    assert (second.short_message, second.esm_class) == (b"a" * 9, 0)


def test_message_payload() -> None:
    """SMPP 3.4, 5.3.2.32: short_message is empty and the SMSC cuts."""
    assert split("a" * 161, GSM, Method.PAYLOAD, reference=7) == (
        Segment(b"", 0, 0, ((Tag.MESSAGE_PAYLOAD, b"a" * 161),)),
    )


def test_parts_on_a_latin1_link_are_cut_as_on_the_air() -> None:
    """A bracket is one octet on such a link but two septets in the phone, and all parts say one data_coding."""
    segments = split("[" * 77 + "é" * 20, LATIN1, Method.UDH8, reference=7)
    assert [(len(segment.short_message) - 6, segment.data_coding) for segment in segments] == [(76, 3), (21, 3)]


def test_every_part_of_a_ucs2_text_is_ucs2() -> None:
    """One letter outside GSM decides for all parts, also those without it."""
    segments = split("a" * 100 + "ж", GSM, Method.UDH8, reference=7)
    assert [segment.data_coding for segment in segments] == [8, 8]


@pytest.mark.parametrize(
    ("method", "character", "count"),
    [(Method.UDH8, "a", 255 * 153), (Method.SAR, "a", 255 * 152), (Method.UDH8, "ж", 255 * 67)],
)
def test_a_message_has_at_most_255_parts(method: Method, character: str, count: int) -> None:
    """The total has one octet."""
    assert len(split(character * count, GSM, method, reference=7)) == 255
    with pytest.raises(ValueError, match="at most 255 segments, this text needs 256"):
        split(character * (count + 1), GSM, method, reference=7)


def test_a_message_payload_has_at_most_65535_octets() -> None:
    """The length of a TLV has two octets."""
    assert len(split("a" * 65_535, GSM, Method.PAYLOAD, reference=7)) == 1
    with pytest.raises(ValueError, match="at most 65535 octets"):
        split("a" * 65_536, GSM, Method.PAYLOAD, reference=7)


def test_a_segment_does_not_print_its_text() -> None:
    """A code must not reach a log through `repr`."""
    (segment,) = split("secret", GSM, Method.UDH8, reference=7)
    assert repr(segment) == "Segment(<6 octets>, esm_class=0, data_coding=0)"


@pytest.mark.parametrize("method", CUTTING)
@given(TEXTS, st.sampled_from(list(Alphabet)), st.integers(min_value=0, max_value=1 << 20))
@settings(max_examples=60)
def test_joining_gives_back_what_was_split(method: Method, text: str, alphabet: Alphabet, reference: int) -> None:
    """Splitting and joining is the identity for every method and link, and no part is longer than a short message."""
    segments = split(text, alphabet, method, reference)
    assert all(len(segment.short_message) <= 160 for segment in segments)
    if len(segments) > 1:
        assert read(segments, alphabet) == text


@given(TEXTS)
@settings(max_examples=60)
def test_every_part_can_be_read_alone(text: str) -> None:
    """No part ends inside a pair: each gives whole characters, and together they are the text."""
    segments = split(text, GSM, Method.SAR, reference=7)
    alone = [segment.short_message.decode("utf-16-be") for segment in segments if segment.data_coding == 8]
    assert not alone or "".join(alone) == text
    assert not any(segment.short_message.endswith(b"\x1b") for segment in segments if segment.data_coding == 0)
