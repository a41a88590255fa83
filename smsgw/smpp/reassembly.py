"""Received parts of long messages: what one PDU is a part of, and when the parts make a text.

Rule 1: the user data header wins over SAR parameters; SMPP forbids both together (SMPP 3.4, 5.2.12).
Rule 2: SAR parameters that are not all there, or not of their length, are ignored (SMPP 3.4, 5.3.2.22).
Rule 3: parts are counted, never trusted to come in order; of two with one number the first is kept.
Rule 4: a reference is unique only between one sender and one recipient on one link: whoever keeps the parts must
    key them by link, sender, recipient, reference and total, or one subscriber's part lands in another's message.
Rule 5: a payload may hold a password: `repr` shows its length only.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from smsgw.smpp.constants import EsmClass
from smsgw.smpp.segments import IE_CONCATENATED_8_BIT, IE_CONCATENATED_16_BIT
from smsgw.smpp.text import Alphabet, decode
from smsgw.smpp.tlv import Tag, Tlvs

_UDHI: Final = EsmClass.UDHI.value  # a plain int: every PDU asks, and flags of an enum take ten times as long

_IE_LENGTHS: Final = {IE_CONCATENATED_8_BIT: 3, IE_CONCATENATED_16_BIT: 4}

# Information elements of messages that are for a program in the phone or its card, not for people: ports
# (3GPP 23.040, 9.2.3.24.3 and 9.2.3.24.4; WAP push is one) and SIM toolkit security headers (9.2.3.24.7).
_IES_TO_PROGRAMS: Final = frozenset({0x04, 0x05, *range(0x70, 0x80)})
_PORT_TAGS: Final = (Tag.SOURCE_PORT, Tag.DESTINATION_PORT)


class BrokenReason(StrEnum):
    """Why a message cannot be read as a text."""

    HEADER = "header"
    """The user data header, or an element in it, runs past its end or has a length of its own."""
    NUMBER = "number"
    """A part is number 0, or beyond its total, or its total is 0."""
    TOTAL = "total"
    """Parts of one message name different totals."""
    NOT_FOR_PEOPLE = "not_for_people"
    """Addressed to a port (WAP push) or to the card (SIM toolkit): not to be answered."""


class Part(NamedTuple):
    """A part of a long message. *payload* is without header; *number* is 1 to *total*, and *total* at least 2."""

    reference: int
    total: int
    number: int
    payload: bytes

    def __repr__(self) -> str:
        return f"Part({self.number}/{self.total} of {self.reference}, <{len(self.payload)} octets>)"


class Whole(NamedTuple):
    """A message that came in one PDU; *payload* is without header."""

    payload: bytes

    def __repr__(self) -> str:
        return f"Whole(<{len(self.payload)} octets>)"


class Broken(NamedTuple):
    """A message that cannot be read."""

    reason: BrokenReason


class StoredPart(NamedTuple):
    """What is kept of a part under its key, until all are there."""

    total: int
    number: int
    data_coding: int
    payload: bytes

    def __repr__(self) -> str:
        return f"StoredPart({self.number}/{self.total}, data_coding={self.data_coding}, <{len(self.payload)} octets>)"


def concatenation(esm_class: int, short_message: bytes, tlvs: Tlvs) -> Part | Whole | Broken:
    """Say what a PDU carries: a whole message, a part of one, or nothing that can be read as a text.

    The text is in short_message or in message_payload (SMPP 3.4, 5.3.2.32); the codec lets no PDU pass that has both.
    """
    if not tlvs and not esm_class & _UDHI:
        return Whole(short_message)
    values = dict(reversed(tlvs))  # of a tag sent twice the first counts
    body = short_message or values.get(Tag.MESSAGE_PAYLOAD, b"")
    if any(tag in values for tag in _PORT_TAGS):
        return Broken(BrokenReason.NOT_FOR_PEOPLE)
    if esm_class & _UDHI:
        return _by_header(body)
    return _by_sar(values, body)


def complete(parts: Sequence[StoredPart], default_alphabet: Alphabet) -> str | Broken | None:
    """Join the parts kept under one key, in the order of their arrival; None while some are missing.

    Neighbours of one data_coding are joined before they are read, so that a surrogate pair or an escape that the
    sender cut in two is whole again; the others are read each by its own.
    """
    if not parts:
        return None
    total = parts[0].total
    if any(part.total != total for part in parts):
        return Broken(BrokenReason.TOTAL)
    if not all(1 <= part.number <= total for part in parts):
        return Broken(BrokenReason.NUMBER)
    first_of = {part.number: part for part in reversed(parts)}
    if len(first_of) < total:
        return None
    ordered = [first_of[number] for number in range(1, total + 1)]
    return "".join(
        decode(b"".join(part.payload for part in neighbours), data_coding, default_alphabet)
        for data_coding, neighbours in groupby(ordered, attrgetter("data_coding"))
    )


def _by_header(body: bytes) -> Part | Whole | Broken:
    """Read the user data header at the start of *body* (3GPP 23.040, 9.2.3.24)."""
    end = 1 + body[0] if body else 1
    elements = _elements(body[1:end])
    if end > len(body) or elements is None:
        return Broken(BrokenReason.HEADER)
    if not _IES_TO_PROGRAMS.isdisjoint(elements):
        return Broken(BrokenReason.NOT_FOR_PEOPLE)
    for element, octets in _IE_LENGTHS.items():
        value = elements.get(element)
        if value is not None and len(value) != octets:
            return Broken(BrokenReason.HEADER)
        if value is not None:
            return _part(value, body[end:])
    return Whole(body[end:])


def _elements(header: bytes) -> dict[int, bytes] | None:
    """Cut a header into its elements; None when one runs past the end. Of two alike the last counts (9.2.3.24)."""
    elements, at = {}, 0
    while at + 2 <= len(header):
        start = at + 2
        at = start + header[at + 1]
        elements[header[start - 2]] = header[start:at]
    return elements if at == len(header) else None


def _by_sar(values: Mapping[int, bytes], body: bytes) -> Part | Whole | Broken:
    reference = values.get(Tag.SAR_MSG_REF_NUM, b"")
    total = values.get(Tag.SAR_TOTAL_SEGMENTS, b"")
    number = values.get(Tag.SAR_SEGMENT_SEQNUM, b"")
    if (len(reference), len(total), len(number)) != (2, 1, 1):
        return Whole(body)
    return _part(reference + total + number, body)


def _part(place: bytes, payload: bytes) -> Part | Whole | Broken:
    """Read *place*: the reference, then one octet of total and one of number. A part of one is a whole message."""
    *reference, total, number = place
    if not 1 <= number <= total:
        return Broken(BrokenReason.NUMBER)
    if total == 1:
        return Whole(payload)
    return Part(int.from_bytes(reference, "big"), total, number, payload)
