"""Long texts as several short messages: user data headers, SAR parameters, message_payload.

Rule 1: a part is cut by what the phone gets (septets or 16-bit units), even where the link carries Latin-1.
Rule 2: no part ends inside an escape pair or a surrogate pair, and all parts have one data_coding.
Rule 3: a text that fits one short message is sent as one, without any header, whatever the method.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.smpp.constants import EsmClass
from smsgw.smpp.text import (
    GSM_PART_UNITS_MAX,
    GSM_UNITS_MAX,
    UCS2_PART_UNITS_MAX,
    UCS2_UNITS_MAX,
    Alphabet,
    choose,
    cut,
    fits_one_segment,
    to_octets,
)
from smsgw.smpp.tlv import TLV_OCTETS_MAX, Tag, Tlvs

SEGMENTS_MAX: Final = 255
"""The total has one octet, in the header and in sar_total_segments."""

IE_CONCATENATED_8_BIT: Final = 0x00
IE_CONCATENATED_16_BIT: Final = 0x08
"""Information elements of the user data header (3GPP 23.040, 9.2.3.24.1 and 9.2.3.24.8)."""


class Method(StrEnum):
    """How a long text travels over a link."""

    UDH8 = "udh8"
    UDH16 = "udh16"
    SAR = "sar"
    PAYLOAD = "payload"


class Segment(NamedTuple):
    """What one submit_sm or deliver_sm carries of a text. It may hold a code, so `repr` shows its length only."""

    short_message: bytes
    esm_class: int
    data_coding: int
    tlvs: Tlvs

    def __repr__(self) -> str:
        octets = len(self.short_message) + sum(len(value) for _, value in self.tlvs)
        return f"Segment(<{octets} octets>, esm_class={self.esm_class}, data_coding={self.data_coding})"


class _Place(NamedTuple):
    """Where a part stands in its message; numbers start at 1."""

    reference: int
    total: int
    number: int


def split(text: str, default_alphabet: Alphabet, method: Method, reference: int) -> tuple[Segment, ...]:
    """Write *text* as the segments of one message to an SMSC that means *default_alphabet* by data_coding 0.

    *reference* tells this message from others between the same two numbers. Any counter will do: its low 8 bits
    (UDH8) or 16 bits (UDH16, SAR) travel, and none in a message_payload.

    Raises:
        ValueError: the text needs more than 255 segments, or more than 65,535 octets of message_payload.
    """
    alphabet, data_coding = choose(text, default_alphabet)
    octets = to_octets(text, alphabet)
    if _fits_one(text, octets, alphabet):
        return (Segment(octets, EsmClass.DEFAULT, data_coding, ()),)
    if method is Method.PAYLOAD:
        return (_payload(octets, data_coding),)
    pieces = cut(text, alphabet, _part_units_max(alphabet, method))
    if len(pieces) > SEGMENTS_MAX:
        raise ValueError(f"a message has at most {SEGMENTS_MAX} segments, this text needs {len(pieces)}")
    return tuple(
        _part(to_octets(piece, alphabet), data_coding, method, _Place(reference, len(pieces), number))
        for number, piece in enumerate(pieces, start=1)
    )


def _fits_one(text: str, octets: bytes, alphabet: Alphabet) -> bool:
    if alphabet is Alphabet.GSM0338:
        return len(octets) <= GSM_UNITS_MAX
    # Latin-1 is what the link carries; the phone gets septets.
    return len(octets) <= 2 * UCS2_UNITS_MAX if alphabet is Alphabet.UCS2 else fits_one_segment(text)


def _part_units_max(alphabet: Alphabet, method: Method) -> int:
    # A 16-bit reference takes one octet more, and SMSCs put SAR's 16 bits on the air in just that header.
    units_max = UCS2_PART_UNITS_MAX if alphabet is Alphabet.UCS2 else GSM_PART_UNITS_MAX
    return units_max if method is Method.UDH8 else units_max - 1


def _payload(octets: bytes, data_coding: int) -> Segment:
    """Leave the cutting to the SMSC (SMPP 3.4, 5.3.2.32)."""
    if len(octets) > TLV_OCTETS_MAX:
        raise ValueError(f"a message_payload has at most {TLV_OCTETS_MAX} octets, this text needs {len(octets)}")
    return Segment(b"", EsmClass.DEFAULT, data_coding, ((Tag.MESSAGE_PAYLOAD, octets),))


def _part(octets: bytes, data_coding: int, method: Method, place: _Place) -> Segment:
    if method is Method.SAR:
        return Segment(octets, EsmClass.DEFAULT, data_coding, _sar(place))
    header = _header_8_bit(place) if method is Method.UDH8 else _header_16_bit(place)
    return Segment(header + octets, EsmClass.UDHI, data_coding, ())


def _header_8_bit(place: _Place) -> bytes:
    return bytes((5, IE_CONCATENATED_8_BIT, 3, place.reference & 0xFF, place.total, place.number))


def _header_16_bit(place: _Place) -> bytes:
    reference = (place.reference & 0xFFFF).to_bytes(2, "big")
    return bytes((6, IE_CONCATENATED_16_BIT, 4, *reference, place.total, place.number))


def _sar(place: _Place) -> Tlvs:
    """Say the place in SMPP's own parameters (SMPP 3.4, 5.3.2.22 to 5.3.2.24)."""
    return (
        (Tag.SAR_MSG_REF_NUM, (place.reference & 0xFFFF).to_bytes(2, "big")),
        (Tag.SAR_TOTAL_SEGMENTS, bytes([place.total])),
        (Tag.SAR_SEGMENT_SEQNUM, bytes([place.number])),
    )
