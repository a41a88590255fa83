"""Optional parameters on the wire."""

import pytest
from hypothesis import given, settings, strategies as st
from smpplib import consts

from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34, TLV_OCTETS_MAX, Tag, read_tlvs, write_tlvs

TLVS = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=20)), max_size=6).map(tuple)


def test_every_tag_of_smpplib_is_named_alike() -> None:
    """Smpplib's tags, and congestion_state of SMPP 5.0."""
    ours = {tag.name.lower(): tag.value for tag in Tag}
    assert ours.pop("congestion_state") == 0x0428
    assert ours == consts.OPTIONAL_PARAMS


@settings(max_examples=200)
@given(TLVS, st.binary(max_size=5))
def test_what_is_written_is_read(tlvs: tuple[tuple[int, bytes], ...], before: bytes) -> None:
    """Any tags and values come back in their order, from wherever they begin."""
    assert read_tlvs(before + write_tlvs(tlvs), len(before)) == tlvs


@pytest.mark.parametrize(
    ("octets", "tlvs"),
    [
        ("", ()),
        ("0210 0001 34", (SC_INTERFACE_VERSION_34,)),
        ("130C 0000", ((Tag.ALERT_ON_MESSAGE_DELIVERY, b""),)),
        ("1400 0001 FF 1400 0001 FE", ((0x1400, b"\xff"), (0x1400, b"\xfe"))),
        ("02", None),
        ("0210", None),
        ("0210 00", None),
        ("0210 0001", None),
        ("0210 0002 34", None),
        ("0210 FFFF 34", None),
        ("0210 0001 34 00 00 00", None),
    ],
)
def test_a_stream_of_tlvs(octets: str, tlvs: tuple[tuple[int, bytes], ...] | None) -> None:
    """Octets left over and lengths past the end are refused; unknown and repeated tags are kept."""
    assert read_tlvs(bytes.fromhex(octets), 0) == tlvs


def test_the_longest_value() -> None:
    """65,535 octets fit."""
    longest = ((int(Tag.MESSAGE_PAYLOAD), b"x" * TLV_OCTETS_MAX),)
    assert read_tlvs(write_tlvs(longest), 0) == longest
