"""Any octets under any header give a text, a part or a stated reason, never an exception, and always storable."""

import pytest
from hypothesis import given, strategies as st

from smsgw.smpp.reassembly import Broken, Part, StoredPart, Whole, complete, concatenation
from smsgw.smpp.receipts import MessageIdForm, parse_receipt, receipted_key, submitted_key
from smsgw.smpp.text import Alphabet, decode
from smsgw.smpp.tlv import Tag, Tlvs
from tests.fuzz.budget import cases

OCTET = st.integers(min_value=0, max_value=255)
ALPHABETS = st.sampled_from(list(Alphabet))

# Pure noise seldom looks like anything: these pieces are what the rules of reading look at.
PIECES = st.sampled_from(
    [
        *(b"\x00", b"\x1b", b"\x1b\x65", b"SARKOR*n25656", b"\r\n"),
        *(b"\x04\x30", b"\x00a", b"a\x00", b"\xd8\x3d", b"\xde\x00", b"\xfe\xff", b"\xff\xfe"),
        *(b"\xef\xbb\xbf", "ж".encode(), b"\xe9", b"\x80", bytes.fromhex("e8329bfd4697d9ec37")),
    ]
)
TEXT_OCTETS = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(b"".join))

TAGS = st.sampled_from(
    [
        Tag.SAR_MSG_REF_NUM,
        Tag.SAR_TOTAL_SEGMENTS,
        Tag.SAR_SEGMENT_SEQNUM,
        Tag.MESSAGE_PAYLOAD,
        Tag.SOURCE_PORT,
        Tag.RECEIPTED_MESSAGE_ID,
        Tag.MESSAGE_STATE,
        Tag.NETWORK_ERROR_CODE,
        0x1400,
    ]
)
TLVS = st.lists(st.tuples(TAGS, st.binary(max_size=6)), max_size=6).map(tuple)
HEADERS = st.builds(
    lambda length, elements: bytes([length]) + b"".join(elements),
    st.integers(min_value=0, max_value=24),
    st.lists(
        st.builds(
            lambda element, value: bytes([element, len(value)]) + value,
            st.sampled_from([0x00, 0x05, 0x08, 0x24]),
            st.binary(max_size=5),
        ),
        max_size=4,
    ),
)
RECEIPT_WORDS = st.sampled_from(["id:", "stat:", "DELIVRD", "err:", "done date:", "2609011200", "text:", " ", ":", "٣"])
STORED_PARTS = st.lists(
    st.builds(StoredPart, st.integers(0, 4), st.integers(0, 5), st.sampled_from([0, 3, 8]), st.binary(max_size=9)),
    max_size=8,
)


def storable(text: str) -> bool:
    """Whether any database takes *text*: it can be written as UTF-8, and without NUL."""
    return b"\0" not in text.encode()


@pytest.mark.proves("A24")
@given(TEXT_OCTETS, OCTET, ALPHABETS)
@cases(500)
def test_any_octets_are_read(data: bytes, data_coding: int, alphabet: Alphabet) -> None:
    """Every data_coding reads every octet string, to at most one character an octet and one for packed septets."""
    text = decode(data, data_coding, alphabet)
    assert storable(text)
    assert len(text) <= len(data) * 8 // 7


@pytest.mark.parametrize("data", [b"", b"\x1b", b"\x00", b"\xff" * 7, bytes(range(256))])
def test_every_data_coding_is_known(data: bytes) -> None:
    """All 256 values, not only the drawn ones."""
    for data_coding in range(256):
        assert storable(decode(data, data_coding, Alphabet.GSM0338)), data_coding


@pytest.mark.parametrize("data_coding", [0, 3, 8])
@pytest.mark.parametrize("octet", [0x00, 0x1B, 0x04, 0x41, 0xD8, 0xFF])
def test_the_longest_payload_is_read(octet: int, data_coding: int) -> None:
    """65,535 octets of one kind cost no more than their length."""
    assert storable(decode(bytes([octet]) * 65_535, data_coding, Alphabet.GSM0338))


@given(OCTET, st.one_of(HEADERS, TEXT_OCTETS), TLVS)
@cases(500)
def test_any_pdu_is_whole_part_or_broken(esm_class: int, short_message: bytes, tlvs: Tlvs) -> None:
    """Nothing but the three answers, and a part keeps its promises."""
    answer = concatenation(esm_class, short_message, tlvs)
    assert isinstance(answer, Part | Whole | Broken)
    if isinstance(answer, Part):
        assert 1 <= answer.number <= answer.total
        assert answer.total >= 2


@given(STORED_PARTS, ALPHABETS)
@cases(300)
def test_any_parts_are_a_text_or_not(parts: list[StoredPart], alphabet: Alphabet) -> None:
    """Whatever parts were kept, the answer is a storable text, a stated reason, or "not yet"."""
    answer = complete(parts, alphabet)
    assert answer is None or isinstance(answer, Broken) or storable(answer)


@given(st.lists(RECEIPT_WORDS, max_size=20).map("".join), TLVS)
@cases(300)
def test_any_receipt_is_read_or_not(text: str, tlvs: Tlvs) -> None:
    """A receipt with garbage names a message or is none."""
    receipt = parse_receipt(text, tlvs)
    assert receipt is None or receipt.message_id


@given(st.text(max_size=80), st.sampled_from(MessageIdForm))
@cases(300)
def test_any_message_id_has_a_key(message_id: str, form: MessageIdForm) -> None:
    """Ids are strings of the peer: none of them raises, and equal ones stay equal unless the base changes."""
    key = receipted_key(message_id, form)
    if form in {MessageIdForm.OPAQUE, MessageIdForm.CASELESS}:
        assert key == submitted_key(message_id, form)
